// Alerts: the queue, one alert, and the changes of its state. Each change answers with what it made and an id to take it back.
import { z } from 'zod';
import {
  alertOrigins,
  alertSorts,
  alertStatuses,
  mostExcluded,
  mostGroupFields,
  severities,
  verdicts,
} from '../alert-words.ts';
import { none, operation, permission } from './grammar.ts';
import { outputFormat } from './search.ts';
import { instant, instantIn, page, pageInput, queryText, severity, uuid } from './values.ts';

export const alertStatus = z.enum(alertStatuses);
export type AlertStatus = z.infer<typeof alertStatus>;
export const verdict = z.enum(verdicts);
export type Verdict = z.infer<typeof verdict>;
export const alertOrigin = z.enum(alertOrigins);
export type AlertOrigin = z.infer<typeof alertOrigin>;
export const entityKind = z.enum(['user', 'ip', 'host', 'key', 'resource']);

const entity = z.strictObject({ kind: entityKind, value: z.string() });
export const note = z.string().trim().min(1).max(4000);
export const resetSuppression = z
  .boolean()
  .optional()
  .describe('true: what it would still keep quiet is raised; otherwise its suppression goes on as long as it would');
const manyIds = z.array(uuid).min(1).max(500);

/** A row of the queue. */
const alertRow = z.strictObject({
  id: uuid,
  /** Short number for people, counted per workspace: ALR-20928. */
  number: z.int(),
  title: z.string(),
  severity,
  risk: z.int().min(0).max(100),
  status: alertStatus,
  verdict: verdict.nullable(),
  assignee: z.string().nullable(),
  count: z.int(),
  /** Alerts that this one kept quiet, by the suppression of its detector. */
  suppressed: z.int(),
  entities: z.array(entity),
  techniques: z.array(z.string()),
  detector_id: z.string(),
  /** `scan`: loaded from a scan of log files; its rule may be none of the console's. */
  origin: alertOrigin,
  first_seen_at: instant,
  last_seen_at: instant,
  raised_at: instant,
  changed_at: instant,
  /** The clock of spec 06 for this severity: when the next step is due. null once closed. */
  due_at: instant.nullable(),
  revision: z.int(),
});
export type AlertRow = z.output<typeof alertRow>;

