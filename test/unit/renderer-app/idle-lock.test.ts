// The idle clock: counts wall time, warns 30 s before, and a touch after the limit finds the door locked.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { watchIdle } from '../../../src-renderer/app/idle-lock.ts';

function idle(limitMs = 600_000) {
  let now = 1_000_000;
  let tick: (() => void) | undefined;
  let locks = 0;
  const lock = watchIdle(
    {
      now: () => now,
      every: (run) => {
        tick = run;
        return () => {
          tick = undefined;
        };
      },
    },
    limitMs,
    () => {
      locks += 1;
    },
  );
  return {
    lock,
    pass(ms: number) {
      now += ms;
      tick?.();
    },
    sleep(ms: number) {
      now += ms;
    },
    locks: () => locks,
    now: () => now,
  };
}

describe('idle lock', () => {
  test('warns 30 s before and locks at the limit, once', () => {
    const { lock, pass, locks, now } = idle();
    const limit = now() + 600_000;
    pass(569_000);
    expect(lock.store.getState().locksAt).toBeUndefined();
    pass(1_000);
    expect(lock.store.getState().locksAt).toBe(limit);
    pass(29_999);
    expect(locks()).toBe(0);
    pass(1);
    pass(60_000);
    expect(locks()).toBe(1);
  });

  test('a touch starts anew and takes the warning away', () => {
    const { lock, pass, locks } = idle();
    pass(590_000);
    lock.touched();
    expect(lock.store.getState().locksAt).toBeUndefined();
    pass(599_000);
    expect(locks()).toBe(0);
  });

  test('the first touch after sleep does not open what should be locked', () => {
    const { lock, sleep, locks } = idle();
    sleep(3_600_000);
    lock.touched();
    expect(locks()).toBe(1);
  });

  test('locks exactly when the longest pause between touches reaches the limit', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_200_000 }), { maxLength: 12 }), (pauses) => {
        const { lock, sleep, locks } = idle();
        for (const pause of pauses) {
          sleep(pause);
          lock.touched();
        }
        expect(locks()).toBe(pauses.some((pause) => pause >= 600_000) ? 1 : 0);
      }),
    );
  });

  test('stops with the console', () => {
    const { lock, pass, locks } = idle();
    lock.stop();
    pass(3_600_000);
    expect(locks()).toBe(0);
  });
});
