// A locked vault, seen from outside: tries what was typed, and looks again and again whether somebody unlocked it elsewhere. What was
// typed is never kept here.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CallInput, OperationName, Output } from '../../../src-shared/contract/contract.ts';
import { failureWords, isProblem, NetworkFailure, ProblemFailure } from '../../api/failures.ts';

export interface VaultUnlockState {
  readonly isBusy: boolean;
  readonly problem: string | undefined;
  /** No further try before this instant (ms UTC). */
  readonly retryAt: number | undefined;
  /** False: the service itself does not answer. */
  readonly answers: boolean;
}

export interface VaultUnlockDependencies {
  call<N extends OperationName>(name: N, input: CallInput<N>): Promise<Output<N>>;
  /** The vault is open: the console says what comes next. */
  unlocked(): void;
  now(): number;
  /** Runs again and again until the answer is called. */
  every(ms: number, run: () => void): () => void;
}

export interface VaultUnlock {
  readonly store: StoreApi<VaultUnlockState>;
  /** Nothing given: the desktop window's main process shows the token of the profile. */
  unlock(given: Pick<CallInput<'vault.unlock'>, 'passphrase' | 'recovery_key'>): Promise<void>;
  clearProblem(): void;
  watch(): () => void;
}

const lookEveryMs = 2_000;

export function createVaultUnlock({ call, unlocked, now, every }: VaultUnlockDependencies): VaultUnlock {
  const store = createStore<VaultUnlockState>(() => ({
    isBusy: false,
    problem: undefined,
    retryAt: undefined,
    answers: true,
  }));
  let isLooking = false;

  async function look(): Promise<void> {
    // While a try is under way its own answer decides.
    if (isLooking || store.getState().isBusy) return;
    isLooking = true;
    try {
      const { phase } = await call('setup.state', {});
      store.setState({ answers: true });
      if (phase !== 'locked' && !store.getState().isBusy) unlocked();
    } catch (error) {
      if (error instanceof NetworkFailure) store.setState({ answers: false });
      else if (!(error instanceof ProblemFailure)) throw error;
    } finally {
      isLooking = false;
    }
  }

  return {
    store,
    async unlock(given) {
      const { isBusy, retryAt } = store.getState();
      if (isBusy || (retryAt !== undefined && retryAt > now())) return;
      store.setState({ isBusy: true, problem: undefined, retryAt: undefined });
      try {
        await call('vault.unlock', given);
        unlocked();
      } catch (error) {
        if (isProblem(error, 'encryption/not-locked')) return unlocked();
        const seconds = error instanceof ProblemFailure ? error.problem.retry_after_seconds : undefined;
        store.setState({
          problem: failureWords(error),
          retryAt: seconds === undefined ? undefined : now() + seconds * 1000,
        });
      } finally {
        store.setState({ isBusy: false });
      }
    },
    clearProblem: () => store.setState({ problem: undefined }),
    watch: () => every(lookEveryMs, () => void look()),
  };
}
