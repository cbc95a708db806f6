// SQL of what mirrors read of the log: entries of all workspaces as they are kept, in the order of their numbers.
import type { EntryBody } from '../../../../src-shared/evidence/entry.ts';
import type { ReadTx } from '../../store/store.ts';
import { treeSize } from './audit-table.ts';

export type MirroredEntry = {
  readonly at: number;
  /** Without the fields that are kept apart: they are sealed for the person whom they are about, and never leave the store in the open. */
  readonly body: EntryBody;
  readonly leafHash: Uint8Array;
  /** The paths of those fields. */
  readonly sealed: readonly string[];
};

/**
 * Entries after the number `after`, without those that were pruned.
 * @param types those of them only, where given
 * @returns with the number up to which nothing is left out but what does not belong
 */
export function entriesAfter(
  tx: ReadTx,
  after: number,
  limit: number,
  types?: readonly string[],
): { entries: MirroredEntry[]; through: number } {
  const chosen = types === undefined ? '' : 'AND b.event_type IN (SELECT value FROM json_each(:types))';
  const rows = tx.everywhere.all<{ at: number; body: string; hash: Uint8Array; paths: string | null }>(
    `SELECT b.at, b.body, n.hash, (SELECT paths FROM audit_apart a WHERE a.seq = b.seq) AS paths
     FROM audit_body b JOIN audit_node n ON n.level = 0 AND n.position = b.seq - 1
     WHERE b.seq > :after ${chosen} ORDER BY b.seq LIMIT :limit`,
    { after, limit, ...(types === undefined ? {} : { types: JSON.stringify(types) }) },
  );
  const entries = rows.map(({ at, body, hash, paths }) => ({
    at,
    body: JSON.parse(body) as EntryBody,
    leafHash: hash,
    sealed: paths === null ? [] : (JSON.parse(paths) as string[]),
  }));
  const last = entries.at(-1);
  return { entries, through: entries.length < limit || last === undefined ? treeSize(tx) : last.body.seq };
}

/** Is this the entry with that number? */
export function isEntry(tx: ReadTx, { seq, id }: { readonly seq: number; readonly id: string }): boolean {
  return (
    tx.everywhere.get('SELECT 1 AS found FROM audit_body WHERE seq = :seq AND id = :id', { seq, id }) !== undefined
  );
}
