// All SQL of the kept answers.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type KeptAnswer = { readonly request: Uint8Array; readonly answer: Uint8Array };

export function findAnswer(tx: ReadTx, principal: string, key: string, since: number): KeptAnswer | undefined {
  return tx.get<KeptAnswer>(
    'SELECT request, answer FROM idempotency WHERE workspace = :workspace AND principal = :principal AND key = :key AND at >= :since',
    { principal, key, since },
  );
}

export function keepAnswer(
  tx: WriteTx,
  row: KeptAnswer & { principal: string; key: string; at: number; forgetBefore: number },
): void {
  tx.run('DELETE FROM idempotency WHERE at < :before AND workspace = :workspace', { before: row.forgetBefore });
  tx.run(
    `INSERT OR REPLACE INTO idempotency (workspace, principal, key, request, answer, at)
     VALUES (:workspace, :principal, :key, :request, :answer, :at)`,
    { principal: row.principal, key: row.key, request: row.request, answer: row.answer, at: row.at },
  );
}

/** Of all answers of a client. */
export function keptBytes(tx: ReadTx, principal: string): number {
  const row = tx.get<{ bytes: number }>(
    'SELECT coalesce(sum(length(answer)), 0) AS bytes FROM idempotency WHERE workspace = :workspace AND principal = :principal',
    { principal },
  );
  return row?.bytes ?? 0;
}

/** Forgets the oldest answers of a client until those that are left have at most `most` bytes. @returns how many they have. */
export function forgetOldest(tx: WriteTx, principal: string, most: number): number {
  const newest = tx.all<{ key: string; bytes: number }>(
    `SELECT key, length(answer) AS bytes FROM idempotency WHERE workspace = :workspace AND principal = :principal
     ORDER BY at DESC, key`,
    { principal },
  );
  let left = 0;
  let isFull = false;
  for (const { key, bytes } of newest) {
    isFull ||= left + bytes > most;
    if (!isFull) left += bytes;
    else
      tx.run('DELETE FROM idempotency WHERE workspace = :workspace AND principal = :principal AND key = :key', {
        principal,
        key,
      });
  }
  return left;
}
