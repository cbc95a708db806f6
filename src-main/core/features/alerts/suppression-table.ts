// SQL of suppression: the windows in which an alert keeps others quiet, and what it kept quiet with the events of it.
import type { Severity } from '../../../../src-shared/contract/values.ts';
import type { Finding } from '../../../engine/finding.ts';
import type { Lane, QuietWindow } from '../../../engine/suppression.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import type { EventReference } from './evidence-table.ts';

/** Characters of a value that are shown; the group goes by all of it. */
const longestShown = 500;

export type Quiet = {
  readonly values: Lane['values'];
  readonly fromAt: number;
  readonly untilAt: number;
  readonly isEnded: boolean;
};

/** The windows of a group are all of one length: those that begin too early to cover an instant are not looked at. */
export function findWindow(tx: ReadTx, groupKey: string, windowMs: number, at: number): QuietWindow | undefined {
  return tx.get<QuietWindow>(
    `SELECT from_at AS fromMs, until_at AS untilMs FROM alert_suppression INDEXED BY alert_suppression_by_group
      WHERE workspace = :workspace AND group_key = :groupKey AND ended_by IS NULL AND from_at > :after AND from_at <= :at
      ORDER BY from_at DESC LIMIT 1`,
    { groupKey, after: at - windowMs, at },
  );
}

/** The alert whose window holds all of a span of time: the last to begin of several. */
export function findQuietedBy(
  tx: ReadTx,
  { key, windowMs }: Lane,
  firstAt: number,
  lastAt: number,
): { readonly key: number; readonly id: string; readonly number: number; readonly revision: number } | undefined {
  return tx.get(
    `SELECT a.key, a.id, a.number, a.revision
      FROM alert_suppression AS s INDEXED BY alert_suppression_by_group
      JOIN alert AS a ON a.key = s.alert AND a.workspace = :workspace
      WHERE s.workspace = :workspace AND s.group_key = :groupKey AND s.ended_by IS NULL
        AND s.from_at > :after AND s.from_at <= :firstAt
      ORDER BY s.from_at DESC LIMIT 1`,
    { groupKey: key, firstAt, after: lastAt - windowMs },
  );
}

export function openWindow(tx: WriteTx, alertKey: number, lane: Lane, fromAt: number): void {
  tx.run(
    `INSERT INTO alert_suppression (alert, workspace, group_key, field_values, from_at, until_at)
      VALUES (:alertKey, :workspace, :groupKey, :values, :fromAt, :untilAt)`,
    {
      alertKey,
      groupKey: lane.key,
      values: JSON.stringify(
        lane.values.map(({ field, value }) => ({ field, value: value?.slice(0, longestShown) ?? null })),
      ),
      fromAt,
      untilAt: fromAt + lane.windowMs,
    },
  );
}

export function findQuiet(tx: ReadTx, alertKey: number): Quiet | undefined {
  const row = tx.get<{ field_values: string; from_at: number; until_at: number; ended_by: string | null }>(
    `SELECT field_values, from_at, until_at, ended_by FROM alert_suppression
      WHERE alert = :alertKey AND workspace = :workspace`,
    { alertKey },
  );
  if (row === undefined) return undefined;
  return {
    values: JSON.parse(row.field_values) as Quiet['values'],
    fromAt: row.from_at,
    untilAt: row.until_at,
    isEnded: row.ended_by !== null,
  };
}

/** What these alerts would keep quiet from now on is raised. @returns how many windows that ended. */
export function endWindows(tx: WriteTx, alertKeys: readonly number[], changeId: string): number {
  return tx.run(
    `UPDATE alert_suppression SET ended_by = :changeId
      WHERE workspace = :workspace AND ended_by IS NULL AND alert IN (SELECT value FROM json_each(:alertKeys))`,
    { changeId, alertKeys: JSON.stringify(alertKeys) },
  );
}

/** For these alerts, what `endWindows` did in a change is taken back. */
export function reopenWindows(tx: WriteTx, alertKeys: readonly number[], changeId: string): void {
  tx.run(
    `UPDATE alert_suppression SET ended_by = NULL
      WHERE workspace = :workspace AND ended_by = :changeId AND alert IN (SELECT value FROM json_each(:alertKeys))`,
    { changeId, alertKeys: JSON.stringify(alertKeys) },
  );
}

