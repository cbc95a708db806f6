import { describe, expect, it } from 'vitest';
import type { ProblemBody } from '../../../src-shared/problem.ts';
import { createAlertsConsole, eventId, someId } from './alerts-console.ts';

const admin = 'admin:ada';
const analyst = 'analyst:bob';
const hour = 3_600_000;

function fieldsOf(problem: ProblemBody): [string, string[] | undefined] {
  return [problem.code, problem.fields?.map((field) => field.path)];
}

describe('acknowledging', () => {
  it('makes a nobody’s alert mine, and says so everywhere', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise();
    console.host.advance(60_000);
    const answer = await console.call(analyst, 'alerts.acknowledge', { id: alertId, note: 'on it' });
    expect(answer).toMatchObject({
      changed: [
        {
          id: alertId,
          status: 'acknowledged',
          assignee: 'bob',
          revision: 2,
          changed_at: '2026-11-21T14:01:00.000Z',
          due_at: '2026-11-22T06:00:00.000Z',
        },
      ],
      refused: [],
    });
    const { activity } = await console.call(analyst, 'alerts.get', { id: alertId });
    const who = {
      at: '2026-11-21T14:01:00.000Z',
      actor: 'bob',
      ip_address: '198.51.100.9',
      change_id: answer.change_id,
    };
    expect(activity.slice(1)).toEqual([
      { id: expect.any(String), ...who, kind: 'acknowledged', from: 'open', to: 'acknowledged', note: 'on it' },
      { id: expect.any(String), ...who, kind: 'assigned', from: null, to: 'bob', note: null },
    ]);
    expect(console.entries).toMatchObject([
      {
        type: 'alert_acknowledged',
        action: 'alerts.acknowledge',
        success: true,
        actor: { kind: 'user', name: 'bob' },
        resource: { type: 'alert', id: alertId },
        details: {
          change_id: answer.change_id,
          alerts: [
            { id: alertId, number: 1, from: 'open', to: 'acknowledged', assignee_from: null, assignee_to: 'bob' },
          ],
        },
      },
    ]);
    expect(console.store.announced.at(-1)).toBe(`alerts.changed default ${alertId} 2`);
  });

  it('leaves the assignee when there is one, and gives a key none', async () => {
    using console = createAlertsConsole();
    const first = console.raise().alertId;
    const second = console.raise().alertId;
    await console.call(admin, 'alerts.assign', { id: first, assignee: 'carol' });
    await console.call(analyst, 'alerts.acknowledge', { id: first });
    await console.call('key:bob', 'alerts.acknowledge', { id: second });
    expect((await console.call(admin, 'alerts.get', { id: first })).assignee).toBe('carol');
    const alert = await console.call(admin, 'alerts.get', { id: second });
    expect([alert.assignee, alert.activity.at(-1)?.actor]).toEqual([null, 'key bob']);
  });

  it('is refused for what is acknowledged or closed, without a trace', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise();
    await console.call(admin, 'alerts.acknowledge', { id: alertId });
    expect((await console.refusal(admin, 'alerts.acknowledge', { id: alertId })).code).toBe('alerts/state');
    await console.call(admin, 'alerts.close', { id: alertId, verdict: 'duplicate' });
    expect((await console.refusal(admin, 'alerts.acknowledge', { id: alertId })).code).toBe('alerts/state');
    expect(console.entries).toHaveLength(2);
    expect((await console.call(admin, 'alerts.get', { id: alertId })).revision).toBe(3);
  });
});

describe('closing', () => {
  it('takes a verdict from open too, and keeps the note', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise();
    const answer = await console.call(admin, 'alerts.close', {
      id: alertId,
      verdict: 'true_positive',
      note: 'blocked it',
    });
    expect(answer.changed).toMatchObject([
      { status: 'closed', verdict: 'true_positive', due_at: null, assignee: null },
    ]);
    const { activity } = await console.call(admin, 'alerts.get', { id: alertId });
    expect(activity.at(-1)).toMatchObject({
      kind: 'closed',
      from: 'open',
      to: 'closed true_positive',
      note: 'blocked it',
    });
    expect(console.entries.at(-1)).toMatchObject({ type: 'alert_closed', details: { verdict: 'true_positive' } });
  });

  it.each([
    ['true_positive', 'low', true],
    ['false_positive_logic', 'high', true],
    ['false_positive_data', 'critical', true],
    ['false_positive_logic', 'medium', false],
    ['benign_positive', 'critical', false],
  ] as const)('as %s on %s: note owed %s', async (verdict, level, owed) => {
    using console = createAlertsConsole();
    const { alertId } = console.raise({ level });
    if (!owed) {
      await console.call(admin, 'alerts.close', { id: alertId, verdict });
      return;
    }
    expect(fieldsOf(await console.refusal(admin, 'alerts.close', { id: alertId, verdict }))).toEqual([
      'request/invalid',
      ['note'],
    ]);
    const blank = await console.refusal(admin, 'alerts.close', { id: alertId, verdict, note: '  ' });
    expect(fieldsOf(blank)).toEqual(['request/invalid', ['note']]);
    expect((await console.call(admin, 'alerts.get', { id: alertId })).status).toBe('open');
  });

  it('is refused for what is closed: a verdict changes by reopening', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise();
    await console.call(admin, 'alerts.close', { id: alertId, verdict: 'duplicate' });
    const problem = await console.refusal(admin, 'alerts.close', { id: alertId, verdict: 'true_positive' });
    expect([problem.code, problem.status]).toEqual(['alerts/state', 409]);
  });
});

