// SQL of events that are kept no longer. They go in the order they came, so a number says how far that is.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type OldEvent = {
  readonly seq: number;
  readonly id: string;
  readonly workspace: string;
  readonly at: number;
  readonly record: string;
  readonly format: string;
};

/** Numbers of the workspace's first event, and of the first that was not received before `before`; the last one always stays. */
export function firstReceivedSince(tx: ReadTx, before: number): { first: number; end: number } {
  const edges = tx.get<{ low: number | null; high: number | null }>(
    'SELECT min(seq) AS low, max(seq) AS high FROM event WHERE workspace = :workspace',
  );
  const first = edges?.low ?? 0;
  let low = first;
  let high = edges?.high ?? 0;
  // Halving: received_at has no index, and grows with the number unless the clock was set. Then an event may stay longer, never shorter.
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    const found = tx.get<{ seq: number; received_at: number }>(
      'SELECT seq, received_at FROM event WHERE workspace = :workspace AND seq >= :middle ORDER BY seq LIMIT 1',
      { middle },
    );
    if (found !== undefined && found.received_at < before) low = found.seq + 1;
    else high = middle;
  }
  return { first, end: low };
}

/** Of those with numbers beyond `after` and below `end`, the first, and whether an alert names them as its evidence. */
export function oldEvents(
  tx: ReadTx,
  range: { readonly after: number; readonly end: number; readonly before: number },
  limit: number,
): (OldEvent & { readonly received_at: number; readonly isCited: number })[] {
  return tx.all(
    `SELECT seq, id, workspace, at, received_at, record, format,
       EXISTS (SELECT 1 FROM alert_event INDEXED BY alert_event_by_event WHERE alert_event.event_id = event.id) AS isCited
     FROM event WHERE workspace = :workspace AND seq > :after AND seq < :end AND received_at < :before ORDER BY seq LIMIT :limit`,
    { ...range, limit },
  );
}

export function deleteEvents(tx: WriteTx, seqs: readonly number[]): void {
  tx.run('DELETE FROM event WHERE workspace = :workspace AND seq IN (SELECT value FROM json_each(:seqs))', {
    seqs: JSON.stringify(seqs),
  });
}
