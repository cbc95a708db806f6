import { describe, expect, it } from 'vitest';
import {
  type AlertState,
  acknowledgeWithinMs,
  advance,
  closingNeedsNote,
  dueAt,
  openState,
  type Step,
  stateText,
} from '../../../src-main/core/features/alerts/alert.ts';
import { alertStatus, verdict } from '../../../src-shared/contract/alerts.ts';
import { severity } from '../../../src-shared/contract/values.ts';

const open = openState(1000);
const acknowledged: AlertState = { ...open, status: 'acknowledged', assignee: 'alice', acknowledgedAt: 2000 };
const closed: AlertState = { ...acknowledged, status: 'closed', verdict: 'benign_positive', closingNote: 'a drill' };
const states = { open, acknowledged, closed };

const acknowledge: Step = { kind: 'acknowledge', by: 'bob', at: 5000 };
const close: Step = { kind: 'close', verdict: 'duplicate', note: 'of 7' };
const reopen: Step = { kind: 'reopen', at: 6000 };
const assign: Step = { kind: 'assign', assignee: 'carol' };

describe('every step from every state', () => {
  it.each([
    ['open', acknowledge, { ...open, status: 'acknowledged', assignee: 'bob', acknowledgedAt: 5000 }],
    ['open', close, { ...open, status: 'closed', verdict: 'duplicate', closingNote: 'of 7' }],
    ['open', reopen, 'not closed'],
    ['open', assign, { ...open, assignee: 'carol' }],
    ['acknowledged', acknowledge, 'already acknowledged'],
    ['acknowledged', close, { ...acknowledged, status: 'closed', verdict: 'duplicate', closingNote: 'of 7' }],
    ['acknowledged', reopen, 'not closed'],
    ['acknowledged', assign, { ...acknowledged, assignee: 'carol' }],
    ['closed', acknowledge, 'closed; reopen it first'],
    ['closed', close, 'already closed as benign_positive; reopen it to judge it again'],
    ['closed', reopen, { ...openState(6000), assignee: 'alice' }],
    ['closed', assign, 'closed; reopen it first'],
  ] as const)('%s, %o', (from, step, expected) => {
    expect(advance(states[from], step)).toEqual(
      typeof expected === 'string' ? { kind: 'refused', reason: expected } : { kind: 'changed', state: expected },
    );
  });

  it('keeps a verdict exactly while closed, whatever sequence of steps is tried', () => {
    const steps = [acknowledge, close, reopen, assign, { kind: 'assign', assignee: null } as const];
    let reached: AlertState[] = [open];
    const seen = new Map<string, AlertState>();
    while (reached.length > 0) {
      const next: AlertState[] = [];
      for (const state of reached) {
        const name = JSON.stringify(state);
        if (seen.has(name)) continue;
        seen.set(name, state);
        for (const step of steps) {
          const outcome = advance(state, step);
          if (outcome.kind === 'changed') next.push(outcome.state);
        }
      }
      reached = next;
    }
    expect(seen.size).toBeGreaterThan(8);
    for (const state of seen.values()) {
      expect(state.verdict !== null).toBe(state.status === 'closed');
      expect(alertStatus.options).toContain(state.status);
    }
  });
});

it('leaves what is somebody’s with them when another acknowledges', () => {
  const outcome = advance({ ...open, assignee: 'carol' }, acknowledge);
  expect(outcome).toMatchObject({ kind: 'changed', state: { assignee: 'carol' } });
});

it('gives nobody an alert that a key acknowledges', () => {
  const outcome = advance(open, { kind: 'acknowledge', by: null, at: 5000 });
  expect(outcome).toMatchObject({ kind: 'changed', state: { status: 'acknowledged', assignee: null } });
});

it('refuses to assign to whom it is assigned already', () => {
  expect(advance(acknowledged, { kind: 'assign', assignee: 'alice' }).kind).toBe('refused');
  expect(advance(open, { kind: 'assign', assignee: null }).kind).toBe('refused');
});

describe('the note owed on closing', () => {
  const owed = verdict.options.flatMap((judged) =>
    severity.options.filter((graded) => closingNeedsNote(judged, graded)).map((graded) => `${judged} ${graded}`),
  );

  it('is owed for every real attack, and for false alarms on high and critical', () => {
    expect(owed).toEqual([
      'true_positive critical',
      'true_positive high',
      'true_positive medium',
      'true_positive low',
      'true_positive info',
      'false_positive_logic critical',
      'false_positive_logic high',
      'false_positive_data critical',
      'false_positive_data high',
    ]);
  });
});

describe('due times', () => {
  it('run from raising by the levels of the response specification', () => {
    expect(acknowledgeWithinMs).toEqual({
      critical: 900_000,
      high: 3_600_000,
      medium: 14_400_000,
      low: 86_400_000,
      info: 259_200_000,
    });
    expect(severity.options.map((graded) => dueAt(graded, open))).toEqual([
      901_000, 3_601_000, 14_401_000, 86_401_000, 259_201_000,
    ]);
  });

  it('give an acknowledged alert the time to resolve, and a closed one none', () => {
    expect(dueAt('critical', acknowledged)).toBe(1000 + 4 * 3_600_000);
    expect(dueAt('critical', closed)).toBeNull();
  });

  it('run anew from a reopening', () => {
    const outcome = advance(closed, reopen);
    expect(outcome.kind === 'changed' && dueAt('high', outcome.state)).toBe(6000 + 3_600_000);
  });
});

it('reads a state with its verdict', () => {
  expect([open, acknowledged, closed].map(stateText)).toEqual(['open', 'acknowledged', 'closed benign_positive']);
});
