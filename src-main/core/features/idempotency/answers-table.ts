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
