// Checkpoints in a bucket: locked when they are written, signed as S3 wants it, found again in every version, and every answer bounded.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAnchorLine } from '../../../src-main/adapters/anchors/anchor-request.ts';
import { createS3Anchor, parsePage } from '../../../src-main/adapters/anchors/s3.ts';
import { signSigV4 } from '../../../src-main/adapters/anchors/sigv4.ts';
import {
  type Anchor,
  AnchorContradiction,
  type AnchoredCheckpoint,
  AnchorFault,
} from '../../../src-main/core/features/audit/index.ts';
import { createLocalServer } from '../../support/local-server.ts';
import { createS3Server, type S3Server } from '../../support/s3-server.ts';
import { SampleLog } from '../evidence/sample-log.ts';

const now = Date.UTC(2026, 10, 21, 14);
const { signal } = new AbortController();
const log = new SampleLog(60);
const origin = log.signer.key.name;
let server: S3Server;
let secret: string | undefined;
/** Of the client; short only where an answer never comes. */
let patienceMs = 20_000;

beforeEach(async () => {
  patienceMs = 20_000;
  server = await createS3Server('evidence', () => now);
  secret = server.state.secretKey;
});
afterEach(() => server[Symbol.asyncDispose]());

function anchorAt(endpoint: string, lockMode: 'compliance' | 'governance' = 'compliance', bucket = 'evidence'): Anchor {
  return createS3Anchor({
    endpoint,
    bucket,
    region: 'eu-central-1',
    prefix: 'gate/checkpoints',
    accessKeyId: 'AKIDEXAMPLE',
    secretKey: () => secret,
    lockMode,
    lockDays: 30,
    clock: { now: () => now },
    line: createAnchorLine({ ca: undefined, timeoutMs: patienceMs }),
  });
}

function at(size: number): AnchoredCheckpoint {
  return { origin, size, root: log.root(size), note: log.checkpoint(size), proof: () => [] };
}

async function heldBy(anchor: Anchor, memo: string | undefined): Promise<string[]> {
  const found: string[] = [];
  for await (const held of anchor.held?.('newest', at(60), memo, signal) ?? [])
    found.push('note' in held ? held.note : '');
  return found;
}

const failureOf = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

