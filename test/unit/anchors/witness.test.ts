// The witness anchor against a witness written after the specification: steady growth, a witness that is further, forks, and hostile answers.
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAnchorLine } from '../../../src-main/adapters/anchors/anchor-request.ts';
import { createWitnessAnchor } from '../../../src-main/adapters/anchors/witness.ts';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import {
  type Anchor,
  AnchorContradiction,
  type AnchoredCheckpoint,
  AnchorFault,
  type Held,
} from '../../../src-main/core/features/audit/index.ts';
import { openCosignatures } from '../../../src-shared/evidence/cosignature.ts';
import { createLocalServer } from '../../support/local-server.ts';
import { createWitnessServer, type WitnessServer } from '../../support/witness-server.ts';
import { SampleLog, sampleBody } from '../evidence/sample-log.ts';

const now = Date.UTC(2026, 10, 21, 14);
const { signal } = new AbortController();
/** Of the client; short only where an answer never comes. */
let patienceMs = 20_000;
let server: WitnessServer;
let anchor: Anchor;

beforeEach(async () => {
  patienceMs = 20_000;
  server = await createWitnessServer(() => now);
  server.know(new SampleLog(1).signer.key.text);
  anchor = anchorAt(server.address);
});
afterEach(() => server[Symbol.asyncDispose]());

function anchorAt(address: string): Anchor {
  return createWitnessAnchor({
    address,
    key: server.key.text,
    line: createAnchorLine({ ca: undefined, timeoutMs: patienceMs }),
  });
}

function at(log: SampleLog, size = log.size): AnchoredCheckpoint {
  return {
    origin: log.signer.key.name,
    size,
    root: log.root(size),
    note: log.checkpoint(size),
    proof: (from) => (from === 0 ? [] : log.consistency(from, size).hashes),
  };
}

async function heldBy(checkpoint: AnchoredCheckpoint, memo: string | undefined): Promise<Held[]> {
  const found: Held[] = [];
  for await (const held of anchor.held?.('newest', checkpoint, memo, signal) ?? []) found.push(held);
  return found;
}

const log = new SampleLog(60);
const fork = new SampleLog(60, { body: (seq) => ({ ...sampleBody(seq), action: 'other' }) });

test('a growing log is cosigned each time, with proofs from the size before', async () => {
  let memo: string | undefined;
  for (const size of [1, 2, 7, 8, 31, 60]) {
    const receipt = await anchor.publish(at(log, size), memo, signal);
    const { verified } = openCosignatures(nodePrimitives, log.checkpoint(size) + receipt.cosignatures, [server.key]);
    expect(verified).toEqual([{ witness: server.key, at: now }]);
    memo = receipt.memo;
  }
  expect(server.taken).toHaveLength(6);
  expect(server.taken[2]?.body.toString()).toMatch(/^old 2\n[A-Za-z0-9+/=\n]+\n\ngatehouse\/0198a3f2\n7\n/);
});

test('the same checkpoint may come twice', async () => {
  await anchor.publish(at(log, 9), undefined, signal);
  const again = await anchor.publish(at(log, 9), '9', signal);
  expect(again.memo).toBe('9');
  expect((await anchor.publish(at(log, 9), undefined, signal)).memo).toBe('9');
});

test('a witness that is further than was noted is asked again from where it is', async () => {
  await anchor.publish(at(log, 20), undefined, signal);
  await anchor.publish(at(log, 33), '5', signal);
  expect(server.seen.get(log.signer.key.name)?.size).toBe(33);
  expect(server.taken.map(({ body }) => body.toString().split('\n', 1)[0])).toEqual(['old 0', 'old 5', 'old 20']);
});

test('an older log contradicts the witness, on sending and on asking', async () => {
  await anchor.publish(at(log, 52), undefined, signal);
  await expect(anchor.publish(at(log, 20), '20', signal)).rejects.toMatchObject({
    name: 'AnchorContradiction',
    heldSize: 52,
    message:
      "the store's checkpoint is for #20, the witness witness.example/w1 holds one for #52: an older store was put back",
  });
  expect(await heldBy(at(log, 20), '20')).toEqual([{ size: 52 }]);
  expect(server.seen.get(log.signer.key.name)?.size).toBe(52);
});

