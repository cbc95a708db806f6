// SQL of the alerts themselves: finding them, writing what was found, writing what triage decided.
// The queue's searches are in queue-table.ts, activity and undo in activity-table.ts.
import type { AlertOrigin } from '../../../../src-shared/contract/alerts.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import type { AlertState } from './alert.ts';
import { type AlertRecord, type Entity, type RecordRow, recordColumns, recordOf } from './alert-record.ts';

/** The reason, the numbers and the evidence of one alert, beside its record. */
export type AlertStory = {
  readonly sentence: string;
  readonly riskDerivation: readonly { label: string; points: number }[];
  readonly detectorVersion: string;
  /** JSON as raise.ts wrote it. */
  readonly detector: string;
};

export type NewAlert = {
  readonly id: string;
  readonly number: number;
  readonly detectorKey: number;
  readonly detectorId: string;
  readonly origin: AlertOrigin;
  readonly severity: string;
  readonly risk: number;
  readonly riskDerivation: AlertStory['riskDerivation'];
  readonly title: string;
  readonly sentence: string;
  readonly entities: readonly Entity[];
  readonly techniques: readonly string[];
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly dedupKey: string;
  readonly dedupWindowMs: number;
  readonly state: AlertState;
  readonly now: number;
};

/** What a repeat changes. */
export type Repeat = Pick<
  NewAlert,
  | 'severity'
  | 'risk'
  | 'riskDerivation'
  | 'title'
  | 'sentence'
  | 'entities'
  | 'techniques'
  | 'firstSeenAt'
  | 'lastSeenAt'
> & { readonly now: number };

export function findAlert(tx: ReadTx, id: string): AlertRecord | undefined {
  const row = tx.get<RecordRow>(
    `SELECT ${recordColumns} FROM alert AS a WHERE a.id = :id AND a.workspace = :workspace`,
    { id },
  );
  return row === undefined ? undefined : recordOf(row);
}

/** Those of `ids` that exist, by id. */
export function findAlerts(tx: ReadTx, ids: readonly string[]): Map<string, AlertRecord> {
  const rows = tx.all<RecordRow>(
    `SELECT ${recordColumns} FROM alert AS a INDEXED BY alert_by_id
      WHERE a.workspace = :workspace AND a.id IN (SELECT value FROM json_each(:ids))`,
    { ids: JSON.stringify(ids) },
  );
  return new Map(rows.map((row) => [row.id, recordOf(row)]));
}

export function getStory(tx: ReadTx, alertKey: number): AlertStory {
  const row = tx.get<{
    sentence: string;
    risk_derivation: string;
    version: string;
    description: string;
  }>(
    `SELECT a.sentence, a.risk_derivation, d.version, d.description
      FROM alert AS a JOIN alert_detector AS d ON d.key = a.detector
      WHERE a.key = :alertKey AND a.workspace = :workspace`,
    { alertKey },
  );
  if (row === undefined) throw new Error(`alert ${alertKey} has no row`);
  return {
    sentence: row.sentence,
    riskDerivation: JSON.parse(row.risk_derivation) as AlertStory['riskDerivation'],
    detectorVersion: row.version,
    detector: row.description,
  };
}

/**
 * How much event time one alert can take up by repeats: a steady attack makes a new alert each day, so that it can't hide for ever in
 * one that somebody acknowledged long ago.
 */
const longestMs = 24 * 3_600_000;

/** The newest alert not closed, of the same dedup key and detector version, that the finding is no further from than its window. */
export function findRepeated(
  tx: ReadTx,
  finding: { dedupKey: string; firstAtMs: number; lastAtMs: number },
  detectorKey: number,
): AlertRecord | undefined {
  const row = tx.get<RecordRow>(
    `SELECT ${recordColumns} FROM alert AS a INDEXED BY alert_active_by_dedup
      WHERE a.workspace = :workspace AND a.dedup_key = :dedupKey AND a.status <> 'closed' AND a.detector = :detectorKey
        AND :firstAt <= a.last_seen_at + a.dedup_window_ms AND :lastAt >= a.first_seen_at - a.dedup_window_ms
        AND abs(:lastAt - a.dedup_from_at) <= max(:longest, a.dedup_window_ms)
      ORDER BY a.key DESC LIMIT 1`,
    {
      dedupKey: finding.dedupKey,
      firstAt: finding.firstAtMs,
      lastAt: finding.lastAtMs,
      detectorKey,
      longest: longestMs,
    },
  );
  return row === undefined ? undefined : recordOf(row);
}

