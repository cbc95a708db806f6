// The vault on screen: the names and metadata of all secrets, what a search found, and the one secret that is open. Never a value.
// All names are held because the paths are made of them; the console looks for words, since it also looks where the list does not.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CallInput } from '../../../src-shared/contract/contract.ts';
import type { SecretDetail, SecretSummary } from '../../../src-shared/contract/secrets.ts';
import type { call, subscribe } from '../../api/client.ts';
import { failureWords, isAborted, isProblem } from '../../api/failures.ts';
import { isGone, matching, noSecretsQuery, type SecretsQuery, wantsDeleted } from './secrets-query.ts';

type Phase = 'loading' | 'ready' | 'failed' | 'forbidden';

interface Found {
  readonly rows: readonly SecretSummary[];
  readonly nextCursor: string | null;
  readonly phase: Phase;
  readonly failure?: string | undefined;
}

interface OpenSecret {
  readonly id: string;
  readonly detail?: SecretDetail | undefined;
  /** Why it could not be read. */
  readonly failure?: string | undefined;
  readonly isGone: boolean;
}

export interface SecretsState {
  readonly query: SecretsQuery;
  /** All that are not deleted, by name; those read so far until `isComplete`. */
  readonly secrets: readonly SecretSummary[];
  /** Shredded ones too: their names stay. */
  readonly deleted: readonly SecretSummary[];
  readonly phase: Phase;
  readonly failure?: string | undefined;
  readonly isComplete: boolean;
  /** Of the words in `query`; absent without words. */
  readonly found?: Found | undefined;
  readonly open?: OpenSecret | undefined;
}

export interface SecretsStore extends StoreApi<SecretsState> {
  /** Reads all names; what is shown stays until they are there. */
  load(): Promise<void>;
  /** What is asked for from now on. Words are looked for once they rest. */
  show(query: SecretsQuery): void;
  searchAgain(): void;
  findMore(): Promise<void>;
  open(id: string | undefined): Promise<void>;
  /** Takes what a change of one's own answered, without asking again. */
  took(detail: SecretDetail): void;
  /** A secret was deleted or purged: where it is now has to be asked. */
  moved(id: string): Promise<void>;
  listen(): () => void;
  forget(): void;
}

interface SecretsDependencies {
  readonly call: typeof call;
  readonly subscribe: typeof subscribe;
  readonly later: (run: () => void, ms: number) => () => void;
}

const empty: SecretsState = {
  query: noSecretsQuery,
  secrets: [],
  deleted: [],
  phase: 'loading',
  isComplete: false,
};
const pageLength = 500;
const foundLength = 200;
export const searchAfterMs = 200;
/** Each reading by a tool is announced too. */
const settleMs = 1000;
/** More changes at once are cheaper to read as a whole. */
const mostSingly = 8;

/** As the paths are listed: `db/x` before `db-2`. */
function byName(left: SecretSummary, right: SecretSummary): number {
  const [one, other] = [left.name.replaceAll('/', '\u0000'), right.name.replaceAll('/', '\u0000')];
  return one < other ? -1 : one > other ? 1 : 0;
}

function summaryOf(detail: SecretDetail): SecretSummary {
  const { parsed, field_names, versions, recent_reads, consumers, grants, ...summary } = detail;
  return summary;
}

function failed(error: unknown): { readonly phase: Phase; readonly failure: string } {
  return { phase: isProblem(error, 'access/forbidden') ? 'forbidden' : 'failed', failure: failureWords(error) };
}

/** What is listed for the query. `now` in milliseconds UTC: the views ask what is due. */
export function rowsOf(state: SecretsState, now: number): readonly SecretSummary[] {
  const { query, secrets, deleted, found } = state;
  return matching(found?.rows ?? (wantsDeleted(query) ? deleted : secrets), query, now);
}

