// SQL of pruning: runs, the ranges of entries that each took away, and legal holds. Bodies can only be deleted within the ranges of a run
// that is not finished; the triggers see to that.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type Run = {
  readonly id: number;
  readonly entry_seq: number;
  readonly digest: string;
};

export type Range = { readonly from_seq: number; readonly to_seq: number };

export type Hold = {
  readonly id: string;
  readonly label: string;
  readonly category: string | null;
  readonly since: number | null;
  readonly until: number | null;
  readonly placed_at: number;
  readonly placed_by: string;
};

/** Which entries: of these types, or of all but these, older than `before`. */
export type Expired = {
  readonly category: string;
  readonly types: readonly string[];
  readonly except: boolean;
  readonly before: number;
};

const expiredEntries = `audit_body b WHERE b.workspace = :workspace
  AND (b.event_type IN (SELECT value FROM json_each(:types))) <> :except AND b.at < :before`;
const isHeld = `EXISTS (SELECT 1 FROM audit_hold h WHERE h.workspace = :workspace AND h.released_at IS NULL
  AND (h.category IS NULL OR h.category = :category) AND b.at >= coalesce(h.since, b.at) AND b.at <= coalesce(h.until, b.at))`;

function parametersOf({ category, types, except, before }: Expired) {
  return { category, types: JSON.stringify(types), except: Number(except), before };
}

export function expiredSeqs(tx: ReadTx, expired: Expired, limit: number): number[] {
  return tx
    .all<{ seq: number }>(`SELECT b.seq FROM ${expiredEntries} AND NOT ${isHeld} ORDER BY b.seq LIMIT :limit`, {
      ...parametersOf(expired),
      limit,
    })
    .map(({ seq }) => seq);
}

export function countExpired(tx: ReadTx, expired: Expired): { expired: number; held: number } {
  const found = tx.get<{ all_of_them: number; held: number | null }>(
    `SELECT count(*) AS all_of_them, sum(${isHeld}) AS held FROM ${expiredEntries}`,
    parametersOf(expired),
  );
  const held = found?.held ?? 0;
  return { expired: (found?.all_of_them ?? 0) - held, held };
}

export function countOfTypes(tx: ReadTx, { types, except }: Pick<Expired, 'types' | 'except'>): number {
  return (
    tx.get<{ n: number }>(
      `SELECT count(*) AS n FROM audit_body
       WHERE workspace = :workspace AND (event_type IN (SELECT value FROM json_each(:types))) <> :except`,
      { types: JSON.stringify(types), except: Number(except) },
    )?.n ?? 0
  );
}

export function nextRun(tx: ReadTx): number {
  return (tx.get<{ id: number }>('SELECT coalesce(max(id), 0) + 1 AS id FROM audit_pruning') ?? { id: 1 }).id;
}

export function insertRun(tx: WriteTx, run: Run, at: number, ranges: readonly Range[]): void {
  tx.run(
    `INSERT INTO audit_pruning (id, started_at, up_to_seq, entry_seq, digest) VALUES (:id, :at, :upTo, :entry_seq, :digest)`,
    { ...run, at, upTo: ranges.at(-1)?.to_seq ?? 0 },
  );
  for (const range of ranges) {
    tx.run('INSERT INTO audit_pruned_range (from_seq, to_seq, run) VALUES (:from_seq, :to_seq, :run)', {
      ...range,
      run: run.id,
    });
  }
}

/** Deletes some bodies of runs that are under way. @returns how many; 0 when there are none left */
export function deleteSome(tx: WriteTx, limit: number): number {
  const seqs = tx
    .all<{ seq: number }>(
      `SELECT b.seq FROM audit_pruning p JOIN audit_pruned_range r ON r.run = p.id
         JOIN audit_body b ON b.seq BETWEEN r.from_seq AND r.to_seq
       WHERE p.finished_at IS NULL AND b.workspace = :workspace LIMIT :limit`,
      { limit },
    )
    .map(({ seq }) => seq);
  for (const seq of seqs) {
    tx.run('DELETE FROM audit_apart WHERE workspace = :workspace AND seq = :seq', { seq });
    tx.run('DELETE FROM audit_body WHERE workspace = :workspace AND seq = :seq', { seq });
  }
  return seqs.length;
}

export function finishRuns(tx: WriteTx, at: number): void {
  tx.run('UPDATE audit_pruning SET finished_at = :at WHERE finished_at IS NULL', { at });
}

export function hasUnfinishedRun(tx: ReadTx): boolean {
  return tx.get('SELECT 1 AS found FROM audit_pruning WHERE finished_at IS NULL LIMIT 1') !== undefined;
}

/** False for a store from before pruning. */
export function hasPruning(tx: ReadTx): boolean {
  return tx.get("SELECT 1 AS found FROM sqlite_schema WHERE name = 'audit_pruned_range'") !== undefined;
}

export function allRuns(tx: ReadTx): Run[] {
  return tx.all<Run>('SELECT id, entry_seq, digest FROM audit_pruning ORDER BY id');
}

export function rangesOf(tx: ReadTx, run: number): Range[] {
  return tx.all<Range>('SELECT from_seq, to_seq FROM audit_pruned_range WHERE run = :run ORDER BY from_seq', { run });
}

/** Those that lie within `from` to `to`, cut to it, in order. */
export function prunedBetween(tx: ReadTx, from: number, to: number): Range[] {
  return tx.all<Range>(
    `SELECT max(from_seq, :from) AS from_seq, min(to_seq, :to) AS to_seq FROM audit_pruned_range
     WHERE to_seq >= :from AND from_seq <= :to ORDER BY from_seq`,
    { from, to },
  );
}

export function countPruned(tx: ReadTx): number {
  return tx.get<{ n: number | null }>('SELECT sum(to_seq - from_seq + 1) AS n FROM audit_pruned_range')?.n ?? 0;
}

/** What the entry of a run says it took away. */
export function digestInEntry(tx: ReadTx, seq: number): string | undefined {
  return (
    tx.get<{ digest: string | null }>(
      `SELECT json_extract(body, '$.details.ranges_sha256') AS digest FROM audit_body
     WHERE seq = :seq AND event_type = 'retention_run'`,
      { seq },
    )?.digest ?? undefined
  );
}

export function insertHold(tx: WriteTx, hold: Hold): void {
  tx.run(
    `INSERT INTO audit_hold (id, workspace, label, category, since, until, placed_at, placed_by)
     VALUES (:id, :workspace, :label, :category, :since, :until, :placed_at, :placed_by)`,
    { ...hold },
  );
}

export function activeHolds(tx: ReadTx): Hold[] {
  return tx.all<Hold>(
    `SELECT id, label, category, since, until, placed_at, placed_by FROM audit_hold
     WHERE workspace = :workspace AND released_at IS NULL ORDER BY placed_at, id`,
  );
}

export type HoldRow = Pick<Hold, 'id' | 'category' | 'since' | 'until'> & { readonly released_at: number | null };

/** Of all workspaces, released ones too, for the self-check. */
export function allHolds(tx: ReadTx): HoldRow[] {
  return hasPruning(tx) ? tx.all<HoldRow>('SELECT id, category, since, until, released_at FROM audit_hold') : [];
}

/** @returns its label; undefined when there is no such hold. */
export function releaseHold(tx: WriteTx, id: string, at: number): string | undefined {
  const label = activeHolds(tx).find((hold) => hold.id === id)?.label;
  tx.run('UPDATE audit_hold SET released_at = :at WHERE workspace = :workspace AND id = :id AND released_at IS NULL', {
    id,
    at,
  });
  return label;
}
