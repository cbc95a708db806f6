// How the loaded rows of the queue change: pages appended, rows changed in place, new ones held back until they are asked for.
// Pure: nothing here fetches or draws.

import type { AlertSort } from '../../../src-shared/alert-words.ts';
import type { AlertRow } from '../../../src-shared/contract/alerts.ts';
import type { SelectionChange } from '../../ui/lists/list-moves.ts';

/** The orders of the service: risk, then newest, then the number; or the newest first. */
export function compareAlerts(left: AlertRow, right: AlertRow, sort: AlertSort = 'risk'): number {
  const byRisk = sort === 'risk' ? right.risk - left.risk : 0;
  return byRisk || compareTexts(right.raised_at, left.raised_at) || right.number - left.number;
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Appends a page. A row that moved up since it was first loaded comes again with its page: its older place is kept. */
export function appendPage(rows: readonly AlertRow[], page: readonly AlertRow[]): readonly AlertRow[] {
  const known = new Set(rows.map((row) => row.id));
  return [...rows, ...page.filter((row) => !known.has(row.id))];
}

/** Puts changed rows where they stand. An answer that is older than what is shown changes nothing. */
export function replaceChanged(rows: readonly AlertRow[], changed: readonly AlertRow[]): readonly AlertRow[] {
  const byId = new Map(changed.map((row) => [row.id, row]));
  let isSame = true;
  const next = rows.map((row) => {
    const newer = byId.get(row.id);
    if (newer === undefined || newer.revision <= row.revision) return row;
    isSame = false;
    return newer;
  });
  return isSame ? rows : next;
}

/** New rows that are neither in the list nor already waiting, added to those that wait. */
export function holdBack(
  waiting: readonly AlertRow[],
  rows: readonly AlertRow[],
  arrived: readonly AlertRow[],
): readonly AlertRow[] {
  const known = new Set([...rows, ...waiting].map((row) => row.id));
  const fresh = arrived.filter((row) => !known.has(row.id));
  return fresh.length === 0 ? waiting : [...waiting, ...fresh].sort((left, right) => compareAlerts(left, right));
}

/**
 * Lets the waiting rows in, each at its place in the order. Those that belong after the last loaded row come with their page,
 * so they are left out while there are more pages.
 */
export function letIn(
  rows: readonly AlertRow[],
  waiting: readonly AlertRow[],
  hasMore: boolean,
  sort: AlertSort = 'risk',
): { readonly rows: readonly AlertRow[]; readonly shown: readonly AlertRow[] } {
  const known = new Set(rows.map((row) => row.id));
  const last = rows.at(-1);
  const shown = waiting
    .filter((row) => !known.has(row.id))
    .filter((row) => !hasMore || last === undefined || compareAlerts(row, last, sort) < 0)
    .toSorted((left, right) => compareAlerts(left, right, sort));
  if (shown.length === 0) return { rows, shown };
  // A merge, not a sort: rows that changed in place keep the place they have.
  const next: AlertRow[] = [];
  let taken = 0;
  for (const row of rows) {
    for (let fresh = shown[taken]; fresh !== undefined && compareAlerts(fresh, row, sort) < 0; fresh = shown[taken]) {
      next.push(fresh);
      taken += 1;
    }
    next.push(row);
  }
  return { rows: [...next, ...shown.slice(taken)], shown };
}

/** What is selected after a press or key. Selecting everything a second time lets go of it. */
export function changeSelection(
  rows: readonly AlertRow[],
  selected: ReadonlySet<string>,
  change: SelectionChange,
): ReadonlySet<string> {
  const next = new Set(selected);
  switch (change.kind) {
    case 'toggle': {
      const id = rows[change.index]?.id;
      if (id !== undefined && !next.delete(id)) next.add(id);
      return next;
    }
    case 'range': {
      const { from, to } = change;
      for (const row of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(row.id);
      return next;
    }
    case 'all':
      return selected.size === rows.length ? new Set() : new Set(rows.map((row) => row.id));
    case 'none':
      return new Set();
  }
}

/** Which note an alert's closing needs: a real attack always, a false alarm on what is graded high. */
export function needsNote(verdict: string | undefined, rows: readonly Pick<AlertRow, 'severity'>[]): boolean {
  if (verdict === 'true_positive') return true;
  const isFalse = verdict === 'false_positive_logic' || verdict === 'false_positive_data';
  return isFalse && rows.some((row) => row.severity === 'critical' || row.severity === 'high');
}
