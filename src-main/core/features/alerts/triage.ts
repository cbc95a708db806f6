// Use cases of triage: one step on one or many alerts, notes, and taking a change back. Each writes who, when, from where, and
// keeps what undo needs, in the caller's transaction. Forms for one alert throw what forms for many list as refused.
import type { AlertsChanged, Verdict } from '../../../../src-shared/contract/alerts.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { uuidV7 } from '../../../base/ids.ts';
import type { Call } from '../../dispatch/handler.ts';
import { actorOf } from '../../dispatch/principal.ts';
import type { Randomness } from '../../ports.ts';
import type { WriteTx } from '../../store/store.ts';
import {
  type ActivityKind,
  addActivity,
  addChange,
  type ChangeItem,
  findChange,
  findChangeItems,
} from './activity-table.ts';
import { type AlertState, advance, closingNeedsNote, type Step, stateText } from './alert.ts';
import { type AlertRecord, wireRow } from './alert-record.ts';
import { findAlert, findAlerts, saveState, touchAlert } from './alerts-table.ts';
import { invalid } from './filter.ts';
import { noSuchAlert } from './queue.ts';
import { endWindows, reopenWindows } from './suppression-table.ts';

/** How long a change can be taken back (console: undo from the activity). */
export const undoWithinMs = 24 * 3_600_000;

export type Triage = {
  readonly tx: WriteTx;
  readonly call: Call;
  readonly random: Randomness;
};

type Refused = { readonly id: string; readonly reason: string };
type Move = { readonly alert: AlertRecord; readonly state: AlertState };
type Planned = { readonly moves: readonly Move[]; readonly refused: readonly Refused[] };

const activityOf = { acknowledge: 'acknowledged', close: 'closed', reopen: 'reopened', assign: 'assigned' } as const;

/** @throws ProblemError alerts/not-found, alerts/state, and request/invalid for a note that is owed. */
export function stepOne(triage: Triage, id: string, step: Step, note: string | null): AlertsChanged {
  const alert = findAlert(triage.tx, id);
  if (alert === undefined) throw noSuchAlert(id);
  const outcome = advance(alert.state, step);
  if (outcome.kind === 'refused') throw new ProblemError('alerts/state', `alert ${alert.number} is ${outcome.reason}`);
  const moves = [{ alert, state: outcome.state }];
  if (step.kind === 'close') requireNote(moves, step.verdict, note);
  return stepped(triage, step, { moves, refused: [] }, note);
}

/** @throws ProblemError request/invalid for a note that one of the alerts is owed. */
export function stepMany(triage: Triage, ids: readonly string[], step: Step, note: string | null): AlertsChanged {
  const wanted = [...new Set(ids)];
  const found = findAlerts(triage.tx, wanted);
  const moves: Move[] = [];
  const refused: Refused[] = [];
  for (const id of wanted) {
    const alert = found.get(id);
    const outcome = alert === undefined ? undefined : advance(alert.state, step);
    if (alert === undefined || outcome === undefined) refused.push({ id, reason: 'no such alert' });
    else if (outcome.kind === 'refused') refused.push({ id, reason: outcome.reason });
    else moves.push({ alert, state: outcome.state });
  }
  if (step.kind === 'close') requireNote(moves, step.verdict, note);
  return stepped(triage, step, { moves, refused }, note);
}

function stepped(triage: Triage, step: Step, planned: Planned, note: string | null): AlertsChanged {
  const changed = carryOut(triage, activityOf[step.kind], planned, note, closingDetails(step));
  if (step.kind === 'close' && step.resets === true) endWindows(triage.tx, keysOf(planned), changed.change_id);
  return changed;
}

function keysOf({ moves }: Planned): number[] {
  return moves.map(({ alert }) => alert.key);
}

/** @throws ProblemError alerts/not-found */
export function addNote({ tx, call, random }: Triage, id: string, note: string): AlertsChanged {
  const alert = findAlert(tx, id);
  if (alert === undefined) throw noSuchAlert(id);
  const changeId = uuidV7(call.now, random.bytes(10));
  touchAlert(tx, alert.key, call.now);
  addActivity(tx, alert.key, { ...done({ tx, call, random }, changeId), kind: 'noted', from: null, to: null, note });
  addChange(tx, { id: changeId, at: call.now, kind: 'noted' }, []);
  tx.announce('alerts.changed', alert.id, alert.revision + 1);
  call.entry.resource = { type: 'alert', id: alert.id };
  call.entry.details = { change_id: changeId, alerts: [{ id: alert.id, number: alert.number }] };
  return { change_id: changeId, changed: [wireRow(written(tx, alert.id))], refused: [] };
}

/**
 * Puts back what a change found, for those of its alerts whose state nobody touched since. Repeats and notes don't count as touching.
 * @throws ProblemError alerts/undo when nothing of the change can be taken back.
 */
