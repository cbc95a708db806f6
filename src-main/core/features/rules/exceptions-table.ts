// SQL of the exceptions.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type Condition = { readonly field: string; readonly value: string };
export type ExceptionRow = {
  readonly id: string;
  /** null: for all rules. */
  readonly rule: string | null;
  readonly conditions: readonly Condition[];
  readonly reason: string;
  readonly owner: string;
  readonly createdAt: number;
  /** null: never. */
  readonly expiresAt: number | null;
  readonly hits: number;
  /** Alerts that would have come of those. */
  readonly alerts: number;
  readonly lastHitAt: number | null;
};

/** Those that end first, first. */
export function findExceptions(tx: ReadTx): ExceptionRow[] {
  return tx
    .all<Omit<ExceptionRow, 'conditions'> & { conditions: string }>(
      `SELECT id, rule, conditions, reason, owner, created_at AS createdAt, expires_at AS expiresAt, hits,
          alerts, last_hit_at AS lastHitAt
        FROM rule_exception WHERE workspace = :workspace ORDER BY expires_at IS NULL, expires_at, id`,
    )
    .map((row) => ({ ...row, conditions: JSON.parse(row.conditions) as Condition[] }));
}

export function insertException(tx: WriteTx, row: Omit<ExceptionRow, 'hits' | 'alerts' | 'lastHitAt'>): void {
  tx.run(
    `INSERT INTO rule_exception (workspace, id, rule, conditions, reason, owner, created_at, expires_at, hits)
      VALUES (:workspace, :id, :rule, :conditions, :reason, :owner, :createdAt, :expiresAt, 0)`,
    { ...row, conditions: JSON.stringify(row.conditions) },
  );
}

export function moveEnd(tx: WriteTx, id: string, expiresAt: number | null, reason: string): void {
  tx.run(
    'UPDATE rule_exception SET expires_at = :expiresAt, reason = :reason WHERE workspace = :workspace AND id = :id',
    { id, expiresAt, reason },
  );
}

export function setOwner(tx: WriteTx, id: string, owner: string): void {
  tx.run('UPDATE rule_exception SET owner = :owner WHERE workspace = :workspace AND id = :id', { id, owner });
}

export function deleteException(tx: WriteTx, id: string): void {
  tx.run('DELETE FROM rule_exception WHERE workspace = :workspace AND id = :id', { id });
}

export function countHits(
  tx: WriteTx,
  id: string,
  { hits, alerts }: { readonly hits: number; readonly alerts: number },
  at: number,
): void {
  tx.run(
    `UPDATE rule_exception SET hits = hits + :hits, alerts = alerts + :alerts, last_hit_at = :at
      WHERE workspace = :workspace AND id = :id`,
    { id, hits, alerts, at },
  );
}
