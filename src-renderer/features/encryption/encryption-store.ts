// The console's keys as the screen shows them: the status, read again when something changed and while a rotation runs, so that its
// progress is right after a reload too. A recovery key goes to the dialog that shows it once and is never kept here.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CallInput, Output } from '../../../src-shared/contract/contract.ts';
import type { EncryptionStatus, RotationTask } from '../../../src-shared/contract/encryption.ts';
import type { call, subscribe } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { createWatchedTask } from '../../app/watched-task.ts';
import { createProgressRate } from '../../lib/progress-rate.ts';

export interface EncryptionState {
  readonly status: EncryptionStatus | undefined;
  readonly problem: string | undefined;
  /** Units of the running rotation in a second, once two readings lie far enough apart. */
  readonly rate: number | undefined;
}

export interface Rotated {
  /** Where the rotation made one. */
  readonly recoveryKey: string | undefined;
  /** What the person must change before the next start. */
  readonly nextStep: string | undefined;
}

export interface EncryptionStore extends StoreApi<EncryptionState> {
  load(): Promise<void>;
  /** Reads again when keys changed, and each second while a rotation runs, until the answer is called. */
  follow(): () => void;
  rotate(input: CallInput<'encryption.rotate'>): Promise<Rotated>;
  steer(action: 'pause' | 'resume'): Promise<void>;
  protect(input: CallInput<'encryption.protection'>): Promise<void>;
  issueRecoveryKey(): Promise<Output<'encryption.recovery_key'>>;
  lockVault(): Promise<void>;
  forget(): void;
}

interface EncryptionDependencies {
  readonly call: typeof call;
  readonly subscribe: typeof subscribe;
  /** Milliseconds that never go back. */
  readonly now: () => number;
  readonly later: (run: () => void, ms: number) => () => void;
}

const empty: EncryptionState = { status: undefined, problem: undefined, rate: undefined };

export function createEncryptionStore({ call, subscribe, now, later }: EncryptionDependencies): EncryptionStore {
  const store = createStore<EncryptionState>(() => empty);
  const rate = createProgressRate(now);
  // An answer to an older question must not come after a newer one.
  let turn = 0;

  function rateOf(task: RotationTask | null): number | undefined {
    if (task?.state === 'running') return rate.read(task.id, task.done);
    rate.reset();
    return undefined;
  }

  function show(status: EncryptionStatus): void {
    turn += 1;
    store.setState({ status, problem: undefined, rate: rateOf(status.task) });
    watched.lookAgain();
  }

  async function load(): Promise<void> {
    turn += 1;
    const asked = turn;
    try {
      const status = await call('encryption.status', {});
      if (asked === turn) show(status);
    } catch (error) {
      if (asked !== turn) return;
      store.setState({ problem: failureWords(error) });
      watched.lookAgain();
    }
  }

  const watched = createWatchedTask({
    topic: 'encryption.changed',
    subscribe,
    later,
    load,
    isRunning: () => store.getState().status?.task?.state === 'running',
  });

  return {
    ...store,
    load,
    follow: watched.follow,
    async rotate(input) {
      const answer = await call('encryption.rotate', input);
      show(answer.status);
      return { recoveryKey: answer.recovery_key, nextStep: answer.next_step };
    },
    async steer(action) {
      show(await call('encryption.task', { action }));
    },
    async protect(input) {
      show(await call('encryption.protection', input));
    },
    async issueRecoveryKey() {
      const issued = await call('encryption.recovery_key', {});
      void load();
      return issued;
    },
    async lockVault() {
      await call('vault.lock', {});
    },
    forget() {
      turn += 1;
      rate.reset();
      store.setState(empty, true);
    },
  };
}
