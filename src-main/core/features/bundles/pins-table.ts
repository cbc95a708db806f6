// All SQL of the pinned signers.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type PinRow = {
  readonly id: string;
  readonly verifier_key: string;
  readonly note: string;
  readonly pinned_by: string;
  readonly pinned_at: number;
};

const columns = 'id, verifier_key, note, pinned_by, pinned_at';

export function findPins(tx: ReadTx): PinRow[] {
  return tx.all(`SELECT ${columns} FROM pinned_signer WHERE workspace = :workspace ORDER BY pinned_at, id`, {});
}

export function findPin(tx: ReadTx, id: string): PinRow | undefined {
  return tx.get(`SELECT ${columns} FROM pinned_signer WHERE workspace = :workspace AND id = :id`, { id });
}

export function findPinOf(tx: ReadTx, key: string): PinRow | undefined {
  return tx.get(`SELECT ${columns} FROM pinned_signer WHERE workspace = :workspace AND verifier_key = :key`, { key });
}

/** Replaces the one of the same id. */
export function keepPin(tx: WriteTx, row: PinRow): void {
  tx.run(
    `INSERT INTO pinned_signer (id, workspace, verifier_key, note, pinned_by, pinned_at)
     VALUES (:id, :workspace, :verifier_key, :note, :pinned_by, :pinned_at)
     ON CONFLICT (id) DO UPDATE SET note = :note, pinned_by = :pinned_by, pinned_at = :pinned_at
     WHERE workspace = :workspace`,
    { ...row },
  );
}

export function removePin(tx: WriteTx, id: string): void {
  tx.run('DELETE FROM pinned_signer WHERE workspace = :workspace AND id = :id', { id });
}
