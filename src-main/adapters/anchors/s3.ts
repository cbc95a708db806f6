// A bucket with object lock, of Amazon S3 or anything that speaks its API: an object for each checkpoint, retained so that not even the
// key that wrote it can take it away. Read back are versions, not objects: one written over or marked as deleted is still there.
import { createHash } from 'node:crypto';
import { utf8 } from '../../base/bytes.ts';
import { sha256Hex } from '../../base/hashes.ts';
import { type Anchor, AnchorFault, type Held } from '../../core/features/audit/index.ts';
import type { Clock } from '../../core/ports.ts';
import { type AnchorAnswer, type AnchorLine, statusFault } from './anchor-request.ts';
import { signSigV4 } from './sigv4.ts';

export type S3Parts = {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly prefix: string;
  readonly accessKeyId: string;
  /** Asked for each time: it may be rotated. */
  secretKey(): string | undefined;
  readonly lockMode: 'compliance' | 'governance';
  readonly lockDays: number;
  readonly clock: Clock;
  readonly line: AnchorLine;
};

type Version = { readonly key: string; readonly id: string };
type Page = { readonly versions: readonly Version[]; readonly next: { key: string; version: string } | undefined };

const dayMs = 86_400_000;
const sizeDigits = 16;
/** Pages of a thousand; whoever lost sight of more asks again from further on the next time. */
const mostPages = 50;
/** From both ends: the first say where the logs parted, the last how far the other one went. */
const readAtEachEnd = 20;

