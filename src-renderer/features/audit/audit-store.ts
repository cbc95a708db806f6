// The audit log on screen: the chain's health and the entries of one query, page by page. One store per sign-in.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AuditEntry } from '../../../src-shared/contract/audit.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import type { call, subscribe } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { type AuditQuery, auditFiltersOf, noAuditQuery } from './audit-query.ts';

interface AuditState {
  readonly query: AuditQuery;
  readonly chain?: Output<'audit.status'> | undefined;
  readonly chainFailure?: string | undefined;
  readonly rows: readonly AuditEntry[];
  readonly phase: 'loading' | 'ready' | 'failed';
  readonly failure?: string | undefined;
  readonly nextCursor: string | null;
  readonly isLoadingMore: boolean;
  readonly moreFailure?: string | undefined;
  readonly hasNews: boolean;
}

export interface AuditStore extends StoreApi<AuditState> {
  load(query?: AuditQuery): Promise<void>;
  loadMore(): Promise<void>;
  refreshChain(): Promise<void>;
  listen(): () => void;
  forget(): void;
}

const empty: AuditState = {
  query: noAuditQuery,
  rows: [],
  phase: 'loading',
  nextCursor: null,
  isLoadingMore: false,
  hasNews: false,
};
const pageLength = 200;
const settleMs = 1000;

interface AuditDependencies {
  readonly call: typeof call;
  readonly subscribe: typeof subscribe;
  readonly now: () => number;
  readonly later: (run: () => void, ms: number) => () => void;
}

export function createAuditStore({ call, subscribe, now, later }: AuditDependencies): AuditStore {
  const store = createStore<AuditState>(() => empty);
  const { getState: get, setState: set } = store;
  let reading = new AbortController();

  async function refreshChain(): Promise<void> {
    try {
      set({ chain: await call('audit.status', {}), chainFailure: undefined });
    } catch (error) {
      if (!isAborted(error)) set({ chainFailure: failureWords(error) });
    }
  }

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
    void refreshChain();
    try {
      const page = await call('audit.entries', { ...auditFiltersOf(query, now()), limit: pageLength }, { signal });
      set({ rows: page.items, nextCursor: page.next_cursor, phase: 'ready' });
    } catch (error) {
      if (!isAborted(error)) set({ phase: 'failed', failure: failureWords(error) });
    }
  }

  return {
    ...store,
    load,
    refreshChain,
    async loadMore() {
      const { nextCursor, isLoadingMore, phase, query } = get();
      if (nextCursor === null || isLoadingMore || phase !== 'ready') return;
      const { signal } = reading;
      set({ isLoadingMore: true, moreFailure: undefined });
      try {
        const filters = auditFiltersOf(query, now());
        const page = await call('audit.entries', { ...filters, limit: pageLength, cursor: nextCursor }, { signal });
        set(({ rows }) => {
          const last = rows.at(-1)?.seq ?? Number.POSITIVE_INFINITY;
          return {
            rows: [...rows, ...page.items.filter((row) => row.seq < last)],
            nextCursor: page.next_cursor,
            isLoadingMore: false,
          };
        });
      } catch (error) {
        if (!isAborted(error)) set({ isLoadingMore: false, moreFailure: failureWords(error) });
      }
    },
    listen() {
      let cancel: (() => void) | undefined;
      const stop = subscribe(['audit.grew'], () => {
        if (get().phase === 'ready') set({ hasNews: true });
        cancel ??= later(() => {
          cancel = undefined;
          void refreshChain();
        }, settleMs);
      });
      return () => {
        stop();
        cancel?.();
        reading.abort();
      };
    },
    forget() {
      reading.abort();
      set(empty, true);
    },
  };
}
