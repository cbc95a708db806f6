// What is kept of answers to repeated requests has a bound, whatever is sent; and a large request is told from another with pauses.
import { expect, onTestFinished, test } from 'vitest';
import { createIdempotency, type IdempotentRequest } from '../../../src-main/core/features/idempotency/index.ts';
import { createTestHost } from '../../support/host.ts';
import { createTestSealer, createTestStore } from '../../support/stores.ts';

const mebibyte = 1_048_576;
const workspace = 'w1';

function open() {
  const host = createTestHost();
  const idempotency = createIdempotency(createTestSealer(host.random), host);
  const store = createTestStore([idempotency.feature]);
  onTestFinished(() => store[Symbol.dispose]());
  const request = (key: string, principal = 'k1', input: unknown = { name: 'x' }): IdempotentRequest => ({
    principal,
    key,
    operation: 'events.ingest',
    input,
    now: host.clock.now(),
  });
  const keep = (key: string, bytes: number, principal?: string): void => {
    host.advance(1_000);
    store.write(workspace, (tx) => idempotency.keep(tx, request(key, principal), 'a'.repeat(bytes), false));
  };
  const isKept = (key: string, principal?: string): boolean =>
    store.read(workspace, (tx) => idempotency.recall(tx, request(key, principal))) !== undefined;
  return { host, idempotency, store, request, keep, isKept };
}

test('answers of a client take sixteen mebibytes at most, the oldest go first, and others lose nothing', () => {
  const { keep, isKept } = open();
  keep('other', mebibyte, 'k2');
  for (let n = 0; n < 60; n++) keep(`${n}`, mebibyte);
  const left = Array.from({ length: 60 }, (_, n) => n).filter((n) => isKept(`${n}`));
  expect(left.length).toBeGreaterThanOrEqual(11);
  expect(left.length).toBeLessThanOrEqual(16);
  expect(left).toEqual(Array.from({ length: left.length }, (_, at) => 60 - left.length + at));
  expect(isKept('other', 'k2')).toBe(true);
});

test('a batch is known by its events, in their order, and by nothing else', async () => {
  const { idempotency, store, request } = open();
  const events = [{ a: 1, b: 2 }, ['line 2: no JSON', '{'], { c: 9_007_199_254_740_992 }];
  const sent = request('k', 'k1', { events });
  await idempotency.prepare(sent);
  store.write(workspace, (tx) => idempotency.keep(tx, sent, { accepted: 1 }, false));
  const again = (other: unknown[]): unknown =>
    store.read(workspace, (tx) => idempotency.recall(tx, request('k', 'k1', { events: other })));
  expect(again([{ b: 2, a: 1 }, ...events.slice(1)])).toEqual({ output: { accepted: 1 } });
  for (const other of [
    events.slice(1),
    [...events, {}],
    [events[1], events[0], events[2]],
    [{ a: 1, b: '2' }, ...events.slice(1)],
  ])
    expect(() => again(other)).toThrow(expect.objectContaining({ code: 'request/idempotency-reused' }) as Error);
});

test('others run while a large batch is looked at', async () => {
  const { host, idempotency, request } = open();
  let breaths = 0;
  let worked = 0;
  const busy = {
    stopwatch: { ...host.stopwatch, worked: () => (worked += 5) },
    timers: {
      ...host.timers,
      breathe: async () => {
        breaths++;
      },
    },
  };
  const paced = createIdempotency(createTestSealer(host.random), { ...host, ...busy });
  await paced.prepare(request('k', 'k1', { events: Array.from({ length: 400 }, (_, n) => ({ n })) }));
  expect(breaths).toBeGreaterThan(20);
  await idempotency.prepare(request('k'));
});
