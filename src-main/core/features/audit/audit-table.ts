// All SQL of the audit log.
import type { EntryBody } from '../../../../src-shared/evidence/entry.ts';
import type { TreeNode } from '../../../../src-shared/evidence/merkle.ts';
import { DamagedStore } from '../../ports.ts';
import { type Conditions, createConditions } from '../../store/conditions.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type StoredEntry = {
  readonly seq: number;
  readonly leaf: string;
  readonly body: EntryBody;
  readonly seed: Uint8Array;
};

export type StoredCheckpoint = {
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
  readonly signed_at: number;
};

export type EntryFilter = {
  readonly event_type?: string | undefined;
  /** One of these. */
  readonly event_types?: readonly string[] | undefined;
  readonly actor?: string | undefined;
  readonly session_id?: string | undefined;
  readonly success?: boolean | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly from_seq?: number | undefined;
  readonly to_seq?: number | undefined;
};

/** Entries in the whole tree, of all workspaces. */
export function treeSize(tx: ReadTx): number {
  const row = tx.get<{ size: number }>('SELECT coalesce(max(position) + 1, 0) AS size FROM audit_node WHERE level = 0');
  return row?.size ?? 0;
}

/** The number that the next entry will have. */
export function nextSeq(tx: ReadTx): number {
  return treeSize(tx) + 1;
}

export function findNode(tx: ReadTx, level: number, position: number): Uint8Array | undefined {
  return tx.get<{ hash: Uint8Array }>('SELECT hash FROM audit_node WHERE level = :level AND position = :position', {
    level,
    position,
  })?.hash;
}

/** @throws DamagedStore when the node isn't stored: without it nothing can be appended or proven. */
export function readNode(tx: ReadTx, level: number, position: number): Uint8Array {
  const hash = findNode(tx, level, position);
  if (hash === undefined) throw new DamagedStore(`the audit tree lacks node ${level}/${position}`);
  return hash;
}

export function insertNodes(tx: WriteTx, nodes: readonly TreeNode[]): void {
  for (const { level, index, hash } of nodes) {
    tx.run('INSERT INTO audit_node (level, position, hash) VALUES (:level, :position, :hash)', {
      level,
      position: index,
      hash,
    });
  }
}

export function insertBody(tx: WriteTx, body: EntryBody, at: number, leaf: string, seed: Uint8Array): void {
  tx.run(
    `INSERT INTO audit_body (seq, workspace, workspace_seq, id, at, event_type, success, actor_name, session_id, leaf, body, seed)
     VALUES (:seq, :workspace, :workspace_seq, :id, :at, :event_type, :success, :actor_name, :session_id, :leaf, :body, :seed)`,
    {
      seq: body.seq,
      workspace_seq: body.workspace_seq,
      id: body.id,
      at,
      event_type: body.event_type,
      success: body.success ? 1 : 0,
      actor_name: body.actor?.name ?? null,
      session_id: body.session_id ?? null,
      leaf,
      body: JSON.stringify(body),
      seed,
    },
  );
}

export function conditionsOf(filter: EntryFilter): Conditions {
  const conditions = createConditions();
  const { where } = conditions;
  where('event_type = :event_type', 'event_type', filter.event_type);
  const types = filter.event_types;
  where(
    'event_type IN (SELECT value FROM json_each(:event_types))',
    'event_types',
    types === undefined ? undefined : JSON.stringify(types),
  );
  where('actor_name = :actor', 'actor', filter.actor);
  where('session_id = :session_id', 'session_id', filter.session_id);
  where('success = :success', 'success', filter.success === undefined ? undefined : Number(filter.success));
  where('at >= :since', 'since', filter.since);
  where('at <= :until', 'until', filter.until);
  where('seq >= :from_seq', 'from_seq', filter.from_seq);
  where('seq <= :to_seq', 'to_seq', filter.to_seq);
  return conditions;
}

/**
 * The conditions, to be looked up by sequence. Without the plus SQLite takes an index of the workspace, and reads and sorts all that is in
 * it: a second for each page of a log of a million entries.
 */
export function bySeq(sql: () => string): string {
  return `+${sql()}`;
}

type Page = { readonly order: 'newest' | 'oldest'; readonly limit: number; readonly beyond?: number | undefined };

/** Entries of the workspace that match, by falling or rising sequence. */
export function findEntries(tx: ReadTx, filter: EntryFilter, page: Page): StoredEntry[] {
  const { event_type: type, event_types: types, ...others } = filter;
  if (type === undefined && types !== undefined) return findEntriesOf(tx, types, others, page);
  const { order, limit, beyond } = page;
  const { where, sql, parameters } = conditionsOf(filter);
  where(order === 'newest' ? 'seq < :beyond' : 'seq > :beyond', 'beyond', beyond);
  const direction = order === 'newest' ? 'DESC' : 'ASC';
  // These two have an index of their own, by sequence.
  const hasIndex = filter.event_type !== undefined || filter.actor !== undefined;
  return tx
    .all<RawEntry>(
      `SELECT seq, leaf, body, seed FROM audit_body WHERE ${hasIndex ? sql() : bySeq(sql)} ORDER BY seq ${direction} LIMIT :limit`,
      { ...parameters, limit },
    )
    .map(fromRaw);
}