export function undoChange(triage: Triage, undoneId: string): AlertsChanged {
  const { tx, call } = triage;
  const change = findChange(tx, undoneId);
  if (change === undefined) throw new ProblemError('alerts/undo', 'no change with this id is known in this workspace');
  if (change.kind === 'noted') throw new ProblemError('alerts/undo', 'notes stay; add another note to correct one');
  if (call.now - change.at > undoWithinMs) {
    throw new ProblemError('alerts/undo', 'the change is more than 24 hours old; change the alert instead');
  }
  const items = findChangeItems(tx, undoneId);
  const found = findAlerts(
    tx,
    items.map((item) => item.alertId),
  );
  const moves: Move[] = [];
  const refused: Refused[] = [];
  for (const item of items) {
    const alert = found.get(item.alertId);
    if (alert !== undefined && alert.stateRevision === item.stateRevisionAfter)
      moves.push({ alert, state: item.before });
    else refused.push({ id: item.alertId, reason: 'changed again since' });
  }
  if (moves.length === 0) {
    throw new ProblemError('alerts/undo', 'it was already taken back, or the alert was changed again since');
  }
  reopenWindows(tx, keysOf({ moves, refused }), undoneId);
  return carryOut(triage, 'undone', { moves, refused }, null, { undone_change_id: undoneId });
}

function carryOut(
  triage: Triage,
  kind: ActivityKind,
  { moves, refused }: Planned,
  note: string | null,
  details: Record<string, unknown>,
): AlertsChanged {
  const { tx, call, random } = triage;
  const changeId = uuidV7(call.now, random.bytes(10));
  const items: ChangeItem[] = [];
  for (const { alert, state } of moves) {
    saveState(tx, alert.key, state, call.now);
    record(triage, changeId, kind, alert, state, note);
    items.push({ alertKey: alert.key, before: alert.state, stateRevisionAfter: alert.stateRevision + 1 });
    tx.announce('alerts.changed', alert.id, alert.revision + 1);
  }
  const only = moves.length === 1 ? moves[0] : undefined;
  call.entry.resource = { type: 'alert', id: only === undefined ? null : only.alert.id };
  call.entry.details = {
    change_id: changeId,
    ...details,
    alerts: moves.map((move) => ({ id: move.alert.id, number: move.alert.number, ...difference(move) })),
    ...(refused.length === 0 ? {} : { refused: refused.map((one) => one.id) }),
  };
  // All refused: nothing happened, so there is neither a change to take back nor an entry.
  if (moves.length === 0) call.entry.type = null;
  else addChange(tx, { id: changeId, at: call.now, kind }, items);
  const after = findAlerts(
    tx,
    moves.map((move) => move.alert.id),
  );
  return {
    change_id: changeId,
    changed: moves.flatMap((move) => {
      const alert = after.get(move.alert.id);
      return alert === undefined ? [] : [wireRow(alert)];
    }),
    refused: [...refused],
  };
}

/** One line for the status and one for the assignee, of which at least one changed; the note stands on the first. */
function record(
  triage: Triage,
  changeId: string,
  kind: ActivityKind,
  alert: AlertRecord,
  state: AlertState,
  note: string | null,
): void {
  const lines: { kind: ActivityKind; from: string | null; to: string | null }[] = [];
  const from = stateText(alert.state);
  const to = stateText(state);
  if (from !== to) lines.push({ kind, from, to });
  if (alert.state.assignee !== state.assignee) {
    lines.push({ kind: kind === 'undone' ? 'undone' : 'assigned', from: alert.state.assignee, to: state.assignee });
  }
  for (const [index, line] of lines.entries()) {
    addActivity(triage.tx, alert.key, { ...done(triage, changeId), ...line, note: index === 0 ? note : null });
  }
}

/** What the audit entry says of one alert. */
function difference({ alert, state }: Move): Record<string, unknown> {
  const from = stateText(alert.state);
  const to = stateText(state);
  return {
    ...(from === to ? {} : { from, to }),
    ...(alert.state.assignee === state.assignee
      ? {}
      : { assignee_from: alert.state.assignee, assignee_to: state.assignee }),
  };
}

function closingDetails(step: Step): Record<string, unknown> {
  if (step.kind !== 'close') return {};
  return { verdict: step.verdict, ...(step.resets === true ? { reset_suppression: true } : {}) };
}

function requireNote(moves: readonly Move[], verdict: Verdict, note: string | null): void {
  if (note !== null) return;
  const owed = moves.find(({ alert }) => closingNeedsNote(verdict, alert.severity));
  if (owed !== undefined) throw noteOwed(verdict, owed.alert);
}

export function noteOwed(verdict: Verdict, alert: Pick<AlertRecord, 'number' | 'severity'>): ProblemError {
  const message = `say why alert ${alert.number} (${alert.severity}) is a ${verdict.replaceAll('_', ' ')}`;
  return invalid([{ path: 'note', message }]);
}

function done({ call, random }: Triage, changeId: string) {
  const actor = actorOf(call.principal);
  return {
    id: uuidV7(call.now, random.bytes(10)),
    at: call.now,
    actorKind: actor.kind,
    // A key may carry a person's name; the activity must not read as if the person had acted.
    actor: actor.kind === 'key' ? `key ${actor.name}` : actor.name,
    ipAddress: call.origin.ip,
    note: null,
    changeId,
  };
}

function written(tx: WriteTx, id: string): AlertRecord {
  const alert = findAlert(tx, id);
  if (alert === undefined) throw new Error(`alert ${id} is not there after it was written`);
  return alert;
}