/** One more finding of an alert that is kept quiet already, by the rules that alerts repeat by. */
export function findSuppressed(tx: ReadTx, alertKey: number, finding: Finding): number | undefined {
  return tx.get<{ key: number }>(
    `SELECT key FROM suppressed_alert INDEXED BY suppressed_alert_by_dedup
      WHERE workspace = :workspace AND alert = :alertKey AND dedup_key = :dedupKey
        AND :firstAt <= last_seen_at + :dedupWindowMs AND :lastAt >= first_seen_at - :dedupWindowMs
      ORDER BY key DESC LIMIT 1`,
    {
      alertKey,
      dedupKey: finding.dedupKey,
      firstAt: finding.firstAtMs,
      lastAt: finding.lastAtMs,
      dedupWindowMs: finding.dedupWindowMs,
    },
  )?.key;
}

/** Counts it at the alert that keeps it quiet. @returns its key */
export function insertSuppressed(tx: WriteTx, alertKey: number, finding: Finding): number {
  tx.run(
    `INSERT INTO suppressed_alert (workspace, alert, dedup_key, severity, risk, title, sentence, count, first_seen_at,
        last_seen_at)
      VALUES (:workspace, :alertKey, :dedupKey, :severity, :risk, :title, :sentence, 0, :firstAt, :lastAt)`,
    { ...told(finding), alertKey, dedupKey: finding.dedupKey },
  );
  tx.run('UPDATE alert SET suppressed = suppressed + 1 WHERE key = :alertKey AND workspace = :workspace', { alertKey });
  const row = tx.get<{ key: number }>(
    'SELECT max(key) AS key FROM suppressed_alert WHERE workspace = :workspace AND alert = :alertKey',
    { alertKey },
  );
  if (row === undefined) throw new Error('a row that was just written is not there');
  return row.key;
}

/** Severity and risk only grow, as those of an alert do. */
export function saveSuppressed(tx: WriteTx, key: number, finding: Finding, newEvents: number): void {
  tx.run(
    `UPDATE suppressed_alert SET title = :title, sentence = :sentence, count = count + :newEvents,
        severity = CASE WHEN :risk > risk THEN :severity ELSE severity END, risk = max(risk, :risk),
        first_seen_at = min(first_seen_at, :firstAt), last_seen_at = max(last_seen_at, :lastAt)
      WHERE key = :key AND workspace = :workspace`,
    { ...told(finding), key, newEvents },
  );
}

/** Those that it does not have yet, behind those that it has. @returns how many. */
export function addSuppressedEvents(tx: WriteTx, key: number, events: readonly EventReference[]): number {
  const row = tx.get<{ last: number | null }>(
    `SELECT max(position) AS last FROM suppressed_alert_event INDEXED BY suppressed_alert_event_by_position
      WHERE workspace = :workspace AND suppressed = :key`,
    { key },
  );
  let position = (row?.last ?? -1) + 1;
  let added = 0;
  for (const { eventId, sha256 } of events) {
    added += tx.run(
      `INSERT OR IGNORE INTO suppressed_alert_event (workspace, suppressed, event_id, position, sha256)
        VALUES (:workspace, :key, :eventId, :position, :sha256)`,
      { key, eventId, position, sha256 },
    );
    position += 1;
  }
  return added;
}

export type SuppressedRow = {
  readonly key: number;
  readonly severity: Severity;
  readonly risk: number;
  readonly title: string;
  readonly sentence: string;
  /** Distinct events. */
  readonly count: number;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
};

/** The newest first, before `before`. */
export function listSuppressed(tx: ReadTx, alertKey: number, before: number, limit: number): SuppressedRow[] {
  return tx.all<SuppressedRow>(
    `SELECT key, severity, risk, title, sentence, count, first_seen_at AS firstSeenAt, last_seen_at AS lastSeenAt
      FROM suppressed_alert INDEXED BY suppressed_alert_by_alert
      WHERE workspace = :workspace AND alert = :alertKey AND key < :before ORDER BY key DESC LIMIT :limit`,
    { alertKey, before, limit },
  );
}

export function findSuppressedEvents(tx: ReadTx, key: number, limit: number): EventReference[] {
  return tx.all<EventReference>(
    `SELECT event_id AS eventId, sha256 FROM suppressed_alert_event INDEXED BY suppressed_alert_event_by_position
      WHERE workspace = :workspace AND suppressed = :key ORDER BY position LIMIT :limit`,
    { key, limit },
  );
}

function told({ level, risk, title, sentence, firstAtMs, lastAtMs }: Finding) {
  return { severity: level, risk, title, sentence, firstAt: firstAtMs, lastAt: lastAtMs };
}
