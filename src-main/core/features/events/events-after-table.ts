// SQL of what mirrors read of the events: those of all workspaces, in the order they came.
import type { ReadTx } from '../../store/store.ts';
import type { StoredEvent } from './event-record.ts';

export function eventsAfter(tx: ReadTx, after: number, limit: number): StoredEvent[] {
  return tx.everywhere.all<StoredEvent>(
    `SELECT seq, id, at, received_at, record, sha256, format FROM event WHERE seq > :after ORDER BY seq LIMIT :limit`,
    { after, limit },
  );
}
