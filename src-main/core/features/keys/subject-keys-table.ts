// All SQL of the subjects' keys.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export const subjectKeyMigrations = [
  {
    version: 1,
    sql: `
CREATE TABLE subject_key (
  subject TEXT PRIMARY KEY, sealed_key BLOB, created_at INTEGER NOT NULL, destroyed_at INTEGER,
  CHECK ((sealed_key IS NULL) = (destroyed_at IS NOT NULL))
) STRICT, WITHOUT ROWID;
`,
  },
] as const;

/** null: the key was destroyed. */
export function findSealedKey(tx: ReadTx, subject: string): Uint8Array | null | undefined {
  return tx.get<{ sealed_key: Uint8Array | null }>('SELECT sealed_key FROM subject_key WHERE subject = :subject', {
    subject,
  })?.sealed_key;
}

export function insertSealedKey(tx: WriteTx, subject: string, sealedKey: Uint8Array, at: number): void {
  tx.run('INSERT INTO subject_key (subject, sealed_key, created_at) VALUES (:subject, :sealedKey, :at)', {
    subject,
    sealedKey,
    at,
  });
}

/** @returns false when there was no key. */
export function eraseSealedKey(tx: WriteTx, subject: string, at: number): boolean {
  return (
    tx.run(
      'UPDATE subject_key SET sealed_key = NULL, destroyed_at = :at WHERE subject = :subject AND sealed_key IS NOT NULL',
      { subject, at },
    ) > 0
  );
}

export function countSealedKeys(tx: ReadTx): number {
  return tx.get<{ keys: number }>('SELECT count(*) AS keys FROM subject_key WHERE sealed_key IS NOT NULL')?.keys ?? 0;
}
