// All SQL of the log of refused events.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type RejectionRow = {
  readonly seq: number;
  readonly at: number;
  readonly sent_by: string;
  /** The file it came from; null for what came over the API. */
  readonly file: string | null;
  readonly place: number;
  readonly reason: string;
  readonly text: string | null;
  readonly more: number;
};

export function insertRejection(tx: WriteTx, row: Omit<RejectionRow, 'seq'>): void {
  tx.run(
    `INSERT INTO event_rejection (workspace, at, sent_by, file, place, reason, text, more)
     VALUES (:workspace, :at, :sent_by, :file, :place, :reason, :text, :more)`,
    row,
  );
}

/** All but the latest `kept`. */
export function trimRejections(tx: WriteTx, kept: number): void {
  tx.run(
    `DELETE FROM event_rejection WHERE workspace = :workspace AND seq <=
     (SELECT seq FROM event_rejection WHERE workspace = :workspace ORDER BY seq DESC LIMIT 1 OFFSET :kept)`,
    { kept },
  );
}

export function deleteRejectionsBefore(tx: WriteTx, before: number): void {
  tx.run('DELETE FROM event_rejection WHERE workspace = :workspace AND at < :before', { before });
}

export function addToTotal(tx: WriteTx, count: number): void {
  tx.run(
    `INSERT INTO event_rejection_total (workspace, total) VALUES (:workspace, :count)
     ON CONFLICT (workspace) DO UPDATE SET total = total + :count`,
    { count },
  );
}

export function findTotal(tx: ReadTx): number {
  return tx.get<{ total: number }>('SELECT total FROM event_rejection_total WHERE workspace = :workspace')?.total ?? 0;
}

/** Newest first, below a number. */
export function findRejections(tx: ReadTx, below: number, limit: number): RejectionRow[] {
  return tx.all(
    `SELECT seq, at, sent_by, file, place, reason, text, more FROM event_rejection
     WHERE workspace = :workspace AND seq < :below ORDER BY seq DESC LIMIT :limit`,
    { below, limit },
  );
}