export function createS3Anchor(parts: S3Parts): Anchor {
  const { bucket, clock, line } = parts;
  const base = `${parts.endpoint.replace(/\/+$/, '')}/${bucket}`;
  const shown = `s3 ${bucket}/${parts.prefix}`;

  async function send(
    method: 'GET' | 'PUT',
    url: URL,
    signal: AbortSignal,
    body?: Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<AnchorAnswer> {
    const secretKey = parts.secretKey();
    if (secretKey === undefined)
      throw new AnchorFault('the secret key of the bucket is not set: GATEHOUSE_ANCHOR_S3_SECRET_KEY');
    const payloadHash = sha256Hex(body ?? '');
    const signed = signSigV4(
      { method, url, headers: { ...headers, 'x-amz-content-sha256': payloadHash }, payloadHash },
      { accessKeyId: parts.accessKeyId, secretKey, region: parts.region, service: 's3' },
      clock.now(),
    );
    const answer = await line({ method, url, headers: signed, signal, ...(body === undefined ? {} : { body }) });
    if (answer.status !== 200) throw statusFault(url, answer, errorWords(answer));
    return answer;
  }

  const folderOf = (origin: string): string => `${parts.prefix}/${origin}/`;
  const keyOf = (origin: string, size: number): string =>
    `${folderOf(origin)}${String(size).padStart(sizeDigits, '0')}.checkpoint`;

  async function list(folder: string, after: string | undefined, signal: AbortSignal): Promise<Version[]> {
    const found: Version[] = [];
    let marker = after === undefined ? undefined : { key: after, version: '' };
    for (let page = 0; page < mostPages; page++) {
      const url = new URL(base);
      url.search = '?versions=';
      url.searchParams.set('prefix', folder);
      if (marker !== undefined) url.searchParams.set('key-marker', marker.key);
      if (marker !== undefined && marker.version !== '') url.searchParams.set('version-id-marker', marker.version);
      const { versions, next } = parsePage((await send('GET', url, signal)).body.toString('utf8'), folder);
      found.push(...versions);
      if (next === undefined) return found;
      if (next.key === marker?.key && next.version === marker.version)
        throw new AnchorFault(`${url.host} lists the same page for ever`);
      marker = next;
    }
    return found;
  }

  return {
    name: shown,
    kind: 's3',
    newestOnly: false,
    everyMs: 0,
    async publish({ origin, size, note }, _memo, signal) {
      const body = utf8(note);
      await send('PUT', new URL(`${base}/${keyOf(origin, size)}`), signal, body, {
        'content-type': 'text/plain; charset=utf-8',
        // Asked for by S3 where an object comes with a retention.
        'content-md5': createHash('md5').update(body).digest('base64'),
        'x-amz-object-lock-mode': parts.lockMode.toUpperCase(),
        'x-amz-object-lock-retain-until-date': new Date(clock.now() + parts.lockDays * dayMs).toISOString(),
      });
      return { memo: String(size) };
    },
    async *held(_scope, { origin }, memo, signal) {
      const folder = folderOf(origin);
      // What the store does not know came after the last that it sent; that one is looked at again.
      const after = memo === undefined ? undefined : keyOf(origin, Number(memo) - 1);
      const versions = await list(folder, after, signal);
      const ends =
        versions.length <= 2 * readAtEachEnd
          ? versions
          : [...versions.slice(0, readAtEachEnd), ...versions.slice(-readAtEachEnd)];
      if (memo !== undefined && !versions.some(({ key }) => key === keyOf(origin, Number(memo))))
        throw new AnchorFault(`the checkpoint for #${memo} is not in ${shown} any more`);
      for (const { key, id } of ends) {
        const url = new URL(`${base}/${key}`);
        if (id !== 'null') url.searchParams.set('versionId', id);
        const held: Held = { note: (await send('GET', url, signal)).body.toString('utf8') };
        yield held;
      }
    },
  };
}

/** The answer to ListObjectVersions, as far as it concerns us: only keys that we would write, and where the next page begins. */
export function parsePage(xml: string, folder: string): Page {
  const found = xml.match(/<ListVersionsResult[\s>]/);
  if (found === null) throw new AnchorFault('what the bucket lists can not be read');
  const versions: Version[] = [];
  // Cut at each beginning, so that the work is linear in what a hostile server sends.
  for (const part of xml.split('<Version>').slice(1)) {
    const end = part.indexOf('</Version>');
    if (end === -1) continue;
    const block = part.slice(0, end);
    const key = element(block, 'Key');
    const id = element(block, 'VersionId') ?? 'null';
    const isOurs = key?.startsWith(folder) === true && /^\d{16}\.checkpoint$/.test(key.slice(folder.length));
    if (key !== undefined && isOurs && isVersionId(id)) versions.push({ key, id });
  }
  versions.sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0));
  if (element(xml, 'IsTruncated') !== 'true') return { versions, next: undefined };
  const key = element(xml, 'NextKeyMarker');
  const version = element(xml, 'NextVersionIdMarker') ?? '';
  if (key?.startsWith(folder) !== true || !isVersionId(version))
    throw new AnchorFault('what the bucket lists goes on, but does not say where');
  return { versions, next: { key, version } };
}

function element(xml: string, name: string): string | undefined {
  const start = xml.indexOf(`<${name}>`);
  if (start === -1) return undefined;
  const end = xml.indexOf(`</${name}>`, start);
  return end === -1 || end - start > 2000 ? undefined : xml.slice(start + name.length + 2, end);
}

function isVersionId(text: string): boolean {
  return /^[\w.~+/=-]{0,1024}$/.test(text);
}

function errorWords({ body }: AnchorAnswer): string {
  const code = element(body.subarray(0, 10_000).toString('utf8'), 'Code');
  switch (code) {
    case 'AccessDenied':
      return 'the key may not do this in the bucket (AccessDenied)';
    case 'InvalidAccessKeyId':
    case 'SignatureDoesNotMatch':
      return `the access key or its secret is wrong (${code})`;
    case 'NoSuchBucket':
      return 'there is no such bucket';
    case 'InvalidRequest':
    case 'ObjectLockConfigurationNotFoundError':
      return `${code}; is object lock turned on for the bucket?`;
    case 'RequestTimeTooSkewed':
      return 'the clocks differ too much (RequestTimeTooSkewed)';
    default:
      return code !== undefined && /^\w{1,64}$/.test(code) ? code : '';
  }
}
