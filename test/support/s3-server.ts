// A bucket with versions and object lock, as much of S3's API as a writer and reader of checkpoints meets. Checks signatures by a
// computation of its own, from the bytes that arrived and AWS's description of Signature Version 4.
import { createHash, createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { createLocalServer, type LocalServer, type Taken } from './local-server.ts';

export type StoredVersion = {
  readonly key: string;
  readonly id: string;
  readonly body: Buffer;
  readonly mode: string;
  readonly until: string;
};

export type S3Server = LocalServer & {
  /** Oldest first. */
  readonly versions: StoredVersion[];
  /** Keys that a delete marker hides. */
  readonly hidden: Set<string>;
  readonly state: { accessKeyId: string; secretKey: string; objectLock: boolean; pageSize: number };
};

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

export async function createS3Server(bucket: string, now: () => number): Promise<S3Server> {
  const versions: StoredVersion[] = [];
  const hidden = new Set<string>();
  const state = { accessKeyId: 'AKIDEXAMPLE', secretKey: 'secret/with+signs', objectLock: true, pageSize: 1000 };
  let counter = 0;

  const server = await createLocalServer((taken, response) => {
    const [rawPath = '', query = ''] = taken.path.split('?');
    const refusal = refusalOf(taken, rawPath, query, state, now());
    if (refusal !== undefined) return void refuse(response, ...refusal);
    if (rawPath !== `/${bucket}` && !rawPath.startsWith(`/${bucket}/`))
      return void refuse(response, 404, 'NoSuchBucket');
    const key = decodeURIComponent(rawPath.slice(bucket.length + 2));
    const asked = new URLSearchParams(query);
    if (taken.method === 'PUT' && key !== '') return void put(taken, key, response);
    if (taken.method === 'GET' && key === '' && asked.has('versions')) return void list(asked, response);
    if (taken.method === 'GET' && key !== '') return void get(key, asked.get('versionId'), response);
    refuse(response, 405, 'MethodNotAllowed');
  });

  function put({ headers, body }: Taken, key: string, response: ServerResponse): void {
    const mode = String(headers['x-amz-object-lock-mode'] ?? '');
    const until = String(headers['x-amz-object-lock-retain-until-date'] ?? '');
    if (mode !== '' || until !== '') {
      if (!state.objectLock) return void refuse(response, 400, 'InvalidRequest');
      if (headers['content-md5'] !== createHash('md5').update(body).digest('base64'))
        return void refuse(response, 400, 'BadDigest');
      if (!['COMPLIANCE', 'GOVERNANCE'].includes(mode) || !(Date.parse(until) > now()))
        return void refuse(response, 400, 'InvalidArgument');
    }
    counter += 1;
    const id = `v${String(counter).padStart(6, '0')}.+/x`;
    versions.push({ key, id, body, mode, until });
    hidden.delete(key);
    response.writeHead(200, { 'x-amz-version-id': id }).end();
  }

  function get(key: string, id: string | null, response: ServerResponse): void {
    const found = versions.filter((version) => version.key === key && (id === null || version.id === id)).at(-1);
    if (found === undefined || (id === null && hidden.has(key))) return void refuse(response, 404, 'NoSuchKey');
    response.writeHead(200, { 'content-type': 'text/plain' }).end(found.body);
  }

  /** Keys in order, the newest version of each first, behind the marker. */
  function list(asked: URLSearchParams, response: ServerResponse): void {
    const keyMarker = asked.get('key-marker') ?? '';
    const idMarker = asked.get('version-id-marker') ?? '';
    const all = versions
      .filter(({ key }) => key.startsWith(asked.get('prefix') ?? ''))
      .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.id < b.id ? 1 : -1));
    const behind = all.filter(
      ({ key, id }) => key > keyMarker || (key === keyMarker && idMarker !== '' && id < idMarker),
    );
    const page = behind.slice(0, state.pageSize);
    const end = page.at(-1);
    const more = behind.length > page.length && end !== undefined;
    const blocks = page.flatMap(({ key, id }) => [
      ...(hidden.has(key) ? [`<DeleteMarker><Key>${key}</Key><VersionId>m1</VersionId></DeleteMarker>`] : []),
      `<Version><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>true</IsLatest><Size>1</Size></Version>`,
    ]);
    response
      .writeHead(200, { 'content-type': 'application/xml' })
      .end(
        `<?xml version="1.0" encoding="UTF-8"?>\n<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name><IsTruncated>${more}</IsTruncated>${
          more ? `<NextKeyMarker>${end.key}</NextKeyMarker><NextVersionIdMarker>${end.id}</NextVersionIdMarker>` : ''
        }${blocks.join('')}</ListVersionsResult>`,
      );
  }

  return Object.assign(server, { versions, hidden, state });
}

function refusalOf(
  { method, headers, body }: Taken,
  rawPath: string,
  query: string,
  known: S3Server['state'],
  now: number,
): [number, string] | undefined {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  if (match === null) return [403, 'AccessDenied'];
  const [, accessKeyId = '', day = '', region = '', signedHeaders = '', signature = ''] = match;
  if (accessKeyId !== known.accessKeyId) return [403, 'InvalidAccessKeyId'];
  const stamp = String(headers['x-amz-date']);
  const at = Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(at - now) < 900_000) || !stamp.startsWith(day)) return [403, 'RequestTimeTooSkewed'];
  if (headers['x-amz-content-sha256'] !== sha256(body)) return [400, 'XAmzContentSHA256Mismatch'];
  const names = signedHeaders.split(';');
  // Everything that says something about the object has to be signed.
  const mustBe = Object.keys(headers).filter((name) => name.startsWith('x-amz-') || name === 'content-md5');
  if (!['host', ...mustBe].every((name) => names.includes(name))) return [403, 'AccessDenied'];
  const pairs = query === '' ? [] : query.split('&').map((pair) => pair.split('='));
  const canonicalQuery = pairs
    .map(([name = '', value = '']) => `${reencode(name)}=${reencode(value)}`)
    .sort()
    .join('&');
  const headerLines = names.map((name) => `${name}:${String(headers[name]).trim()}\n`).join('');
  const canonical = `${method}\n${rawPath}\n${canonicalQuery}\n${headerLines}\n${signedHeaders}\n${sha256(body)}`;
  const toSign = `AWS4-HMAC-SHA256\n${stamp}\n${day}/${region}/s3/aws4_request\n${sha256(canonical)}`;
  const dayKey = hmac(`AWS4${known.secretKey}`, day);
  const expected = createHmac('sha256', hmac(hmac(hmac(dayKey, region), 's3'), 'aws4_request')).update(toSign);
  return expected.digest('hex') === signature ? undefined : [403, 'SignatureDoesNotMatch'];
}

/** From what a query may hold to what is signed: only the unreserved characters stand for themselves. */
function reencode(text: string): string {
  return [...Buffer.from(decodeURIComponent(text), 'utf8')]
    .map((byte) =>
      /[A-Za-z0-9._~-]/.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}
