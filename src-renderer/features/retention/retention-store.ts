// How long the audit log keeps what, and its legal holds, as Settings shows them.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CallInput, Output } from '../../../src-shared/contract/contract.ts';
import type { RetentionStatus } from '../../../src-shared/contract/retention.ts';
import type { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';

export type Deleted = Output<'retention.run'>;

export interface RetentionState {
  readonly status: RetentionStatus | undefined;
  readonly problem: string | undefined;
}

export interface RetentionStore extends StoreApi<RetentionState> {
  load(): Promise<void>;
  run(): Promise<Deleted>;
  hold(input: CallInput<'retention.hold'>): Promise<void>;
  release(id: string): Promise<void>;
  forget(): void;
}

const empty: RetentionState = { status: undefined, problem: undefined };

export function createRetentionStore(ask: typeof call): RetentionStore {
  const store = createStore<RetentionState>(() => empty);
  // An answer to an older question must not come after a newer one.
  let turn = 0;

  async function load(): Promise<void> {
    turn += 1;
    const asked = turn;
    try {
      const status = await ask('retention.status', {});
      if (asked === turn) store.setState({ status, problem: undefined });
    } catch (error) {
      if (asked === turn) store.setState({ problem: failureWords(error) });
    }
  }

  return {
    ...store,
    load,
    async run() {
      const deleted = await ask('retention.run', {});
      await load();
      return deleted;
    },
    async hold(input) {
      await ask('retention.hold', input);
      await load();
    },
    async release(id) {
      await ask('retention.release', { id });
      await load();
    },
    forget() {
      turn += 1;
      store.setState(empty, true);
    },
  };
}
