// Backups as the screen shows them, with the schedule, the one that is being made and those being checked. Making and checking answer
// when they are over, so both go on here while the person does something else.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Backup, BackupSchedule, BackupVerification } from '../../../src-shared/contract/backups.ts';
import type { CallInput, Output } from '../../../src-shared/contract/contract.ts';
import type { call, subscribe } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { createWatchedTask } from '../../app/watched-task.ts';
import { createProgressRate } from '../../lib/progress-rate.ts';

export type ScheduleStatus = Output<'backups.schedule'>;
export type MadeBackup = Output<'backups.create'>;

export interface BackupsState {
  /** Newest first. */
  readonly rows: readonly Backup[] | undefined;
  /** More exist than are listed. */
  readonly isCut: boolean;
  readonly problem: string | undefined;
  readonly schedule: ScheduleStatus | undefined;
  /** Bytes in a second of the backup that is being made. */
  readonly rate: number | undefined;
  /** Being checked by a test restore, asked for in this window. */
  readonly verifying: ReadonlySet<string>;
  /** Backup id → why its check could not be made. Not the same as a check that found something. */
  readonly unverified: Readonly<Record<string, string>>;
}

export type BackupOutcome =
  | { readonly kind: 'complete'; readonly made: MadeBackup }
  | { readonly kind: 'failed'; readonly words: string };

export interface BackupsStore extends StoreApi<BackupsState> {
  load(): Promise<void>;
  /** Reads again when backups changed, and each second while one is made, until the answer is called. */
  follow(): () => void;
  /**
   * Resolves once the backup is seen running, or is over. `finished` is told of its end when that comes later.
   * @throws what the call throws when it was refused before it ran.
   */
  backUp(input: CallInput<'backups.create'>, finished: (outcome: BackupOutcome) => void): Promise<void>;
  cancel(id: string): Promise<void>;
  /** @returns what the check found; undefined when it could not be made, which the state then says. */
  verify(id: string, passphrase: string | undefined): Promise<BackupVerification | undefined>;
  restore(id: string, passphrase: string | undefined): Promise<Output<'backups.restore'>>;
  remove(id: string): Promise<void>;
  setSchedule(schedule: BackupSchedule): Promise<void>;
  forget(): void;
}

interface BackupsDependencies {
  readonly call: typeof call;
  readonly subscribe: typeof subscribe;
  /** Milliseconds that never go back. */
  readonly now: () => number;
  readonly later: (run: () => void, ms: number) => () => void;
}

const mostListed = 500;
const startLookMs = 300;

const empty: BackupsState = {
  rows: undefined,
  isCut: false,
  problem: undefined,
  schedule: undefined,
  rate: undefined,
  verifying: new Set(),
  unverified: {},
};

export function runningOf(rows: readonly Backup[] | undefined): Backup | undefined {
  return rows?.find((row) => row.state === 'running');
}

export function createBackupsStore({ call, subscribe, now, later }: BackupsDependencies): BackupsStore {
  const store = createStore<BackupsState>(() => empty);
  const rate = createProgressRate(now);
  // An answer to an older question must not come after a newer one.
  let turn = 0;

  async function load(): Promise<void> {
    turn += 1;
    const asked = turn;
    try {
      const [list, schedule] = await Promise.all([
        call('backups.list', { limit: mostListed }),
        call('backups.schedule', {}),
      ]);
      if (asked !== turn) return;
      const running = runningOf(list.items);
      if (running === undefined) rate.reset();
      store.setState({
        rows: list.items,
        isCut: list.next_cursor !== null,
        schedule,
        problem: undefined,
        rate: running && rate.read(running.backup_id, running.done_bytes),
      });
    } catch (error) {
      if (asked !== turn) return;
      store.setState({ problem: failureWords(error) });
    }
    watched.lookAgain();
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      later(resolve, ms);
    });
  }

  function setVerifying(id: string, isRunning: boolean): void {
    store.setState(({ verifying }) => {
      const next = new Set(verifying);
      if (isRunning) next.add(id);
      else next.delete(id);
      return { verifying: next };
    });
  }

  const watched = createWatchedTask({
    topic: 'backups.changed',
    subscribe,
    later,
    load,
    isRunning: () => runningOf(store.getState().rows) !== undefined,
  });

  return {
    ...store,
    load,
    follow: watched.follow,
    async backUp(input, finished) {
      let outcome: BackupOutcome | undefined;
      let refusal: unknown;
      let isOver = false;
      let tell: ((outcome: BackupOutcome) => void) | undefined;
      const making = call('backups.create', input)
        .then(
          (made) => {
            outcome = { kind: 'complete', made };
          },
          (error: unknown) => {
            refusal = error;
            // Only what a call may throw; a bug is thrown here too.
            outcome = { kind: 'failed', words: failureWords(error) };
          },
        )
        .then(async () => {
          isOver = true;
          await load();
          if (outcome !== undefined) tell?.(outcome);
        });
      // At least one wait: what is refused is refused soon, also while a backup of somebody else runs.
      do {
        await Promise.race([making, pause(startLookMs)]);
        if (!isOver) await load();
      } while (!isOver && runningOf(store.getState().rows) === undefined);
      if (!isOver) {
        tell = finished;
        return;
      }
      if (refusal !== undefined) throw refusal;
      if (outcome !== undefined) finished(outcome);
    },
    async cancel(id) {
      await call('backups.cancel', { id });
      await load();
    },
    async verify(id, passphrase) {
      if (store.getState().verifying.has(id)) return undefined;
      setVerifying(id, true);
      store.setState(({ unverified: { [id]: _, ...others } }) => ({ unverified: others }));
      try {
        return await call('backups.verify', { id, ...(passphrase === undefined ? {} : { passphrase }) });
      } catch (error) {
        const words = failureWords(error);
        store.setState(({ unverified }) => ({ unverified: { ...unverified, [id]: words } }));
        return undefined;
      } finally {
        setVerifying(id, false);
        await load();
      }
    },
    restore: (id, passphrase) => call('backups.restore', { id, ...(passphrase === undefined ? {} : { passphrase }) }),
    async remove(id) {
      await call('backups.delete', { id });
      await load();
    },
    async setSchedule(schedule) {
      store.setState({ schedule: await call('backups.set_schedule', schedule) });
    },
    forget() {
      turn += 1;
      rate.reset();
      store.setState(empty, true);
    },
  };
}
