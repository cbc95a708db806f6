// The queue's groups: what is loaded and open of them, the line one stands on, and what is selected. All answers are about the same
// alerts, those of the moment the groups were read, so that counts agree until they are read anew.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { GroupField } from '../../../src-shared/alert-words.ts';
import type { AlertGroup } from '../../../src-shared/contract/alert-groups.ts';
import type { AlertRow } from '../../../src-shared/contract/alerts.ts';
import type { CallInput } from '../../../src-shared/contract/contract.ts';
import type { call } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { replaceChanged } from './alert-rows.ts';
import { type Branch, emptyBranch, idOfPath, linesOf, type Path, placeOf, type Tree } from './group-tree.ts';

export type Filters = CallInput<'alerts.summary'>;

export interface GroupState extends Tree {
  /** As asked, with the moment they are of. */
  readonly filters: Filters;
  readonly matching: number;
  /** Sum of the outermost counts: more than `matching` where alerts are in several. */
  readonly memberships: number;
  readonly cursorId?: string | undefined;
  /** Alerts, by id. */
  readonly selected: ReadonlySet<string>;
  /** Or one whole group: several could share alerts, and no number would be true. */
  readonly selectedGroup?: string | undefined;
}

export interface GroupStore extends StoreApi<GroupState> {
  /** Reads the groups anew. What was open stays open where it is still there, unless `isOther` is true. */
  read(by: readonly GroupField[], filters: Filters, isOther: boolean): Promise<void>;
  /** The figures of the groups that are loaded, in their place; what comes and goes waits until they are read anew. */
  refresh(): Promise<void>;
  toggle(path: Path): Promise<void>;
  loadMore(path: Path): Promise<void>;
  moveCursor(id: string): void;
  /** Selects or lets go; a group instead of alerts, alerts instead of a group. */
  select(
    line: { readonly kind: 'group'; readonly id: string } | { readonly kind: 'alert'; readonly row: AlertRow },
  ): void;
  clearSelection(): void;
  find(id: string): AlertRow | undefined;
  take(changed: readonly AlertRow[]): void;
  forget(): void;
}

const groupsAPage = 100;
const alertsAPage = 100;
const mostAPage = 500;

const empty: GroupState = {
  by: [],
  filters: {},
  matching: 0,
  memberships: 0,
  branches: new Map(),
  open: new Set(),
  rows: new Map(),
  selected: new Set(),
};

interface Loaded {
  readonly branch: Branch;
  readonly rows: readonly AlertRow[];
  readonly totals: Pick<GroupState, 'matching' | 'memberships'> | undefined;
}

