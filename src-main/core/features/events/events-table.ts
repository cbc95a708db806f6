// All SQL of the events.
import type { Event } from '../../../engine/event.ts';
import { createConditions } from '../../store/conditions.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import type { StoredEvent } from './event-record.ts';

const columns = 'seq, id, at, received_at, record, sha256, format';

/** @returns false when the same id and time is already there. */
export function insertEvent(
  tx: WriteTx,
  event: Event,
  stored: { record: string; sha256: Uint8Array; format: string; receivedAt: number },
): boolean {
  return (
    tx.run(
      `INSERT OR IGNORE INTO event (workspace, id, at, received_at, source, event_type, actor, success, ip_address, record, sha256, format)
       VALUES (:workspace, :id, :at, :received_at, :source, :event_type, :actor, :success, :ip_address, :record, :sha256, :format)`,
      {
        id: event.id,
        at: event.timeMs,
        received_at: stored.receivedAt,
        source: event.source,
        event_type: event.event_type,
        actor: event.actor ?? null,
        success: event.success === undefined ? null : Number(event.success),
        ip_address: event.ip_address ?? null,
        record: stored.record,
        sha256: stored.sha256,
        format: stored.format,
      },
    ) === 1
  );
}

/** The hash of the record that is stored under this identity. */
export function findStored(tx: ReadTx, { id, timeMs }: Pick<Event, 'id' | 'timeMs'>): Uint8Array | undefined {
  const row = tx.get<{ sha256: Uint8Array }>(
    'SELECT sha256 FROM event WHERE id = :id AND at = :at AND workspace = :workspace',
    { id, at: timeMs },
  );
  return row?.sha256;
}

// The index is named because without statistics SQLite may walk all of the workspace's events for each id instead.
const byIds = `FROM json_each(:ids) AS wanted
     CROSS JOIN event INDEXED BY event_identity ON event.id = wanted.value AND event.workspace = :workspace`;

/** The canonical records of the events with these ids, in no particular order; unknown ones are left out. */
export function findRecords(
  tx: ReadTx,
  ids: readonly string[],
): (Readonly<Record<string, unknown>> & { id: string; time: string })[] {
  if (ids.length === 0) return [];
  // Joined in SQLite and parsed at once: a row for each event would cost twice as much.
  const row = tx.get<{ records: string | null }>(`SELECT group_concat(event.record) AS records ${byIds}`, {
    ids: JSON.stringify(ids),
  });
  return JSON.parse(`[${row?.records ?? ''}]`) as (Record<string, unknown> & { id: string; time: string })[];
}

/** Hashes, in hex, of the events with these ids. */
export function findHashes(tx: ReadTx, ids: readonly string[]): Map<string, string> {
  if (ids.length === 0) return new Map();
  const rows = tx.all<{ id: string; sha256: string }>(`SELECT event.id, lower(hex(event.sha256)) AS sha256 ${byIds}`, {
    ids: JSON.stringify(ids),
  });
  return new Map(rows.map(({ id, sha256 }) => [id, sha256]));
}

/** By time, and by number within it. */
export type EventKey = { readonly at: number; readonly seq: number };

/** The latest events of a span of time, beyond a place. */
export function eventsNewest(
  tx: ReadTx,
  { since, until }: { readonly since: number | undefined; readonly until: number | undefined },
  beyond: EventKey | undefined,
  limit: number,
): StoredEvent[] {
  const { where, sql, parameters } = createConditions();
  where('at >= :since', 'since', since);
  where('at <= :until', 'until', until);
  where('(at, seq) < (:beyond_at, :beyond_seq)', 'beyond_at', beyond?.at);
  return tx.all<StoredEvent>(`SELECT ${columns} FROM event WHERE ${sql()} ORDER BY at DESC, seq DESC LIMIT :limit`, {
    ...parameters,
    ...(beyond === undefined ? {} : { beyond_seq: beyond.seq }),
    limit,
  });
}

export function eventsById(tx: ReadTx, ids: readonly string[]): StoredEvent[] {
  const named = columns.replaceAll(/\w+/g, 'event.$&');
  return tx.all(`SELECT ${named} ${byIds}`, { ids: JSON.stringify(ids) });
}

const bySeqs = `FROM json_each(:seqs) AS wanted
     CROSS JOIN event ON event.seq = wanted.value AND event.workspace = :workspace`;