describe('Signature Version 4', () => {
  // The worked examples of AWS's documentation, "Authenticating Requests: Using the Authorization Header".
  const credentials = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    region: 'us-east-1',
    service: 's3',
  };
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  const body = '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072';
  test.each([
    [
      'GET',
      '/test.txt',
      { range: 'bytes=0-9' },
      empty,
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      'PUT',
      '/test%24file.text',
      { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      body,
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ],
    ['GET', '/?lifecycle', {}, empty, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['GET', '/?max-keys=2&prefix=J', {}, empty, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ])('%s %s is signed as its documentation has it', (method, path, headers, payloadHash, signature) => {
    const url = new URL(`https://examplebucket.s3.amazonaws.com${path}`);
    const all = { ...(headers as Record<string, string>), 'x-amz-content-sha256': payloadHash };
    const signed = signSigV4({ method, url, headers: all, payloadHash }, credentials, Date.UTC(2013, 4, 24));
    expect(signed.authorization).toMatch(new RegExp(`Signature=${signature}$`));
  });
});

test('each checkpoint is an object of its own, locked for so many days, and given back', async () => {
  const anchor = anchorAt(server.address);
  let memo: string | undefined;
  for (const size of [1, 9, 10, 60]) memo = (await anchor.publish(at(size), memo, signal)).memo;
  expect(server.versions.map(({ key, mode, until }) => [key, mode, until])).toEqual(
    ['0000000000000001', '0000000000000009', '0000000000000010', '0000000000000060'].map((size) => [
      `gate/checkpoints/${origin}/${size}.checkpoint`,
      'COMPLIANCE',
      '2026-12-21T14:00:00.000Z',
    ]),
  );
  expect(server.versions.map(({ body }) => body.toString())).toEqual(
    [1, 9, 10, 60].map((size) => log.checkpoint(size)),
  );
  expect(await heldBy(anchor, undefined)).toEqual([1, 9, 10, 60].map((size) => log.checkpoint(size)));
  expect(await heldBy(anchor, '10')).toEqual([10, 60].map((size) => log.checkpoint(size)));
  await anchorAt(server.address, 'governance').publish(at(11), memo, signal);
  expect(server.versions.at(-1)?.mode).toBe('GOVERNANCE');
});

test('what was written over or marked as deleted is given back all the same, over many pages', async () => {
  const anchor = anchorAt(server.address);
  for (let size = 1; size <= 12; size++) await anchor.publish(at(size), undefined, signal);
  await anchor.publish({ ...at(5), note: 'another\n' }, undefined, signal);
  server.hidden.add(server.versions[10]?.key ?? '');
  server.state.pageSize = 3;
  const held = await heldBy(anchor, '2');
  for (let size = 2; size <= 12; size++) expect(held).toContain(log.checkpoint(size));
  expect(held).toContain('another\n');
  expect(held).toHaveLength(12);
});

test('a bucket of many is read at both ends', async () => {
  const anchor = anchorAt(server.address);
  for (let size = 1; size <= 60; size++) await anchor.publish(at(size), undefined, signal);
  const held = await heldBy(anchor, undefined);
  expect(held).toHaveLength(40);
  expect([held[0], held.at(-1)]).toEqual([log.checkpoint(1), log.checkpoint(60)]);
});

test('a checkpoint that is gone from the bucket is said', async () => {
  const anchor = anchorAt(server.address);
  await anchor.publish(at(4), undefined, signal);
  server.versions.length = 0;
  await expect(heldBy(anchor, '4')).rejects.toThrow(
    'the checkpoint for #4 is not in s3 evidence/gate/checkpoints any more',
  );
});

test('what must be set up is said in words, without the secret', async () => {
  const anchor = anchorAt(server.address);
  const words = async (work: Promise<unknown> = anchor.publish(at(3), undefined, signal)): Promise<string> => {
    const failure = await failureOf(work);
    expect(failure).toBeInstanceOf(AnchorFault);
    expect(String(failure)).not.toContain(server.state.secretKey);
    return String(failure);
  };
  secret = 'wrong';
  expect(await words()).toContain('the access key or its secret is wrong (SignatureDoesNotMatch)');
  secret = undefined;
  expect(await words()).toContain('is not set: GATEHOUSE_ANCHOR_S3_SECRET_KEY');
  secret = server.state.secretKey;
  server.state.accessKeyId = 'OTHER';
  expect(await words()).toContain('is wrong (InvalidAccessKeyId)');
  server.state.accessKeyId = 'AKIDEXAMPLE';
  server.state.objectLock = false;
  expect(await words()).toContain('is object lock turned on for the bucket?');
  server.state.objectLock = true;
  const elsewhere = anchorAt(server.address, 'compliance', 'missing');
  expect(await words(elsewhere.publish(at(3), undefined, signal))).toContain('there is no such bucket');
  await anchor.publish(at(3), undefined, signal);
});

test.each([
  [
    'trouble of its own',
    { kind: 'status', status: 503, body: '<Error><Code>SlowDown</Code></Error>' },
    '503: SlowDown',
  ],
  ['a page of HTML', { kind: 'status', status: 502, body: '<html>proxy</html>' }, 'answered with status 502'],
  ['words of a stranger', { kind: 'status', status: 400, body: '<Code>a b\u001b[31m</Code>' }, /status 400$/],
  ['a redirection', { kind: 'status', status: 301, headers: { location: 'http://elsewhere' } }, 'sends us elsewhere'],
  ['a dropped connection', { kind: 'drop' }, 'dropped the connection'],
  ['half an answer', { kind: 'break-off' }, /broke off|dropped/],
  ['silence', { kind: 'silence' }, 'did not answer within 2 s'],
  ['megabytes', { kind: 'huge' }, 'too long'],
] as const)('%s is a failure on writing and on reading', async (_what, fault, words) => {
  if (fault.kind === 'silence') patienceMs = 2_000;
  const anchor = anchorAt(server.address);
  for (const work of [() => anchor.publish(at(7), undefined, signal), () => heldBy(anchor, undefined)]) {
    server.fault(fault);
    const failure = await failureOf(work());
    expect(failure).toBeInstanceOf(AnchorFault);
    expect(String(failure)).toMatch(words);
  }
  await anchor.publish(at(7), undefined, signal);
});

test('a listing that never ends is left', async () => {
  const anchor = anchorAt(server.address);
  const folder = `gate/checkpoints/${origin}/`;
  const body = `<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>${folder}1</NextKeyMarker></ListVersionsResult>`;
  server.fault({ kind: 'status', status: 200, body }, 2);
  await expect(heldBy(anchor, undefined)).rejects.toThrow('lists the same page for ever');
  expect(server.taken).toHaveLength(2);
  for (const marker of ['', 'other/place', '../../x']) {
    server.fault({ kind: 'status', status: 200, body: body.replace(`${folder}1`, marker) });
    await expect(heldBy(anchor, undefined)).rejects.toThrow('does not say where');
  }
});

test('a listing leads to nothing but checkpoints of this log', () => {
  const folder = `p/${origin}/`;
  const version = (key: string, id = 'v'): string => `<Version><Key>${key}</Key><VersionId>${id}</VersionId></Version>`;
  const good = `${folder}0000000000000007.checkpoint`;
  const others = [
    `${folder}../../x/0000000000000007.checkpoint`,
    `${folder}7.checkpoint`,
    `p/gatehouse/other/0000000000000007.checkpoint`,
    '',
    `${folder}0000000000000007.checkpoint?acl`,
  ];
  const xml = `<ListVersionsResult>${[good, ...others].map((key) => version(key)).join('')}${version(good, 'a"><b')}</ListVersionsResult>`;
  expect(parsePage(xml, folder)).toEqual({ versions: [{ key: good, id: 'v' }], next: undefined });
});

test('any listing at all is read or refused, in time that grows with its length', () => {
  const tag = fc.constantFrom('Version', 'Key', 'VersionId', 'IsTruncated', 'NextKeyMarker', 'ListVersionsResult');
  const piece = fc.oneof(
    tag.map((name) => `<${name}>`),
    tag.map((name) => `</${name}>`),
    fc.constantFrom('true', 'p/0000000000000001.checkpoint', ' '),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      try {
        const { versions } = parsePage(`<ListVersionsResult>${pieces.join('')}`, 'p/');
        for (const { key } of versions) expect(key).toMatch(/^p\/\d{16}\.checkpoint$/);
      } catch (error) {
        expect(error).toBeInstanceOf(AnchorFault);
      }
    }),
    { numRuns: 500 },
  );
  const started = process.cpuUsage();
  parsePage(`<ListVersionsResult>${'<Version>'.repeat(200_000)}`, 'p/');
  parsePage(`<ListVersionsResult>${'<Version><Key></Version>'.repeat(80_000)}`, 'p/');
  expect(process.cpuUsage(started).user).toBeLessThan(1_000_000);
});

test('any answer at all ends in a receipt or a failure', async () => {
  let answer = { status: 200, body: '' };
  await using hostile = await createLocalServer((_taken, response) => {
    response.writeHead(answer.status).end(answer.body);
  });
  const anchor = anchorAt(hostile.address);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(200, 204, 400, 403, 404, 500),
      fc.string({ unit: 'binary' }),
      async (status, body) => {
        answer = { status, body };
        for (const outcome of [
          await failureOf(anchor.publish(at(7), undefined, signal)),
          await failureOf(heldBy(anchor, '3')),
        ]) {
          expect(outcome).not.toBeInstanceOf(AnchorContradiction);
          if (outcome instanceof Error) expect(outcome).toBeInstanceOf(AnchorFault);
        }
      },
    ),
    { numRuns: 100 },
  );
});
