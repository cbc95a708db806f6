import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../src-main/base/hashes.ts';
import { createAlertsConsole, eventId, finding, hashesOf } from './alerts-console.ts';

const admin = 'admin:ada';
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.UTC(2026, 10, 21, 10, 0);

describe('a finding', () => {
  it('becomes an alert that says all of it', async () => {
    using console = createAlertsConsole();
    const raised = console.raise({ eventIds: [eventId(901), eventId(902)], dedupKey: 'k' });
    expect(raised).toEqual({
      kind: 'raised',
      alertId: expect.any(String),
      number: 1,
      title: 'Failed logins for alice',
    });
    const alert = await console.call(admin, 'alerts.get', { id: raised.alertId });
    expect(alert).toEqual({
      id: raised.alertId,
      number: 1,
      title: 'Failed logins for alice',
      severity: 'high',
      risk: 70,
      status: 'open',
      verdict: null,
      assignee: null,
      count: 2,
      suppressed: 0,
      suppression: null,
      entities: [
        { kind: 'user', value: 'alice' },
        { kind: 'ip', value: '203.0.113.7' },
      ],
      techniques: ['T1110'],
      detector_id: 'failed-logins',
      origin: 'rule',
      first_seen_at: '2026-11-21T13:50:00.000Z',
      last_seen_at: '2026-11-21T13:54:00.000Z',
      raised_at: '2026-11-21T14:00:00.000Z',
      changed_at: '2026-11-21T14:00:00.000Z',
      due_at: '2026-11-21T15:00:00.000Z',
      revision: 1,
      sentence: '11 failed logins for alice from 203.0.113.7 in 4 min 12 s (limit 10 in 5 min)',
      detector: {
        id: 'failed-logins',
        title: 'Multiple failed logins',
        version: 'a1b2c3',
        description: 'Many failed logins for one account in a short time.',
        parameters: { threshold: 10, window: '5m' },
        false_positives: ['A script with an old password'],
        references: ['https://attack.mitre.org/techniques/T1110/'],
      },
      runbook: ['Ask the owner of the account', 'Look at the address'],
      risk_derivation: [{ label: 'severity high', points: 70 }],
      events: [eventId(901), eventId(902)].map((id) => ({
        id,
        time: '2026-11-21T13:54:00.000Z',
        sha256: sha256Hex(id),
        record: { id, time: '2026-11-21T13:54:00.000Z', actor: 'alice' },
      })),
      events_total: 2,
      seen_before: { total: 0, by_verdict: {}, last_note: null },
      activity: [
        {
          id: expect.any(String),
          at: '2026-11-21T14:00:00.000Z',
          kind: 'raised',
          actor: 'system',
          ip_address: null,
          from: null,
          to: 'open',
          note: null,
          change_id: null,
        },
      ],
    });
    expect(console.store.announced).toEqual([`alerts.changed default ${raised.alertId} 1`]);
  });

  it('is numbered per workspace', () => {
    using console = createAlertsConsole();
    expect([console.raise().number, console.raise().number, console.raise({}, 'other').number]).toEqual([1, 2, 1]);
  });

  it('keeps what its detector was, after the rule changed and after it went', async () => {
    using console = createAlertsConsole();
    const first = console.raise();
    console.describe.current = { title: 'New', description: '', falsePositives: [], references: [], runbook: [] };
    const second = console.raise({ ruleVersion: 'd4e5f6' });
    console.describe.current = undefined;
    const third = console.raise({ ruleId: 'gone' });
    const titles = [];
    for (const { alertId } of [first, second, third]) {
      titles.push((await console.call(admin, 'alerts.get', { id: alertId })).detector.title);
    }
    expect(titles).toEqual(['Multiple failed logins', 'New', 'gone']);
  });

  it('without the hash of an event leaves no alert behind', async () => {
    using console = createAlertsConsole();
    const made = finding({ eventIds: [eventId(911), eventId(912)] });
    const hashes = new Map([...hashesOf(made)].slice(0, 1));
    expect(() => console.store.write('default', (tx) => console.alerts.raise(tx, made, hashes, 0))).toThrow(
      eventId(912),
    );
    expect((await console.call(admin, 'alerts.list', {})).items).toEqual([]);
  });

  it('shows the first hundred of its events and counts them all', async () => {
    using console = createAlertsConsole();
    const eventIds = Array.from({ length: 130 }, (_, index) => eventId(5000 - index));
    const { alertId } = console.raise({ eventIds });
    const alert = await console.call(admin, 'alerts.get', { id: alertId });
    expect(alert.events.map((event) => event.id)).toEqual(eventIds.slice(0, 100));
    expect(alert.events_total).toBe(130);
  });

  it('keeps counting events that the event log no longer has', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise({ eventIds: [eventId(921), eventId(922)] });
    console.stored.delete(eventId(921));
    const alert = await console.call(admin, 'alerts.get', { id: alertId });
    expect(alert.events.map((event) => event.id)).toEqual([eventId(922)]);
    expect(alert.events_total).toBe(2);
  });
});

