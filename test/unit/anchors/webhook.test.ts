// Checkpoints to a webhook: signed as Standard Webhooks has it, the same id for each try, and what a receiver gives back is read with care.
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAnchorLine } from '../../../src-main/adapters/anchors/anchor-request.ts';
import { createWebhookAnchor, webhookHeaders } from '../../../src-main/adapters/anchors/webhook.ts';
import { type Anchor, type AnchoredCheckpoint, AnchorFault } from '../../../src-main/core/features/audit/index.ts';
import { createLocalServer, type LocalServer, type Taken } from '../../support/local-server.ts';
import { SampleLog } from '../evidence/sample-log.ts';

const start = Date.UTC(2026, 10, 21, 14);
const { signal } = new AbortController();
const log = new SampleLog(60);
const origin = log.signer.key.name;
const key = Buffer.alloc(32, 7);
const secret = `whsec_${key.toString('base64')}`;
let now = start;
/** Of the client; short only where an answer never comes. */
let patienceMs = 20_000;
let back: { status: number; type: string; body: string };
let server: LocalServer;
let anchor: Anchor;

beforeEach(async () => {
  patienceMs = 20_000;
  now = start;
  back = { status: 405, type: 'text/plain', body: '' };
  server = await createLocalServer(({ method }, response) => {
    if (method === 'GET') response.writeHead(back.status, { 'content-type': back.type }).end(back.body);
    else response.writeHead(204).end();
  });
  anchor = anchorWith(secret);
});
afterEach(() => server[Symbol.asyncDispose]());

function anchorWith(hidden: string | undefined): Anchor {
  return createWebhookAnchor({
    address: `${server.address}/hooks/gatehouse?tenant=a`,
    secret: () => hidden,
    clock: { now: () => now },
    line: createAnchorLine({ ca: undefined, timeoutMs: patienceMs }),
  });
}

function at(size: number): AnchoredCheckpoint {
  return { origin, size, root: log.root(size), note: log.checkpoint(size), proof: () => [] };
}

async function heldBy(): Promise<string[]> {
  const found: string[] = [];
  for await (const held of anchor.held?.('newest', at(60), undefined, signal) ?? [])
    found.push('note' in held ? held.note : '');
  return found;
}

/** As a receiver checks it that knows nothing of us. */
function isSigned({ headers, body }: Taken, by: Buffer): boolean {
  const id = String(headers['webhook-id']);
  const time = String(headers['webhook-timestamp']);
  const expected = createHmac('sha256', by)
    .update(`${id}.${time}.${body.toString('utf8')}`)
    .digest('base64');
  return headers['webhook-signature'] === `v1,${expected}`;
}

