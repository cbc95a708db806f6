// The queue of this window: its store, what one does to alerts, and the dialogs that are open. Emptied when the console locks.

import { createStore } from 'zustand/vanilla';
import { mostMatching } from '../../../src-shared/alert-words.ts';
import type { AlertGroup } from '../../../src-shared/contract/alert-groups.ts';
import type { AlertRow } from '../../../src-shared/contract/alerts.ts';
import { call, subscribe } from '../../api/client.ts';
import { onForget } from '../../app/forget.ts';
import { navigate } from '../../app/navigation.ts';
import { formatCount } from '../../lib/numbers.ts';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { linesOf } from './group-tree.ts';
import { groupName } from './group-words.ts';
import { createLayoutStore } from './layouts.ts';
import { createQueueStore } from './queue-store.ts';
import { createTriage, type GroupOfAlerts, type Outcome } from './triage.ts';

export const queue = createQueueStore({
  call,
  subscribe,
  now: () => Date.now(),
  later(run, ms) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
});

export const layouts = createLayoutStore({ call });

/** A whole group, as it stood when one acted on it. */
export interface GroupTarget extends GroupOfAlerts {
  /** 'user alice' */
  readonly name: string;
  readonly severities: AlertGroup['severities'];
}

/** Which dialog is open, and about which alerts. */
export type QueueDialog =
  | { readonly kind: 'close'; readonly rows: readonly AlertRow[] }
  | { readonly kind: 'acknowledge'; readonly rows: readonly AlertRow[] }
  | { readonly kind: 'close-group'; readonly group: GroupTarget }
  | { readonly kind: 'acknowledge-group'; readonly group: GroupTarget }
  | { readonly kind: 'note'; readonly rows: readonly AlertRow[] }
  | { readonly kind: 'reopen'; readonly rows: readonly AlertRow[] }
  | { readonly kind: 'refused'; readonly outcome: Outcome };

export const dialogs = createStore<{ readonly open: QueueDialog | undefined }>(() => ({ open: undefined }));

export function showDialog(open: QueueDialog | undefined): void {
  dialogs.setState({ open });
}

/** The alert whose suppressed ones are asked for, until they are shown. */
export const suppressedAsked = createStore<{ readonly id: string | undefined }>(() => ({ id: undefined }));

/** Shows the alert in the pane, and there what it keeps quiet. */
export function openSuppressed(id: string): void {
  const { queryText } = queue.getState();
  suppressedAsked.setState({ id });
  queue.moveCursor(id);
  navigate({ screen: 'queue', path: [id], query: { q: queryText } }, { replace: true });
}

function rowOf(id: string): AlertRow | undefined {
  const { rows, opened } = queue.getState();
  return rows.find((row) => row.id === id) ?? queue.groups.find(id) ?? (opened?.id === id ? opened : undefined);
}

export const triage = createTriage({
  call,
  rowOf,
  take(changed) {
    queue.take(changed);
    void queue.refreshSummary();
    void queue.groups.refresh();
  },
  refresh() {
    void queue.refreshSummary();
    void queue.groups.refresh();
  },
  tell: (message) => toasts.show(message),
  showRefused: (outcome) => showDialog({ kind: 'refused', outcome }),
});

/** The rows that a key or button is about: the selection, or else the opened alert, or else the one under the cursor. */
export function targets(): readonly AlertRow[] {
  const { rows, selected, openId, cursorId, query } = queue.getState();
  if (query.groupBy !== undefined) {
    const groups = queue.groups.getState();
    if (groups.selected.size > 0) return [...groups.selected].flatMap((id) => rowOf(id) ?? []);
    const line = linesOf(groups).find((each) => each.id === groups.cursorId);
    const under = line?.kind === 'alert' ? line.row.id : '';
    return [rowOf(openId ?? under) ?? []].flat();
  }
  if (selected.size > 0) return rows.filter((row) => selected.has(row.id));
  const one = rowOf(openId ?? cursorId ?? '');
  return one === undefined ? [] : [one];
}

/** The whole group that a key or button is about: the one that is selected, or else the one under the cursor while no alert is. */
export function targetGroup(): GroupTarget | undefined {
  const { query, openId } = queue.getState();
  if (query.groupBy === undefined) return undefined;
  const state = queue.groups.getState();
  const { selected, selectedGroup, cursorId, filters } = state;
  if (selectedGroup === undefined && (selected.size > 0 || openId !== undefined)) return undefined;
  const line = linesOf(state).find((each) => each.id === (selectedGroup ?? cursorId));
  if (line?.kind !== 'group') return undefined;
  const { group, by, path } = line;
  return {
    name: groupName(by, group),
    filters,
    within: path,
    statuses: group.statuses,
    severities: group.severities,
  };
}

/** Acknowledges what a key or button is about. */
export function acknowledgeTargets(): void {
  const group = targetGroup();
  if (group === undefined) acknowledge(targets());
  else if (mayChange(group.statuses.open, 'acknowledge')) showDialog({ kind: 'acknowledge-group', group });
}

/** Asks for the verdict of what a key or button is about. */
export function closeTargets(): void {
  const group = targetGroup();
  if (group !== undefined) {
    const { open, acknowledged } = group.statuses;
    if (mayChange(open + acknowledged, 'close')) showDialog({ kind: 'close-group', group });
    return;
  }
  const rows = targets().filter((row) => row.status !== 'closed');
  if (rows.length > 0) showDialog({ kind: 'close', rows });
}

function mayChange(count: number, what: string): boolean {
  if (count > 0 && count <= mostMatching) return true;
  toasts.show({
    tone: 'warn',
    text:
      count === 0
        ? `Nothing in this group to ${what}`
        : `At most ${formatCount(mostMatching)} alerts at once; this group holds ${formatCount(count)}. Filter, or group further`,
  });
  return false;
}

/** One alert is acknowledged at once; many are counted and asked about first. */
export function acknowledge(rows: readonly AlertRow[]): void {
  const open = rows.filter((row) => row.status === 'open');
  const asked = open.length > 0 ? open : rows;
  if (asked.length > 1) showDialog({ kind: 'acknowledge', rows: asked });
  else if (asked.length === 1) void triage.acknowledge(asked.map((row) => row.id));
}

export function assignTo(rows: readonly AlertRow[], assignee: string | null): void {
  const [row] = rows;
  if (rows.length === 1 && row !== undefined && row.assignee !== assignee) void triage.assign(row.id, assignee);
}

onForget(() => {
  queue.forget();
  layouts.forget();
  triage.forget();
  showDialog(undefined);
  suppressedAsked.setState({ id: undefined });
});
