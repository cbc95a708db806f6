// SQL of how far the retention of events is.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type Progress = {
  /** Up to here every event is gone, or stays because an alert names it or a hold covers it. */
  readonly done_seq: number;
  readonly deleted: number;
};

export function readProgress(tx: ReadTx): Progress {
  const row = tx.get<Progress>('SELECT done_seq, deleted FROM event_retention WHERE workspace = :workspace');
  return row ?? { done_seq: 0, deleted: 0 };
}

export function eventsDeleted(tx: ReadTx): number {
  return readProgress(tx).deleted;
}

export function setProgress(tx: WriteTx, { done_seq, deleted }: Progress): void {
  tx.run(
    `INSERT INTO event_retention (workspace, done_seq, deleted) VALUES (:workspace, :done_seq, :deleted)
     ON CONFLICT (workspace) DO UPDATE SET done_seq = :done_seq, deleted = :deleted`,
    { done_seq, deleted },
  );
}
