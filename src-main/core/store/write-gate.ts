// Lets writes wait while the store is copied, for a bounded time: reads go on, and nobody is refused for a short work on the store.
import { ProblemError } from '../../../src-shared/contract/problems.ts';
import type { Timers } from '../ports.ts';

const patienceMs = 30_000;
const retryAfterSeconds = 5;

export type WriteGate = {
  readonly paused: boolean;
  /** Until disposed. */
  pause(): Disposable;
  /** Waits while paused. @throws ProblemError console/busy when that takes too long */
  writable(): Promise<void>;
  /** Runs something in a turn of its own, soon. */
  later(run: () => void): void;
};

export function createWriteGate(timers: Timers): WriteGate {
  let pauses = 0;
  let waiting: (() => void)[] = [];

  return {
    later: (run) => void timers.breathe().then(run),
    get paused() {
      return pauses > 0;
    },
    pause() {
      pauses += 1;
      let over = false;
      return {
        [Symbol.dispose]() {
          if (over) return;
          over = true;
          pauses -= 1;
          if (pauses > 0) return;
          const woken = waiting;
          waiting = [];
          for (const wake of woken) wake();
        },
      };
    },
    async writable() {
      if (pauses === 0) return;
      await new Promise<void>((resolve, reject) => {
        const timer = timers.after(patienceMs, () => {
          waiting = waiting.filter((wake) => wake !== done);
          reject(busy());
        });
        const done = (): void => {
          timer[Symbol.dispose]();
          resolve();
        };
        waiting.push(done);
      });
    },
  };
}

/** Never paused, and nothing is done later: SQLite itself carries the log over. */
export const openGate: WriteGate = {
  paused: false,
  pause: () => {
    throw new Error('writes can not be paused here');
  },
  writable: async () => undefined,
  later: () => undefined,
};

export function busy(): ProblemError {
  return new ProblemError('console/busy', 'the store is being copied under a new key; try again in a moment', {
    retry_after_seconds: retryAfterSeconds,
  });
}
