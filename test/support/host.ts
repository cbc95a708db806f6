// A host for tests: a clock that the test moves, seeded randomness, and timers that run when the clock is moved.
import { createHash } from 'node:crypto';
import { createMemoryLimiter } from '../../src-main/adapters/limits/memory-limiter.ts';
import { createArgon2Hasher } from '../../src-main/adapters/passwords/argon2-hasher.ts';
import { systemStopwatch } from '../../src-main/adapters/system/host-parts.ts';
import type { Fields, Host, Log } from '../../src-main/core/ports.ts';

export type TestHost = Host & {
  advance(ms: number): void;
  /** The computer's clock is set, by so much: timers go on as they would have. */
  stepClock(ms: number): void;
  readonly logged: { level: string; event: string; fields: Fields | undefined }[];
};

export function createTestHost(startMs = Date.UTC(2026, 10, 21, 14, 0, 0), seed = 'test'): TestHost {
  // What timers go by, and how far the computer's clock is from it.
  let now = startMs;
  let skew = 0;
  let counter = 0;
  const due = new Set<{ at: number; every: number | undefined; run: () => void }>();
  const logged: TestHost['logged'] = [];
  const log: Log = {
    info: (event, fields) => void logged.push({ level: 'info', event, fields }),
    warn: (event, fields) => void logged.push({ level: 'warn', event, fields }),
    error: (event, fields) => void logged.push({ level: 'error', event, fields }),
  };
  function schedule(at: number, every: number | undefined, run: () => void): Disposable {
    const item = { at, every, run };
    due.add(item);
    return { [Symbol.dispose]: () => void due.delete(item) };
  }
  return {
    clock: { now: () => now + skew },
    stopwatch: systemStopwatch,
    random: {
      bytes(length) {
        const out = new Uint8Array(length);
        for (let at = 0; at < length; at += 32) {
          counter += 1;
          out.set(
            createHash('sha256')
              .update(`${seed}/${counter}`)
              .digest()
              .subarray(0, length - at),
            at,
          );
        }
        return out;
      },
    },
    timers: {
      every: (ms, run) => schedule(now + ms, ms, run),
      after: (ms, run) => schedule(now + ms, undefined, run),
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
    },
    hasher: createArgon2Hasher(),
    limiter: createMemoryLimiter(),
    log,
    logged,
    stepClock(ms) {
      skew += ms;
    },
    advance(ms) {
      now += ms;
      for (const item of [...due]) {
        if (item.at > now) continue;
        if (item.every === undefined) due.delete(item);
        else item.at = now + item.every;
        item.run();
      }
    },
  };
}
