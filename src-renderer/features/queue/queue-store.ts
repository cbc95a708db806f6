// The queue's state: the query and its rows, what waits behind the pill, cursor and selection, the head's figures, the opened alert.
// One store per sign-in; it fetches through the client it is given. Changes of alerts are in triage.ts.

import { createStore, type StoreApi } from 'zustand/vanilla';
import { type AlertQuery, filtersOf, parseQuery, printQuery } from '../../../src-shared/alert-query.ts';
import type { AlertSort } from '../../../src-shared/alert-words.ts';
import type { AlertFull, AlertRow } from '../../../src-shared/contract/alerts.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import type { call, subscribe } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import type { Announcement } from '../../api/transport.ts';
import type { SelectionChange } from '../../ui/lists/list-moves.ts';
import { appendPage, changeSelection, holdBack, letIn, replaceChanged } from './alert-rows.ts';
import { createGroupStore, type GroupStore } from './group-store.ts';
import { hasGroups } from './group-tree.ts';
import { defaultView } from './views.ts';

export interface QueueState {
  /** As printed: what the address bar holds and what one pastes. */
  readonly queryText: string;
  readonly query: AlertQuery;
  /** What of the plain list comes first; groups stand by their risk. */
  readonly sort: AlertSort;
  readonly rows: readonly AlertRow[];
  readonly phase: 'loading' | 'ready' | 'failed';
  readonly failure?: string | undefined;
  readonly nextCursor: string | null;
  readonly isLoadingMore: boolean;
  readonly moreFailure?: string | undefined;
  readonly summary?: Output<'alerts.summary'> | undefined;
  /** Came after the list was read; shown when asked for. */
  readonly waiting: readonly AlertRow[];
  readonly cursorId?: string | undefined;
  readonly selected: ReadonlySet<string>;
  readonly openId?: string | undefined;
  readonly opened?: AlertFull | undefined;
  readonly openFailure?: string | undefined;
  /** Alert → steps of its runbook that were ticked. */
  readonly ticks: ReadonlyMap<string, ReadonlySet<number>>;
}

const empty: QueueState = {
  queryText: defaultView.query,
  query: parseQuery(defaultView.query).query,
  sort: 'risk',
  rows: [],
  phase: 'loading',
  nextCursor: null,
  isLoadingMore: false,
  waiting: [],
  selected: new Set(),
  ticks: new Map(),
};

export interface QueueStore extends StoreApi<QueueState> {
  /** In place of rows while the query groups. */
  readonly groups: GroupStore;
  /** Reads the list anew. Without text: the same query again, in the same order. */
  load(queryText?: string, sort?: AlertSort): Promise<void>;
  loadMore(): Promise<void>;
  /** Lets the waiting rows in; the answer is the first of them. */
  showWaiting(): string | undefined;
  /** Changed rows as an answer brought them. */
  take(changed: readonly AlertRow[]): void;
  moveCursor(to: string): void;
  select(change: SelectionChange): void;
  open(id: string | undefined): Promise<void>;
  /** Ticks a step of the opened alert's runbook. Ticks are a memory aid of this window; they are not evidence and are not kept. */
  tick(step: number): void;
  /** Empties everything that was read. */
  forget(): void;
  refreshSummary(): Promise<void>;
  /** Listens to the stream until the answer is called. */
  listen(): () => void;
}

export interface QueueDependencies {
  readonly call: typeof call;
  readonly subscribe: typeof subscribe;
  /** Milliseconds UTC. */
  readonly now: () => number;
  readonly later: (run: () => void, ms: number) => () => void;
}

export const pageLength = 200;
const newestLooked = 200;
/** One commit raises many alerts and announces each: they are read, and counted on the pill, together. */
const gatherMs = 150;
const readAtOnce = 20;
/** Counting all groups again is work for the service: changes of some seconds are counted together. */
const refreshEveryMs = 5_000;
const noRows: Output<'alerts.list'> = { items: [], next_cursor: null };