const activity = z.strictObject({
  id: uuid,
  at: instant,
  kind: z.enum(['raised', 'repeated', 'acknowledged', 'closed', 'reopened', 'assigned', 'noted', 'undone']),
  actor: z.string(),
  ip_address: z.string().nullable(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  note: z.string().nullable(),
  change_id: uuid.nullable(),
});

const events = z.array(
  z.strictObject({ id: uuid, time: instant, sha256: z.string(), record: z.record(z.string(), z.unknown()) }),
);

/** An alert that was not raised, because another one keeps it quiet. */
const suppressedAlert = z.strictObject({
  title: z.string(),
  sentence: z.string(),
  severity,
  risk: z.int(),
  first_seen_at: instant,
  last_seen_at: instant,
  events: events.describe('the first ten'),
  events_total: z.int(),
});
export type SuppressedAlert = z.output<typeof suppressedAlert>;

const alertFull = z.strictObject({
  ...alertRow.shape,
  /** Why it fired, in one sentence with numbers. */
  sentence: z.string(),
  detector: z.strictObject({
    id: z.string(),
    title: z.string(),
    version: z.string(),
    description: z.string(),
    parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    false_positives: z.array(z.string()),
    references: z.array(z.string()),
  }),
  runbook: z.array(z.string()),
  risk_derivation: z.array(z.strictObject({ label: z.string(), points: z.number() })),
  events,
  events_total: z.int(),
  /** What it keeps quiet: further alerts of its detector with these values, until then. null where its detector isn't suppressed. */
  suppression: z
    .strictObject({
      values: z.array(z.strictObject({ field: z.string(), value: z.string().nullable() })),
      from: instant,
      until: instant,
      /** Somebody closed it and asked for the next one. */
      ended: z.boolean(),
    })
    .nullable(),
  /** This detector on these entities before: how it was judged. */
  seen_before: z.strictObject({
    total: z.int(),
    by_verdict: z.record(z.string(), z.int()),
    last_note: z.string().nullable(),
  }),
  activity: z.array(activity),
});
export type AlertFull = z.output<typeof alertFull>;

const changed = z.strictObject({
  change_id: uuid,
  changed: z.array(alertRow),
  refused: z.array(z.strictObject({ id: uuid, reason: z.string() })),
});
export type AlertsChanged = z.output<typeof changed>;

const triage = permission('alerts.triage');
const read = permission('alerts.read');
export const alertsBase = '/api/v1/admin/security/alerts';

/** Characters of its JSON. */
export const longestScanEvent = 262_144;

const alertSort = z.enum(alertSorts);

export const alertFilters = {
  status: z.array(alertStatus).max(3).optional(),
  severity: z.array(severity).max(5).optional(),
  detector: queryText.optional(),
  user: queryText.optional(),
  ip: queryText.optional(),
  host: queryText.optional(),
  key: queryText.optional(),
  resource: queryText.optional(),
  exclude: z
    .array(queryText)
    .max(mostExcluded)
    .optional()
    .describe(
      'what must not be there: detector:, user:, ip:, host:, key: or resource: and the value; of a value, , is written %2C and % is written %25',
    ),
  suppressed: z
    .boolean()
    .optional()
    .describe('true: only those that kept others quiet; false: only those that did not'),
  assignee: queryText.optional().describe('a user name, me or none'),
  verdict: z.array(verdict).max(6).optional(),
  origin: alertOrigin.optional(),
  risk_min: z.int().min(0).max(100).optional(),
  raised_since: instantIn.optional(),
  raised_until: instantIn.optional(),
  text: queryText.optional(),
  within: z
    .array(queryText)
    .max(mostGroupFields)
    .optional()
    .describe('only alerts of these groups, by the keys that alerts.groups gave them'),
};

/** A match of `gatehouse scan`, as its NDJSON has it; what that doesn't say may be left out. Docs: docs/scan.md. */
const scanFinding = z.strictObject({
  rule_id: z.string().min(1).max(200),
  title: z.string().min(1).max(500),
  level: z.enum([...severities, 'informational']),
  tags: z.array(z.string().max(200)).max(100),
  description: z.string().max(10_000).optional(),
  references: z.array(z.string().max(2_000)).max(50).optional(),
  false_positives: z.array(z.string().max(2_000)).max(50).optional(),
  file: z.string().min(1).max(4_000),
  record: z.int().min(0).describe('its place in the file, from 0'),
  time: instantIn.nullable(),
  sentence: z.string().max(2_000).optional(),
  event: z
    .record(z.string(), z.unknown())
    .describe('the record; of lines that are not JSON, the event that they were read as'),
});
export type ScanFinding = z.output<typeof scanFinding>;

export const alertsOperations = {
  'alerts.list': operation({
    summary: 'Alerts by risk, then newest; open and acknowledged ones unless a status is given',
    method: 'GET',
    path: alertsBase,
    access: read,
    input: z.strictObject({ ...pageInput, ...alertFilters, sort: alertSort.optional() }),
    output: page(alertRow),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'alerts.summary': operation({
    summary: 'Counts for the head of the queue and the home page',
    method: 'GET',
    path: `${alertsBase}/summary`,
    access: read,
    input: z.strictObject({ ...alertFilters }),
    output: z.strictObject({
      matching: z.int(),
      total_24h: z.int(),
      open: z.int(),
      acknowledged: z.int(),
      open_by_severity: z.record(severity, z.int()),
      unassigned_critical: z.int(),
      /** Mean time from raised to acknowledged of what was acknowledged today (UTC); null when nothing was. */
      mtta_ms: z.number().nullable(),
      /** 24 bars, oldest first; each by severity; they sum to total_24h. */
      histogram: z.array(z.strictObject({ from: instant, counts: z.record(severity, z.int()) })),
    }),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'alerts.export': operation({
    summary:
      'Alerts as lines for other tools, newest first unless said; open and acknowledged ones unless a status is given',
    method: 'GET',
    path: `${alertsBase}/export`,
    access: read,
    input: z.strictObject({
      ...alertFilters,
      format: outputFormat,
      sort: alertSort.optional(),
      cursor: pageInput.cursor,
      limit: z.int().min(1).max(1_000).optional().describe('lines a page, 500 unless said'),
    }),
    output: z.strictObject({
      format: outputFormat,
      header: z.string().nullable().describe('what stands before the first line of a file: the column names of CSV'),
      lines: z.array(z.string()).describe('one alert each, without line ends'),
      next_cursor: z.string().nullable(),
    }),
    audit: 'alerts_export',
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'alerts.load': operation({
    summary: 'Load findings of a scan as alerts, with their events; what was loaded before adds nothing',
    method: 'POST',
    path: `${alertsBase}/load`,
    access: permission('alerts.load'),
    input: z.strictObject({ findings: z.array(scanFinding).min(1).max(500) }),
    output: z.strictObject({
      raised: z.int().describe('new alerts'),
      repeated: z.int().describe('findings that an alert of the same rule, file and host took in'),
      known: z.int().describe('findings that were loaded before'),
      rejected: z.array(z.strictObject({ index: z.int(), reason: z.string() })),
      alerts: z.array(uuid).describe('the new ones'),
    }),
    audit: 'alerts_load',
    effect: 'task',
    rate: 'general',
    window: false,
  }),
  'alerts.get': operation({
    summary: 'One alert with why it fired, its events and its activity',
    method: 'GET',
    path: `${alertsBase}/{id}`,
    access: read,
    input: z.strictObject({ id: uuid }),
    output: alertFull,
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
    steady: true,
  }),
  'alerts.suppressed': operation({
    summary: 'The alerts that this one kept quiet, the newest first, with their events',
    method: 'GET',
    path: `${alertsBase}/{id}/suppressed`,
    access: read,
    input: z.strictObject({ id: uuid, cursor: pageInput.cursor, limit: z.int().min(1).max(50).optional() }),
    output: page(suppressedAlert),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'alerts.acknowledge': operation({
    summary: 'Acknowledge an alert; it becomes yours if it was nobody’s',
    method: 'POST',
    path: `${alertsBase}/{id}/acknowledge`,
    access: triage,
    input: z.strictObject({ id: uuid, note: note.optional() }),
    output: changed,
    audit: 'alert_acknowledged',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'alerts.close': operation({
    summary: 'Close an alert with a verdict',
    method: 'POST',
    path: `${alertsBase}/{id}/close`,
    access: triage,
    input: z.strictObject({ id: uuid, verdict, note: note.optional(), reset_suppression: resetSuppression }),
    output: changed,
    audit: 'alert_closed',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'alerts.reopen': operation({
    summary: 'Open a closed alert again, with a reason; its verdict stays in the activity',
    method: 'POST',
    path: `${alertsBase}/{id}/reopen`,
    access: triage,
    input: z.strictObject({ id: uuid, reason: note }),
    output: changed,
    audit: 'alert_reopened',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'alerts.assign': operation({
    summary: 'Give an alert to somebody, or to nobody',
    method: 'POST',
    path: `${alertsBase}/{id}/assign`,
    access: triage,
    input: z.strictObject({ id: uuid, assignee: z.string().max(64).nullable() }),
    output: changed,
    audit: 'alert_assigned',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'alerts.note': operation({
    summary: 'Add a note to an alert',
    method: 'POST',
    path: `${alertsBase}/{id}/notes`,
    access: triage,
    input: z.strictObject({ id: uuid, note }),
    output: changed,
    audit: 'alert_noted',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'alerts.acknowledge_many': operation({
    summary: 'Acknowledge several alerts with one note; those that cannot be are named',
    method: 'POST',
    path: `${alertsBase}/acknowledge`,
    access: triage,
    input: z.strictObject({ ids: manyIds, note: note.optional() }),
    output: changed,
    audit: 'alert_acknowledged',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'alerts.close_many': operation({
    summary: 'Close several alerts with one verdict and note; those that cannot be are named',
    method: 'POST',
    path: `${alertsBase}/close`,
    access: triage,
    input: z.strictObject({ ids: manyIds, verdict, note: note.optional(), reset_suppression: resetSuppression }),
    output: changed,
    audit: 'alert_closed',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'alerts.undo': operation({
    summary: 'Take a change back, as long as nothing was built on it and for 24 hours',
    method: 'POST',
    path: `${alertsBase}/undo`,
    access: triage,
    input: z.strictObject({ change_id: uuid }),
    output: changed,
    audit: 'alert_undone',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
};
