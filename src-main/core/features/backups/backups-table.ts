// All SQL of backups and their schedule.
import type { BackupOpener, BackupSchedule } from '../../../../src-shared/contract/backups.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type BackupRow = {
  readonly id: string;
  readonly kind: 'manual' | 'scheduled' | 'before_migration';
  readonly state: 'running' | 'complete' | 'failed';
  readonly encrypted: boolean;
  readonly opensWith: readonly BackupOpener[];
  readonly createdAt: number;
  readonly finishedAt: number | null;
  readonly sizeBytes: number | null;
  readonly sha256: string | null;
  readonly path: string;
  /** Of the backup key that its own key is wrapped under. */
  readonly keyVersion: number;
  readonly auditEntries: number | null;
  readonly totalBytes: number;
  readonly error: string | null;
  readonly verification: Verification | null;
};

export type Verification = {
  readonly at: number;
  readonly passed: boolean;
  readonly detail: string;
  readonly auditEntries: number | null;
  readonly rootHash: string | null;
};

export type Cursor = { readonly createdAt: number; readonly id: string };

const columns = `id, kind, state, encrypted, opens_with, created_at, finished_at, size_bytes, sha256, path, key_version, audit_entries,
  total_bytes, error, verified_at, verified_passed, verified_detail, verified_entries, verified_root`;

export function insertBackup(tx: WriteTx, row: Omit<BackupRow, 'verification'>): void {
  tx.run(
    `INSERT INTO backup (id, kind, state, encrypted, opens_with, created_at, finished_at, size_bytes, sha256, path, key_version,
       audit_entries, total_bytes, error)
     VALUES (:id, :kind, :state, :encrypted, :opens_with, :created_at, :finished_at, :size_bytes, :sha256, :path, :key_version,
       :audit_entries, :total_bytes, :error)`,
    {
      id: row.id,
      kind: row.kind,
      state: row.state,
      encrypted: Number(row.encrypted),
      opens_with: row.opensWith.join(' '),
      created_at: row.createdAt,
      finished_at: row.finishedAt,
      size_bytes: row.sizeBytes,
      sha256: row.sha256,
      path: row.path,
      key_version: row.keyVersion,
      audit_entries: row.auditEntries,
      total_bytes: row.totalBytes,
      error: row.error,
    },
  );
}

export function completeBackup(
  tx: WriteTx,
  id: string,
  { at, sizeBytes, sha256 }: { at: number; sizeBytes: number; sha256: string | null },
): void {
  tx.run(
    `UPDATE backup SET state = 'complete', finished_at = :at, size_bytes = :size_bytes, sha256 = :sha256, error = NULL WHERE id = :id`,
    { id, at, size_bytes: sizeBytes, sha256 },
  );
}

export function failBackup(tx: WriteTx, id: string, at: number, error: string): void {
  tx.run(`UPDATE backup SET state = 'failed', finished_at = :at, error = :error WHERE id = :id`, { id, at, error });
}

export function setVerification(
  tx: WriteTx,
  id: string,
  { at, passed, detail, auditEntries, rootHash }: Verification,
): void {
  tx.run(
    `UPDATE backup SET verified_at = :at, verified_passed = :passed, verified_detail = :detail, verified_entries = :entries,
       verified_root = :root WHERE id = :id`,
    { id, at, passed: Number(passed), detail, entries: auditEntries, root: rootHash },
  );
}

/** What a file that was found says of itself, where the row doesn't know it. */
export function setDigest(tx: WriteTx, id: string, sha256: string): void {
  tx.run('UPDATE backup SET sha256 = :sha256 WHERE id = :id AND sha256 IS NULL', { id, sha256 });
}

export function deleteBackup(tx: WriteTx, id: string): void {
  tx.run('DELETE FROM backup WHERE id = :id', { id });
}

export function findBackup(tx: ReadTx, id: string): BackupRow | undefined {
  const row = tx.get<RawRow>(`SELECT ${columns} FROM backup WHERE id = :id`, { id });
  return row === undefined ? undefined : fromRaw(row);
}

