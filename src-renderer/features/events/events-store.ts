// The event search: one query, its pages, and that newer events have come. One store per sign-in.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Output } from '../../../src-shared/contract/contract.ts';
import type { EventOut } from '../../../src-shared/contract/events.ts';
import type { SavedSearch } from '../../../src-shared/contract/search.ts';
import type { call, subscribe } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { problemOf } from './events-query.ts';

interface EventsState {
  readonly query: string;
  readonly rows: readonly EventOut[];
  readonly phase: 'loading' | 'ready' | 'failed';
  readonly failure?: string | undefined;
  readonly nextCursor: string | null;
  /** The last page is short because much had to be looked at; more may match. */
  readonly isUnfinished: boolean;
  /** Counts over time and frequent values; undefined until they are known. */
  readonly summary?: Output<'events.summary'> | undefined;
  readonly summaryFailure?: string | undefined;
  readonly saved: readonly SavedSearch[];
  readonly isLoadingMore: boolean;
  readonly moreFailure?: string | undefined;
  /** Events came after the list was read. How many match is not known before it is read again. */
  readonly hasNews: boolean;
}

export interface EventsStore extends StoreApi<EventsState> {
  load(query?: string): Promise<void>;
  loadMore(): Promise<void>;
  loadSaved(): Promise<void>;
  /** @throws what the service refused with. */
  save(search: { readonly name: string; readonly query: string; readonly shared: boolean }): Promise<void>;
  removeSaved(id: string): Promise<void>;
  listen(): () => void;
  forget(): void;
}

const empty: EventsState = {
  query: '',
  rows: [],
  phase: 'loading',
  nextCursor: null,
  isUnfinished: false,
  saved: [],
  isLoadingMore: false,
  hasNews: false,
};
const pageLength = 200;
const bars = 60;

function asked(query: string): { q?: string } {
  return query.trim() === '' ? {} : { q: query };
}

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
    const problem = problemOf(query, now());
    if (problem !== undefined) {
      // The field says what is wrong; nothing is asked.
      set({ rows: [], phase: 'ready', nextCursor: null, isUnfinished: false, summary: undefined });
      return;
    }
    void loadSummary(query, signal, isOther);
    try {
      const page = await call('events.list', { ...asked(query), limit: pageLength }, { signal });
      set({ rows: page.items, nextCursor: page.next_cursor, isUnfinished: page.is_unfinished, phase: 'ready' });
    } catch (error) {
      if (!isAborted(error)) set({ phase: 'failed', failure: failureWords(error) });
    }
  }

  async function loadSummary(query: string, signal: AbortSignal, isOther: boolean): Promise<void> {
    set({ summaryFailure: undefined, ...(isOther ? { summary: undefined } : {}) });
    try {
      const summary = await call('events.summary', { ...asked(query), bars }, { signal });
      set({ summary });
    } catch (error) {
      if (!isAborted(error)) set({ summary: undefined, summaryFailure: failureWords(error) });
    }
  }

  async function loadSaved(): Promise<void> {
    try {
      set({ saved: (await call('searches.list', {})).items });
    } catch {
      // The menu shows what it knows; the list beside it says whether the service answers.
    }
  }

  return {
    ...store,
    load,
    loadSaved,
    async save(search) {
      await call('searches.save', search);
      await loadSaved();
    },
    async removeSaved(id) {
      await call('searches.delete', { id });
      await loadSaved();
    },
    async loadMore() {
      const { nextCursor, isLoadingMore, phase, query } = get();
      if (nextCursor === null || isLoadingMore || phase !== 'ready') return;
      const { signal } = reading;
      set({ isLoadingMore: true, moreFailure: undefined });
      try {
        const page = await call('events.list', { ...asked(query), limit: pageLength, cursor: nextCursor }, { signal });
        const known = new Set(get().rows.map((row) => row.id));
        set((state) => ({
          rows: [...state.rows, ...page.items.filter((row) => !known.has(row.id))],
          nextCursor: page.next_cursor,
          isUnfinished: page.is_unfinished,
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