/** Each type has its entries in an index by sequence. Without it rare ones would be looked for in the whole log, row by row. */
function findEntriesOf(tx: ReadTx, types: readonly string[], others: EntryFilter, page: Page): StoredEntry[] {
  const { order, limit, beyond } = page;
  const sign = order === 'newest' ? -1 : 1;
  const seqs = types.flatMap((event_type) => {
    const { where, sql, parameters } = conditionsOf({ ...others, event_type });
    where(order === 'newest' ? 'seq < :beyond' : 'seq > :beyond', 'beyond', beyond);
    return tx
      .all<{ seq: number }>(
        `SELECT seq FROM audit_body WHERE ${sql()} ORDER BY seq ${order === 'newest' ? 'DESC' : 'ASC'} LIMIT :limit`,
        { ...parameters, limit },
      )
      .map(({ seq }) => seq);
  });
  const wanted = seqs.sort((left, right) => sign * (left - right)).slice(0, limit);
  return tx
    .all<RawEntry>(
      `SELECT seq, leaf, body, seed FROM audit_body
       WHERE +workspace = :workspace AND seq IN (SELECT value FROM json_each(:seqs)) ORDER BY seq`,
      { seqs: JSON.stringify(wanted) },
    )
    .map(fromRaw)
    .sort((left, right) => sign * (left.seq - right.seq));
}

/** An entry as it stands in the store, columns and all, with the leaf hash that the tree holds; nothing of it is believed yet. */
export type UncheckedEntry = RawEntry & {
  readonly workspace: string;
  readonly workspace_seq: number;
  readonly id: string;
  readonly at: number;
  readonly event_type: string;
  readonly success: number;
  readonly actor_name: string | null;
  readonly session_id: string | null;
  readonly hash: Uint8Array;
  /** Fields that are kept apart, as JSON. */
  readonly apart_paths: string | null;
};

/** For the self-check: entries of all workspaces from `from` on. */
export function uncheckedEntries(tx: ReadTx, from: number, limit: number): UncheckedEntry[] {
  // A store in a backup may be from before fields were kept apart.
  const hasApart = tx.get("SELECT 1 AS found FROM sqlite_schema WHERE name = 'audit_apart'") !== undefined;
  const apart = hasApart ? '(SELECT paths FROM audit_apart a WHERE a.seq = b.seq)' : 'NULL';
  return tx.all<UncheckedEntry>(
    `SELECT b.seq, b.workspace, b.workspace_seq, b.id, b.at, b.event_type, b.success, b.actor_name, b.session_id,
       b.leaf, b.body, b.seed, n.hash, ${apart} AS apart_paths
     FROM audit_body b JOIN audit_node n ON n.level = 0 AND n.position = b.seq - 1
     WHERE b.seq >= :from ORDER BY b.seq LIMIT :limit`,
    { from, limit },
  );
}

/** Leaf hashes from `from` on, whether or not their bodies are there. */
export function uncheckedLeaves(tx: ReadTx, from: number, limit: number): { seq: number; hash: Uint8Array }[] {
  return tx.all<{ seq: number; hash: Uint8Array }>(
    'SELECT position + 1 AS seq, hash FROM audit_node WHERE level = 0 AND position >= :from - 1 ORDER BY position LIMIT :limit',
    { from, limit },
  );
}

export function lastCheckpoint(tx: ReadTx): StoredCheckpoint | undefined {
  return tx.get<StoredCheckpoint>(
    'SELECT size, root, note, signed_at FROM audit_checkpoint ORDER BY size DESC LIMIT 1',
  );
}

export function findCheckpoint(tx: ReadTx, size: number): StoredCheckpoint | undefined {
  return tx.get<StoredCheckpoint>('SELECT size, root, note, signed_at FROM audit_checkpoint WHERE size = :size', {
    size,
  });
}

/** False for a store that was never brought as far as having a log. */
export function hasLog(tx: ReadTx): boolean {
  return tx.get("SELECT 1 AS found FROM sqlite_schema WHERE name = 'audit_checkpoint'") !== undefined;
}

export function allCheckpoints(tx: ReadTx): StoredCheckpoint[] {
  return tx.all<StoredCheckpoint>('SELECT size, root, note, signed_at FROM audit_checkpoint ORDER BY size');
}

export function insertCheckpoint(tx: WriteTx, checkpoint: StoredCheckpoint): void {
  tx.run('INSERT INTO audit_checkpoint (size, root, note, signed_at) VALUES (:size, :root, :note, :signed_at)', {
    ...checkpoint,
  });
}

export type RawEntry = {
  readonly seq: number;
  readonly leaf: string;
  readonly body: string;
  readonly seed: Uint8Array;
};

export function fromRaw(row: RawEntry): StoredEntry {
  return { seq: row.seq, leaf: row.leaf, body: JSON.parse(row.body) as EntryBody, seed: row.seed };
}
