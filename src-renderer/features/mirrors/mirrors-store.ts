// The mirrors as Settings shows them.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { MirrorStatus } from '../../../src-shared/contract/mirrors.ts';
import type { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';

export interface MirrorsState {
  readonly items: readonly MirrorStatus[] | undefined;
  readonly problem: string | undefined;
}

export interface MirrorsStore extends StoreApi<MirrorsState> {
  load(): Promise<void>;
  retry(): Promise<void>;
  forget(): void;
}

const empty: MirrorsState = { items: undefined, problem: undefined };

export function createMirrorsStore(ask: typeof call): MirrorsStore {
  const store = createStore<MirrorsState>(() => empty);
  // An answer to an older question must not come after a newer one.
  let turn = 0;

  async function load(): Promise<void> {
    turn += 1;
    const asked = turn;
    try {
      const { items } = await ask('mirrors.list', {});
      if (asked === turn) store.setState({ items, problem: undefined });
    } catch (error) {
      if (asked === turn) store.setState({ problem: failureWords(error) });
    }
  }

  return {
    ...store,
    load,
    async retry() {
      await ask('mirrors.retry', {});
      await load();
    },
    forget() {
      turn += 1;
      store.setState(empty, true);
    },
  };
}
