// Groups of the queue against a naive grouping of the same alerts, and triage of all alerts of a group.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupFields } from '../../../src-shared/alert-words.ts';
import type { AlertGroup } from '../../../src-shared/contract/alert-groups.ts';
import type { AlertRow } from '../../../src-shared/contract/alerts.ts';
import type { Input, Output } from '../../../src-shared/contract/contract.ts';
import { severity } from '../../../src-shared/contract/values.ts';
import { type AlertsConsole, createAlertsConsole } from './alerts-console.ts';

const admin = 'admin:ada';
const all: Input<'alerts.summary'> = { status: ['open', 'acknowledged', 'closed'] };
const hour = 3_600_000;
type Field = (typeof groupFields)[number];

async function groupsOf(console: AlertsConsole, input: Input<'alerts.groups'>): Promise<AlertGroup[]> {
  const items: AlertGroup[] = [];
  let cursor: string | undefined;
  do {
    const page: Output<'alerts.groups'> = await console.call(admin, 'alerts.groups', {
      ...input,
      ...(cursor === undefined ? {} : { cursor }),
    });
    items.push(...page.items);
    expect(items.length).toBeLessThanOrEqual(page.groups);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}

async function rowsOf(console: AlertsConsole, input: Input<'alerts.list'>): Promise<AlertRow[]> {
  const { items, next_cursor } = await console.call(admin, 'alerts.list', { ...input, limit: 500 });
  expect(next_cursor).toBeNull();
  return items;
}

function valuesOf(row: AlertRow, by: Field): (string | null)[] {
  switch (by) {
    case 'severity':
    case 'status':
    case 'verdict':
    case 'assignee':
    case 'origin':
      return [row[by]];
    case 'detector':
      return [row.detector_id];
    default: {
      const named = row.entities.filter(({ kind }) => kind === by).map(({ value }) => value);
      return named.length === 0 ? [null] : [...new Set(named)];
    }
  }
}

/** What the groups should say, by the simplest means. */
function naive(rows: readonly AlertRow[], by: Field): Map<string | null, Omit<AlertGroup, 'key' | 'clock_from_at'>> {
  const values = new Set(rows.flatMap((row) => valuesOf(row, by)));
  return new Map(
    [...values].map((value) => {
      const mine = rows.filter((row) => valuesOf(row, by).includes(value));
      const named = (kind: string) =>
        new Set(mine.flatMap((row) => row.entities.filter((one) => one.kind === kind).map((one) => one.value))).size;
      const dues = mine.flatMap((row) => (row.due_at === null ? [] : [row.due_at]));
      const count = (is: (row: AlertRow) => boolean) => mine.filter(is).length;
      return [
        value,
        {
          value,
          name: by === 'detector' ? 'Multiple failed logins' : null,
          count: mine.length,
          severities: Object.fromEntries(
            severity.options.map((one) => [one, count((row) => row.severity === one)]),
          ) as AlertGroup['severities'],
          statuses: {
            open: count((row) => row.status === 'open'),
            acknowledged: count((row) => row.status === 'acknowledged'),
            closed: count((row) => row.status === 'closed'),
          },
          risk: Math.max(...mine.map((row) => row.risk)),
          users: named('user'),
          ips: named('ip'),
          first_seen_at: mine.map((row) => row.first_seen_at).toSorted()[0] ?? '',
          last_seen_at:
            mine
              .map((row) => row.last_seen_at)
              .toSorted()
              .at(-1) ?? '',
          due_at: dues.toSorted()[0] ?? null,
        },
      ];
    }),
  );
}

const names = fc.constantFrom('alice', 'bob', 'user:x', '#1.y', 'ü', `long-${'x'.repeat(180)}`);
const entity = fc.oneof(
  fc.record({ kind: fc.constant('user' as const), value: names }),
  fc.record({ kind: fc.constant('ip' as const), value: fc.constantFrom('10.0.0.1', '10.0.0.2', '2001:db8::1', 'odd') }),
  fc.record({ kind: fc.constant('host' as const), value: fc.constantFrom('web-1', `${'h'.repeat(300)}`) }),
);
const alert = fc.record({
  level: fc.constantFrom(...severity.options),
  risk: fc.nat({ max: 3 }),
  ruleId: fc.constantFrom('logins', 'spray', `rule-${'r'.repeat(190)}`),
  entities: fc.array(entity, { maxLength: 4 }),
  before: fc.nat({ max: 3 }),
  state: fc.constantFrom('open' as const, 'acknowledged' as const, 'closed' as const),
});

async function raiseAll(
  console: AlertsConsole,
  made: readonly (typeof alert extends fc.Arbitrary<infer Made> ? Made : never)[],
): Promise<void> {
  for (const { before, state, ...part } of made) {
    console.host.advance(before);
    const lastAtMs = Date.UTC(2026, 10, 21, 13, before);
    const { alertId: id } = console.raise({ ...part, lastAtMs, firstAtMs: lastAtMs - before });
    if (state === 'acknowledged') await console.call(admin, 'alerts.acknowledge', { id });
    if (state === 'closed') await console.call(admin, 'alerts.close', { id, verdict: 'duplicate' });
  }
}

describe('groups', () => {
  it('say of every field what a naive grouping says, and their keys find their alerts, whatever the page length', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(alert, { maxLength: 14 }),
        fc.constantFrom(...groupFields),
        fc.constantFrom(...groupFields),
        fc.integer({ min: 1, max: 4 }),
        async (made, by, then, limit) => {
          using console = createAlertsConsole();
          await raiseAll(console, made);
          const rows = await rowsOf(console, all);
          const outer = await groupsOf(console, { ...all, by, limit });
          const expected = naive(rows, by);
          expect(new Map(outer.map(({ key, clock_from_at, ...group }) => [group.value, group]))).toEqual(expected);
          expect(outer).toHaveLength(expected.size);
          const whole = await console.call(admin, 'alerts.groups', { ...all, by });
          expect([whole.groups, whole.matching]).toEqual([expected.size, rows.length]);
          expect(whole.memberships).toBe(outer.reduce((sum, { count }) => sum + count, 0));
          for (const [index, group] of outer.entries()) {
            const next = outer[index + 1];
            if (next !== undefined) expect(next.risk - group.risk || next.count - group.count).toBeLessThanOrEqual(0);
            expect(group.key.length).toBeLessThanOrEqual(200);
            const mine = rows.filter((row) => valuesOf(row, by).includes(group.value));
            const listed = await rowsOf(console, { ...all, within: [group.key] });
            expect(listed.map((row) => row.number)).toEqual(mine.map((row) => row.number));
            expect((await console.call(admin, 'alerts.summary', { ...all, within: [group.key] })).matching).toBe(
              mine.length,
            );
            const inner = await groupsOf(console, { ...all, by: then, within: [group.key] });
            expect(new Map(inner.map(({ key, clock_from_at, ...one }) => [one.value, one]))).toEqual(naive(mine, then));
            for (const { key, value } of inner) {
              const deepest = await rowsOf(console, { ...all, within: [group.key, key] });
              expect(deepest.map((row) => row.number)).toEqual(
                mine.filter((row) => valuesOf(row, then).includes(value)).map((row) => row.number),
              );
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);

  it('come worst first, then largest, and keep to the filter', async () => {
    using console = createAlertsConsole();
    for (const [ruleId, risk] of [
      ['small', 40],
      ['large', 40],
      ['large', 41],
      ['grave', 90],
      ['grave', 5],
    ] as const) {
      console.raise({ ruleId, risk });
      console.host.advance(60_000);
    }
    const { items } = await console.call(admin, 'alerts.groups', { by: 'detector' });
    expect(items.map(({ value, count, risk }) => [value, count, risk])).toEqual([
      ['grave', 2, 90],
      ['large', 2, 41],
      ['small', 1, 40],
    ]);
    // The clock of what is high began when it was raised, and leaves an hour.
    expect(items.map(({ clock_from_at: from, due_at: due }) => Date.parse(due ?? '') - Date.parse(from ?? ''))).toEqual(
      [hour, hour, hour],
    );
    const risky = await console.call(admin, 'alerts.groups', { by: 'detector', risk_min: 40, user: 'alice' });
    expect(risky.items.map(({ key, count }) => [key, count])).toEqual([
      ['detector:grave', 1],
      ['detector:large', 2],
      ['detector:small', 1],
    ]);
    const nothing = await console.call(admin, 'alerts.groups', { by: 'user', user: 'nobody' });
    expect(nothing).toMatchObject({ items: [], next_cursor: null, groups: 0, matching: 0, memberships: 0 });
  });

  it('keep to the alerts of their moment when told', async () => {
    using console = createAlertsConsole();
    console.raise();
    const { as_of } = await console.call(admin, 'alerts.groups', { by: 'detector' });
    console.host.advance(1);
    console.raise();
    const then = await console.call(admin, 'alerts.groups', { by: 'detector', raised_until: as_of });
    const now = await console.call(admin, 'alerts.groups', { by: 'detector' });
    expect([then, now].map(({ items }) => items[0]?.count)).toEqual([1, 2]);
  });

  it('are those of the caller’s workspace', async () => {
    using console = createAlertsConsole();
    console.raise({ ruleId: 'mine' });
    console.raise({ ruleId: 'theirs' }, 'other');
    const { items } = await console.call('admin:ada@other', 'alerts.groups', { by: 'detector' });
    expect(items.map(({ value, count, users }) => [value, count, users])).toEqual([['theirs', 1, 1]]);
  });

  it.each([
    '',
    'x',
    'colour:red',
    'user#1',
    'user#1.00000000000000000000000000000000',
    'host#99999999999999999.00',
    ':',
    '#',
  ])('refuse the key %j', async (key) => {
    using console = createAlertsConsole();
    console.raise();
    for (const operation of ['alerts.groups', 'alerts.list', 'alerts.summary'] as const) {
      const problem = await console.refusal(admin, operation, {
        within: [key],
        ...(operation === 'alerts.groups' ? { by: 'user' } : {}),
      });
      expect([problem.code, problem.fields?.map(({ path }) => path.split('.')[0])]).toEqual([
        'request/invalid',
        ['within'],
      ]);
    }
  });

  it('refuse any cursor that is not theirs', async () => {
    using console = createAlertsConsole();
    console.raise();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ maxLength: 200 }),
          fc.json().map((text) => Buffer.from(text.slice(0, 140)).toString('base64url')),
          fc.constant(Buffer.from(JSON.stringify(['groups', -1, 0, 0, ''])).toString('base64url')),
        ),
        async (cursor) => {
          const problem = await console.refusal(admin, 'alerts.groups', { by: 'user', cursor });
          expect([problem.code, problem.fields?.map(({ path }) => path)]).toEqual(['request/invalid', ['cursor']]);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('the key of a group', () => {
  it('holds no comma, since commas separate keys in an address, and finds its alerts whatever the value', async () => {
    using console = createAlertsConsole();
    const names = ['doe, jane', '50%2C', 'cn=eve,ou=ops', `${','.repeat(60)}x`];
    for (const value of names) console.raise({ dedupKey: value, entities: [{ kind: 'user', value }] });
    const groups = await groupsOf(console, { by: 'user' });
    expect(groups.map(({ value }) => value).toSorted()).toEqual(names.toSorted());
    for (const { key, value } of groups) {
      expect(key).not.toContain(',');
      expect(key.length).toBeLessThanOrEqual(200);
      const rows = await rowsOf(console, { within: [key] });
      expect(rows.map((row) => row.entities[0]?.value)).toEqual([value]);
    }
  });
});

describe('triage of a group', () => {
  const close = { verdict: 'benign_positive', note: 'a test' } as const;

  it('changes exactly its alerts, in parts that each leave an entry and can be taken back', async () => {
    using console = createAlertsConsole();
    for (let made = 0; made < 120; made += 1) console.raise({ ruleId: 'noisy', risk: made % 7 });
    const other = console.raise({ ruleId: 'quiet' }).alertId;
    const { items } = await console.call(admin, 'alerts.groups', { by: 'detector' });
    const { key = '', count: expected = 0 } = items.find(({ value }) => value === 'noisy') ?? {};
    const answer = await console.call(admin, 'alerts.close_matching', { within: [key], expected, ...close });
    expect([answer.changed, answer.refused, answer.change_ids.length]).toEqual([120, [], 3]);
    expect((await console.call(admin, 'alerts.get', { id: other })).status).toBe('open');
    const closed = await rowsOf(console, { status: ['closed'] });
    expect(closed).toHaveLength(120);
    expect(console.entries.map(({ type, action }) => `${type} ${action}`)).toEqual(
      Array.from({ length: 3 }, () => 'alert_closed alerts.close_matching'),
    );
    const told = console.entries.flatMap(({ details }) => (details.alerts as { id: string }[]).map(({ id }) => id));
    expect(told.toSorted()).toEqual(closed.map(({ id }) => id).toSorted());
    for (const change_id of answer.change_ids.toReversed()) await console.call(admin, 'alerts.undo', { change_id });
    expect(await rowsOf(console, { status: ['closed'] })).toEqual([]);
  });

  it('changes nothing when they are more or fewer than were shown, and says how many', async () => {
    using console = createAlertsConsole();
    for (let made = 0; made < 3; made += 1) console.raise();
    for (const expected of [2, 4, 10_000]) {
      const problem = await console.refusal(admin, 'alerts.acknowledge_matching', { within: ['user:alice'], expected });
      expect([problem.code, problem.status, problem.detail]).toEqual([
        'alerts/count',
        409,
        `3 alerts match now, ${expected} were expected`,
      ]);
    }
    expect(console.entries).toEqual([]);
    const { changed } = await console.call(admin, 'alerts.acknowledge_matching', {
      within: ['user:alice'],
      expected: 3,
    });
    expect(changed).toBe(3);
  });

  it('asks for the note that one of them is owed before it changes any', async () => {
    using console = createAlertsConsole();
    for (let made = 0; made < 60; made += 1) console.raise({ level: 'low', risk: 20 });
    console.raise({ level: 'critical', risk: 1 });
    const asked = { expected: 61, verdict: 'false_positive_logic' };
    const problem = await console.refusal(admin, 'alerts.close_matching', asked);
    expect([problem.code, problem.fields?.map(({ path }) => path)]).toEqual(['request/invalid', ['note']]);
    expect(await rowsOf(console, { status: ['closed'] })).toEqual([]);
  });

  it('names what somebody else changed meanwhile, and leaves alone what was raised', async () => {
    using console = createAlertsConsole();
    for (let made = 0; made < 60; made += 1) console.raise({ risk: 60 - made });
    const last = (await rowsOf(console, {})).at(-1)?.id ?? '';
    const running = console.call(admin, 'alerts.acknowledge_matching', { expected: 60 });
    // The first part is under way; the second is decided when it comes.
    const [answer] = await Promise.all([
      running,
      console.call('analyst:bob', 'alerts.close', { id: last, verdict: 'duplicate' }),
    ]);
    const fresh = console.raise().alertId;
    expect([answer.changed, answer.refused]).toEqual([59, [{ id: last, reason: 'closed; reopen it first' }]]);
    expect((await console.call(admin, 'alerts.get', { id: fresh })).status).toBe('open');
  });

  it('is for those who may triage', async () => {
    using console = createAlertsConsole();
    console.raise();
    for (const operation of ['alerts.acknowledge_matching', 'alerts.close_matching'] as const) {
      const given = operation === 'alerts.close_matching' ? { verdict: 'duplicate' } : {};
      expect((await console.refusal('auditor:eve', operation, { expected: 1, ...given })).code).toBe(
        'access/forbidden',
      );
    }
  });
});
