// Reading a selection of the log window by window, so that a long log never holds up anybody. It is append-only: what was read once is
// read the same again, unless a pruning took it away.
import type { Conditions } from '../../store/conditions.ts';
import type { ReadTx } from '../../store/store.ts';
import { bySeq, conditionsOf, type EntryFilter, fromRaw, type RawEntry, type StoredEntry } from './audit-table.ts';

export type Selection = EntryFilter & {
  readonly resource_type?: string | undefined;
  readonly resource_id?: string | undefined;
};

/** Entries after `after`, up to `until`. */
export type Window = { readonly after: number; readonly until: number };

export type Measured = { readonly count: number; readonly first: number | null; readonly last: number | null };

/** How many entries of the workspace match in this window, and which are the outer ones. */
export function measureWindow(tx: ReadTx, selection: Selection, window: Window): Measured {
  const { sql, parameters } = within(selection, window);
  const found = tx.get<Measured>(
    `SELECT count(*) AS count, min(seq) AS first, max(seq) AS last FROM audit_body WHERE ${bySeq(sql)}`,
    parameters,
  );
  return found ?? { count: 0, first: null, last: null };
}

/** The first `limit` entries that match in this window, in order. */
export function entriesInWindow(tx: ReadTx, selection: Selection, window: Window, limit: number): StoredEntry[] {
  const { sql, parameters } = within(selection, window);
  return tx
    .all<RawEntry>(`SELECT seq, leaf, body, seed FROM audit_body WHERE ${bySeq(sql)} ORDER BY seq LIMIT :limit`, {
      ...parameters,
      limit,
    })
    .map(fromRaw);
}

function within(selection: Selection, { after, until }: Window): Conditions {
  const conditions = conditionsOf(selection);
  const { where } = conditions;
  where("json_extract(body, '$.resource.type') = :resource_type", 'resource_type', selection.resource_type);
  where("json_extract(body, '$.resource.id') = :resource_id", 'resource_id', selection.resource_id);
  where('seq > :after', 'after', after);
  where('seq <= :until_seq', 'until_seq', until);
  return conditions;
}