/** The key of a detector's description, stored once however many alerts it raises. */
export function keepDetector(
  tx: WriteTx,
  detector: { digest: string; id: string; version: string; description: string },
): number {
  const find = 'SELECT key FROM alert_detector WHERE workspace = :workspace AND digest = :digest';
  const known = tx.get<{ key: number }>(find, { digest: detector.digest });
  if (known !== undefined) return known.key;
  tx.run(
    `INSERT INTO alert_detector (workspace, digest, detector_id, version, description)
      VALUES (:workspace, :digest, :id, :version, :description)`,
    detector,
  );
  return keyOf(tx.get<{ key: number }>(find, { digest: detector.digest }));
}

export function nextNumber(tx: ReadTx): number {
  const row = tx.get<{ last: number | null }>('SELECT max(number) AS last FROM alert WHERE workspace = :workspace');
  return (row?.last ?? 0) + 1;
}

/** @returns the new alert's key. */
export function insertAlert(tx: WriteTx, alert: NewAlert): number {
  tx.run(
    `INSERT INTO alert (workspace, id, number, detector, detector_id, origin, severity, risk, status, verdict, assignee, count,
        first_seen_at, last_seen_at, raised_at, changed_at, clock_from_at, acknowledged_at, revision,
        state_revision, dedup_key, dedup_from_at, dedup_window_ms, title, sentence, entities, techniques,
        risk_derivation, closing_note)
      VALUES (:workspace, :id, :number, :detector, :detectorId, :origin, :severity, :risk, :status, :verdict, :assignee, 0,
        :firstSeenAt, :lastSeenAt, :now, :now, :clockFromAt, :acknowledgedAt, 1,
        1, :dedupKey, :lastSeenAt, :dedupWindowMs, :title, :sentence, :entities, :techniques,
        :riskDerivation, :closingNote)`,
    {
      id: alert.id,
      number: alert.number,
      detector: alert.detectorKey,
      detectorId: alert.detectorId,
      origin: alert.origin,
      firstSeenAt: alert.firstSeenAt,
      lastSeenAt: alert.lastSeenAt,
      dedupKey: alert.dedupKey,
      dedupWindowMs: alert.dedupWindowMs,
      now: alert.now,
      ...storyParameters(alert),
      ...stateParameters(alert.state),
    },
  );
  return keyOf(
    tx.get<{ key: number }>('SELECT key FROM alert WHERE id = :id AND workspace = :workspace', { id: alert.id }),
  );
}

export function saveRepeat(tx: WriteTx, alertKey: number, repeat: Repeat): void {
  tx.run(
    `UPDATE alert SET severity = :severity, risk = :risk, risk_derivation = :riskDerivation, title = :title,
        sentence = :sentence, entities = :entities, techniques = :techniques,
        first_seen_at = :firstSeenAt, last_seen_at = :lastSeenAt, changed_at = :now, revision = revision + 1
      WHERE key = :alertKey AND workspace = :workspace`,
    {
      alertKey,
      firstSeenAt: repeat.firstSeenAt,
      lastSeenAt: repeat.lastSeenAt,
      now: repeat.now,
      ...storyParameters(repeat),
    },
  );
}

/** What triage or an undo made of the alert. */
export function saveState(tx: WriteTx, alertKey: number, state: AlertState, now: number): void {
  tx.run(
    `UPDATE alert SET status = :status, verdict = :verdict, closing_note = :closingNote, assignee = :assignee,
        clock_from_at = :clockFromAt, acknowledged_at = :acknowledgedAt, changed_at = :now,
        revision = revision + 1, state_revision = state_revision + 1
      WHERE key = :alertKey AND workspace = :workspace`,
    { alertKey, now, ...stateParameters(state) },
  );
}

/** Something was added to the alert that leaves its state alone. */
export function touchAlert(tx: WriteTx, alertKey: number, now: number): void {
  tx.run(
    'UPDATE alert SET changed_at = :now, revision = revision + 1 WHERE key = :alertKey AND workspace = :workspace',
    { alertKey, now },
  );
}

function storyParameters(
  story: Pick<NewAlert, 'severity' | 'risk' | 'riskDerivation' | 'title' | 'sentence' | 'entities' | 'techniques'>,
) {
  return {
    severity: story.severity,
    risk: story.risk,
    riskDerivation: JSON.stringify(story.riskDerivation),
    title: story.title,
    sentence: story.sentence,
    entities: JSON.stringify(story.entities),
    techniques: JSON.stringify(story.techniques),
  };
}

function stateParameters(state: AlertState) {
  return {
    status: state.status,
    verdict: state.verdict,
    closingNote: state.closingNote,
    assignee: state.assignee,
    clockFromAt: state.clockFromAt,
    acknowledgedAt: state.acknowledgedAt,
  };
}

function keyOf(row: { key: number } | undefined): number {
  if (row === undefined) throw new Error('a row that was just written is not there');
  return row.key;
}
