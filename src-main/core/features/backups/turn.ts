// One long work on backups at a time: who has the turn, how far it is, and how it is stopped.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { Clock } from '../../ports.ts';
import type { Running } from './ports.ts';

const announceMs = 500;

export type Progress = { readonly id: string; readonly done: number; readonly total: number };

export type Turn = {
  /** @throws ProblemError backups/busy */
  take<T>(id: string, work: () => Promise<T>): Promise<T>;
  /** Waits for work in a thread; a cancel that came before it ends it at once. */
  follow<T>(running: Running<T>, total: number): Promise<T>;
  advance(done: number): void;
  cancelled(): boolean;
  current(): Progress | undefined;
  /** Returns when it has ended. @throws ProblemError backups/not-found when `id` isn't under way */
  cancel(id: string): Promise<void>;
  stop(): Promise<void>;
};

/** @param announce called when something changed, while work goes on at most twice a second. */
export function createTurn(clock: Clock, announce: (id: string) => void): Turn {
  let under:
    | { id: string; done: number; total: number; running: Running<unknown> | undefined; cancelled: boolean }
    | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  let announcedAt = 0;

  async function stop(): Promise<void> {
    if (under === undefined) return;
    under.cancelled = true;
    under.running?.cancel();
    await ended;
  }

  return {
    async take(id, work) {
      if (under !== undefined)
        throw new ProblemError('backups/busy', 'another backup or restore is under way; wait for it, or cancel it');
      under = { id, done: 0, total: 0, running: undefined, cancelled: false };
      const result = work();
      ended = result.catch(() => undefined);
      try {
        return await result;
      } finally {
        under = undefined;
        announce(id);
      }
    },
    async follow(running, total) {
      const mine = under;
      if (mine === undefined) throw new Error('work on a backup without its turn');
      Object.assign(mine, { running, total, done: 0 });
      if (mine.cancelled) running.cancel();
      announce(mine.id);
      try {
        return await running.result;
      } finally {
        mine.running = undefined;
      }
    },
    advance(done) {
      if (under === undefined) return;
      under.done = done;
      const now = clock.now();
      if (now - announcedAt < announceMs && now >= announcedAt) return;
      announcedAt = now;
      announce(under.id);
    },
    cancelled: () => under?.cancelled === true,
    current: () => under,
    async cancel(id) {
      if (under?.id !== id) throw new ProblemError('backups/not-found', 'no such backup is under way');
      await stop();
    },
    stop,
  };
}
