import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  afterFailure,
  type Failures,
  failureKey,
  failureMemoryMs,
  remainingWaitMs,
} from '../../../src-main/core/features/access/back-off.ts';

function fail(times: number, before?: Failures, now = 0): Failures {
  let failures = before;
  for (let count = 0; count < times; count += 1) failures = afterFailure(failures, now);
  return failures as Failures;
}

test('four failures are free; then 1 s, doubling up to 15 minutes', () => {
  const waits = Array.from({ length: 18 }, (_, count) => remainingWaitMs(fail(count + 1), 0) / 1000);
  expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]);
});

test('the wait runs out with time, and a million failures are still a number', () => {
  const failures = fail(7);
  expect([0, 3999, 4000, 5000].map((now) => remainingWaitMs(failures, now))).toEqual([4000, 1, 0, 0]);
  expect(remainingWaitMs(afterFailure({ count: 1_000_000, lastAt: 0, until: 0 }, 0), 0)).toBe(900_000);
  expect(remainingWaitMs(undefined, 0)).toBe(0);
});

test('failures are forgotten a day after the last', () => {
  const old = fail(9);
  expect(afterFailure(old, failureMemoryMs - 1).count).toBe(10);
  expect(afterFailure(old, failureMemoryMs)).toEqual({ count: 1, lastAt: failureMemoryMs, until: failureMemoryMs });
});

test('the key is the same for names that fold alike and tells nothing of the name', () => {
  expect(failureKey('Anna')).toEqual(failureKey('ａNNA'));
  fc.assert(
    fc.property(fc.string(), (name) => {
      expect(failureKey(name)).toHaveLength(32);
    }),
  );
});
