// The queue's store: pages, news behind the pill, changes in place, selection; and triage with its result lines and undo.

import { describe, expect, it } from 'vitest';
import {
  appendPage,
  changeSelection,
  compareAlerts,
  letIn,
  needsNote,
  replaceChanged,
} from '../../../src-renderer/features/queue/alert-rows.ts';
import { createQueueStore, pageLength } from '../../../src-renderer/features/queue/queue-store.ts';
import { createTriage, mostAtOnce, type Outcome } from '../../../src-renderer/features/queue/triage.ts';
import type { ToastMessage } from '../../../src-renderer/ui/feedback/toast-list.ts';
import { alertOf, createAlertConsole, createTimers, idOf, settle, start } from './generated-alerts.ts';

const all = 'status:open,ack,closed';

async function openQueue(count: number, query = all) {
  const console = createAlertConsole(Array.from({ length: count }, (_, number) => alertOf(number)));
  const timers = createTimers();
  const queue = createQueueStore({ ...console, now: () => start + 10_000_000, later: timers.later });
  const stop = queue.listen();
  await queue.load(query);
  return { console, timers, queue, stop };
}

const ids = (rows: readonly { readonly id: string }[]) => rows.map((row) => row.id);

describe('loading', () => {
  it('reads page by page to the end, each alert once, in the order of the service', async () => {
    const { queue } = await openQueue(2 * pageLength + 30);
    expect(queue.getState().rows).toHaveLength(pageLength);
    await queue.loadMore();
    await queue.loadMore();
    await queue.loadMore();
    const { rows, nextCursor } = queue.getState();
    expect(new Set(ids(rows)).size).toBe(2 * pageLength + 30);
    expect(nextCursor).toBeNull();
    expect(ids(rows)).toEqual(ids(rows.toSorted(compareAlerts)));
  });

  it('says why it failed, and recovers on the next try', async () => {
    const { queue, console } = await openQueue(3);
    console.fail('the disk is full');
    await queue.load();
    expect(queue.getState()).toMatchObject({ phase: 'failed', failure: 'The disk is full.' });
    console.fail(undefined);
    await queue.load();
    expect(queue.getState()).toMatchObject({ phase: 'ready', failure: undefined });
  });

  it('keeps the loaded rows when a later page fails', async () => {
    const { queue, console } = await openQueue(pageLength + 5);
    console.fail('busy');
    await queue.loadMore();
    expect(queue.getState()).toMatchObject({ phase: 'ready', moreFailure: 'Busy.', isLoadingMore: false });
    expect(queue.getState().rows).toHaveLength(pageLength);
  });
});

describe('live', () => {
  it('holds new alerts back until they are asked for, and then puts them at their place', async () => {
    const { queue, console, timers } = await openQueue(10);
    const before = ids(queue.getState().rows);
    const fresh = alertOf(5000, { risk: 100 });
    console.put(fresh);
    console.say(fresh.id, 1);
    await timers.pass();
    expect(ids(queue.getState().rows)).toEqual(before);
    expect(ids(queue.getState().waiting)).toEqual([fresh.id]);
    expect(queue.showWaiting()).toBe(fresh.id);
    expect(queue.getState()).toMatchObject({ waiting: [], cursorId: fresh.id });
    expect(ids(queue.getState().rows)).toEqual([fresh.id, ...before]);
  });

  it('asks once for a burst of announcements', async () => {
    const { queue, console, timers } = await openQueue(3);
    for (let number = 6000; number < 6040; number += 1) {
      console.put(alertOf(number));
      console.say(idOf(number), 1);
    }
    const asked = console.calls.length;
    await timers.pass();
    expect(
      console.calls
        .slice(asked)
        .map((each) => each.name)
        .toSorted(),
    ).toEqual(['alerts.list', 'alerts.summary']);
    expect(queue.getState().waiting).toHaveLength(40);
  });

  it('shows new alerts at once when the list is empty', async () => {
    const { queue, console, timers } = await openQueue(0);
    console.put(alertOf(1));
    console.say(idOf(1), 1);
    await timers.pass();
    expect(ids(queue.getState().rows)).toEqual([idOf(1)]);
    expect(queue.getState().waiting).toEqual([]);
  });

  it('changes a row in place, also when it no longer fits the query or its order', async () => {
    const { queue, console, timers } = await openQueue(10, 'status:open,ack');
    const before = queue.getState().rows;
    const third = before[2];
    if (third === undefined) throw new Error('ten rows were loaded');
    console.put({ ...third, status: 'closed', risk: 1, revision: 2 });
    console.say(third.id, 2);
    await timers.pass();
    const { rows } = queue.getState();
    expect(ids(rows)).toEqual(ids(before));
    expect(rows[2]).toMatchObject({ status: 'closed', revision: 2 });
  });

  it('does not ask again for what its own change already brought', async () => {
    const { queue, console, timers } = await openQueue(3);
    const row = queue.getState().rows[0];
    if (row === undefined) throw new Error('three rows were loaded');
    queue.take([{ ...row, status: 'acknowledged', revision: 2 }]);
    const asked = console.calls.length;
    console.say(row.id, 2);
    await timers.pass();
    expect(console.calls).toHaveLength(asked);
  });

  it('reads everything again when the stream says that something was missed', async () => {
    const { queue, console } = await openQueue(3);
    console.put(alertOf(77));
    console.say(null, 0);
    await settle();
    expect(queue.getState().rows).toHaveLength(4);
  });

  it('hears nothing after it stopped listening, and knows nothing after it forgot', async () => {
    const { queue, console, timers, stop } = await openQueue(3);
    stop();
    const asked = console.calls.length;
    console.say(idOf(1), 9);
    await timers.pass();
    expect(console.calls).toHaveLength(asked);
    queue.forget();
    const { rows, waiting, summary, opened } = queue.getState();
    expect({ rows, waiting, summary, opened }).toEqual({
      rows: [],
      waiting: [],
      summary: undefined,
      opened: undefined,
    });
  });
});

