// The queue of this window: its store, what one does to alerts, and the dialogs that are open. Emptied when the console locks.

import { createStore } from 'zustand/vanilla';
import type { AlertRow } from '../../../src-shared/contract/alerts.ts';
import { call, subscribe } from '../../api/client.ts';
import { onForget } from '../../app/forget.ts';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { createQueueStore } from './queue-store.ts';
import { createTriage, type Outcome } from './triage.ts';

export const queue = createQueueStore({
  call,
  subscribe,
  now: () => Date.now(),
  later(run, ms) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
});

/** Which dialog is open, and about which alerts. */
export type QueueDialog =
  | { readonly kind: 'close'; readonly rows: readonly AlertRow[] }
  | { readonly kind: 'acknowledge'; readonly rows: readonly AlertRow[] }
  | { readonly kind: 'note'; readonly rows: readonly AlertRow[] }
  | { readonly kind: 'reopen'; readonly rows: readonly AlertRow[] }
  | { readonly kind: 'refused'; readonly outcome: Outcome };

export const dialogs = createStore<{ readonly open: QueueDialog | undefined }>(() => ({ open: undefined }));

export function showDialog(open: QueueDialog | undefined): void {
  dialogs.setState({ open });
}

function rowOf(id: string): AlertRow | undefined {
  const { rows, opened } = queue.getState();
  return rows.find((row) => row.id === id) ?? (opened?.id === id ? opened : undefined);
}

export const triage = createTriage({
  call,
  rowOf,
  take(changed) {
    queue.take(changed);
    void queue.refreshSummary();
  },
  tell: (message) => toasts.show(message),
  showRefused: (outcome) => showDialog({ kind: 'refused', outcome }),
});

/** The rows that a key or button is about: the selection, or else the opened alert, or else the one under the cursor. */
export function targets(): readonly AlertRow[] {
  const { rows, selected, openId, cursorId } = queue.getState();
  if (selected.size > 0) return rows.filter((row) => selected.has(row.id));
  const one = rowOf(openId ?? cursorId ?? '');
  return one === undefined ? [] : [one];
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
  triage.forget();
  showDialog(undefined);
});