test('another log of the same key contradicts it: longer, and of the same size', async () => {
  await anchor.publish(at(log, 30), undefined, signal);
  await expect(anchor.publish(at(fork, 40), '30', signal)).rejects.toBeInstanceOf(AnchorContradiction);
  await expect(anchor.publish(at(fork, 30), '30', signal)).rejects.toBeInstanceOf(AnchorContradiction);
  await expect(heldBy(at(fork, 40), '30')).rejects.toBeInstanceOf(AnchorContradiction);
  await expect(heldBy(at(fork, 30), '30')).rejects.toBeInstanceOf(AnchorContradiction);
  expect(await heldBy(at(log, 30), '30')).toEqual([{ size: 30 }]);
});

test('what must be set up at the witness is said', async () => {
  const other = new SampleLog(3, { signer: { ...log.signer, sign: () => new Uint8Array(64) } });
  await expect(anchor.publish(at(other), undefined, signal)).rejects.toThrow('does not know the key of this console');
  await using stranger = await createWitnessServer(() => now);
  await expect(anchorAt(stranger.address).publish(at(log, 3), undefined, signal)).rejects.toThrow(
    'does not know this log; give it the origin gatehouse/0198a3f2 and its key',
  );
});

test('a cosignature that is not of the key that was set is refused', async () => {
  server.state.signWrongly = true;
  await expect(anchor.publish(at(log, 3), undefined, signal)).rejects.toThrow(
    'did not answer with a cosignature: the signature under the key of witness.example/w1 is wrong',
  );
});

const tooLong = `${'9'.repeat(30)}\n`;
test.each([
  ['an error of its own', { kind: 'status', status: 500 }, 'answered with status 500'],
  ['a redirection', { kind: 'status', status: 307, headers: { location: 'http://elsewhere' } }, 'sends us elsewhere'],
  ['a size of another type', { kind: 'status', status: 409, body: '7\n' }, 'without the size'],
  [
    'a size that is none',
    { kind: 'status', status: 409, body: '07\n', headers: { 'content-type': 'text/x.tlog.size' } },
    'without the size',
  ],
  [
    'a size beyond all trees',
    { kind: 'status', status: 409, body: tooLong, headers: { 'content-type': 'text/x.tlog.size' } },
    'without the size',
  ],
  ['a dropped connection', { kind: 'drop' }, 'dropped the connection'],
  ['half an answer', { kind: 'break-off' }, /broke off|dropped/],
  ['silence', { kind: 'silence' }, 'did not answer within 2 s'],
  ['megabytes', { kind: 'huge' }, 'too long'],
] as const)('%s is a failure that is tried again, not a finding', async (_what, fault, words) => {
  if (fault.kind === 'silence') patienceMs = 2_000;
  anchor = anchorAt(server.address);
  server.fault(fault);
  const failure = await anchor.publish(at(log, 7), '3', signal).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(AnchorFault);
  expect(String(failure)).toMatch(words);
  await anchor.publish(at(log, 7), undefined, signal);
});

test('a witness that changes its mind is not asked for ever', async () => {
  const size = (n: number) =>
    ({ kind: 'status', status: 409, body: `${n}\n`, headers: { 'content-type': 'text/x.tlog.size' } }) as const;
  server.fault(size(4));
  server.fault(size(5));
  await expect(anchor.publish(at(log, 7), '3', signal)).rejects.toThrow('changed its mind');
  expect(server.taken).toHaveLength(2);
});

test('any answer at all ends in a receipt, a failure or a contradiction', async () => {
  let answer = { status: 200, type: '', body: '' };
  await using hostile = await createLocalServer((_taken, response) => {
    response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
  });
  const asked = anchorAt(hostile.address);
  const status = fc.constantFrom(200, 204, 400, 403, 404, 409, 422, 503);
  const type = fc.constantFrom('text/plain', 'text/x.tlog.size', 'text/x.tlog.size; charset=utf-8');
  const body = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.integer().map((n) => `${n}\n`),
  );
  await fc.assert(
    fc.asyncProperty(status, type, body, async (...parts) => {
      answer = { status: parts[0], type: parts[1], body: parts[2] };
      const failure = await asked.publish(at(log, 7), '3', signal).catch((error: unknown) => error);
      expect(failure instanceof AnchorFault || failure instanceof AnchorContradiction).toBe(true);
    }),
    { numRuns: 150 },
  );
});
