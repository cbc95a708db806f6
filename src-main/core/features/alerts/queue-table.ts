// SQL of the queue: filtered pages, counts and the figures of its head. Every statement walks one named index, so that its cost is
// known: pages and counts decide in the index which rows they want (test: no scan of the table, no sorting).
import type { Severity } from '../../../../src-shared/contract/values.ts';
import { toHex } from '../../../base/bytes.ts';
import type { SqlParameters } from '../../ports.ts';
import type { ReadTx } from '../../store/store.ts';
import { type AlertRecord, type RecordRow, recordColumns, recordOf } from './alert-record.ts';
import { type Cursor, type Filter, type Sort, searchedWords } from './filter.ts';

export type Statement = { readonly sql: string; readonly parameters: SqlParameters };

export function findPage(
  tx: ReadTx,
  filter: Filter,
  sort: Sort,
  after: Cursor | undefined,
  limit: number,
): AlertRecord[] {
  const { sql, parameters } = pageStatement(filter, sort, after, limit);
  return tx.all<RecordRow>(sql, parameters).map(recordOf);
}

export function countMatching(tx: ReadTx, filter: Filter): number {
  const { sql, parameters } = countStatement(filter);
  return tx.get<{ total: number }>(sql, parameters)?.total ?? 0;
}

/** Exposed for the test of its plan. */
export function pageStatement(filter: Filter, sort: Sort, after: Cursor | undefined, limit: number): Statement {
  const order = sort === 'risk' ? 'a.risk DESC, a.raised_at DESC, a.number DESC' : 'a.raised_at DESC, a.number DESC';
  const riskIndex = onlyActive(filter) ? 'alert_active_by_risk' : 'alert_by_risk';
  const position =
    sort === 'risk'
      ? '(a.risk, a.raised_at, a.number) < (:afterRisk, :afterRaisedAt, :afterNumber)'
      : '(a.raised_at, a.number) < (:afterRaisedAt, :afterNumber)';
  return {
    sql: `SELECT ${recordColumns} FROM alert AS a INDEXED BY ${sort === 'risk' ? riskIndex : 'alert_by_time'}
      WHERE ${conditions(filter, 'at once')}${after === undefined ? '' : ` AND ${position}`}
      ORDER BY ${order} LIMIT :limit`,
    parameters: {
      ...parametersOf(filter),
      limit,
      ...(after === undefined
        ? {}
        : { afterRisk: after.risk, afterRaisedAt: after.raisedAt, afterNumber: after.number }),
    },
  };
}

/** Exposed for the test of its plan. */
export function countStatement(filter: Filter): Statement {
  return {
    sql: `SELECT count(*) AS total FROM alert AS a INDEXED BY ${onlyActive(filter) ? 'alert_active_by_risk' : 'alert_by_time'}
      WHERE ${conditions(filter, 'at once')}`,
    parameters: parametersOf(filter),
  };
}

export type Matching = Pick<AlertRecord, 'id' | 'number' | 'severity'>;

/** The gravest alerts that match, at most so many. */
export function findMatching(tx: ReadTx, filter: Filter, limit: number): Matching[] {
  // The inner statement is decided in the index: the rows themselves are read for those it found.
  return tx.all<Matching>(
    `SELECT b.id, b.number, b.severity FROM (
        SELECT a.key FROM alert AS a INDEXED BY ${onlyActive(filter) ? 'alert_active_by_risk' : 'alert_by_risk'}
          WHERE ${conditions(filter, 'at once')}
          ORDER BY a.risk DESC, a.raised_at DESC, a.number DESC LIMIT :limit
      ) AS found CROSS JOIN alert AS b ON b.key = found.key AND b.workspace = :workspace`,
    { ...parametersOf(filter), limit },
  );
}

/**
 * Few shapes: prepared statements are kept for good, so callers must not be able to make many different ones.
 * @param how of a statement that sees all alerts at once, entities and words are looked for first; one that sees some of them at a time,
 * bounded by when they were raised, asks of each.
 */