describe('the same thing again', () => {
  const first = {
    dedupKey: 'same',
    firstAtMs: start,
    lastAtMs: start + minute,
    eventIds: [eventId(1001), eventId(1002)],
  };

  it('adds its events to the alert and renews what it says', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise(first);
    console.host.advance(minute);
    const again = console.raise({
      ...first,
      firstAtMs: start - minute,
      lastAtMs: start + 5 * minute,
      eventIds: [eventId(1002), eventId(1003), eventId(1003)],
      level: 'critical',
      risk: 92,
      riskDerivation: [{ label: 'severity critical', points: 92 }],
      title: 'Failed logins for alice and 1 more',
      sentence: '14 failed logins',
      entities: [
        { kind: 'user', value: 'alice' },
        { kind: 'user', value: 'bob' },
      ],
      techniques: ['T1110', 'T1110.001'],
    });
    expect(again).toEqual({ kind: 'repeated', alertId, number: 1, title: 'Failed logins for alice and 1 more' });
    const { items } = await console.call(admin, 'alerts.list', {});
    expect(items).toHaveLength(1);
    const alert = await console.call(admin, 'alerts.get', { id: alertId });
    expect(alert).toMatchObject({
      count: 3,
      events_total: 3,
      severity: 'critical',
      risk: 92,
      risk_derivation: [{ label: 'severity critical', points: 92 }],
      title: 'Failed logins for alice and 1 more',
      sentence: '14 failed logins',
      first_seen_at: new Date(start - minute).toISOString(),
      last_seen_at: new Date(start + 5 * minute).toISOString(),
      raised_at: '2026-11-21T14:00:00.000Z',
      changed_at: '2026-11-21T14:01:00.000Z',
      techniques: ['T1110', 'T1110.001'],
      revision: 2,
    });
    expect(alert.entities.map((entity) => entity.value)).toEqual(['alice', '203.0.113.7', 'bob']);
    expect(alert.events.map((event) => event.id)).toEqual([eventId(1001), eventId(1002), eventId(1003)]);
    expect((await console.call(admin, 'alerts.list', { user: 'bob' })).items).toHaveLength(1);
    expect((await console.call(admin, 'alerts.list', { text: '14 failed' })).items).toHaveLength(1);
    expect(console.store.announced.at(-1)).toBe(`alerts.changed default ${alertId} 2`);
  });

  it('never makes an alert look more harmless', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise({
      ...first,
      level: 'critical',
      risk: 90,
      riskDerivation: [{ label: 'x', points: 90 }],
    });
    console.raise({
      ...first,
      level: 'low',
      risk: 20,
      riskDerivation: [{ label: 'y', points: 20 }],
      eventIds: [eventId(7)],
    });
    expect(await console.call(admin, 'alerts.get', { id: alertId })).toMatchObject({
      severity: 'critical',
      risk: 90,
      risk_derivation: [{ label: 'x', points: 90 }],
      count: 3,
    });
  });

  it('is one line of activity however often it repeats in a row', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise(first);
    for (const number of [11, 12, 13]) console.raise({ ...first, eventIds: [eventId(number)] });
    await console.call(admin, 'alerts.note', { id: alertId, note: 'looking' });
    console.raise({ ...first, eventIds: [eventId(14)] });
    const { activity } = await console.call(admin, 'alerts.get', { id: alertId });
    expect(activity.map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['raised', null, 'open'],
      ['repeated', '2', '5'],
      ['noted', null, null],
      ['repeated', '5', '6'],
    ]);
  });

  it('changes nothing when it brings no new event', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise(first);
    const before = await console.call(admin, 'alerts.get', { id: alertId });
    console.host.advance(minute);
    expect(console.raise({ ...first, sentence: 'another' }).kind).toBe('repeated');
    expect(await console.call(admin, 'alerts.get', { id: alertId })).toEqual(before);
    expect(console.store.announced).toHaveLength(1);
  });

  it('is raised on an acknowledged alert, and leaves its state alone', async () => {
    using console = createAlertsConsole();
    const { alertId } = console.raise(first);
    await console.call(admin, 'alerts.acknowledge', { id: alertId });
    expect(console.raise({ ...first, eventIds: [eventId(21)] }).kind).toBe('repeated');
    const { items } = await console.call(admin, 'alerts.list', {});
    expect(items).toMatchObject([{ status: 'acknowledged', assignee: 'ada', count: 3 }]);
  });

  it.each([
    ['within the window after it', hour, 'repeated'],
    ['past the window after it', hour + 1, 'raised'],
    ['within the window before it, from an older log', -hour - minute, 'repeated'],
    ['past the window before it', -hour - minute - 1, 'raised'],
  ])('%s', (_name, shift, kind) => {
    using console = createAlertsConsole();
    console.raise(first);
    const at = start + minute + shift;
    expect(console.raise({ ...first, firstAtMs: at, lastAtMs: at, eventIds: [eventId(31)] }).kind).toBe(kind);
  });

  it('makes a new alert each day of a steady attack', () => {
    using console = createAlertsConsole();
    const kinds = [];
    for (let at = start; at <= start + 2 * day; at += hour) {
      kinds.push(console.raise({ ...first, firstAtMs: start, lastAtMs: at, eventIds: [eventId(at / minute)] }).kind);
    }
    expect(kinds.flatMap((kind, index) => (kind === 'raised' ? [index] : []))).toEqual([0, 25]);
  });

  it.each([
    ['after the alert was closed', {}, true],
    ['under another version of the rule', { ruleVersion: 'other' }, false],
    ['with other parameters', { parameters: { threshold: 20 } }, false],
    ['of another subject', { dedupKey: 'other' }, false],
  ])('%s is a new alert', async (_name, part, closes) => {
    using console = createAlertsConsole();
    const { alertId } = console.raise(first);
    if (closes) await console.call(admin, 'alerts.close', { id: alertId, verdict: 'duplicate' });
    expect(console.raise({ ...first, eventIds: [eventId(41)], ...part }).kind).toBe('raised');
  });

  it('in another workspace is that workspace’s own alert', () => {
    using console = createAlertsConsole();
    console.raise(first);
    expect(console.raise(first, 'other').kind).toBe('raised');
  });
});

