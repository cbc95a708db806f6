// What readers of alerts are told: the queue page by page, the figures of its head, and one alert with all it rests on.
import type { AlertFull } from '../../../../src-shared/contract/alerts.ts';
import type { Input, Output } from '../../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { defaultLimit, type Severity, severity as severitySchema } from '../../../../src-shared/contract/values.ts';
import { instant } from '../../../base/instants.ts';
import type { Call } from '../../dispatch/handler.ts';
import type { ReadTx } from '../../store/store.ts';
import { findActivity } from './activity-table.ts';
import { wireRow } from './alert-record.ts';
import { findAlert, getStory } from './alerts-table.ts';
import { type EventReference, findEventReferences, findSeenBefore } from './evidence-table.ts';
import { parseCursor, parseFilter, writeCursor } from './filter.ts';
import { findNamed } from './groups.ts';
import { countActive, countMatching, countRaised, findPage, meanAcknowledgeMs } from './queue-table.ts';
import type { DetectorSnapshot } from './raise.ts';
import { wireQuiet } from './suppress.ts';

/** An event as it was taken in: its wire form, with its id and its time among the fields. */
export type StoredEventView = Readonly<Record<string, unknown>> & { readonly id: string; readonly time: string };

export type FindEvents = (tx: ReadTx, ids: readonly string[]) => readonly StoredEventView[];

const eventsShown = 100;
const hourMs = 3_600_000;
const bars = 24;

export function listAlerts(tx: ReadTx, call: Call, input: Input<'alerts.list'>): Output<'alerts.list'> {
  const { cursor, limit = defaultLimit, sort = 'risk', ...filters } = input;
  const after = cursor === undefined ? undefined : parseCursor(cursor, sort);
  // One more than asked for tells whether there is a next page.
  const found = findPage(tx, parseFilter(filters, call.principal, findNamed(tx)), sort, after, limit + 1);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(wireRow),
    next_cursor: found.length > limit && last !== undefined ? writeCursor(sort, last) : null,
  };
}

/** `matching` counts what the list with the same filters holds; all other figures are of the whole workspace. */
export function summarise(tx: ReadTx, call: Call, input: Input<'alerts.summary'>): Output<'alerts.summary'> {
  const active = countActive(tx);
  const histogram = Array.from({ length: bars }, (_, bar) => {
    const from = call.now - (bars - bar) * hourMs;
    // A clock that was set back leaves alerts from "later": they count in the last bar instead of vanishing.
    const until = bar === bars - 1 ? Number.MAX_SAFE_INTEGER : from + hourMs;
    return { from: instant(from), counts: countRaised(tx, from, until) };
  });
  const open = active.filter((row) => row.status === 'open');
  return {
    matching: countMatching(tx, parseFilter(input, call.principal, findNamed(tx))),
    total_24h: histogram.flatMap(({ counts }) => Object.values(counts)).reduce((total, count) => total + count, 0),
    open: sum(open),
    acknowledged: sum(active.filter((row) => row.status === 'acknowledged')),
    open_by_severity: bySeverity((severity) => sum(open.filter((row) => row.severity === severity))),
    unassigned_critical: active
      .filter((row) => row.severity === 'critical')
      .reduce((total, row) => total + row.unassigned, 0),
    // "Today" is the UTC day: the console's own days are the same for everybody who looks.
    mtta_ms: meanAcknowledgeMs(tx, call.now - (call.now % (24 * hourMs))),
    histogram,
  };
}

/** @throws ProblemError alerts/not-found */
export function showAlert(tx: ReadTx, id: string, findEvents: FindEvents): AlertFull {
  const alert = findAlert(tx, id);
  if (alert === undefined) throw noSuchAlert(id);
  const story = getStory(tx, alert.key);
  const { parameters, ...described } = JSON.parse(story.detector) as DetectorSnapshot;
  const seen = findSeenBefore(tx, alert.key, alert.detectorId, alert.entities);
  return {
    ...wireRow(alert),
    sentence: story.sentence,
    detector: {
      id: alert.detectorId,
      title: described.title,
      version: story.detectorVersion,
      description: described.description,
      parameters: { ...parameters },
      false_positives: [...described.falsePositives],
      references: [...described.references],
    },
    runbook: [...described.runbook],
    risk_derivation: [...story.riskDerivation],
    events: eventsOf(tx, alert.key, findEvents),
    events_total: alert.count,
    suppression: wireQuiet(tx, alert.key),
    seen_before: { total: seen.total, by_verdict: { ...seen.byVerdict }, last_note: seen.lastNote },
    activity: findActivity(tx, alert.key).map((done) => ({
      id: done.id,
      at: instant(done.at),
      kind: done.kind,
      actor: done.actor,
      ip_address: done.ipAddress,
      from: done.from,
      to: done.to,
      note: done.note,
      change_id: done.changeId,
    })),
  };
}

export function noSuchAlert(id: string): ProblemError {
  return new ProblemError('alerts/not-found', `there is no alert ${id} in this workspace`);
}

function eventsOf(tx: ReadTx, alertKey: number, findEvents: FindEvents): AlertFull['events'] {
  return withRecords(tx, findEventReferences(tx, alertKey, eventsShown), findEvents);
}

export function withRecords(
  tx: ReadTx,
  references: readonly EventReference[],
  findEvents: FindEvents,
): AlertFull['events'] {
  const stored = new Map(
    findEvents(
      tx,
      references.map((reference) => reference.eventId),
    ).map((event) => [event.id, event]),
  );
  return references.flatMap(({ eventId, sha256 }) => {
    const event = stored.get(eventId);
    if (event === undefined) return [];
    // The hash is the one the alert was raised on: an event that was changed since no longer hashes to it.
    return [{ id: eventId, time: event.time, sha256, record: event }];
  });
}

function bySeverity(count: (severity: Severity) => number): Record<Severity, number> {
  return Object.fromEntries(severitySchema.options.map((name) => [name, count(name)])) as Record<Severity, number>;
}

function sum(rows: readonly { readonly total: number }[]): number {
  return rows.reduce((total, row) => total + row.total, 0);
}
