import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryLimiter } from '../../../src-main/adapters/limits/memory-limiter.ts';
import { originKey } from '../../../src-main/base/addresses.ts';
import type { RateState } from '../../../src-main/core/ports.ts';

const rule = { burst: 20, perMinute: 60 };

function take(limiter: ReturnType<typeof createMemoryLimiter>, key: string, now: number, by = rule): RateState {
  return limiter.take(key, by, now) as RateState;
}

describe('a token bucket', () => {
  it('lets a burst through, then one request per token that came back', () => {
    const limiter = createMemoryLimiter();
    const states = Array.from({ length: 21 }, () => take(limiter, 'a', 1000));
    expect(states.map(({ allowed }) => allowed)).toEqual([...Array(20).fill(true), false]);
    expect(states[0]).toEqual({
      allowed: true,
      limit: 20,
      remaining: 19,
      resetAt: 2000,
      retryAfterMs: 0,
      windowSeconds: 20,
    });
    expect(states[20]).toEqual({
      allowed: false,
      limit: 20,
      remaining: 0,
      resetAt: 21_000,
      retryAfterMs: 1000,
      windowSeconds: 20,
    });
    expect(take(limiter, 'a', 1999).allowed).toBe(false);
    expect(take(limiter, 'a', 2000).allowed).toBe(true);
    expect(take(limiter, 'a', 2000).allowed).toBe(false);
    expect(take(limiter, 'b', 2000).allowed).toBe(true);
  });

  it('allows at most burst + rate × time in every window, whatever the arrivals', () => {
    const rules = fc.record({ burst: fc.integer({ min: 1, max: 50 }), perMinute: fc.integer({ min: 1, max: 5000 }) });
    const gaps = fc.array(
      fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 5000 })),
      {
        minLength: 1,
        maxLength: 300,
      },
    );
    fc.assert(
      fc.property(rules, gaps, (by, waits) => {
        const limiter = createMemoryLimiter();
        let now = 1_700_000_000_000;
        const allowed: number[] = [];
        for (const wait of waits) {
          now += wait;
          if (take(limiter, 'a', now, by).allowed) allowed.push(now);
        }
        for (let from = 0; from < allowed.length; from++) {
          for (let to = from; to < allowed.length; to++) {
            const minutes = (allowed[to]! - allowed[from]!) / 60_000;
            expect(to - from + 1).toBeLessThanOrEqual(by.burst + by.perMinute * minutes + 1e-9);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is never stricter than it says: after retryAfterMs one request passes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 5000 }), (burst, perMinute) => {
        const limiter = createMemoryLimiter();
        let state: RateState;
        do state = take(limiter, 'a', 5000, { burst, perMinute });
        while (state.allowed);
        const later = 5000 + state.retryAfterMs;
        expect(take(limiter, 'a', later - 1, { burst, perMinute }).allowed).toBe(false);
        expect(take(limiter, 'a', later, { burst, perMinute }).allowed).toBe(true);
      }),
    );
  });

  it('gives nothing for a clock that was set back, and goes on from there', () => {
    const limiter = createMemoryLimiter();
    for (let i = 0; i < 20; i++) take(limiter, 'a', 10_000_000);
    expect(take(limiter, 'a', 5_000_000).allowed).toBe(false);
    expect(take(limiter, 'a', 5_001_000).allowed).toBe(true);
  });

  it('takes a changed rule at once', () => {
    const limiter = createMemoryLimiter();
    take(limiter, 'a', 0);
    const states = Array.from({ length: 4 }, () => take(limiter, 'a', 0, { burst: 3, perMinute: 3 }));
    expect(states.map(({ allowed }) => allowed)).toEqual([true, true, true, false]);
  });
});

describe('the table of buckets', () => {
  it('stays bounded under a million spoofed IPv6 networks', () => {
    const limiter = createMemoryLimiter(10_000);
    let largest = 0;
    for (let i = 0; i < 1_000_000; i++) {
      const ip = `2001:db8:${(i >>> 16).toString(16)}:${(i & 0xffff).toString(16)}::1`;
      // Faster than buckets refill, so that the oldest are not full when room is needed.
      take(limiter, originKey(ip), Math.floor(i / 100));
      largest = Math.max(largest, limiter.size);
    }
    expect(largest).toBeLessThanOrEqual(10_000 + 1024);
    expect(largest).toBeGreaterThanOrEqual(10_000);
  }, 60_000);

  it('counts all addresses of a /64 as one', () => {
    const limiter = createMemoryLimiter();
    for (let i = 0; i < 1000; i++) take(limiter, originKey(`2001:db8::${i.toString(16)}`), 0);
    expect(limiter.size).toBe(1);
  });

  it('forgets full buckets to make room, and keeps those that are in use', () => {
    const limiter = createMemoryLimiter(100);
    for (let i = 0; i < 20; i++) take(limiter, 'offender', 0);
    for (let i = 0; i < 99; i++) take(limiter, `once ${i}`, 0);
    // After two seconds those seen once are full again; the offender's is not.
    for (let i = 0; i < 5000; i++) take(limiter, `later ${i}`, 2000 + i * 1000);
    expect(limiter.size).toBeLessThanOrEqual(100);
    expect(take(limiter, 'offender', 2000).allowed).toBe(true);
    const used = createMemoryLimiter(100);
    for (let i = 0; i < 20; i++) take(used, 'offender', 0);
    for (let i = 0; i < 5000; i++) take(used, `flood ${i}`, 0);
    expect(take(used, 'offender', 0).allowed).toBe(false);
  });

  it('is not more lenient to new keys while it is full of buckets in use', () => {
    const limiter = createMemoryLimiter(10);
    for (let i = 0; i < 10; i++) take(limiter, `busy ${i}`, 0);
    let allowed = 0;
    for (let i = 0; i < 100; i++) if (take(limiter, 'new', 0).allowed) allowed++;
    expect(allowed).toBe(20);
  });
});