describe('rows', () => {
  const rows = [alertOf(1, { risk: 90 }), alertOf(2, { risk: 50 }), alertOf(3, { risk: 10 })];

  it('leaves what belongs behind the last loaded row to its page', () => {
    const low = alertOf(9, { risk: 5 });
    const high = alertOf(8, { risk: 70 });
    expect(ids(letIn(rows, [low, high], true).rows)).toEqual(ids([alertOf(1), high, alertOf(2), alertOf(3)]));
    expect(ids(letIn(rows, [low, high], false).rows)).toEqual(ids([alertOf(1), high, alertOf(2), alertOf(3), low]));
  });

  it('takes no answer that is older than what is shown', () => {
    const newer = replaceChanged(rows, [alertOf(2, { revision: 5, status: 'closed' })]);
    expect(replaceChanged(newer, [alertOf(2, { revision: 4 })])).toBe(newer);
  });

  it('does not repeat a row that comes again with a later page', () => {
    expect(ids(appendPage(rows, [alertOf(3), alertOf(4)]))).toEqual([idOf(1), idOf(2), idOf(3), idOf(4)]);
  });

  it('selects one, a range in either direction, all, and none', () => {
    const none: ReadonlySet<string> = new Set();
    const one = changeSelection(rows, none, { kind: 'toggle', index: 1 });
    expect([...one]).toEqual([idOf(2)]);
    expect([...changeSelection(rows, one, { kind: 'toggle', index: 1 })]).toEqual([]);
    expect([...changeSelection(rows, none, { kind: 'range', from: 2, to: 0 })]).toEqual(ids(rows));
    const everything = changeSelection(rows, none, { kind: 'all' });
    expect(everything.size).toBe(3);
    expect(changeSelection(rows, everything, { kind: 'all' }).size).toBe(0);
  });

  it('asks for a note where a verdict needs one', () => {
    const low = [alertOf(3, { severity: 'low' })];
    const mixed = [...low, alertOf(4, { severity: 'high' })];
    expect(needsNote('true_positive', low)).toBe(true);
    expect(needsNote('false_positive_logic', low)).toBe(false);
    expect(needsNote('false_positive_data', mixed)).toBe(true);
    expect(needsNote('benign_positive', mixed)).toBe(false);
    expect(needsNote(undefined, mixed)).toBe(false);
  });
});

describe('triage', () => {
  async function prepare(count: number) {
    const opened = await openQueue(count);
    const told: ToastMessage[] = [];
    const shown: Outcome[] = [];
    const triage = createTriage({
      call: opened.console.call,
      rowOf: (id) => opened.queue.getState().rows.find((row) => row.id === id),
      take: opened.queue.take,
      refresh: () => undefined,
      tell: (message) => told.push(message),
      showRefused: (outcome) => shown.push(outcome),
    });
    return { ...opened, triage, told, shown };
  }

  it('acknowledges one, shows it at once, and takes it back', async () => {
    const { queue, triage, told } = await prepare(3);
    await triage.acknowledge([idOf(1)]);
    expect(told.at(-1)).toMatchObject({ text: 'ALR-1 acknowledged', tone: 'plain' });
    expect(queue.getState().rows.find((row) => row.id === idOf(1))?.status).toBe('acknowledged');
    await triage.undoLast();
    expect(queue.getState().rows.find((row) => row.id === idOf(1))?.status).toBe('open');
    expect(await triage.undoLast()).toBeUndefined();
  });

  it('names what was refused and why', async () => {
    const { console, triage, told, shown } = await prepare(4);
    console.refuse(idOf(2), 'already closed');
    const outcome = await triage.close([idOf(1), idOf(2), idOf(3)], 'benign_positive', 'maintenance');
    expect(told.at(-1)).toMatchObject({ text: '2 closed as Benign, 1 refused: already closed', tone: 'warn' });
    told.at(-1)?.action?.run();
    expect(shown).toEqual([outcome]);
    expect(outcome.refused).toEqual([
      { id: idOf(2), reason: 'already closed', name: 'ALR-2 2 failed logins for alice from 203.0.113.7' },
    ]);
  });

  it('splits what is more than the service takes at once', async () => {
    const count = mostAtOnce + 20;
    const { console, triage } = await prepare(count);
    const before = console.calls.length;
    const outcome = await triage.acknowledge(Array.from({ length: count }, (_, number) => idOf(number)));
    expect(console.calls.slice(before).map((each) => (each.input.ids as string[]).length)).toEqual([mostAtOnce, 20]);
    expect(outcome.changeIds).toHaveLength(2);
  });

  it('changes nothing and offers no undo when the service refuses the whole', async () => {
    const { console, triage, told } = await prepare(3);
    console.fail('the alert is not in a state for that');
    const outcome = await triage.close([idOf(1)], 'duplicate');
    expect(outcome).toMatchObject({ changed: [], changeIds: [], failure: 'The alert is not in a state for that.' });
    expect(told.at(-1)).toEqual({
      text: 'Nothing closed as Duplicate. The alert is not in a state for that.',
      tone: 'warn',
    });
  });
});