export function createGroupStore({ call: ask }: { readonly call: typeof call }): GroupStore {
  const store = createStore<GroupState>(() => empty);
  const { getState: get, setState: set } = store;
  let reading = new AbortController();

  async function fetchPage(
    state: Pick<GroupState, 'by' | 'filters'>,
    path: Path,
    total: number,
    limit: number,
    cursor?: string,
  ): Promise<Loaded> {
    const { signal } = reading;
    const by = state.by[path.length];
    const asked = {
      ...state.filters,
      ...(path.length === 0 ? {} : { within: [...path] }),
      limit: Math.min(mostAPage, limit),
      ...(cursor === undefined ? {} : { cursor }),
    };
    const settled = { nextCursor: null, isLoading: false, groups: [], alerts: [] };
    if (by === undefined) {
      const page = await ask('alerts.list', asked, { signal });
      const alerts = page.items.map((row) => row.id);
      return {
        branch: { ...settled, alerts, total, nextCursor: page.next_cursor },
        rows: page.items,
        totals: undefined,
      };
    }
    const page = await ask('alerts.groups', { ...asked, by }, { signal });
    return {
      branch: { ...settled, groups: page.items, total: page.groups, nextCursor: page.next_cursor },
      rows: [],
      totals: { matching: page.matching, memberships: page.memberships },
    };
  }

  async function read(by: readonly GroupField[], filters: Filters, isOther: boolean): Promise<void> {
    reading.abort();
    reading = new AbortController();
    const { signal } = reading;
    const before = isOther ? empty : get();
    if (isOther) set({ ...empty, by, filters }, true);
    const first = by[0];
    if (first === undefined) return;
    const rootLoaded = before.branches.get(idOfPath([]))?.groups.length ?? 0;
    const limit = Math.min(mostAPage, Math.max(groupsAPage, rootLoaded));
    const page = await ask('alerts.groups', { ...filters, by: first, limit }, { signal });
    const next = { by, filters: { ...filters, raised_until: page.as_of } };
    const branches = new Map<string, Branch>([
      [
        idOfPath([]),
        {
          groups: page.items,
          alerts: [],
          total: page.groups,
          nextCursor: page.next_cursor,
          isLoading: false,
        },
      ],
    ]);
    const rows = new Map<string, AlertRow>();
    const open = new Set<string>();
    const openAgain = async (path: Path, groups: readonly AlertGroup[]): Promise<void> => {
      for (const group of groups) {
        const own = [...path, group.key];
        const id = idOfPath(own);
        if (!before.open.has(id)) continue;
        const known = before.branches.get(id);
        const wanted = Math.max(alertsAPage, known?.groups.length ?? 0, known?.alerts.length ?? 0);
        const loaded = await fetchPage(next, own, group.count, wanted);
        open.add(id);
        branches.set(id, loaded.branch);
        for (const row of loaded.rows) rows.set(row.id, row);
        await openAgain(own, loaded.branch.groups);
      }
    };
    await openAgain([], page.items);
    set((state) => {
      const tree = { ...next, branches, open, rows };
      const ids = new Set([...branches.keys(), ...open]);
      for (const line of linesOf(tree)) ids.add(line.id);
      return {
        ...tree,
        matching: page.matching,
        memberships: page.memberships,
        selected: new Set([...state.selected].filter((id) => rows.has(id))),
        selectedGroup:
          state.selectedGroup !== undefined && ids.has(state.selectedGroup) ? state.selectedGroup : undefined,
        cursorId: placeOf(linesOf(state), linesOf(tree), state.cursorId),
      };
    });
  }

  async function refresh(): Promise<void> {
    const state = get();
    const { signal } = reading;
    try {
      for (const [id, branch] of state.branches) {
        if (branch.groups.length === 0) continue;
        const path = JSON.parse(id) as Path;
        const { branch: fresh, totals } = await fetchPage(state, path, branch.total, branch.groups.length);
        if (signal.aborted) return;
        const known = new Map(fresh.groups.map((group) => [group.key, group]));
        const isWhole = fresh.nextCursor === null;
        const renewed = (group: AlertGroup) => known.get(group.key) ?? (isWhole ? emptied(group) : group);
        const now = get().branches.get(id);
        if (now !== undefined) setBranch(path, { ...now, groups: now.groups.map(renewed) });
        // The list stays while its groups do, also when nothing is in them any more.
        if (path.length === 0) set(totals ?? {});
      }
    } catch (error) {
      // The figures stay those of before; acting on a group tells that it is another by now.
      if (!isAborted(error)) failureWords(error);
    }
  }

  function setBranch(path: Path, branch: Branch, rows: readonly AlertRow[] = []): void {
    set((state) => {
      const next = {
        ...state,
        branches: new Map(state.branches).set(idOfPath(path), branch),
        rows: rows.length === 0 ? state.rows : new Map([...state.rows, ...rows.map((row) => [row.id, row] as const)]),
      };
      // The line that said there is more goes; whoever stood on it stands on the first of what came.
      return { ...next, cursorId: placeOf(linesOf(state), linesOf(next), state.cursorId) };
    });
  }

  async function extend(path: Path, known: Branch): Promise<void> {
    const { branches } = get();
    setBranch(path, { ...known, isLoading: true, failure: undefined });
    const length = get().by[path.length] === undefined ? alertsAPage : groupsAPage;
    try {
      const { branch, rows } = await fetchPage(get(), path, known.total, length, known.nextCursor ?? undefined);
      const have = new Set([...known.alerts, ...known.groups.map((group) => group.key)]);
      const next: Branch = {
        ...branch,
        groups: [...known.groups, ...branch.groups.filter((group) => !have.has(group.key))],
        alerts: [...known.alerts, ...branch.alerts.filter((id) => !have.has(id))],
      };
      setBranch(path, next, rows);
    } catch (error) {
      if (isAborted(error)) return;
      if (branches === get().branches) return;
      setBranch(path, { ...known, isLoading: false, failure: failureWords(error) });
    }
  }

  async function toggle(path: Path): Promise<void> {
    const id = idOfPath(path);
    const { open, branches } = get();
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    set({ open: next });
    const known = branches.get(id);
    if (!next.has(id) || (known !== undefined && known.failure === undefined)) return;
    const around = branches.get(idOfPath(path.slice(0, -1)));
    const total = around?.groups.find((group) => group.key === path.at(-1))?.count ?? 0;
    await extend(path, { ...emptyBranch, total });
  }

  async function loadMore(path: Path): Promise<void> {
    const known = get().branches.get(idOfPath(path));
    if (known === undefined || known.isLoading) return;
    if (known.nextCursor === null && known.failure === undefined) return;
    await extend(path, known);
  }

  return {
    ...store,
    read,
    refresh,
    toggle,
    loadMore,
    moveCursor: (id) => set({ cursorId: id }),
    select: (line) =>
      set(({ selected, selectedGroup }) => {
        if (line.kind === 'group')
          return { selected: new Set(), selectedGroup: line.id === selectedGroup ? undefined : line.id };
        const next = new Set(selected);
        if (!next.delete(line.row.id)) next.add(line.row.id);
        return { selected: next, selectedGroup: undefined };
      }),
    clearSelection: () => set({ selected: new Set(), selectedGroup: undefined }),
    find: (id) => get().rows.get(id),
    take: (changed) =>
      set(({ rows }) => {
        const mine = changed.filter((row) => rows.has(row.id));
        if (mine.length === 0) return {};
        const held = mine.flatMap((row) => rows.get(row.id) ?? []);
        const next = new Map(rows);
        for (const row of replaceChanged(held, mine)) next.set(row.id, row);
        return { rows: next };
      }),
    forget() {
      reading.abort();
      set(empty, true);
    },
  };
}

/** A group that nothing is in any more stays where it stood, and says so. */
function emptied(group: AlertGroup): AlertGroup {
  const none = <Word extends string>(counts: Readonly<Record<Word, number>>) =>
    Object.fromEntries(Object.keys(counts).map((word) => [word, 0])) as Record<Word, number>;
  return {
    ...group,
    count: 0,
    severities: none(group.severities),
    statuses: none(group.statuses),
    users: 0,
    ips: 0,
    due_at: null,
    clock_from_at: null,
  };
}
