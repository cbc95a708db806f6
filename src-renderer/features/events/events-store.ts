// The event search: one query, its pages, and that newer events have come. One store per sign-in.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { EventOut } from '../../../src-shared/contract/events.ts';
import type { call, subscribe } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { type EventsQuery, eventsInput, noEventsQuery } from './events-query.ts';

interface EventsState {
  readonly query: EventsQuery;
  readonly rows: readonly EventOut[];
  readonly phase: 'loading' | 'ready' | 'failed';
  readonly failure?: string | undefined;
  readonly nextCursor: string | null;
  readonly isLoadingMore: boolean;
  readonly moreFailure?: string | undefined;
  /** Events came after the list was read. How many match is not known before it is read again. */
  readonly hasNews: boolean;
}

export interface EventsStore extends StoreApi<EventsState> {
  load(query?: EventsQuery): Promise<void>;
  loadMore(): Promise<void>;
  listen(): () => void;
  forget(): void;
}

const empty: EventsState = {
  query: noEventsQuery,
  rows: [],
  phase: 'loading',
  nextCursor: null,
  isLoadingMore: false,
  hasNews: false,
};
const pageLength = 200;

interface EventsDependencies {
  readonly call: typeof call;
  readonly subscribe: typeof subscribe;
  readonly now: () => number;
}

export function createEventsStore({ call, subscribe, now }: EventsDependencies): EventsStore {
  const store = createStore<EventsState>(() => empty);
  const { getState: get, setState: set } = store;
  let reading = new AbortController();

  async function load(query = get().query): Promise<void> {
    reading.abort();
    reading = new AbortController();
    const { signal } = reading;
    const isOther = query !== get().query;
    set({
      query,
      failure: undefined,
      moreFailure: undefined,
      hasNews: false,
      isLoadingMore: false,
      ...(isOther || get().phase === 'failed' ? { phase: 'loading', rows: [] } : {}),
    });
    try {
      const page = await call('events.list', { ...eventsInput(query, now()), limit: pageLength }, { signal });
      set({ rows: page.items, nextCursor: page.next_cursor, phase: 'ready' });
    } catch (error) {
      if (!isAborted(error)) set({ phase: 'failed', failure: failureWords(error) });
    }
  }

  return {
    ...store,
    load,
    async loadMore() {
      const { nextCursor, isLoadingMore, phase, query } = get();
      if (nextCursor === null || isLoadingMore || phase !== 'ready') return;
      const { signal } = reading;
      set({ isLoadingMore: true, moreFailure: undefined });
      try {
        const page = await call(
          'events.list',
          { ...eventsInput(query, now()), limit: pageLength, cursor: nextCursor },
          { signal },
        );
        const known = new Set(get().rows.map((row) => row.id));
        set((state) => ({
          rows: [...state.rows, ...page.items.filter((row) => !known.has(row.id))],
          nextCursor: page.next_cursor,
          isLoadingMore: false,
        }));
      } catch (error) {
        if (!isAborted(error)) set({ isLoadingMore: false, moreFailure: failureWords(error) });
      }
    },
    listen() {
      const stop = subscribe(['events.taken'], () => {
        if (get().phase !== 'ready') return;
        if (get().rows.length === 0) void load();
        else set({ hasNews: true });
      });
      return () => {
        stop();
        reading.abort();
      };
    },
    forget() {
      reading.abort();
      set(empty, true);
    },
  };
}
