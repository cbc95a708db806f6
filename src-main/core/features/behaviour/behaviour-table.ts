// All SQL of the behaviour's tables.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export function findProfile(tx: ReadTx, principal: string): { seq: number; profile: string } | undefined {
  return tx.get('SELECT seq, profile FROM behaviour_profile WHERE workspace = :workspace AND principal = :principal', {
    principal,
  });
}

/** @param row.seq all events up to this one are in it. */
export function saveProfile(
  tx: WriteTx,
  row: { principal: string; seq: number; seenAt: number; profile: string },
): void {
  tx.run(
    `INSERT INTO behaviour_profile (workspace, principal, seq, seen_at, profile) VALUES (:workspace, :principal, :seq, :seen_at, :profile)
     ON CONFLICT (workspace, principal) DO UPDATE SET seq = excluded.seq, seen_at = excluded.seen_at, profile = excluded.profile`,
    { principal: row.principal, seq: row.seq, seen_at: row.seenAt, profile: row.profile },
  );
}

/** Up to which event all profiles are stored; undefined when nothing was. */
export function findMark(tx: ReadTx): number | undefined {
  return tx.get<{ seq: number }>('SELECT seq FROM behaviour_mark WHERE workspace = :workspace')?.seq;
}

export function saveMark(tx: WriteTx, seq: number): void {
  tx.run(
    `INSERT INTO behaviour_mark (workspace, seq) VALUES (:workspace, :seq)
     ON CONFLICT (workspace) DO UPDATE SET seq = excluded.seq`,
    { seq },
  );
}

export function countProfiles(tx: ReadTx): number {
  return (
    tx.get<{ count: number }>('SELECT count(*) AS count FROM behaviour_profile WHERE workspace = :workspace')?.count ??
    0
  );
}

/** The `count` that were not seen for longest. @returns whose they were */
export function dropOldest(tx: WriteTx, count: number): string[] {
  const rows = tx.all<{ principal: string }>(
    'SELECT principal FROM behaviour_profile WHERE workspace = :workspace ORDER BY seen_at LIMIT :count',
    { count },
  );
  for (const { principal } of rows) {
    tx.run('DELETE FROM behaviour_profile WHERE workspace = :workspace AND principal = :principal', { principal });
  }
  return rows.map(({ principal }) => principal);
}

export function allSources(tx: ReadTx): { source: string; heard_at: number; activity: string }[] {
  return tx.all(
    'SELECT source, heard_at, activity FROM source_activity WHERE workspace = :workspace ORDER BY heard_at',
  );
}

export function saveSource(tx: WriteTx, row: { source: string; heardAt: number; activity: string }): void {
  tx.run(
    `INSERT INTO source_activity (workspace, source, heard_at, activity) VALUES (:workspace, :source, :heard_at, :activity)
     ON CONFLICT (workspace, source) DO UPDATE SET heard_at = excluded.heard_at, activity = excluded.activity`,
    { source: row.source, heard_at: row.heardAt, activity: row.activity },
  );
}

export function dropSource(tx: WriteTx, source: string): void {
  tx.run('DELETE FROM source_activity WHERE workspace = :workspace AND source = :source', { source });
}
