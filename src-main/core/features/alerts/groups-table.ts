// SQL of grouped alerts. All alerts of a workspace are too many for one turn, so they are walked newest first in slices; every statement
// stays in two covering indexes.
import type { GroupField } from '../../../../src-shared/alert-words.ts';
import type { AlertStatus } from '../../../../src-shared/contract/alerts.ts';
import type { Severity } from '../../../../src-shared/contract/values.ts';
import type { SqlParameters } from '../../ports.ts';
import type { ReadTx } from '../../store/store.ts';
import type { Filter } from './filter.ts';
import { conditions, parametersOf, type Statement } from './queue-table.ts';

export type Position = { readonly raisedAt: number; readonly number: number };

/** Alerts raised before `after`, down to `end`. */
export type Slice = { readonly after: Position; readonly end: Position };

/** What the alerts of a slice that share value, severity and status add to their group. */
export type Part = {
  readonly value: string | null;
  readonly severity: Severity;
  readonly status: AlertStatus;
  readonly total: number;
  readonly risk: number;
  readonly first_seen_at: number;
  readonly last_seen_at: number;
  readonly clock_from_at: number;
  /** Of the newest. */
  readonly number: number;
};

export type Named = { readonly value: string | null; readonly kind: 'user' | 'ip'; readonly name: string };

const columns = {
  severity: 'a.severity',
  status: 'a.status',
  detector: 'a.detector_id',
  assignee: 'a.assignee',
  verdict: 'a.verdict',
  origin: 'a.origin',
} as const;

/** When the newest alert was raised; undefined without any. */
export function newestRaisedAt(tx: ReadTx): number | undefined {
  return tx.get<{ raised_at: number }>(
    `SELECT raised_at FROM alert INDEXED BY alert_by_time WHERE workspace = :workspace
      ORDER BY raised_at DESC, number DESC LIMIT 1`,
  )?.raised_at;
}

/** Where a slice of `length` alerts ends, whether they match or not; undefined when no more are left. */
export function findSliceEnd(tx: ReadTx, after: Position, since: number, length: number): Position | undefined {
  const { sql, parameters } = sliceEndStatement(after, since, length);
  return tx.get<Position>(sql, parameters);
}

export function findParts(tx: ReadTx, filter: Filter, by: GroupField, slice: Slice): Part[] {
  const { sql, parameters } = partsStatement(filter, by, slice);
  return tx.all<Part>(sql, parameters);
}

/** How many alerts of the slice match, however many groups each is in. */
export function countSlice(tx: ReadTx, filter: Filter, slice: Slice): number {
  return (
    tx.get<{ total: number }>(
      `SELECT count(*) AS total FROM alert AS a INDEXED BY alert_by_time
        WHERE ${conditions(filter, 'by and by')} AND ${inSlice}`,
      { ...parametersOf(filter), ...sliceParameters(slice) },
    )?.total ?? 0
  );
}

/** The different users and addresses that the slice's alerts of the groups with these values name. */
export function findNames(
  tx: ReadTx,
  filter: Filter,
  by: GroupField,
  slice: Slice,
  values: readonly (string | null)[],
): Named[] {
  const { sql, parameters } = namesStatement(filter, by, slice, values);
  return tx.all<Named>(sql, parameters);
}

/** What described the detector of the alert with that number; JSON as raise.ts wrote it. */
export function findDescription(tx: ReadTx, number: number): string | undefined {
  return tx.get<{ description: string }>(
    `SELECT d.description FROM alert AS a CROSS JOIN alert_detector AS d ON d.key = a.detector
      WHERE a.number = :number AND a.workspace = :workspace`,
    { number },
  )?.description;
}

