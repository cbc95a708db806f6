// Which alerts wait for a person, and in which order: the nearest limit first. Pure.

import type { AlertRow } from '../../../src-shared/contract/alerts.ts';

/** An alert whose next step has a limit. */
export interface Due {
  readonly row: AlertRow;
  readonly dueAt: string;
}

/** Mine in any severity; and what is critical or high, still open and nobody's. */
export function needsPerson(row: AlertRow, me: string): boolean {
  if (row.status === 'closed') return false;
  if (row.assignee === me) return true;
  const isGrave = row.severity === 'critical' || row.severity === 'high';
  return isGrave && row.status === 'open' && row.assignee === null;
}

/** Those with a limit, the nearest first, then the higher risk. */
export function nearestDue(rows: readonly AlertRow[]): readonly Due[] {
  return rows
    .flatMap((row) => (row.due_at === null ? [] : [{ row, dueAt: row.due_at }]))
    .toSorted((left, right) => Date.parse(left.dueAt) - Date.parse(right.dueAt) || right.row.risk - left.row.risk);
}