describe('what was seen before', () => {
  it('counts earlier alerts of the detector on any of the entities, by verdict, with the last note', async () => {
    using console = createAlertsConsole();
    const ip = { kind: 'ip', value: '203.0.113.7' } as const;
    const close = (id: string, verdict: 'false_positive_logic' | 'duplicate', note: string) =>
      console.call(admin, 'alerts.close', { id, verdict, note });
    await close(console.raise({ entities: [ip] }).alertId, 'duplicate', 'same as before');
    await close(console.raise().alertId, 'false_positive_logic', 'backup job');
    await close(
      console.raise({ entities: [{ kind: 'user', value: 'alice' }] }).alertId,
      'false_positive_logic',
      'again',
    );
    await console.call(admin, 'alerts.close', { id: console.raise().alertId, verdict: 'duplicate' });
    console.raise({ entities: [ip] });
    // Not counted: another detector, another subject, a later alert, another workspace.
    await close(console.raise({ ruleId: 'other' }).alertId, 'duplicate', 'elsewhere');
    await close(console.raise({ entities: [{ kind: 'ip', value: '203.0.113.8' }] }).alertId, 'duplicate', 'elsewhere');
    console.raise({}, 'other');
    const { alertId } = console.raise();
    await close(console.raise().alertId, 'duplicate', 'later');
    const alert = await console.call(admin, 'alerts.get', { id: alertId });
    expect(alert.seen_before).toEqual({
      total: 5,
      by_verdict: { false_positive_logic: 2, duplicate: 2 },
      last_note: 'again',
    });
  });
});

it('counts alerts per detector since a time, and says when each raised last', () => {
  using console = createAlertsConsole();
  const before = console.host.clock.now();
  console.raise({ ruleId: 'old' });
  console.host.advance(day);
  const since = console.host.clock.now();
  console.raise();
  console.host.advance(minute);
  console.raise();
  const counts = console.store.read('default', (tx) => console.alerts.countsByDetector(tx, since));
  expect(Object.fromEntries(counts)).toEqual({
    old: { count: 0, lastAt: before },
    'failed-logins': { count: 2, lastAt: since + minute },
  });
});