describe('reopening', () => {
  it('starts the clock anew and keeps the verdict in the activity', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise();
    await console.call(analyst, 'alerts.acknowledge', { id: alertId });
    await console.call(analyst, 'alerts.close', { id: alertId, verdict: 'benign_positive' });
    console.host.advance(hour);
    const answer = await console.call(analyst, 'alerts.reopen', { id: alertId, reason: 'it came back' });
    expect(answer.changed).toMatchObject([
      { status: 'open', verdict: null, assignee: 'bob', due_at: '2026-11-21T16:00:00.000Z' },
    ]);
    const { activity } = await console.call(analyst, 'alerts.get', { id: alertId });
    expect(activity.at(-1)).toMatchObject({
      kind: 'reopened',
      from: 'closed benign_positive',
      to: 'open',
      note: 'it came back',
    });
  });

  it('needs a reason and a closed alert', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise();
    expect((await console.refusal(admin, 'alerts.reopen', { id: alertId, reason: ' ' })).code).toBe('request/invalid');
    expect((await console.refusal(admin, 'alerts.reopen', { id: alertId, reason: 'x' })).code).toBe('alerts/state');
  });
});

describe('assigning', () => {
  it('gives, takes away, and refuses what would change nothing', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise();
    await console.call(admin, 'alerts.assign', { id: alertId, assignee: ' carol ' });
    expect((await console.call(admin, 'alerts.list', { assignee: 'carol' })).items).toHaveLength(1);
    expect((await console.refusal(admin, 'alerts.assign', { id: alertId, assignee: 'carol' })).code).toBe(
      'alerts/state',
    );
    await console.call(admin, 'alerts.assign', { id: alertId, assignee: null });
    const alert = await console.call(admin, 'alerts.get', { id: alertId });
    expect(alert.status).toBe('open');
    expect(alert.activity.slice(1).map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['assigned', null, 'carol'],
      ['assigned', 'carol', null],
    ]);
  });

  it.each(['', '  ', 'me', 'none'])('refuses the name %j', async (assignee) => {
    using console = createAlertsConsole();
    const { alertId } = console.raise();
    expect(fieldsOf(await console.refusal(admin, 'alerts.assign', { id: alertId, assignee }))).toEqual([
      'request/invalid',
      ['assignee'],
    ]);
  });
});

describe('notes', () => {
  it('stand in the activity, also on closed alerts, and in no audit entry', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise();
    await console.call(admin, 'alerts.close', { id: alertId, verdict: 'duplicate' });
    const answer = await console.call(analyst, 'alerts.note', { id: alertId, note: 'asked alice' });
    expect(answer.changed).toMatchObject([{ id: alertId, status: 'closed', revision: 3 }]);
    const { activity } = await console.call(admin, 'alerts.get', { id: alertId });
    expect(activity.at(-1)).toMatchObject({ kind: 'noted', actor: 'bob', note: 'asked alice' });
    expect(JSON.stringify(console.entries)).not.toContain('asked alice');
  });

  it('are not taken back', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise();
    const { change_id } = await console.call(admin, 'alerts.note', { id: alertId, note: 'x' });
    expect((await console.refusal(admin, 'alerts.undo', { change_id })).code).toBe('alerts/undo');
  });
});