test('signs as the published example of Standard Webhooks has it', () => {
  const headers = webhookHeaders(
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1614265330,
    '{"test": 2432232314}',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  );
  expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('brings the checkpoint, signed, and by the same id when it comes again', async () => {
  await anchor.publish(at(9), undefined, signal);
  now += 60_000;
  await anchor.publish(at(9), undefined, signal);
  await anchor.publish(at(10), undefined, signal);
  const [first, again, next] = server.taken;
  expect(first).toMatchObject({ method: 'POST', path: '/hooks/gatehouse?tenant=a' });
  expect(JSON.parse(first?.body.toString() ?? '')).toEqual({
    type: 'audit.checkpoint',
    timestamp: '2026-11-21T14:00:00.000Z',
    data: { origin, size: 9, root: Buffer.from(log.root(9)).toString('base64'), note: log.checkpoint(9) },
  });
  const ids = server.taken.map(({ headers }) => headers['webhook-id']);
  expect(ids).toEqual([
    'checkpoint_gatehouse_0198a3f2_9',
    'checkpoint_gatehouse_0198a3f2_9',
    'checkpoint_gatehouse_0198a3f2_10',
  ]);
  expect([first, again, next].map((taken) => taken !== undefined && isSigned(taken, key))).toEqual([true, true, true]);
  expect([first?.headers, again?.headers].map((headers) => headers?.['webhook-timestamp'])).toEqual([
    String(start / 1000),
    String(start / 1000 + 60),
  ]);
});

test('a secret may be any text, and none signs nothing', async () => {
  await anchorWith('plain words').publish(at(1), undefined, signal);
  await anchorWith(undefined).publish(at(1), undefined, signal);
  const [plain, unsigned] = server.taken;
  expect(plain !== undefined && isSigned(plain, Buffer.from('plain words'))).toBe(true);
  expect(unsigned?.headers).not.toHaveProperty('webhook-signature');
});

test.each([
  ['a refusal', { kind: 'status', status: 401, body: secret }, /status 401$/],
  ['an address that is gone', { kind: 'status', status: 410 }, /status 410$/],
  ['too many', { kind: 'status', status: 429, headers: { 'retry-after': '99999' } }, /status 429$/],
  ['an error of its own', { kind: 'status', status: 500, body: '<script>' }, /status 500$/],
  ['a redirection', { kind: 'status', status: 308, headers: { location: 'http://elsewhere' } }, 'sends us elsewhere'],
  ['a dropped connection', { kind: 'drop' }, 'dropped the connection'],
  ['half an answer', { kind: 'break-off' }, /broke off|dropped/],
  ['silence', { kind: 'silence' }, 'did not answer within 2 s'],
  ['megabytes', { kind: 'huge' }, 'too long'],
] as const)('%s is a failure, and the next try goes through', async (_what, fault, words) => {
  if (fault.kind === 'silence') patienceMs = 2_000;
  anchor = anchorWith(secret);
  server.fault(fault);
  const failure = await anchor.publish(at(7), undefined, signal).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(AnchorFault);
  expect(String(failure)).toMatch(words);
  await anchor.publish(at(7), undefined, signal);
});

test('an address where nothing listens is said', async () => {
  const { host } = new URL(server.address);
  await server[Symbol.asyncDispose]();
  await expect(anchor.publish(at(7), undefined, signal)).rejects.toThrow(`nothing listens at ${host}`);
});

test('a receiver that keeps them may give them back: asked for by a signed GET', async () => {
  back = { status: 200, type: 'text/plain; charset=utf-8', body: log.checkpoint(4) + log.checkpoint(9) };
  expect(await heldBy()).toEqual([log.checkpoint(4), log.checkpoint(9)]);
  const [asked] = server.taken;
  expect(asked).toMatchObject({ method: 'GET', path: '/hooks/gatehouse?tenant=a' });
  expect(asked !== undefined && isSigned(asked, key)).toBe(true);
  back.body = Array.from({ length: 60 }, (_, i) => log.checkpoint(i + 1)).join('');
  const held = await heldBy();
  expect([held.length, held.at(-1)]).toEqual([50, log.checkpoint(60)]);
});

test.each([
  [404, 'text/plain', 'not found'],
  [405, 'text/plain', ''],
  [501, 'text/html', ''],
  [200, 'text/html', log.checkpoint(60)],
  [200, 'application/json', '{}'],
  [200, 'text/plain', 'OK'],
])('one that answers %i with %s gives none back, which is no failure', async (status, type, body) => {
  back = { status, type, body };
  expect(await heldBy()).toEqual([]);
});

test('one that is down can not be asked, which is one', async () => {
  back = { status: 502, type: 'text/plain', body: '' };
  await expect(heldBy()).rejects.toThrow('status 502');
});

test('any answer at all is a list of notes or a failure', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(200, 204, 400, 404, 500, 503),
      fc.constantFrom('text/plain', 'text/html'),
      fc.array(fc.oneof(fc.constantFrom(log.checkpoint(3), '\n\n— ', '\n'), fc.string({ unit: 'binary' }))),
      async (status, type, pieces) => {
        back = { status, type, body: pieces.join('') };
        const outcome = await heldBy().catch((error: unknown) => error);
        expect(Array.isArray(outcome) || outcome instanceof AnchorFault).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});