/** The events with these numbers, in no particular order. */
export function eventsOf(tx: ReadTx, seqs: readonly number[]): StoredEvent[] {
  const named = columns.replaceAll(/\w+/g, 'event.$&');
  return tx.all(`SELECT ${named} ${bySeqs}`, { seqs: JSON.stringify(seqs) });
}

export function keysOf(tx: ReadTx, seqs: readonly number[]): EventKey[] {
  return tx.all(`SELECT event.at, event.seq ${bySeqs}`, { seqs: JSON.stringify(seqs) });
}

/** Both inclusive. */
export function countBetween(tx: ReadTx, from: number, to: number): number {
  const row = tx.get<{ count: number }>(
    'SELECT count(*) AS count FROM event WHERE workspace = :workspace AND at >= :from AND at <= :to',
    { from, to },
  );
  return row?.count ?? 0;
}

/** When the first and the last event happened. */
export function edgesOf(tx: ReadTx): { first: number; last: number } | undefined {
  const row = tx.get<{ first: number | null; last: number | null }>(
    `SELECT (SELECT min(at) FROM event WHERE workspace = :workspace) AS first,
       (SELECT max(at) FROM event WHERE workspace = :workspace) AS last`,
  );
  if (row === undefined || row.first === null || row.last === null) return undefined;
  return { first: row.first, last: row.last };
}

/** An event of any workspace, for the index over all of them. */
export type NumberedEvent = Pick<StoredEvent, 'seq' | 'at' | 'record' | 'format'> & { readonly workspace: string };

/** Events of all workspaces in the order of their numbers, from one of them on, upwards or downwards. */
export function eventsNumbered(
  tx: ReadTx,
  { from, limit, order }: { from: number; limit: number; order: 'up' | 'down' },
): NumberedEvent[] {
  const way = order === 'up' ? 'seq >= :from ORDER BY seq' : 'seq <= :from ORDER BY seq DESC';
  return tx.everywhere.all(`SELECT seq, workspace, at, record, format FROM event WHERE ${way} LIMIT :limit`, {
    from,
    limit,
  });
}

/** The number of the event that came last, in any workspace. */
export function lastNumber(tx: ReadTx): number {
  return tx.everywhere.get<{ seq: number }>('SELECT coalesce(max(seq), 0) AS seq FROM event')?.seq ?? 0;
}

export function countEvents(tx: ReadTx): { total: number; lastReceivedAt: number | null } {
  // Rows are only ever added at the end, so the highest number says how many there are.
  const row = tx.get<{ total: number; last: number | null }>(
    'SELECT coalesce(max(seq), 0) AS total, max(received_at) AS last FROM (SELECT seq, received_at FROM event WHERE workspace = :workspace ORDER BY seq DESC LIMIT 1)',
  );
  return { total: row?.total ?? 0, lastReceivedAt: row?.last ?? null };
}

/** Where the events begin that were received since `since`, at most the last `limit` of them. */
export function firstRecent(tx: ReadTx, since: number, limit: number): number {
  const row = tx.get<{ seq: number | null }>(
    `SELECT min(seq) AS seq FROM (
       SELECT seq, received_at FROM event WHERE workspace = :workspace ORDER BY seq DESC LIMIT :limit) WHERE received_at >= :since`,
    { since, limit },
  );
  return row?.seq ?? Number.MAX_SAFE_INTEGER;
}

/** Events from `seq` on, in the order they came. */
export function eventsFrom(tx: ReadTx, seq: number, limit: number): Pick<StoredEvent, 'seq' | 'at' | 'record'>[] {
  return tx.all(
    'SELECT seq, at, record FROM event WHERE workspace = :workspace AND seq >= :seq ORDER BY seq LIMIT :limit',
    { seq, limit },
  );
}

export function insertImport(
  tx: WriteTx,
  row: { id: string; name: string; startedAt: number; finishedAt: number; state: string; summary: string },
): void {
  tx.run(
    `INSERT INTO import (id, workspace, name, started_at, finished_at, state, summary)
     VALUES (:id, :workspace, :name, :started_at, :finished_at, :state, :summary)`,
    {
      id: row.id,
      name: row.name,
      started_at: row.startedAt,
      finished_at: row.finishedAt,
      state: row.state,
      summary: row.summary,
    },
  );
}