/** The values of the field that the alert with that number has. */
export function findValues(tx: ReadTx, field: GroupField, number: number): string[] {
  const rows = isColumn(field)
    ? tx.all<{ value: string | null }>(
        `SELECT ${columns[field]} AS value FROM alert AS a WHERE a.number = :number AND a.workspace = :workspace`,
        { number },
      )
    : tx.all<{ value: string | null }>(
        `SELECT e.value FROM alert AS a CROSS JOIN alert_entity AS e INDEXED BY alert_entity_by_alert
          ON e.workspace = :workspace AND e.alert = a.key AND e.kind = :kind
          WHERE a.number = :number AND a.workspace = :workspace`,
        { number, kind: field },
      );
  return rows.flatMap(({ value }) => (value === null ? [] : [value]));
}

/** Exposed for the test of its plan. */
export function sliceEndStatement(after: Position, since: number, length: number): Statement {
  return {
    sql: `SELECT a.raised_at AS raisedAt, a.number FROM alert AS a INDEXED BY alert_by_time
      WHERE a.workspace = :workspace AND (a.raised_at, a.number) < (:afterRaisedAt, :afterNumber)
        AND (a.raised_at, a.number) >= (:since, 0)
      ORDER BY a.raised_at DESC, a.number DESC LIMIT 1 OFFSET :skipped`,
    parameters: { afterRaisedAt: after.raisedAt, afterNumber: after.number, since, skipped: length - 1 },
  };
}

/** Exposed for the test of its plan. */
export function partsStatement(filter: Filter, by: GroupField, slice: Slice): Statement {
  const { value, join } = grouping(by);
  return {
    sql: `SELECT ${value} AS value, a.severity, a.status, count(*) AS total, max(a.risk) AS risk,
        min(a.first_seen_at) AS first_seen_at, max(a.last_seen_at) AS last_seen_at,
        min(a.clock_from_at) AS clock_from_at, max(a.number) AS number
      FROM alert AS a INDEXED BY alert_by_time ${join}
      WHERE ${conditions(filter, 'by and by')} AND ${inSlice}
      GROUP BY ${value}, a.severity, a.status`,
    parameters: groupingParameters(filter, by, slice),
  };
}

/** Exposed for the test of its plan. */
export function namesStatement(
  filter: Filter,
  by: GroupField,
  slice: Slice,
  values: readonly (string | null)[],
): Statement {
  const { value, join } = grouping(by);
  return {
    sql: `SELECT DISTINCT ${value} AS value, n.kind, n.value AS name
      FROM alert AS a INDEXED BY alert_by_time ${join}
        CROSS JOIN alert_entity AS n INDEXED BY alert_entity_by_alert
          ON n.workspace = :workspace AND n.alert = a.key AND n.kind IN ('user', 'ip')
      WHERE ${conditions(filter, 'by and by')} AND ${inSlice}
        AND (${value} IN (SELECT wanted.value FROM json_each(:values) AS wanted) OR (:hasNone = 1 AND ${value} IS NULL))`,
    parameters: {
      ...groupingParameters(filter, by, slice),
      values: JSON.stringify(values.filter((one) => one !== null)),
      hasNone: values.includes(null) ? 1 : 0,
    },
  };
}

const inSlice =
  '(a.raised_at, a.number) < (:afterRaisedAt, :afterNumber) AND (a.raised_at, a.number) >= (:endRaisedAt, :endNumber)';

function sliceParameters({ after, end }: Slice): SqlParameters {
  return {
    afterRaisedAt: after.raisedAt,
    afterNumber: after.number,
    endRaisedAt: end.raisedAt,
    endNumber: end.number,
  };
}

function groupingParameters(filter: Filter, by: GroupField, slice: Slice): SqlParameters {
  return { ...parametersOf(filter), ...sliceParameters(slice), ...(isColumn(by) ? {} : { by }) };
}

function grouping(by: GroupField): { readonly value: string; readonly join: string } {
  if (isColumn(by)) return { value: columns[by], join: '' };
  return {
    value: 'g.value',
    join: `LEFT JOIN alert_entity AS g INDEXED BY alert_entity_by_alert
        ON g.workspace = :workspace AND g.alert = a.key AND g.kind = :by`,
  };
}

/** Of which an alert has one at most. */
export function isColumn(field: GroupField): field is keyof typeof columns {
  return Object.hasOwn(columns, field);
}