export function conditions(filter: Filter, how: 'at once' | 'by and by'): string {
  const parts = [
    'a.workspace = :workspace',
    'a.status IN (SELECT value FROM json_each(:statuses))',
    '(:severities IS NULL OR a.severity IN (SELECT value FROM json_each(:severities)))',
    '(:verdicts IS NULL OR a.verdict IN (SELECT value FROM json_each(:verdicts)))',
    '(:detector IS NULL OR a.detector_id = :detector)',
    '(:assignee IS NULL OR a.assignee = :assignee)',
    '(:nobodys = 0 OR a.assignee IS NULL)',
    'a.risk >= :riskMin',
  ];
  const isWhole = how === 'at once';
  if (isWhole) parts.push('a.raised_at >= :since AND a.raised_at <= :until');
  if (onlyActive(filter)) parts.push("a.status <> 'closed'");
  // In no index by risk: asked for only where somebody wants it.
  if (filter.origin !== undefined) parts.push('a.origin = :origin');
  const named = isWhole ? namedIn : namedBy;
  if (filter.user !== undefined) parts.push(named("'user'", 'e.value = :user'));
  if (filter.ip?.kind === 'exact') parts.push(named("'ip'", 'e.value = :ip'));
  if (filter.ip?.kind === 'range') {
    parts.push(
      isWhole
        ? `a.key IN (SELECT e.alert FROM alert_entity AS e INDEXED BY alert_entity_by_address
      WHERE e.workspace = :workspace AND e.address BETWEEN :low AND :high)`
        : namedBy("'ip'", 'e.address BETWEEN :low AND :high'),
    );
  }
  for (const [index, { value }] of filter.entities.entries()) {
    const kind = `:entityKind${index}`;
    parts.push(value === null ? `NOT ${namedBy(kind, 'TRUE')}` : named(kind, `e.value = :entity${index}`));
  }
  if (filter.excluded.length > 0) {
    parts.push(
      isWhole
        ? `a.key NOT IN (SELECT e.alert FROM json_each(:excluded) AS x CROSS JOIN alert_entity AS e
      ON e.workspace = :workspace AND e.kind = x.value ->> 0 AND e.value = x.value ->> 1)`
        : `NOT EXISTS (SELECT 1 FROM json_each(:excluded) AS x CROSS JOIN alert_entity AS e INDEXED BY alert_entity_by_alert
      ON e.workspace = :workspace AND e.alert = a.key AND e.kind = x.value ->> 0 AND e.value = x.value ->> 1)`,
    );
  }
  if (filter.excludedRanges.length > 0) {
    parts.push(`a.key NOT IN (SELECT e.alert FROM json_each(:excludedRanges) AS x
      CROSS JOIN alert_entity AS e INDEXED BY alert_entity_by_address
      ON e.workspace = :workspace AND e.address BETWEEN unhex(x.value ->> 0) AND unhex(x.value ->> 1))`);
  }
  if (filter.excludedDetectors.length > 0) {
    parts.push('a.detector_id NOT IN (SELECT value FROM json_each(:excludedDetectors))');
  }
  if (filter.suppressed !== undefined) {
    parts.push(`a.key ${filter.suppressed ? 'IN' : 'NOT IN'} (SELECT s.alert
      FROM suppressed_alert AS s INDEXED BY suppressed_alert_by_alert WHERE s.workspace = :workspace)`);
  }
  if (filter.words.length > 0) {
    const each = Array.from({ length: searchedWords }, (_, index) => `instr(w.words, :word${index}) > 0`).join(' AND ');
    parts.push(
      isWhole
        ? `a.key IN (SELECT w.alert FROM alert_words AS w WHERE w.workspace = :workspace AND ${each})`
        : `EXISTS (SELECT 1 FROM alert_words AS w WHERE w.alert = a.key AND w.workspace = :workspace AND ${each})`,
    );
  }
  return parts.join('\n        AND ');
}

function namedIn(kind: string, condition: string): string {
  return `a.key IN (SELECT e.alert FROM alert_entity AS e
      WHERE e.workspace = :workspace AND e.kind = ${kind} AND ${condition})`;
}

function namedBy(kind: string, condition: string): string {
  return `EXISTS (SELECT 1 FROM alert_entity AS e INDEXED BY alert_entity_by_alert
      WHERE e.workspace = :workspace AND e.alert = a.key AND e.kind = ${kind} AND ${condition})`;
}

