// SQL of the workspaces' own mappings of log sources: one each, as text.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type MappingRow = {
  readonly text: string;
  readonly sha256: string;
  readonly changedAt: number;
  readonly changedBy: string;
};

export function findMapping(tx: ReadTx): MappingRow | undefined {
  return tx.get<MappingRow>(
    `SELECT text, sha256, changed_at AS changedAt, changed_by AS changedBy FROM log_source_mapping
      WHERE workspace = :workspace`,
  );
}

/** Without its text. */
export function findMappingHash(tx: ReadTx): string | undefined {
  return tx.get<{ sha256: string }>('SELECT sha256 FROM log_source_mapping WHERE workspace = :workspace')?.sha256;
}

export function saveMapping(tx: WriteTx, row: MappingRow): void {
  tx.run(
    `INSERT INTO log_source_mapping (workspace, text, sha256, changed_at, changed_by)
      VALUES (:workspace, :text, :sha256, :changedAt, :changedBy)
      ON CONFLICT (workspace) DO UPDATE SET text = excluded.text, sha256 = excluded.sha256,
        changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
    { ...row },
  );
}

export function deleteMapping(tx: WriteTx): void {
  tx.run('DELETE FROM log_source_mapping WHERE workspace = :workspace');
}
