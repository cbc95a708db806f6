// SQL that reads back what was stored, for dry runs, what-ifs and replays: events in the order of their times, alerts with what they
// rest on. Nothing is changed here; the tables belong to events and alerts.
import type { Verdict } from '../../../../src-shared/contract/alerts.ts';
import type { Severity } from '../../../../src-shared/contract/values.ts';
import type { ReadTx } from '../../store/store.ts';

export type HistoryEvent = { readonly id: string; readonly at: number; readonly seq: number; readonly record: string };
export type Place = { readonly at: number; readonly seq: number };

/** The place of the event that lies `steps` events before `place`, or undefined where there are fewer since then. */
export function placeBefore(tx: ReadTx, { at, seq }: Place, since: number, steps: number): Place | undefined {
  return tx.get<Place>(
    `SELECT at, seq FROM event INDEXED BY event_by_time
      WHERE workspace = :workspace AND at >= :since AND (at, seq) < (:at, :seq)
      ORDER BY at DESC, seq DESC LIMIT 1 OFFSET :skipped`,
    { at, seq, since, skipped: steps - 1 },
  );
}

/** How many events there are before `place`, counted up to `most`. */
export function countBefore(tx: ReadTx, { at, seq }: Place, since: number, most: number): number {
  const row = tx.get<{ count: number }>(
    `SELECT count(*) AS count FROM (
        SELECT 1 FROM event INDEXED BY event_by_time
        WHERE workspace = :workspace AND at >= :since AND (at, seq) < (:at, :seq) LIMIT :most)`,
    { at, seq, since, most },
  );
  return row?.count ?? 0;
}

export function eventsAfter(tx: ReadTx, { at, seq }: Place, until: number, limit: number): HistoryEvent[] {
  return tx.all<HistoryEvent>(
    `SELECT id, at, seq, record FROM event INDEXED BY event_by_time
      WHERE workspace = :workspace AND (at, seq) > (:at, :seq) AND at <= :until ORDER BY at, seq LIMIT :limit`,
    { at, seq, until, limit },
  );
}

/** In no particular order; unknown ones are left out. */
export function eventsWithIds(tx: ReadTx, ids: readonly string[]): HistoryEvent[] {
  return tx.all<HistoryEvent>(
    `SELECT event.id, event.at, event.seq, event.record FROM json_each(:ids) AS wanted
      CROSS JOIN event INDEXED BY event_identity ON event.id = wanted.value AND event.workspace = :workspace`,
    { ids: JSON.stringify(ids) },
  );
}

export type JudgedAlert = {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly verdict: Verdict | null;
  readonly key: number;
};

/** Alerts of these detectors (of all when undefined) whose events lie in the period, newest first. */
export function alertsBetween(
  tx: ReadTx,
  detectors: readonly string[] | undefined,
  since: number,
  until: number,
  limit: number,
): JudgedAlert[] {
  return tx.all<JudgedAlert>(
    `SELECT key, id, number, title, verdict FROM alert
      WHERE workspace = :workspace AND last_seen_at >= :since AND first_seen_at <= :until
        AND (:detectors IS NULL OR detector_id IN (SELECT value FROM json_each(:detectors)))
      ORDER BY number DESC LIMIT :limit`,
    { since, until, limit, detectors: detectors === undefined ? null : JSON.stringify(detectors) },
  );
}

export function eventIdsOf(tx: ReadTx, alertKey: number): string[] {
  return tx
    .all<{ id: string }>(
      'SELECT event_id AS id FROM alert_event WHERE workspace = :workspace AND alert = :alertKey ORDER BY position',
      { alertKey },
    )
    .map(({ id }) => id);
}

export type AlertEvidence = {
  readonly key: number;
  readonly detectorId: string;
  readonly version: string;
  readonly severity: Severity;
  readonly risk: number;
  readonly title: string;
  readonly sentence: string;
  readonly count: number;
  readonly dedupKey: string;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  /** Findings came after the one that raised it. */
  readonly repeated: boolean;
};

export function findEvidence(tx: ReadTx, alertId: string): AlertEvidence | undefined {
  const row = tx.get<Omit<AlertEvidence, 'repeated'> & { repeated: number }>(
    `SELECT a.key, a.detector_id AS detectorId, d.version, a.severity, a.risk, a.title, a.sentence, a.count,
        a.dedup_key AS dedupKey, a.first_seen_at AS firstSeenAt, a.last_seen_at AS lastSeenAt,
        EXISTS (SELECT 1 FROM alert_activity AS v
          WHERE v.workspace = a.workspace AND v.alert = a.key AND v.kind = 'repeated') AS repeated
      FROM alert AS a JOIN alert_detector AS d ON d.key = a.detector AND d.workspace = a.workspace
      WHERE a.workspace = :workspace AND a.id = :alertId`,
    { alertId },
  );
  return row === undefined ? undefined : { ...row, repeated: row.repeated === 1 };
}

/** What the alert's events hashed to when it was raised, in the order they came, from `from` on. */
export function hashesOf(
  tx: ReadTx,
  alertKey: number,
  from: number,
  limit: number,
): { readonly id: string; readonly sha256: string }[] {
  return tx.all(
    `SELECT event_id AS id, sha256 FROM alert_event
      WHERE workspace = :workspace AND alert = :alertKey AND position >= :from ORDER BY position LIMIT :limit`,
    { alertKey, from, limit },
  );
}
