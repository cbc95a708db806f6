// The state of an alert and how it may change: a pure state machine, the clocks and the rule of when a note is owed.
// Knows no store and no caller; triage.ts applies it.
import type { AlertStatus, Verdict } from '../../../../src-shared/contract/alerts.ts';
import type { Severity } from '../../../../src-shared/contract/values.ts';

/** What triage changes and undo puts back. Everything else of an alert is evidence and only grows. */
export type AlertState = {
  readonly status: AlertStatus;
  /** Set while closed, null otherwise; what it was before a reopening stands in the activity. */
  readonly verdict: Verdict | null;
  readonly closingNote: string | null;
  readonly assignee: string | null;
  /** From when the clocks run: raised, or opened again. */
  readonly clockFromAt: number;
  readonly acknowledgedAt: number | null;
};

export type Step =
  /** `by` becomes the assignee of what is nobody's; null for callers who can't hold an alert, such as API keys. */
  | { readonly kind: 'acknowledge'; readonly by: string | null; readonly at: number }
  /** `resets`: what it would still keep quiet is raised. */
  | {
      readonly kind: 'close';
      readonly verdict: Verdict;
      readonly note: string | null;
      readonly resets?: boolean | undefined;
    }
  | { readonly kind: 'reopen'; readonly at: number }
  | { readonly kind: 'assign'; readonly assignee: string | null };

export type Outcome =
  | { readonly kind: 'changed'; readonly state: AlertState }
  | { readonly kind: 'refused'; readonly reason: string };

export function openState(raisedAt: number): AlertState {
  return {
    status: 'open',
    verdict: null,
    closingNote: null,
    assignee: null,
    clockFromAt: raisedAt,
    acknowledgedAt: null,
  };
}

/** open → acknowledged → closed, anything not closed → closed, closed → open by reopening (spec 06). */
export function advance(state: AlertState, step: Step): Outcome {
  switch (step.kind) {
    case 'acknowledge':
      if (state.status === 'acknowledged') return refused('already acknowledged');
      if (state.status === 'closed') return refused('closed; reopen it first');
      return changed({
        ...state,
        status: 'acknowledged',
        acknowledgedAt: step.at,
        assignee: state.assignee ?? step.by,
      });
    case 'close':
      if (state.status === 'closed') return refused(`already closed as ${state.verdict}; reopen it to judge it again`);
      return changed({ ...state, status: 'closed', verdict: step.verdict, closingNote: step.note });
    case 'reopen':
      if (state.status !== 'closed') return refused('not closed');
      return changed({ ...openState(step.at), assignee: state.assignee });
    case 'assign':
      if (state.status === 'closed') return refused('closed; reopen it first');
      if (state.assignee === step.assignee) {
        return refused(step.assignee === null ? 'already nobody’s' : `already assigned to ${step.assignee}`);
      }
      return changed({ ...state, assignee: step.assignee });
  }
}

/** A real attack, and a false alarm on what is graded high, must say why (console: the closing form). */
export function closingNeedsNote(verdict: Verdict, severity: Severity): boolean {
  if (verdict === 'true_positive') return true;
  const falsePositive = verdict === 'false_positive_logic' || verdict === 'false_positive_data';
  return falsePositive && (severity === 'critical' || severity === 'high');
}

const minute = 60_000;
const hour = 60 * minute;

/** Until when an alert should be acknowledged: the incident levels of spec 06, and three days for what is only told. */
export const acknowledgeWithinMs: Readonly<Record<Severity, number>> = {
  critical: 15 * minute,
  high: hour,
  medium: 4 * hour,
  low: 24 * hour,
  info: 72 * hour,
};

/**
 * How many times the acknowledgement's time the whole case may take. 16 puts a critical alert at 4 hours, where spec 06's playbook
 * ends containment, and keeps the other severities in the same proportion.
 */
export const resolveFactor = 16;

/** When the next step is due: acknowledgement while open, closing while acknowledged, nothing once closed. */
export function dueAt(severity: Severity, state: Pick<AlertState, 'status' | 'clockFromAt'>): number | null {
  if (state.status === 'closed') return null;
  const within = acknowledgeWithinMs[severity];
  return state.clockFromAt + (state.status === 'open' ? within : within * resolveFactor);
}

/** How a state reads in the activity: `open`, `acknowledged`, `closed true_positive`. */
export function stateText(state: Pick<AlertState, 'status' | 'verdict'>): string {
  return state.verdict === null ? state.status : `${state.status} ${state.verdict}`;
}

function changed(state: AlertState): Outcome {
  return { kind: 'changed', state };
}

function refused(reason: string): Outcome {
  return { kind: 'refused', reason };
}