export function createSecretsStore({ call, subscribe, later }: SecretsDependencies): SecretsStore {
  const store = createStore<SecretsState>(() => empty);
  const { getState: get, setState: set } = store;
  let reading = new AbortController();
  let searching = new AbortController();
  let cancelSearch: (() => void) | undefined;

  async function readAll(
    input: CallInput<'secrets.list'>,
    signal: AbortSignal,
    progress?: (rows: readonly SecretSummary[]) => void,
  ): Promise<readonly SecretSummary[]> {
    const rows: SecretSummary[] = [];
    let cursor: string | undefined;
    do {
      const page = await call(
        'secrets.list',
        { ...input, limit: pageLength, ...(cursor === undefined ? {} : { cursor }) },
        { signal },
      );
      rows.push(...page.items);
      cursor = page.next_cursor ?? undefined;
      if (cursor !== undefined) progress?.(rows.toSorted(byName));
    } while (cursor !== undefined);
    return rows.sort(byName);
  }

  async function load(): Promise<void> {
    reading.abort();
    reading = new AbortController();
    const { signal } = reading;
    const isFirst = get().phase !== 'ready';
    if (isFirst) set({ phase: 'loading', failure: undefined, isComplete: false });
    try {
      const secrets = await readAll({}, signal, (rows) => {
        if (isFirst) set({ secrets: rows, phase: 'ready' });
      });
      const deleted = await readAll({ state: 'deleted' }, signal);
      const purged = await readAll({ state: 'purged' }, signal);
      set({
        secrets,
        deleted: [...deleted, ...purged].sort(byName),
        phase: 'ready',
        isComplete: true,
        failure: undefined,
      });
    } catch (error) {
      if (!isAborted(error)) set(failed(error));
    }
  }

  function searchInput({ text, type, tag, ...query }: SecretsQuery): CallInput<'secrets.list'> {
    return {
      text: text.trim(),
      ...(type === undefined ? {} : { type }),
      ...(tag === '' ? {} : { tag }),
      ...(wantsDeleted({ text, type, tag, ...query })
        ? { state: query.state === 'purged' ? 'purged' : 'deleted' }
        : {}),
      limit: foundLength,
    };
  }

  async function search(): Promise<void> {
    searching.abort();
    searching = new AbortController();
    const { signal } = searching;
    const { query } = get();
    try {
      const page = await call('secrets.list', searchInput(query), { signal });
      set({ found: { rows: page.items.toSorted(byName), nextCursor: page.next_cursor, phase: 'ready' } });
    } catch (error) {
      if (!isAborted(error)) set({ found: { rows: [], nextCursor: null, ...failed(error) } });
    }
  }

  function searchSoon(): void {
    searching.abort();
    cancelSearch?.();
    cancelSearch = later(() => {
      cancelSearch = undefined;
      void search();
    }, searchAfterMs);
  }

  function put(summary: SecretSummary): void {
    const without = (rows: readonly SecretSummary[]) => rows.filter((row) => row.id !== summary.id);
    const isDeleted = isGone(summary.state);
    set(({ secrets, deleted, found }) => ({
      secrets: isDeleted ? without(secrets) : [...without(secrets), summary].sort(byName),
      deleted: isDeleted ? [...without(deleted), summary].sort(byName) : without(deleted),
      ...(found === undefined
        ? {}
        : {
            found: {
              ...found,
              rows: found.rows.flatMap((row) =>
                row.id !== summary.id ? [row] : isDeleted === wantsDeleted(get().query) ? [summary] : [],
              ),
            },
          }),
    }));
  }

  function drop(id: string): void {
    const without = (rows: readonly SecretSummary[]) => rows.filter((row) => row.id !== id);
    set(({ secrets, deleted, found, open }) => ({
      secrets: without(secrets),
      deleted: without(deleted),
      ...(found === undefined ? {} : { found: { ...found, rows: without(found.rows) } }),
      ...(open?.id === id ? { open: { id, isGone: true } } : {}),
    }));
  }

  /** Reads one secret again; one that is there no more leaves the lists. */
  async function refresh(id: string): Promise<void> {
    try {
      const detail = await call('secrets.get', { id });
      put(summaryOf(detail));
      if (get().open?.id === id) set({ open: { id, detail, isGone: false } });
    } catch (error) {
      if (isProblem(error, 'secrets/not-found')) return drop(id);
      if (get().open?.id === id && !isAborted(error)) {
        set(({ open }) => (open === undefined ? {} : { open: { ...open, failure: failureWords(error) } }));
      }
    }
  }

  return {
    ...store,
    load,
    show(query) {
      const before = get().query;
      if (query === before) return;
      const text = query.text.trim();
      const isOther =
        text !== before.text.trim() ||
        query.type !== before.type ||
        query.tag !== before.tag ||
        query.state !== before.state ||
        wantsDeleted(query) !== wantsDeleted(before);
      if (text === '') {
        searching.abort();
        cancelSearch?.();
        cancelSearch = undefined;
        set({ query, found: undefined });
        return;
      }
      if (!isOther && get().found !== undefined) {
        set({ query });
        return;
      }
      // What was found for the words before stays until the answer comes: a list that blinks at each letter can't be read.
      const { found } = get();
      set({
        query,
        found: { rows: found?.rows ?? [], nextCursor: null, phase: found?.phase === 'ready' ? 'ready' : 'loading' },
      });
      searchSoon();
    },
    searchAgain() {
      set(({ found }) => (found === undefined ? {} : { found: { ...found, phase: 'loading', failure: undefined } }));
      void search();
    },
    async findMore() {
      const { found, query } = get();
      if (found === undefined || found.nextCursor === null || found.phase !== 'ready') return;
      const { signal } = searching;
      const cursor = found.nextCursor;
      // Not asked for twice while it is under way.
      set({ found: { ...found, nextCursor: null } });
      try {
        const page = await call('secrets.list', { ...searchInput(query), cursor }, { signal });
        set(({ found: now }) =>
          now === undefined
            ? {}
            : { found: { ...now, rows: [...now.rows, ...page.items].sort(byName), nextCursor: page.next_cursor } },
        );
      } catch (error) {
        if (!isAborted(error)) set({ found: { ...found, failure: failureWords(error) } });
      }
    },
    async open(id) {
      if (id === undefined) {
        set({ open: undefined });
        return;
      }
      if (get().open?.id !== id) set({ open: { id, isGone: false } });
      await refresh(id);
    },
    took(detail) {
      put(summaryOf(detail));
      if (get().open?.id === detail.id) set({ open: { id: detail.id, detail, isGone: false } });
    },
    moved: refresh,
    listen() {
      let cancel: (() => void) | undefined;
      let changed = new Set<string | null>();
      const stop = subscribe(['secrets.changed'], ({ ref }) => {
        changed.add(ref);
        cancel ??= later(() => {
          cancel = undefined;
          const refs = changed;
          changed = new Set();
          const ids = [...refs].filter((each) => each !== null);
          if (ids.length < refs.size || ids.length > mostSingly) {
            void load();
            const { open } = get();
            if (open !== undefined) void refresh(open.id);
          } else for (const id of ids) void refresh(id);
          // A new secret may match the words; which do is the console's to say.
          if (get().found !== undefined) void search();
        }, settleMs);
      });
      return () => {
        stop();
        cancel?.();
        cancelSearch?.();
        reading.abort();
        searching.abort();
      };
    },
    forget() {
      reading.abort();
      searching.abort();
      cancelSearch?.();
      cancelSearch = undefined;
      set(empty, true);
    },
  };
}