export function parametersOf(filter: Filter): SqlParameters {
  // instr() finds the empty text everywhere, so that fewer words need no other statement.
  const words = Array.from({ length: searchedWords }, (_, index) => [`word${index}`, filter.words[index] ?? '']);
  return {
    statuses: JSON.stringify(filter.statuses),
    severities: filter.severities === undefined ? null : JSON.stringify(filter.severities),
    verdicts: filter.verdicts === undefined ? null : JSON.stringify(filter.verdicts),
    detector: filter.detector ?? null,
    assignee: filter.assignee ?? null,
    nobodys: filter.assignee === null ? 1 : 0,
    riskMin: filter.riskMin,
    since: filter.since,
    until: filter.until,
    ...Object.fromEntries(filter.entities.map(({ kind }, index) => [`entityKind${index}`, kind])),
    ...Object.fromEntries(
      filter.entities.flatMap(({ value }, index) => (value === null ? [] : [[`entity${index}`, value]])),
    ),
    ...(filter.origin === undefined ? {} : { origin: filter.origin }),
    ...(filter.user === undefined ? {} : { user: filter.user }),
    ...(filter.ip?.kind === 'exact' ? { ip: filter.ip.value } : {}),
    ...(filter.ip?.kind === 'range' ? { low: filter.ip.low, high: filter.ip.high } : {}),
    ...(filter.excluded.length === 0
      ? {}
      : { excluded: JSON.stringify(filter.excluded.map(({ kind, value }) => [kind, value])) }),
    ...(filter.excludedRanges.length === 0
      ? {}
      : { excludedRanges: JSON.stringify(filter.excludedRanges.map(({ low, high }) => [toHex(low), toHex(high)])) }),
    ...(filter.excludedDetectors.length === 0 ? {} : { excludedDetectors: JSON.stringify(filter.excludedDetectors) }),
    ...(filter.words.length === 0 ? {} : Object.fromEntries(words)),
  };
}

function onlyActive(filter: Filter): boolean {
  return !filter.statuses.includes('closed');
}

export type ActiveCount = {
  readonly status: 'open' | 'acknowledged';
  readonly severity: Severity;
  readonly total: number;
  readonly unassigned: number;
};

export function countActive(tx: ReadTx): ActiveCount[] {
  return tx.all<ActiveCount>(
    `SELECT status, severity, count(*) AS total, sum(assignee IS NULL) AS unassigned
      FROM alert INDEXED BY alert_active_by_status
      WHERE workspace = :workspace AND status <> 'closed' GROUP BY status, severity`,
  );
}

/** How many alerts of each severity were raised after `after` and until `until`. */
export function countRaised(tx: ReadTx, after: number, until: number): Record<Severity, number> {
  const row = tx.get<Record<Severity, number | null>>(
    // Sums instead of GROUP BY: grouping would sort, which takes longer than all the rest.
    `SELECT sum(severity = 'critical') AS critical, sum(severity = 'high') AS high, sum(severity = 'medium') AS medium,
        sum(severity = 'low') AS low, sum(severity = 'info') AS info
      FROM alert INDEXED BY alert_by_time
      WHERE workspace = :workspace AND raised_at > :after AND raised_at <= :until`,
    { after, until },
  );
  return {
    critical: row?.critical ?? 0,
    high: row?.high ?? 0,
    medium: row?.medium ?? 0,
    low: row?.low ?? 0,
    info: row?.info ?? 0,
  };
}

/** Mean time to acknowledge of what was acknowledged from `since` on; null when nothing was. */
export function meanAcknowledgeMs(tx: ReadTx, since: number): number | null {
  const row = tx.get<{ mean: number | null }>(
    `SELECT avg(acknowledged_at - clock_from_at) AS mean FROM alert INDEXED BY alert_by_acknowledgement
      WHERE workspace = :workspace AND acknowledged_at IS NOT NULL AND acknowledged_at >= :since`,
    { since },
  );
  return row?.mean ?? null;
}

/** Each detector that ever raised: how many since `since`, and when last. */
export function countByDetector(tx: ReadTx, since: number): Map<string, { count: number; lastAt: number }> {
  const rows = tx.all<{ detector_id: string; total: number; last_at: number }>(
    `SELECT detector_id, sum(raised_at >= :since) AS total, max(raised_at) AS last_at
      FROM alert INDEXED BY alert_by_detector WHERE workspace = :workspace GROUP BY detector_id`,
    { since },
  );
  return new Map(rows.map((row) => [row.detector_id, { count: row.total, lastAt: row.last_at }]));
}
