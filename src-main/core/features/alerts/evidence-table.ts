// SQL of what an alert rests on: its exact input events, its entities, the words it is found by, and what was seen before.
import type { ReadTx, WriteTx } from '../../store/store.ts';
import type { Entity } from './alert-record.ts';

export type EventReference = { readonly eventId: string; readonly sha256: string };

/** One row holds them all as JSON: a row for each would cost three times as much. */
export function findEventReferences(tx: ReadTx, alertKey: number, limit: number): EventReference[] {
  const row = tx.get<{ list: string }>(
    `SELECT json_group_array(json_object('eventId', event_id, 'sha256', sha256)) AS list FROM (
       SELECT event_id, sha256 FROM alert_event
        WHERE alert = :alertKey AND workspace = :workspace ORDER BY position LIMIT :limit)`,
    { alertKey, limit },
  );
  return JSON.parse(row?.list ?? '[]') as EventReference[];
}

/** Those of `eventIds` that the alert doesn't have yet, each once, in order. */
export function newEvents(tx: ReadTx, alertKey: number, eventIds: readonly string[]): string[] {
  const known = new Set(
    tx
      .all<{ event_id: string }>(
        `SELECT event_id FROM alert_event
          WHERE alert = :alertKey AND event_id IN (SELECT value FROM json_each(:eventIds)) AND workspace = :workspace`,
        { alertKey, eventIds: JSON.stringify(eventIds) },
      )
      .map((row) => row.event_id),
  );
  return [...new Set(eventIds)].filter((eventId) => !known.has(eventId));
}

/** Adds events that the alert doesn't have, behind the `before` that it has, and counts them in it. */
export function addEvents(tx: WriteTx, alertKey: number, before: number, events: readonly EventReference[]): void {
  for (const [index, { eventId, sha256 }] of events.entries()) {
    tx.run(
      `INSERT INTO alert_event (workspace, alert, event_id, position, sha256)
        VALUES (:workspace, :alertKey, :eventId, :position, :sha256)`,
      { alertKey, eventId, position: before + index, sha256 },
    );
  }
  tx.run('UPDATE alert SET count = :count WHERE key = :alertKey AND workspace = :workspace', {
    alertKey,
    count: before + events.length,
  });
}

export function addEntity(
  tx: WriteTx,
  alertKey: number,
  detectorId: string,
  entity: Entity,
  address: Uint8Array | null,
): void {
  tx.run(
    `INSERT OR IGNORE INTO alert_entity (workspace, kind, value, detector_id, alert, address)
      VALUES (:workspace, :kind, :value, :detectorId, :alertKey, :address)`,
    { alertKey, detectorId, kind: entity.kind, value: entity.value, address },
  );
}

/** The newest alerts, not closed, that name an entity. */
export function openAlertsAbout(tx: ReadTx, { kind, value }: Entity, limit: number): string[] {
  return tx
    .all<{ id: string }>(
      `SELECT DISTINCT a.id FROM alert_entity AS e CROSS JOIN alert AS a ON a.key = e.alert AND a.workspace = :workspace
        WHERE e.workspace = :workspace AND e.kind = :kind AND e.value = :value AND a.status <> 'closed'
        ORDER BY a.key DESC LIMIT :limit`,
      { kind, value, limit },
    )
    .map(({ id }) => id);
}

export function saveWords(tx: WriteTx, alertKey: number, words: string): void {
  tx.run(
    `INSERT INTO alert_words (alert, workspace, words) VALUES (:alertKey, :workspace, :words)
      ON CONFLICT (alert) DO UPDATE SET words = excluded.words`,
    { alertKey, words },
  );
}

export type SeenBefore = {
  readonly total: number;
  readonly byVerdict: Readonly<Record<string, number>>;
  readonly lastNote: string | null;
};

/** Earlier alerts of the detector that share one of `entities`. */
export function findSeenBefore(
  tx: ReadTx,
  alertKey: number,
  detectorId: string,
  entities: readonly Entity[],
): SeenBefore {
  const rows = tx.all<{ verdict: string | null; total: number; last_note: string | null; last_key: number }>(
    // CROSS JOIN keeps the order: from the few entities to their alerts, never from all alerts.
    // SQLite takes a bare column from the row that gave the one max(): here the note of the newest alert that has one.
    `SELECT a.verdict, count(*) AS total, a.closing_note AS last_note,
        max(CASE WHEN a.closing_note IS NULL THEN 0 ELSE a.key END) AS last_key
      FROM (
        SELECT DISTINCT e.alert FROM json_each(:entities) AS wanted
          CROSS JOIN alert_entity AS e ON e.workspace = :workspace AND e.kind = wanted.value ->> 'kind'
            AND e.value = wanted.value ->> 'value' AND e.detector_id = :detectorId AND e.alert < :alertKey
      ) AS shared
      CROSS JOIN alert AS a ON a.key = shared.alert AND a.workspace = :workspace
      GROUP BY a.verdict`,
    { alertKey, detectorId, entities: JSON.stringify(entities) },
  );
  const judged = rows.filter((row) => row.verdict !== null);
  const newest = judged.toSorted((left, right) => right.last_key - left.last_key)[0];
  return {
    total: rows.reduce((sum, row) => sum + row.total, 0),
    byVerdict: Object.fromEntries(judged.map((row) => [row.verdict, row.total])),
    lastNote: newest === undefined || newest.last_key === 0 ? null : newest.last_note,
  };
}
