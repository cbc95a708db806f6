// SQL of what is due: secrets that need somebody's attention, and which of it was announced before.
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { dayMs, expiringMs } from './secrets-table.ts';

export type Due = {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly kind: 'rotation_due' | 'expiring' | 'expired';
  readonly dueAt: number;
};

/** What became due and was not announced yet. A value that has expired is no longer said to be expiring. */
export function findDue(tx: ReadTx, now: number, limit: number): Due[] {
  return tx.all<Due>(
    `SELECT id, name, owner, kind, dueAt FROM (
        SELECT id, name, owner, workspace, 'rotation_due' AS kind, changed_at + rotation_days * ${dayMs} AS dueAt
          FROM secret WHERE workspace = :workspace AND deleted_at IS NULL AND rotation_days IS NOT NULL
        UNION ALL
        SELECT id, name, owner, workspace, CASE WHEN expires_at <= :now THEN 'expired' ELSE 'expiring' END, expires_at
          FROM secret WHERE workspace = :workspace AND deleted_at IS NULL AND expires_at IS NOT NULL
      ) AS due
      WHERE dueAt <= CASE kind WHEN 'rotation_due' THEN :now ELSE :now + ${expiringMs} END
        AND NOT EXISTS (SELECT 1 FROM secret_notice AS n WHERE n.workspace = due.workspace AND n.secret_id = due.id
          AND n.kind = due.kind AND n.due_at = due.dueAt)
      ORDER BY dueAt, id LIMIT :limit`,
    { now, limit },
  );
}

export function keepNotice(tx: WriteTx, { id, kind, dueAt }: Due, now: number): void {
  tx.run(
    `INSERT INTO secret_notice (workspace, secret_id, kind, due_at, noticed_at)
      VALUES (:workspace, :id, :kind, :dueAt, :now)`,
    { id, kind, dueAt, now },
  );
}
