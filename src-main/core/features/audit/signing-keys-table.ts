// SQL of the signing keys: which one signed the log when, and the note by which each names its successor. Console-wide, like the tree.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type SigningKeyRow = {
  readonly version: number;
  readonly verifier_key: string;
  /** It signs checkpoints of more entries than this; the last of these entries is the one of the rotation. */
  readonly after_size: number;
  /** Signed by the key before: a rotation note. null for the first key, and for one that the key before could not sign any more. */
  readonly note: string | null;
  readonly since: number;
};

/** False for a store from before keys could be rotated. */
export function hasSigningKeys(tx: ReadTx): boolean {
  return tx.get("SELECT 1 AS found FROM sqlite_schema WHERE name = 'audit_signing_key'") !== undefined;
}

/** Oldest first; the last one signs now. */
export function signingKeyRows(tx: ReadTx): SigningKeyRow[] {
  return tx.all<SigningKeyRow>(
    'SELECT version, verifier_key, after_size, note, since FROM audit_signing_key ORDER BY version',
  );
}

export function insertSigningKey(tx: WriteTx, row: SigningKeyRow): void {
  tx.run(
    `INSERT INTO audit_signing_key (version, verifier_key, after_size, note, since)
     VALUES (:version, :verifier_key, :after_size, :note, :since)`,
    { ...row },
  );
}

/** What the entry of a rotation says; undefined when its body is not there any more. */
export function rotationNamedBy(
  tx: ReadTx,
  seq: number,
): { readonly verifier_key: string | null; readonly previous_verifier_key: string | null } | undefined {
  return tx.get(
    `SELECT json_extract(body, '$.details.verifier_key') AS verifier_key,
       json_extract(body, '$.details.previous_verifier_key') AS previous_verifier_key
     FROM audit_body WHERE seq = :seq AND event_type = 'key_rotation'`,
    { seq },
  );
}
