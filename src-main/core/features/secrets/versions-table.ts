// SQL of the versions: the sealed values, and what changed from one to the next.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type FieldChange = { readonly name: string; readonly change: 'same' | 'changed' | 'added' | 'removed' };

export type Version = {
  readonly version: number;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly usableUntil: number | null;
  readonly changes: readonly FieldChange[];
  /** Whether its value is still there. */
  readonly kept: boolean;
};

type Row = Omit<Version, 'changes' | 'kept'> & { readonly changes: string; readonly kept: number };

const columns = `version, created_at AS createdAt, created_by AS createdBy, usable_until AS usableUntil, changes,
  sealed IS NOT NULL AS kept`;

export function insertVersion(
  tx: WriteTx,
  secretId: string,
  version: Omit<Version, 'usableUntil' | 'kept'> & { readonly sealed: Uint8Array },
): void {
  tx.run(
    `INSERT INTO secret_version (workspace, secret_id, version, created_at, created_by, sealed, changes)
      VALUES (:workspace, :secretId, :version, :createdAt, :createdBy, :sealed, :changes)`,
    { ...version, secretId, changes: JSON.stringify(version.changes) },
  );
}

/** Newest first. */
export function findVersions(tx: ReadTx, secretId: string, limit: number): Version[] {
  return tx
    .all<Row>(
      `SELECT ${columns} FROM secret_version WHERE workspace = :workspace AND secret_id = :secretId
        ORDER BY version DESC LIMIT :limit`,
      { secretId, limit },
    )
    .map(({ changes, kept, ...row }) => ({
      ...row,
      changes: JSON.parse(changes) as FieldChange[],
      kept: kept === 1,
    }));
}

export function findSealed(
  tx: ReadTx,
  secretId: string,
  version: number,
): { readonly sealed: Uint8Array | null; readonly usableUntil: number | null } | undefined {
  return tx.get(
    `SELECT sealed, usable_until AS usableUntil FROM secret_version
      WHERE workspace = :workspace AND secret_id = :secretId AND version = :version`,
    { secretId, version },
  );
}

/** Of all versions before the new one: the one just replaced stays usable until `until`, those before it end now at the latest. */
export function endVersions(tx: WriteTx, secretId: string, replaced: number, until: number | null, now: number): void {
  tx.run(
    `UPDATE secret_version SET usable_until = CASE WHEN version = :replaced THEN :until ELSE min(usable_until, :now) END
      WHERE workspace = :workspace AND secret_id = :secretId AND version <= :replaced`,
    { secretId, replaced, until, now },
  );
}

/** Removes the values of versions up to `last`; that they were there stays. */
export function dropValues(tx: WriteTx, secretId: string, last: number): void {
  tx.run(
    `UPDATE secret_version SET sealed = NULL
      WHERE workspace = :workspace AND secret_id = :secretId AND version <= :last AND sealed IS NOT NULL`,
    { secretId, last },
  );
}