export function createQueueStore({ call, subscribe, now, later }: QueueDependencies): QueueStore {
  const store = createStore<QueueState>(() => empty);
  const { getState: get, setState: set } = store;
  const groups = createGroupStore({ call });

  let loading = new AbortController();
  /** Where "new" begins for the list shown: the newest alert of its query when it was read, and its equals in time. */
  let horizon: { readonly since: string | undefined; readonly ids: ReadonlySet<string> } = {
    since: undefined,
    ids: new Set(),
  };
  const announced = new Map<string, number>();
  let mustLookForNew = false;
  let cancelGathering: (() => void) | undefined;
  let cancelRefresh: (() => void) | undefined;

  async function load(queryText = get().queryText, sort = get().sort): Promise<void> {
    loading.abort();
    loading = new AbortController();
    const { signal } = loading;
    const { query } = parseQuery(queryText);
    const text = printQuery(query);
    const isOther = text !== get().queryText || sort !== get().sort;
    set({
      queryText: text,
      query,
      sort,
      failure: undefined,
      moreFailure: undefined,
      waiting: [],
      ...(isOther ? { phase: 'loading', rows: [], selected: new Set(), cursorId: undefined } : {}),
      ...(get().phase === 'failed' ? { phase: 'loading' } : {}),
    });
    const filters = filtersOf(query, now());
    try {
      // Newest first, so that what is raised between the two answers is in the page and not taken for new.
      const newest = await call('alerts.list', { ...filters, sort: 'newest', limit: newestLooked }, { signal });
      const [page, summary] = await Promise.all([
        query.groupBy === undefined
          ? call('alerts.list', { ...filters, sort, limit: pageLength }, { signal })
          : groups.read(query.groupBy, filters, isOther).then(() => noRows),
        call('alerts.summary', filters, { signal }),
      ]);
      if (signal.aborted) return;
      horizon = { since: newest.items[0]?.raised_at, ids: new Set(newest.items.map((row) => row.id)) };
      const ids = new Set(page.items.map((row) => row.id));
      set((state) => ({
        rows: page.items,
        nextCursor: page.next_cursor,
        summary,
        phase: 'ready',
        isLoadingMore: false,
        selected: new Set([...state.selected].filter((id) => ids.has(id))),
        cursorId: state.cursorId !== undefined && ids.has(state.cursorId) ? state.cursorId : page.items[0]?.id,
      }));
    } catch (error) {
      if (isAborted(error)) return;
      // The figures are of what was shown before.
      set({ phase: 'failed', failure: failureWords(error), isLoadingMore: false, summary: undefined });
    }
  }

  async function loadMore(): Promise<void> {
    const { nextCursor, isLoadingMore, query, phase, sort } = get();
    if (nextCursor === null || isLoadingMore || phase !== 'ready') return;
    const { signal } = loading;
    set({ isLoadingMore: true, moreFailure: undefined });
    try {
      const filters = filtersOf(query, now());
      const page = await call('alerts.list', { ...filters, sort, limit: pageLength, cursor: nextCursor }, { signal });
      set((state) => ({
        rows: appendPage(state.rows, page.items),
        nextCursor: page.next_cursor,
        isLoadingMore: false,
        waiting: state.waiting.filter((row) => !page.items.some((each) => each.id === row.id)),
      }));
    } catch (error) {
      if (isAborted(error)) return;
      set({ isLoadingMore: false, moreFailure: failureWords(error) });
    }
  }

  async function refreshSummary(): Promise<void> {
    const { query } = get();
    try {
      const summary = await call('alerts.summary', filtersOf(query, now()));
      if (get().query === query) set({ summary });
    } catch (error) {
      // The figures shown are a moment older; the next announcement asks again, and the list itself says when the service is gone.
      failureWords(error);
    }
  }

  function showWaiting(): string | undefined {
    const { rows, waiting, nextCursor, query, sort } = get();
    if (query.groupBy !== undefined) {
      if (waiting.length > 0) void load();
      return undefined;
    }
    const { rows: next, shown } = letIn(rows, waiting, nextCursor !== null, sort);
    const first = shown[0]?.id;
    set((state) => ({ rows: next, waiting: [], cursorId: first ?? state.cursorId }));
    return first;
  }

  function take(changed: readonly AlertRow[]): void {
    set((state) => ({ rows: replaceChanged(state.rows, changed), waiting: replaceChanged(state.waiting, changed) }));
    groups.take(changed);
    const { openId, opened } = get();
    const mine = changed.find((row) => row.id === openId);
    if (mine !== undefined && (opened === undefined || opened.revision < mine.revision)) void readOpened(mine.id);
  }

  function noteAnnouncement({ ref, revision }: Announcement): void {
    if (ref === null) {
      void load();
      if (get().openId !== undefined) void readOpened(get().openId ?? '');
      return;
    }
    const { rows, waiting } = get();
    const shown = rows.find((row) => row.id === ref) ?? waiting.find((row) => row.id === ref) ?? groups.find(ref);
    // The echo of a change made here: its answer already brought the row.
    if (shown !== undefined && shown.revision >= revision) return;
    if (shown === undefined) mustLookForNew = true;
    else announced.set(ref, revision);
    cancelGathering ??= later(() => {
      cancelGathering = undefined;
      void catchUp();
    }, gatherMs);
  }

  async function catchUp(): Promise<void> {
    const ids = [...announced.keys()].slice(0, readAtOnce);
    for (const id of ids) announced.delete(id);
    const looksForNew = mustLookForNew;
    mustLookForNew = false;
    try {
      const [changed] = await Promise.all([
        Promise.all(ids.map(async (id) => rowOf(await call('alerts.get', { id })))),
        looksForNew ? lookForNew() : undefined,
        refreshSummary(),
      ]);
      take(changed);
    } catch (error) {
      if (!isAborted(error)) failureWords(error);
    }
    if (get().query.groupBy !== undefined) {
      cancelRefresh ??= later(() => {
        cancelRefresh = undefined;
        void groups.refresh();
      }, refreshEveryMs);
    }
    if (announced.size > 0) {
      cancelGathering ??= later(() => {
        cancelGathering = undefined;
        void catchUp();
      }, gatherMs);
    }
  }

  async function lookForNew(): Promise<void> {
    const { query, phase } = get();
    if (phase !== 'ready') return;
    const filters = filtersOf(query, now());
    const since = horizon.since ?? filters.raised_since;
    const { items } = await call('alerts.list', {
      ...filters,
      ...(since === undefined ? {} : { raised_since: since }),
      sort: 'newest',
      limit: 500,
    });
    if (get().query !== query) return;
    const fresh = items.filter((row) => !horizon.ids.has(row.id));
    set((state) => ({ waiting: holdBack(state.waiting, state.rows, fresh) }));
    // Nobody reads an empty list: nothing can move under a cursor.
    const isEmpty = query.groupBy === undefined ? get().rows.length === 0 : !hasGroups(groups.getState());
    if (isEmpty) showWaiting();
  }

  async function readOpened(id: string): Promise<void> {
    try {
      const opened = await call('alerts.get', { id });
      if (get().openId === id) set({ opened, openFailure: undefined });
    } catch (error) {
      if (get().openId === id && !isAborted(error)) set({ openFailure: failureWords(error) });
    }
  }

  return {
    ...store,
    groups,
    load,
    loadMore,
    showWaiting,
    take,
    refreshSummary,
    moveCursor: (to) => set({ cursorId: to }),
    select: (change) => set(({ rows, selected }) => ({ selected: changeSelection(rows, selected, change) })),
    tick(step) {
      set(({ openId, ticks }) => {
        if (openId === undefined) return {};
        const done = new Set(ticks.get(openId));
        if (!done.delete(step)) done.add(step);
        return { ticks: new Map(ticks).set(openId, done) };
      });
    },
    forget() {
      loading.abort();
      announced.clear();
      groups.forget();
      set(empty, true);
    },
    async open(id) {
      if (id === get().openId) return;
      set({ openId: id, opened: undefined, openFailure: undefined });
      if (id === undefined) return;
      if (get().rows.some((row) => row.id === id)) set({ cursorId: id });
      await readOpened(id);
    },
    listen() {
      const stop = subscribe(['alerts.changed'], noteAnnouncement);
      return () => {
        stop();
        cancelGathering?.();
        cancelGathering = undefined;
        cancelRefresh?.();
        cancelRefresh = undefined;
        loading.abort();
      };
    },
  };
}

/** The row's part of a whole alert, so that no more is kept than the list shows. */
function rowOf(full: AlertFull): AlertRow {
  const { sentence, detector, runbook, risk_derivation, events, events_total, seen_before, activity, ...row } = full;
  return row;
}
