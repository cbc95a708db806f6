// An alert as it is stored, how a row becomes one, and how one is written on the wire.

import type { z } from 'zod';
import type { AlertOrigin, AlertRow, entityKind } from '../../../../src-shared/contract/alerts.ts';
import type { Severity } from '../../../../src-shared/contract/values.ts';
import { instant } from '../../../base/instants.ts';
import type { SqlValue } from '../../ports.ts';
import { type AlertState, dueAt } from './alert.ts';

export type Entity = { readonly kind: z.infer<typeof entityKind>; readonly value: string };

export type AlertRecord = {
  /** The store's own number; the one for people is `number`. */
  readonly key: number;
  readonly id: string;
  readonly number: number;
  readonly detectorId: string;
  readonly origin: AlertOrigin;
  readonly title: string;
  readonly severity: Severity;
  readonly risk: number;
  readonly state: AlertState;
  readonly count: number;
  /** Alerts that it kept quiet. */
  readonly suppressed: number;
  readonly entities: readonly Entity[];
  readonly techniques: readonly string[];
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly raisedAt: number;
  readonly changedAt: number;
  readonly revision: number;
  readonly stateRevision: number;
};

/** The columns that `recordOf` reads, of the table alert under the name `a`. */
export const recordColumns = `a.key, a.id, a.number, a.detector_id, a.origin, a.title, a.severity, a.risk, a.status, a.verdict,
  a.closing_note, a.assignee, a.clock_from_at, a.acknowledged_at, a.count, a.suppressed, a.entities, a.techniques,
  a.first_seen_at, a.last_seen_at, a.raised_at, a.changed_at, a.revision, a.state_revision`;

export type RecordRow = {
  key: number;
  id: string;
  number: number;
  detector_id: string;
  origin: AlertOrigin;
  title: string;
  severity: Severity;
  risk: number;
  status: AlertState['status'];
  verdict: AlertState['verdict'];
  closing_note: string | null;
  assignee: string | null;
  clock_from_at: number;
  acknowledged_at: number | null;
  count: number;
  suppressed: number;
  entities: string;
  techniques: string;
  first_seen_at: number;
  last_seen_at: number;
  raised_at: number;
  changed_at: number;
  revision: number;
  state_revision: number;
} & Record<string, SqlValue>;

export function recordOf(row: RecordRow): AlertRecord {
  return {
    key: row.key,
    id: row.id,
    number: row.number,
    detectorId: row.detector_id,
    origin: row.origin,
    title: row.title,
    severity: row.severity,
    risk: row.risk,
    state: {
      status: row.status,
      verdict: row.verdict,
      closingNote: row.closing_note,
      assignee: row.assignee,
      clockFromAt: row.clock_from_at,
      acknowledgedAt: row.acknowledged_at,
    },
    count: row.count,
    suppressed: row.suppressed,
    entities: JSON.parse(row.entities) as Entity[],
    techniques: JSON.parse(row.techniques) as string[],
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    raisedAt: row.raised_at,
    changedAt: row.changed_at,
    revision: row.revision,
    stateRevision: row.state_revision,
  };
}

/** The row of the queue (contract `alertRow`). */
export function wireRow(alert: AlertRecord): AlertRow {
  const due = dueAt(alert.severity, alert.state);
  return {
    id: alert.id,
    number: alert.number,
    title: alert.title,
    severity: alert.severity,
    risk: alert.risk,
    status: alert.state.status,
    verdict: alert.state.verdict,
    assignee: alert.state.assignee,
    count: alert.count,
    suppressed: alert.suppressed,
    entities: [...alert.entities],
    techniques: [...alert.techniques],
    detector_id: alert.detectorId,
    origin: alert.origin,
    first_seen_at: instant(alert.firstSeenAt),
    last_seen_at: instant(alert.lastSeenAt),
    raised_at: instant(alert.raisedAt),
    changed_at: instant(alert.changedAt),
    due_at: due === null ? null : instant(due),
    revision: alert.revision,
  };
}