/** Newest first. */
export function listBackups(tx: ReadTx, limit: number, beyond: Cursor | undefined): BackupRow[] {
  const condition = beyond === undefined ? '' : 'WHERE (created_at, id) < (:at, :id)';
  return tx
    .all<RawRow>(`SELECT ${columns} FROM backup ${condition} ORDER BY created_at DESC, id DESC LIMIT :limit`, {
      limit,
      ...(beyond === undefined ? {} : { at: beyond.createdAt, id: beyond.id }),
    })
    .map(fromRaw);
}

export function backupsInState(tx: ReadTx, state: BackupRow['state']): BackupRow[] {
  return tx
    .all<RawRow>(`SELECT ${columns} FROM backup WHERE state = :state ORDER BY created_at DESC, id DESC`, { state })
    .map(fromRaw);
}

export function knownIds(tx: ReadTx): Set<string> {
  return new Set(tx.all<{ id: string }>('SELECT id FROM backup').map((row) => row.id));
}

/** How many backups need each version of the backup key. */
export function keyVersionsInUse(tx: ReadTx): Map<number, number> {
  const rows = tx.all<{ version: number; uses: number }>(
    "SELECT key_version AS version, count(*) AS uses FROM backup WHERE state <> 'failed' GROUP BY key_version",
  );
  return new Map(rows.map(({ version, uses }) => [version, uses]));
}

export type ScheduleRow = {
  /** The last scheduled backup, or when the schedule began to count. */
  readonly anchorAt: number;
  readonly failedAt: number | null;
  readonly changed: BackupSchedule | undefined;
};

export function findSchedule(tx: ReadTx): ScheduleRow | undefined {
  const row = tx.get<{ anchor_at: number; failed_at: number | null; changed: string | null }>(
    'SELECT anchor_at, failed_at, changed FROM backup_schedule WHERE id = 1',
  );
  if (row === undefined) return undefined;
  return {
    anchorAt: row.anchor_at,
    failedAt: row.failed_at,
    changed: row.changed === null ? undefined : (JSON.parse(row.changed) as BackupSchedule),
  };
}

export function saveSchedule(tx: WriteTx, { anchorAt, failedAt, changed }: ScheduleRow): void {
  tx.run(
    `INSERT INTO backup_schedule (id, anchor_at, failed_at, changed) VALUES (1, :anchor_at, :failed_at, :changed)
     ON CONFLICT (id) DO UPDATE SET anchor_at = :anchor_at, failed_at = :failed_at, changed = :changed`,
    { anchor_at: anchorAt, failed_at: failedAt, changed: changed === undefined ? null : JSON.stringify(changed) },
  );
}

type RawRow = {
  readonly id: string;
  readonly kind: BackupRow['kind'];
  readonly state: BackupRow['state'];
  readonly encrypted: number;
  readonly opens_with: string;
  readonly created_at: number;
  readonly finished_at: number | null;
  readonly size_bytes: number | null;
  readonly sha256: string | null;
  readonly path: string;
  readonly key_version: number;
  readonly audit_entries: number | null;
  readonly total_bytes: number;
  readonly error: string | null;
  readonly verified_at: number | null;
  readonly verified_passed: number | null;
  readonly verified_detail: string | null;
  readonly verified_entries: number | null;
  readonly verified_root: string | null;
};

function fromRaw(row: RawRow): BackupRow {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    encrypted: row.encrypted === 1,
    opensWith: row.opens_with.split(' ').filter((word) => word !== '') as BackupOpener[],
    createdAt: row.created_at,
    finishedAt: row.finished_at,
    sizeBytes: row.size_bytes,
    sha256: row.sha256,
    path: row.path,
    keyVersion: row.key_version,
    auditEntries: row.audit_entries,
    totalBytes: row.total_bytes,
    error: row.error,
    verification:
      row.verified_at === null
        ? null
        : {
            at: row.verified_at,
            passed: row.verified_passed === 1,
            detail: row.verified_detail ?? '',
            auditEntries: row.verified_entries,
            rootHash: row.verified_root,
          },
  };
}
