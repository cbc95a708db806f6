// All SQL of the ledger of key versions.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type LedgerRow = {
  readonly purpose: string;
  readonly version: number;
  readonly created_at: number;
  readonly destroyed_at: number | null;
};

export function ledgerRows(tx: ReadTx): LedgerRow[] {
  return tx.all<LedgerRow>(
    'SELECT purpose, version, created_at, destroyed_at FROM encryption_version ORDER BY purpose, version',
  );
}

/** A number that was used before, by a version that is gone, begins anew. */
export function insertVersion(tx: WriteTx, { purpose, version, created_at }: Omit<LedgerRow, 'destroyed_at'>): void {
  tx.run(
    `INSERT INTO encryption_version (purpose, version, created_at) VALUES (:purpose, :version, :created_at)
     ON CONFLICT (purpose, version) DO UPDATE SET created_at = :created_at, destroyed_at = NULL`,
    { purpose, version, created_at },
  );
}

export function markDestroyed(tx: WriteTx, purpose: string, version: number, at: number): void {
  tx.run('UPDATE encryption_version SET destroyed_at = :at WHERE purpose = :purpose AND version = :version', {
    purpose,
    version,
    at,
  });
}
