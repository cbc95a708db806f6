// The log of refused events: its latest, page by page, and how many there ever were. One store per sign-in.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { EventRejection } from '../../../src-shared/contract/events.ts';
import type { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';

interface RejectionsState {
  readonly rows: readonly EventRejection[];
  readonly total: number;
  readonly phase: 'loading' | 'ready' | 'failed';
  readonly failure?: string | undefined;
  readonly nextCursor: string | null;
}

export interface RejectionsStore extends StoreApi<RejectionsState> {
  load(): Promise<void>;
  loadMore(): Promise<void>;
  forget(): void;
}

const empty: RejectionsState = { rows: [], total: 0, phase: 'loading', nextCursor: null };
const pageLength = 100;

export function createRejectionsStore(dependencies: { readonly call: typeof call }): RejectionsStore {
  const store = createStore<RejectionsState>(() => empty);

  async function read(cursor: string | null): Promise<void> {
    const before = cursor === null ? [] : store.getState().rows;
    try {
      const page = await dependencies.call('rejections.list', {
        limit: pageLength,
        ...(cursor === null ? {} : { cursor }),
      });
      store.setState({
        rows: [...before, ...page.items],
        total: page.total,
        phase: 'ready',
        failure: undefined,
        nextCursor: page.next_cursor,
      });
    } catch (error) {
      store.setState({ phase: 'failed', failure: failureWords(error) });
    }
  }

  return {
    ...store,
    load: () => read(null),
    async loadMore() {
      const { nextCursor } = store.getState();
      if (nextCursor !== null) await read(nextCursor);
    },
    forget: () => store.setState(empty, true),
  };
}
