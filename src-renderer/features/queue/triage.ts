// What one does to alerts from the queue: acknowledge, close, reopen, assign, note, and taking it back. Each ends in one line that says
// what was done and what was refused; the rows that come back go to the store.

import type { AlertRow, AlertStatus, AlertsChanged, Verdict } from '../../../src-shared/contract/alerts.ts';
import type { CallInput, Output } from '../../../src-shared/contract/contract.ts';
import type { call } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { formatCount } from '../../lib/numbers.ts';
import type { ToastMessage } from '../../ui/feedback/toast-list.ts';
import { alertNumber, verdictWords } from './alert-words.ts';

/** Ids in one call, as the contract allows. */
export const mostAtOnce = 500;
/** From here on the number itself is typed before it happens. */
export const askAbove = 100;

interface Refused {
  readonly id: string;
  readonly name: string;
  readonly reason: string;
}

export interface Outcome {
  /** What the service was asked for, in words: 'closed as Benign'. */
  readonly done: string;
  readonly changed: readonly AlertRow[];
  /** How many were; of a whole group no rows come back. */
  readonly count: number;
  readonly refused: readonly Refused[];
  readonly changeIds: readonly string[];
  /** Set when a later part of many failed as a whole. */
  readonly failure?: string | undefined;
}

/** All alerts of a group, as it was shown. */
export interface GroupOfAlerts {
  readonly filters: CallInput<'alerts.summary'>;
  readonly within: readonly string[];
  readonly statuses: Readonly<Record<AlertStatus, number>>;
}

export interface Triage {
  acknowledge(ids: readonly string[], note?: string): Promise<Outcome>;
  /** @param resets what they would still keep quiet is raised */
  close(ids: readonly string[], verdict: Verdict, note?: string, resets?: boolean): Promise<Outcome>;
  reopen(id: string, reason: string): Promise<Outcome>;
  assign(id: string, assignee: string | null): Promise<Outcome>;
  note(id: string, note: string): Promise<Outcome>;
  acknowledgeGroup(group: GroupOfAlerts, note?: string): Promise<Outcome>;
  closeGroup(group: GroupOfAlerts, verdict: Verdict, note?: string): Promise<Outcome>;
  undo(changeIds: readonly string[]): Promise<Outcome>;
  /** The newest change that was not taken back, for the key. */
  undoLast(): Promise<Outcome | undefined>;
  forget(): void;
}

interface TriageDependencies {
  readonly call: typeof call;
  /** For names in refusals; what is no longer loaded is named by its id. */
  readonly rowOf: (id: string) => AlertRow | undefined;
  readonly take: (changed: readonly AlertRow[]) => void;
  /** After a whole group was changed, or was not because it is another by now. */
  readonly refresh: () => void;
  readonly tell: (message: ToastMessage) => void;
  /** Opens the list of what was refused. */
  readonly showRefused: (outcome: Outcome) => void;
}

