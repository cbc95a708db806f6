// SQL of what each workspace has of the log: the number of its newest entry, kept apart from the entries so that pruning can't make one come
// again. A trigger counts each entry that is written, and refuses a number that is not higher than the one before.
import type { ReadTx } from '../../store/store.ts';

/** The number that the next entry of the workspace will have. */
export function nextWorkspaceSeq(tx: ReadTx): number {
  const row = tx.get<{ last_seq: number }>('SELECT last_seq FROM audit_share WHERE workspace = :workspace');
  return (row?.last_seq ?? 0) + 1;
}

/** Of all workspaces, for the self-check; undefined for a store from before they were kept. */
export function allShares(tx: ReadTx): ReadonlyMap<string, number> | undefined {
  if (tx.get("SELECT 1 AS found FROM sqlite_schema WHERE name = 'audit_share'") === undefined) return undefined;
  const rows = tx.all<{ workspace: string; last_seq: number }>('SELECT workspace, last_seq FROM audit_share');
  return new Map(rows.map(({ workspace, last_seq }) => [workspace, last_seq]));
}