describe('several at once', () => {
  it('are one change and one entry, and those that cannot be are named', async () => {
    using console = createAlertsConsole();
    const [first, second, third] = [console.raise(), console.raise(), console.raise()].map((made) => made.alertId);
    await console.call(admin, 'alerts.acknowledge', { id: second! });
    const ids = [third!, second!, someId, first!, third!];
    const answer = await console.call(analyst, 'alerts.acknowledge_many', { ids, note: 'sweep' });
    expect(answer.changed.map((row) => row.id)).toEqual([third, first]);
    expect(answer.refused).toEqual([
      { id: second, reason: 'already acknowledged' },
      { id: someId, reason: 'no such alert' },
    ]);
    expect(console.entries).toHaveLength(2);
    expect(console.entries[1]).toMatchObject({
      type: 'alert_acknowledged',
      resource: { type: 'alert', id: null },
      details: { change_id: answer.change_id, alerts: [{ number: 3 }, { number: 1 }], refused: [second, someId] },
    });
    const { activity } = await console.call(admin, 'alerts.get', { id: first! });
    expect(activity.at(1)).toMatchObject({ change_id: answer.change_id, note: 'sweep' });
  });

  it('answer with an empty list and no entry when all are refused', async () => {
    using console = createAlertsConsole();
    const answer = await console.call(admin, 'alerts.close_many', { ids: [someId], verdict: 'duplicate' });
    expect(answer).toEqual({
      change_id: expect.any(String),
      changed: [],
      refused: [{ id: someId, reason: 'no such alert' }],
    });
    expect(console.entries).toEqual([]);
    expect((await console.refusal(admin, 'alerts.undo', { change_id: answer.change_id })).code).toBe('alerts/undo');
  });

  it('change nothing when one of them is owed a note', async () => {
    using console = createAlertsConsole();
    const low = console.raise({ level: 'low' }).alertId;
    const high = console.raise({ level: 'high' }).alertId;
    const input = { ids: [low, high], verdict: 'false_positive_logic' as const };
    expect(fieldsOf(await console.refusal(admin, 'alerts.close_many', input))).toEqual(['request/invalid', ['note']]);
    expect((await console.call(admin, 'alerts.summary', {})).open).toBe(2);
    const answer = await console.call(admin, 'alerts.close_many', { ...input, note: 'rule too broad' });
    expect(answer.changed.map((row) => row.verdict)).toEqual(['false_positive_logic', 'false_positive_logic']);
  });

  it('are at most 500, and 500 go through', async () => {
    using console = createAlertsConsole();
    const ids = Array.from({ length: 500 }, () => console.raise().alertId);
    expect((await console.refusal(admin, 'alerts.acknowledge_many', { ids: [...ids, someId] })).code).toBe(
      'request/invalid',
    );
    expect((await console.refusal(admin, 'alerts.acknowledge_many', { ids: [] })).code).toBe('request/invalid');
    expect((await console.refusal(admin, 'alerts.acknowledge_many', { ids: ["' OR 1=1 --"] })).code).toBe(
      'request/invalid',
    );
    const answer = await console.call(admin, 'alerts.acknowledge_many', { ids });
    expect([answer.changed.length, answer.refused.length]).toEqual([500, 0]);
  });
});