export function createTriage({ call, rowOf, take, refresh, tell, showRefused }: TriageDependencies): Triage {
  let undoable: readonly (readonly string[])[] = [];

  function gather(done: string, answers: readonly AlertsChanged[], failure?: string): Outcome {
    return {
      done,
      changed: answers.flatMap((answer) => answer.changed),
      count: answers.reduce((sum, answer) => sum + answer.changed.length, 0),
      refused: answers.flatMap((answer) =>
        answer.refused.map(({ id, reason }) => ({ id, reason, name: nameOf(rowOf(id), id) })),
      ),
      changeIds: answers.filter((answer) => answer.changed.length > 0).map((answer) => answer.change_id),
      ...(failure === undefined ? {} : { failure }),
    };
  }

  /** Runs the calls one after the other and keeps what was done when a later one fails. */
  async function run(done: string, calls: readonly (() => Promise<AlertsChanged>)[]): Promise<Outcome> {
    const answers: AlertsChanged[] = [];
    let failure: string | undefined;
    for (const each of calls) {
      try {
        answers.push(await each());
      } catch (error) {
        if (isAborted(error)) throw error;
        failure = failureWords(error);
        break;
      }
    }
    const outcome = gather(done, answers, failure);
    take(outcome.changed);
    return outcome;
  }

  function report(outcome: Outcome): Outcome {
    if (outcome.changeIds.length > 0) undoable = [...undoable, outcome.changeIds];
    const { changeIds } = outcome;
    tell({
      text: outcomeWords(outcome),
      tone: outcome.refused.length > 0 || outcome.failure !== undefined ? 'warn' : 'plain',
      ...(changeIds.length > 0 ? { undo: () => void undo(changeIds) } : {}),
      ...(outcome.refused.length > 0 ? { action: { label: 'Show', run: () => showRefused(outcome) } } : {}),
    });
    return outcome;
  }

  async function undo(changeIds: readonly string[]): Promise<Outcome> {
    undoable = undoable.filter((each) => each !== changeIds);
    // The newest first: a later part may rest on an earlier one.
    const outcome = await run(
      'taken back',
      changeIds.toReversed().map((change_id) => () => call('alerts.undo', { change_id })),
    );
    tell({
      text: outcome.count > 1 ? outcomeWords(outcome).replace(/^[\d,]+/, '$& changes') : outcomeWords(outcome),
      tone: outcome.failure === undefined && outcome.refused.length === 0 ? 'plain' : 'warn',
      ...(outcome.refused.length > 0 ? { action: { label: 'Show', run: () => showRefused(outcome) } } : {}),
    });
    return outcome;
  }

  /** The service does it to as many as were shown, or to none. */
  async function runGroup(
    done: string,
    change: () => Promise<Output<'alerts.acknowledge_matching'>>,
  ): Promise<Outcome> {
    try {
      const { changed: count, refused, change_ids: changeIds } = await change();
      const named = refused.map(({ id, reason }) => ({ id, reason, name: nameOf(rowOf(id), id) }));
      return report({ done, changed: [], count, refused: named, changeIds });
    } catch (error) {
      if (isAborted(error)) throw error;
      return { done, changed: [], count: 0, refused: [], changeIds: [], failure: failureWords(error) };
    } finally {
      refresh();
    }
  }

  const noted = (note: string | undefined) => (note === undefined || note.trim() === '' ? {} : { note: note.trim() });

  return {
    async acknowledge(ids, note) {
      const [only] = ids;
      const calls =
        ids.length === 1 && only !== undefined
          ? [() => call('alerts.acknowledge', { id: only, ...noted(note) })]
          : partsOf(ids).map((part) => () => call('alerts.acknowledge_many', { ids: part, ...noted(note) }));
      return report(await run('acknowledged', calls));
    },
    async close(ids, verdict, note, resets = false) {
      const [only] = ids;
      const more = { ...noted(note), ...(resets ? { reset_suppression: true } : {}) };
      const calls =
        ids.length === 1 && only !== undefined
          ? [() => call('alerts.close', { id: only, verdict, ...more })]
          : partsOf(ids).map((part) => () => call('alerts.close_many', { ids: part, verdict, ...more }));
      return report(await run(`closed as ${verdictWords[verdict].label}`, calls));
    },
    async reopen(id, reason) {
      return report(await run('reopened', [() => call('alerts.reopen', { id, reason: reason.trim() })]));
    },
    async assign(id, assignee) {
      const done = assignee === null ? 'assigned to nobody' : `assigned to ${assignee}`;
      return report(await run(done, [() => call('alerts.assign', { id, assignee })]));
    },
    async note(id, note) {
      return report(await run('noted', [() => call('alerts.note', { id, note: note.trim() })]));
    },
    acknowledgeGroup: ({ filters: { verdict: _, ...filters }, within, statuses }, note) =>
      runGroup('acknowledged', () =>
        call('alerts.acknowledge_matching', {
          ...filters,
          status: ['open'],
          within: [...within],
          expected: statuses.open,
          ...noted(note),
        }),
      ),
    closeGroup: ({ filters: { verdict: _, ...filters }, within, statuses }, verdict, note) =>
      runGroup(`closed as ${verdictWords[verdict].label}`, () =>
        call('alerts.close_matching', {
          ...filters,
          status: ['open', 'acknowledged'],
          within: [...within],
          expected: statuses.open + statuses.acknowledged,
          verdict,
          ...noted(note),
        }),
      ),
    undo,
    async undoLast() {
      const last = undoable.at(-1);
      return last && undo(last);
    },
    forget() {
      undoable = [];
    },
  };
}

function partsOf(ids: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / mostAtOnce) }, (_, part) =>
    ids.slice(part * mostAtOnce, (part + 1) * mostAtOnce),
  );
}

function nameOf(row: AlertRow | undefined, id: string): string {
  return row === undefined ? id : `${alertNumber(row.number)} ${row.title}`;
}

/** 'ALR-20928 closed as Benign' · '40 closed as Benign, 2 refused: already closed' · 'Nothing acknowledged: …' */
function outcomeWords({ done, changed, count, refused, failure }: Outcome): string {
  const [only] = changed;
  const subject =
    count === 0
      ? `Nothing ${done}`
      : count === 1 && only !== undefined
        ? `${alertNumber(only.number)} ${done}`
        : `${formatCount(count)} ${done}`;
  const reasons = [...new Set(refused.map((each) => each.reason))];
  const refusals =
    refused.length === 0 ? '' : `, ${refused.length} refused${reasons.length === 1 ? `: ${reasons[0]}` : ''}`;
  return `${subject}${refusals}${failure === undefined ? '' : `. ${failure}`}`;
}
