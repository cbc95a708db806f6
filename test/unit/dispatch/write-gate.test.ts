// Writes that wait: until the pause ends, and not for ever.
import { expect, test } from 'vitest';
import { createWriteGate } from '../../../src-main/core/store/write-gate.ts';
import { createTestHost } from '../../support/host.ts';
import { createTestStore } from '../../support/stores.ts';

test('a write waits while writes are paused, and goes on when the last pause ends', async () => {
  const gate = createWriteGate(createTestHost().timers);
  await gate.writable();
  const first = gate.pause();
  const second = gate.pause();
  let went = false;
  const waiting = gate.writable().then(() => {
    went = true;
  });
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  await Promise.resolve();
  expect([gate.paused, went]).toEqual([true, false]);
  second[Symbol.dispose]();
  await waiting;
  expect([gate.paused, went]).toEqual([false, true]);
});

test('after half a minute it is told to come again, and no timer of it is left', async () => {
  const host = createTestHost();
  const gate = createWriteGate(host.timers);
  using _ = gate.pause();
  const waiting = gate.writable();
  host.advance(29_999);
  const outcome = expect(waiting).rejects.toMatchObject({ code: 'console/busy', extras: { retry_after_seconds: 5 } });
  host.advance(1);
  await outcome;
});

test('a store that cannot be paused says so', () => {
  using store = createTestStore([]);
  expect(store.writesPaused()).toBe(false);
  expect(() => store.pauseWrites()).toThrow('can not be paused here');
});