describe('taking a change back', () => {
  it('restores status, verdict and assignee of all its alerts', async () => {
    using console = createAlertsConsole();
    const ids = [console.raise().alertId, console.raise().alertId];
    await console.call(analyst, 'alerts.acknowledge', { id: ids[0]! });
    const before = (await console.call(admin, 'alerts.list', {})).items;
    console.host.advance(1000);
    const closed = await console.call(admin, 'alerts.close_many', { ids, verdict: 'benign_positive', note: 'a drill' });
    const undone = await console.call(admin, 'alerts.undo', { change_id: closed.change_id });
    expect(undone.refused).toEqual([]);
    const after = (await console.call(admin, 'alerts.list', {})).items;
    const without = (rows: typeof before) => rows.map(({ revision: _r, changed_at: _c, ...rest }) => rest);
    expect(without(after)).toEqual(without(before));
    const { activity } = await console.call(admin, 'alerts.get', { id: ids[0]! });
    expect(activity.at(-1)).toMatchObject({
      kind: 'undone',
      actor: 'ada',
      from: 'closed benign_positive',
      to: 'acknowledged',
      change_id: undone.change_id,
    });
    expect(console.entries.at(-1)).toMatchObject({
      type: 'alert_undone',
      details: { undone_change_id: closed.change_id, alerts: [{ number: 1 }, { number: 2 }] },
    });
  });

  it('takes back the assignment that came with an acknowledgement', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise();
    const { change_id } = await console.call(analyst, 'alerts.acknowledge', { id: alertId });
    await console.call(admin, 'alerts.undo', { change_id });
    const alert = await console.call(admin, 'alerts.get', { id: alertId });
    expect([alert.status, alert.assignee]).toEqual(['open', null]);
    expect(alert.activity.slice(-2).map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['undone', 'acknowledged', 'open'],
      ['undone', 'bob', null],
    ]);
    expect((await console.call(admin, 'alerts.summary', {})).mtta_ms).toBeNull();
  });

  it('works once, and can itself be taken back', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise();
    const closed = await console.call(admin, 'alerts.close', { id: alertId, verdict: 'duplicate' });
    const undone = await console.call(admin, 'alerts.undo', { change_id: closed.change_id });
    expect((await console.refusal(admin, 'alerts.undo', { change_id: closed.change_id })).code).toBe('alerts/undo');
    const redone = await console.call(admin, 'alerts.undo', { change_id: undone.change_id });
    expect(redone.changed).toMatchObject([{ status: 'closed', verdict: 'duplicate' }]);
  });

  it('is not stopped by repeats and notes', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise({ dedupKey: 'k' });
    const { change_id } = await console.call(admin, 'alerts.acknowledge', { id: alertId });
    console.raise({ dedupKey: 'k', eventIds: [eventId(77)] });
    await console.call(analyst, 'alerts.note', { id: alertId, note: 'more of it' });
    const answer = await console.call(admin, 'alerts.undo', { change_id });
    expect(answer.changed).toMatchObject([{ status: 'open', assignee: null, count: 2, revision: 5 }]);
  });

  it('is refused for alerts that were changed since, and done for the others', async () => {
    using console = createAlertsConsole();
    const ids = [console.raise().alertId, console.raise().alertId];
    const { change_id } = await console.call(admin, 'alerts.acknowledge_many', { ids });
    await console.call(analyst, 'alerts.assign', { id: ids[0]!, assignee: 'carol' });
    const answer = await console.call(admin, 'alerts.undo', { change_id });
    expect(answer.changed.map((row) => row.id)).toEqual([ids[1]]);
    expect(answer.refused).toEqual([{ id: ids[0], reason: 'changed again since' }]);
    expect(console.entries.at(-1)).toMatchObject({
      resource: { type: 'alert', id: ids[1] },
      details: { refused: [ids[0]] },
    });
  });

  it('is refused when a change was built on it and taken back again, as anything may have been decided between', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise();
    const acknowledged = await console.call(admin, 'alerts.acknowledge', { id: alertId });
    const closed = await console.call(admin, 'alerts.close', { id: alertId, verdict: 'duplicate' });
    await console.call(admin, 'alerts.undo', { change_id: closed.change_id });
    expect((await console.refusal(admin, 'alerts.undo', { change_id: acknowledged.change_id })).code).toBe(
      'alerts/undo',
    );
  });

  it.each([
    ['until 24 hours have gone', 24 * hour, true],
    ['no longer after that', 24 * hour + 1, false],
  ])('%s', async (_name, later, possible) => {
    using console = createAlertsConsole();
    const { alertId } = console.raise();
    const { change_id } = await console.call(admin, 'alerts.close', { id: alertId, verdict: 'duplicate' });
    console.host.advance(later);
    if (possible) await console.call(admin, 'alerts.undo', { change_id });
    else expect((await console.refusal(admin, 'alerts.undo', { change_id })).code).toBe('alerts/undo');
  });

  it('knows no change of another workspace', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise();
    const { change_id } = await console.call(admin, 'alerts.close', { id: alertId, verdict: 'duplicate' });
    expect((await console.refusal('admin:eve@other', 'alerts.undo', { change_id })).code).toBe('alerts/undo');
  });
});

describe('who may', () => {
  const changes = [
    ['alerts.acknowledge', {}],
    ['alerts.close', { verdict: 'duplicate' }],
    ['alerts.reopen', { reason: 'x' }],
    ['alerts.assign', { assignee: 'eve' }],
    ['alerts.note', { note: 'x' }],
  ] as const;

  it.each(changes)('not a viewer: %s', async (operation, input) => {
    using console = createAlertsConsole();
    const { alertId } = console.raise();
    expect((await console.refusal('viewer:vic', operation, { id: alertId, ...input })).code).toBe('access/forbidden');
    expect((await console.call('viewer:vic', 'alerts.get', { id: alertId })).activity).toHaveLength(1);
  });

  it.each(changes)('nobody from another workspace: %s', async (operation, input) => {
    using console = createAlertsConsole();
    const { alertId } = console.raise();
    const problem = await console.refusal('admin:eve@other', operation, { id: alertId, ...input });
    expect(problem.code).toBe('alerts/not-found');
    expect((await console.refusal('admin:eve@other', 'alerts.get', { id: alertId })).code).toBe('alerts/not-found');
    const many = await console.call('admin:eve@other', 'alerts.acknowledge_many', { ids: [alertId] });
    expect(many.refused).toEqual([{ id: alertId, reason: 'no such alert' }]);
    expect((await console.call(admin, 'alerts.get', { id: alertId })).revision).toBe(1);
  });
});
