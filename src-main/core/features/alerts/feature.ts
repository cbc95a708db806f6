// Alerts: what detectors found and what people made of it. Start here: the operations, and what other features may call.

import type { alertGroupsOperations } from '../../../../src-shared/contract/alert-groups.ts';
import type { alertViewsOperations } from '../../../../src-shared/contract/alert-views.ts';
import type { alertsOperations } from '../../../../src-shared/contract/alerts.ts';
import type { Finding } from '../../../engine/finding.ts';
import type { QuietWindow } from '../../../engine/suppression.ts';
import type { Call, Handlers } from '../../dispatch/handler.ts';
import type { NewEntry } from '../../dispatch/performing.ts';
import type { Feature } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store, WriteTx } from '../../store/store.ts';
import type { KeepEvidence } from '../events/index.ts';
import type { Entity } from './alert-record.ts';
import { exportAlerts } from './export.ts';
import { invalid } from './filter.ts';
import { groupAlerts } from './groups.ts';
import { loadFindings } from './load.ts';
import { changeMatching } from './matching.ts';
import { migrations, scopedTables } from './migrations.ts';
import { type FindEvents, listAlerts, showAlert, summarise } from './queue.ts';
import { countByDetector } from './queue-table.ts';
import { type DescribeDetector, noteAbout, type Raised, raiseAlert } from './raise.ts';
import { showSuppressed } from './suppressed.ts';
import { findWindow } from './suppression-table.ts';
import { addNote, stepMany, stepOne, type Triage, undoChange } from './triage.ts';
import { viewHandlers } from './views.ts';

export type Alerts = {
  readonly feature: Feature;
  /**
   * Makes an alert of a finding, inside the transaction that stores the events. The same dedup key (and detector version) as an alert
   * that isn't closed, within its window, adds to that alert instead; without new events it changes nothing. What another alert keeps quiet is kept at that one. Appends no audit entry: the caller does for `raised`.
   * @param eventHashes SHA-256 of the finding's events. @throws Error when the hash of an event new to the alert is missing.
   */
  raise(tx: WriteTx, finding: Finding, eventHashes: ReadonlyMap<string, string>, now: number): Raised;
  /** A note by the console on the alerts about a thing that aren't closed. @returns their numbers, newest first. Appends no audit entry. */
  noteAbout(tx: WriteTx, entity: Entity, note: string, now: number): readonly number[];
  /** The window of suppression that covers an instant of event time, the last to begin of several. */
  findWindow(tx: ReadTx, key: string, windowMs: number, at: number): QuietWindow | undefined;
  /** Of each detector that ever raised: alerts since `since`, and when it raised last (milliseconds UTC). */
  countsByDetector(tx: ReadTx, since: number): Map<string, { count: number; lastAt: number }>;
};

export type AlertsDependencies = {
  readonly host: Pick<Host, 'random' | 'timers'>;
  readonly store: () => Store;
  readonly version: string;
  readonly describeDetector: DescribeDetector;
  readonly findEvents: FindEvents;
  readonly keepEvidence: KeepEvidence;
  appendEntry(tx: WriteTx, entry: NewEntry): void;
};

export function createAlerts(parts: AlertsDependencies): Alerts {
  const { host, describeDetector, findEvents } = parts;
  const { random } = host;
  const triage = (tx: WriteTx, call: Call): Triage => ({ tx, call, random });

  const handlers: Handlers<typeof alertsOperations & typeof alertGroupsOperations & typeof alertViewsOperations> = {
    ...viewHandlers,
    'alerts.list': listAlerts,
    'alerts.summary': summarise,
    'alerts.groups': (call, input) => groupAlerts(parts, call, input),
    'alerts.export': (call, input) => exportAlerts(parts, call, input),
    'alerts.load': (call, input) => loadFindings(parts, call, input),
    'alerts.get': (tx, _call, input) => showAlert(tx, input.id, findEvents),
    'alerts.suppressed': (tx, _call, input) => showSuppressed(tx, input, findEvents),
    'alerts.acknowledge': (tx, call, input) =>
      stepOne(triage(tx, call), input.id, acknowledging(call), input.note ?? null),
    'alerts.acknowledge_many': (tx, call, input) =>
      stepMany(triage(tx, call), input.ids, acknowledging(call), input.note ?? null),
    'alerts.close': (tx, call, { id, verdict, note = null, reset_suppression }) =>
      stepOne(triage(tx, call), id, { kind: 'close', verdict, note, resets: reset_suppression }, note),
    'alerts.close_many': (tx, call, { ids, verdict, note = null, reset_suppression }) =>
      stepMany(triage(tx, call), ids, { kind: 'close', verdict, note, resets: reset_suppression }, note),
    'alerts.reopen': (tx, call, input) =>
      stepOne(triage(tx, call), input.id, { kind: 'reopen', at: call.now }, input.reason),
    'alerts.assign': (tx, call, input) =>
      stepOne(triage(tx, call), input.id, { kind: 'assign', assignee: assigneeOf(input.assignee) }, null),
    'alerts.note': (tx, call, input) => addNote(triage(tx, call), input.id, input.note),
    'alerts.acknowledge_matching': (call, { expected, note = null, ...asked }) =>
      changeMatching(parts, call, asked, {
        operation: 'alerts.acknowledge_matching',
        audit: 'alert_acknowledged',
        step: acknowledging(call),
        expected,
        note,
      }),
    'alerts.close_matching': (call, { expected, verdict, note = null, reset_suppression: resets, ...asked }) =>
      changeMatching(parts, call, asked, {
        operation: 'alerts.close_matching',
        audit: 'alert_closed',
        step: { kind: 'close', verdict, note, resets },
        expected,
        note,
      }),
    'alerts.undo': (tx, call, input) => undoChange(triage(tx, call), input.change_id),
  };

  return {
    feature: { name: 'alerts', migrations, scopedTables, handlers },
    raise: (tx, finding, eventHashes, now) =>
      raiseAlert(tx, finding, { random, describeDetector, eventHashes, now, origin: 'rule' }),
    noteAbout: (tx, entity, note, now) => noteAbout(tx, entity, note, { random, now }),
    findWindow,
    countsByDetector: countByDetector,
  };
}

function acknowledging(call: Call) {
  const by = call.principal.kind === 'user' ? call.principal.username : null;
  return { kind: 'acknowledge', by, at: call.now } as const;
}

/** `me` and `none` mean something to the queue's filter: an alert given to a user of that name could not be found again. */
function assigneeOf(assignee: string | null): string | null {
  if (assignee === null) return null;
  const name = assignee.trim();
  if (name === '' || name === 'me' || name === 'none') {
    throw invalid([{ path: 'assignee', message: 'expected a user name, or null for nobody' }]);
  }
  return name;
}
