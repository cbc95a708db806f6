import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Input } from '../../../src-shared/contract/contract.ts';
import { type AlertsConsole, createAlertsConsole } from './alerts-console.ts';

const admin = 'admin:ada';
const minute = 60_000;
const hour = 60 * minute;

async function numbers(console: AlertsConsole, input: Input<'alerts.list'>, token = admin): Promise<number[]> {
  return (await console.call(token, 'alerts.list', input)).items.map((row) => row.number);
}

describe('what is left out', () => {
  const excluding = async (exclude: string[], more: Input<'alerts.list'> = {}) => {
    using console = createAlertsConsole();
    const named = (user: string, ip: string, detectorId?: string) =>
      console.raise({
        dedupKey: `${user} ${ip}`,
        entities: [
          { kind: 'user', value: user },
          { kind: 'ip', value: ip },
          { kind: 'host', value: 'web, 1%' },
        ],
        ...(detectorId === undefined ? {} : { detectorId }),
      });
    named('alice', '203.0.113.7');
    named('bob', '10.1.2.3');
    named('carol, phd', '10.1.9.9');
    const found = await numbers(console, { exclude, ...more, sort: 'newest' });
    const { matching } = await console.call(admin, 'alerts.summary', { exclude, ...more });
    const groups = await console.call(admin, 'alerts.groups', { exclude, ...more, by: 'user' });
    // The list, the count and the groups look in three ways.
    expect([matching, groups.matching]).toEqual([found.length, found.length]);
    return found;
  };

  it.each([
    [['user:alice'], [3, 2]],
    [['user:alice', 'user:bob'], [3]],
    [['user:carol%2C phd'], [2, 1]],
    [['ip:10.0.0.0/8'], [1]],
    [['ip:10.1.2.3', 'user:alice'], [3]],
    [['ip:2001:db8::/32'], [3, 2, 1]],
    [['host:web%2C 1%25'], []],
    [['host:web%2C 1%'], []],
    [
      ['user:Alice', 'key:alice'],
      [3, 2, 1],
    ],
  ])('%j', async (exclude, left) => {
    expect(await excluding(exclude)).toEqual(left);
  });

  it('is left out of what is asked for', async () => {
    expect(await excluding(['user:bob'], { host: 'web, 1%' })).toEqual([3, 1]);
    expect(await excluding([], { host: 'web-2' })).toEqual([]);
    expect(await excluding([], { resource: 'web, 1%' })).toEqual([]);
  });

  it('is left out by detector', async () => {
    using console = createAlertsConsole();
    console.raise();
    const detector = (await console.call(admin, 'alerts.list', {})).items[0]?.detector_id ?? '';
    expect(await numbers(console, { exclude: [`detector:${detector}`] })).toEqual([]);
    expect(await numbers(console, { exclude: ['detector:another'] })).toEqual([1]);
  });

  it.each(['alice', 'name:alice', 'user:', ':alice', 'ip:10.0.0.0/99', 'constructor:x'])(
    'refuses %s',
    async (exclude) => {
      using console = createAlertsConsole();
      const { code } = await console.refusal(admin, 'alerts.list', { exclude: [exclude] });
      expect(code).toBe('request/invalid');
    },
  );

  it('takes any text as a value', async () => {
    using console = createAlertsConsole();
    console.raise();
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 190 }), async (value) => {
        expect(await numbers(console, { exclude: [`user:${value}`] })).toHaveLength(1);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the list', () => {
  it('is sorted by risk, then newest, and leaves out what is closed', async () => {
    using console = createAlertsConsole();
    for (const risk of [20, 90, 90, 45]) {
      console.raise({ risk });
      console.host.advance(minute);
    }
    const closed = console.raise({ risk: 100 }).alertId;
    await console.call(admin, 'alerts.close', { id: closed, verdict: 'duplicate' });
    expect(await numbers(console, {})).toEqual([3, 2, 4, 1]);
    expect(await numbers(console, { sort: 'newest' })).toEqual([4, 3, 2, 1]);
    expect(await numbers(console, { status: ['closed'] })).toEqual([5]);
    expect(await numbers(console, { status: ['open', 'closed'] })).toEqual([5, 3, 2, 4, 1]);
  });

  it('holds 50 a page unless told', async () => {
    using console = createAlertsConsole();
    for (let made = 0; made < 51; made += 1) console.raise();
    const first = await console.call(admin, 'alerts.list', {});
    expect(first.items).toHaveLength(50);
    expect(first.next_cursor).not.toBeNull();
    const second = await console.call(admin, 'alerts.list', { cursor: first.next_cursor ?? '' });
    expect([second.items.length, second.next_cursor]).toEqual([1, null]);
    const whole = await console.call(admin, 'alerts.list', { limit: 51 });
    expect([whole.items.length, whole.next_cursor]).toEqual([51, null]);
  });

  it.each([0, 501, 1.5, -1])('refuses the limit %d', async (limit) => {
    using console = createAlertsConsole();
    expect((await console.refusal(admin, 'alerts.list', { limit })).code).toBe('request/invalid');
  });

  it('shows every alert exactly once while others are raised between the pages', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ risk: fc.nat({ max: 3 }), later: fc.boolean() }), { minLength: 1, maxLength: 25 }),
        fc.array(fc.nat({ max: 3 }), { maxLength: 10 }),
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom('risk' as const, 'newest' as const),
        async (made, between, limit, sort) => {
          using console = createAlertsConsole();
          for (const { risk, later } of made) {
            console.raise({ risk });
            if (later) console.host.advance(1);
          }
          const seen: number[] = [];
          let cursor: string | undefined;
          do {
            const page = await console.call(admin, 'alerts.list', {
              limit,
              sort,
              ...(cursor === undefined ? {} : { cursor }),
            });
            seen.push(...page.items.map((row) => row.number));
            cursor = page.next_cursor ?? undefined;
            // Each page brings something, so that a list that doesn't move on fails instead of going on for ever.
            expect(seen.length).toBeLessThanOrEqual(made.length + 10);
            const risk = between.pop();
            if (risk !== undefined) console.raise({ risk });
          } while (cursor !== undefined);
          const old = seen.filter((number) => number <= made.length);
          expect(old.toSorted((left, right) => left - right)).toEqual(made.map((_, index) => index + 1));
          expect(new Set(seen).size).toBe(seen.length);
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each(['', 'x', 'WyJyaXNrIl0', 'a'.repeat(200), '../../etc/passwd', "'; DROP TABLE alert; --"])(
    'refuses the cursor %j',
    async (cursor) => {
      using console = createAlertsConsole();
      console.raise();
      const problem = await console.refusal(admin, 'alerts.list', { cursor });
      expect([problem.code, problem.fields?.map((field) => field.path)]).toEqual(['request/invalid', ['cursor']]);
    },
  );
});

describe('filters', () => {
  it('each keep what they say', async () => {
    using console = createAlertsConsole();
    const ip = (value: string) => [{ kind: 'ip', value }] as const;
    console.raise({ level: 'critical', risk: 95, entities: [{ kind: 'user', value: 'mallory' }] });
    console.host.advance(hour);
    console.raise({ level: 'low', risk: 20, ruleId: 'spraying', entities: ip('10.1.2.3') });
    console.host.advance(hour);
    console.raise({ level: 'medium', risk: 45, entities: ip('2001:db8::7') });
    const { alertId } = console.raise({ level: 'info', risk: 5, entities: ip('not-an-address') });
    await console.call(admin, 'alerts.acknowledge', { id: alertId });
    const fifth = console.raise({ level: 'low', risk: 21, entities: [] }).alertId;
    await console.call(admin, 'alerts.close', { id: fifth, verdict: 'benign_positive' });
    const cases: [Input<'alerts.list'>, number[]][] = [
      [{}, [1, 3, 2, 4]],
      [{ severity: ['critical', 'low'] }, [1, 2]],
      [{ status: ['acknowledged'] }, [4]],
      [{ status: [] }, []],
      [{ verdict: ['benign_positive'], status: ['closed'] }, [5]],
      [{ verdict: ['duplicate'], status: ['closed'] }, []],
      [{ detector: 'spraying' }, [2]],
      [{ user: 'mallory' }, [1]],
      [{ user: 'MALLORY' }, []],
      [{ user: '10.1.2.3' }, []],
      [{ ip: '10.1.2.3' }, [2]],
      [{ ip: '10.0.0.0/8' }, [2]],
      [{ ip: '10.1.2.9/29' }, []],
      [{ ip: '0.0.0.0/0' }, [2]],
      [{ ip: '::/0' }, [3]],
      [{ ip: '2001:db8::/32' }, [3]],
      [{ ip: 'not-an-address' }, [4]],
      [{ assignee: 'me' }, [4]],
      [{ assignee: 'ada' }, [4]],
      [{ assignee: 'none' }, [1, 3, 2]],
      [{ assignee: 'nobody-of-that-name' }, []],
      [{ risk_min: 45 }, [1, 3]],
      [{ raised_since: '2026-11-21T16:00:00.000+01:00' }, [3, 2, 4]],
      [{ raised_since: '2026-11-21T15:30:00Z' }, [3, 4]],
      [{ raised_until: '2026-11-21T15:00:00Z' }, [1, 2]],
      [{ text: 'MALLORY' }, [1]],
      [{ text: 'alr-3' }, [3]],
      [{ text: 'logins spraying' }, [2]],
      [{ text: 'spraying mallory' }, []],
      [{ severity: ['low'], ip: '10.1.0.0/16', text: 'spraying', assignee: 'none', risk_min: 1 }, [2]],
    ];
    for (const [input, expected] of cases) {
      expect([input, await numbers(console, input)]).toEqual([input, expected]);
      const { matching } = await console.call(admin, 'alerts.summary', input);
      expect([input, matching]).toEqual([input, expected.length]);
    }
  });

  it('take what is typed as text, not as a pattern', async () => {
    using console = createAlertsConsole();
    console.raise({ title: '100% of logins failed' });
    console.raise({ title: 'user_name "quoted" \\ back' });
    console.raise({ title: "it's ÄRGER with Ünïcode" });
    const cases: [string, number[]][] = [
      ['%', [1]],
      ['_', [2]],
      ['\\', [2]],
      ['"quoted"', [2]],
      ["'", [3]],
      ['ärger', [3]],
      ['ÜNÏCODE', [3]],
      ['U\u0308ni\u0308code', [3]],
      ['*', []],
      ["' OR 1=1 --", []],
      ['\u0000', []],
    ];
    for (const [text, expected] of cases) expect([text, await numbers(console, { text })]).toEqual([text, expected]);
  });

  it('refuse what they cannot read, and “me” from a key', async () => {
    using console = createAlertsConsole();
    for (const operation of ['alerts.list', 'alerts.summary'] as const) {
      const range = await console.refusal(admin, operation, { ip: '10.0.0.0/40' });
      expect([range.code, range.fields?.map((field) => field.path)]).toEqual(['request/invalid', ['ip']]);
      const me = await console.refusal('key:tool', operation, { assignee: 'me' });
      expect([me.code, me.fields?.map((field) => field.path)]).toEqual(['request/invalid', ['assignee']]);
    }
    for (const bad of [
      { text: 'x'.repeat(201) },
      { status: ['snoozed'] },
      { risk_min: 101 },
      { raised_since: 'yesterday' },
      { raised_since: '2026-02-30T00:00:00Z' },
      { raised_since: '2026-01-01T00:00:60Z' },
      { __proto__: null, unknown: 1 },
    ]) {
      expect((await console.refusal(admin, 'alerts.list', bad)).code).toBe('request/invalid');
    }
  });

  it('never show another workspace', async () => {
    using console = createAlertsConsole();
    console.raise();
    console.raise({}, 'other');
    console.raise({}, 'other');
    expect(await numbers(console, { text: 'alice' })).toEqual([1]);
    expect(await numbers(console, { user: 'alice', ip: '203.0.113.0/24' })).toEqual([1]);
    expect(await numbers(console, {}, 'admin:eve@other')).toEqual([2, 1]);
    expect(await console.call('admin:eve@third', 'alerts.summary', {})).toMatchObject({
      matching: 0,
      total_24h: 0,
      open: 0,
    });
  });
});

describe('the summary', () => {
  it('of an empty queue is all zeros', async () => {
    using console = createAlertsConsole();
    const none = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
    const answer = await console.call(admin, 'alerts.summary', {});
    expect(answer).toEqual({
      matching: 0,
      total_24h: 0,
      open: 0,
      acknowledged: 0,
      open_by_severity: none,
      unassigned_critical: 0,
      mtta_ms: null,
      histogram: Array.from({ length: 24 }, (_, bar) => ({
        from: new Date(console.host.clock.now() - (24 - bar) * hour).toISOString(),
        counts: none,
      })),
    });
  });

  it('counts by severity, and draws a day whose bars add up', async () => {
    using console = createAlertsConsole();
    console.raise({ level: 'critical' });
    console.host.advance(1);
    console.raise({ level: 'critical' });
    console.host.advance(23 * hour);
    const third = console.raise({ level: 'low' }).alertId;
    console.host.advance(hour - 1);
    const fourth = console.raise({ level: 'critical' }).alertId;
    const fifth = console.raise({ level: 'high' }).alertId;
    await console.call(admin, 'alerts.acknowledge', { id: fourth });
    await console.call(admin, 'alerts.close', { id: third, verdict: 'duplicate' });
    await console.call(admin, 'alerts.assign', { id: fifth, assignee: 'bob' });
    const answer = await console.call(admin, 'alerts.summary', { severity: ['critical'] });
    // The first was raised 24 hours ago to the millisecond: no longer of the last 24 hours.
    expect(answer).toMatchObject({
      matching: 3,
      total_24h: 4,
      open: 3,
      acknowledged: 1,
      open_by_severity: { critical: 2, high: 1, medium: 0, low: 0, info: 0 },
      unassigned_critical: 2,
    });
    const filled = answer.histogram.flatMap(({ counts }, bar) =>
      Object.entries(counts).flatMap(([severity, count]) => (count > 0 ? [`${bar} ${severity} ${count}`] : [])),
    );
    expect(filled).toEqual(['0 critical 1', '23 critical 1', '23 high 1', '23 low 1']);
  });

  it('adds up whenever alerts are raised', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 2 * hour }), { maxLength: 30 }), async (gaps) => {
        using console = createAlertsConsole();
        const raisedAt: number[] = [];
        for (const gap of gaps) {
          console.raise();
          raisedAt.push(console.host.clock.now());
          console.host.advance(gap);
        }
        const now = console.host.clock.now();
        const { histogram, total_24h } = await console.call(admin, 'alerts.summary', {});
        expect(total_24h).toBe(raisedAt.filter((at) => at > now - 24 * hour).length);
        expect(histogram.reduce((sum, { counts }) => sum + counts.high, 0)).toBe(total_24h);
      }),
      { numRuns: 20 },
    );
  });

  it('keeps alerts in its last bar that a clock set back has put into the future', async () => {
    using console = createAlertsConsole();
    console.raise();
    console.host.advance(-2 * hour);
    const { histogram, total_24h } = await console.call(admin, 'alerts.summary', {});
    expect([total_24h, histogram.at(-1)?.counts.high]).toEqual([1, 1]);
  });

  it('takes the mean over what was acknowledged today', async () => {
    using console = createAlertsConsole();
    const [first, second, third] = [console.raise(), console.raise(), console.raise()].map((made) => made.alertId);
    console.host.advance(10 * minute);
    await console.call(admin, 'alerts.acknowledge', { id: first! });
    console.host.advance(20 * minute);
    await console.call(admin, 'alerts.acknowledge', { id: second! });
    expect((await console.call(admin, 'alerts.summary', {})).mtta_ms).toBe(20 * minute);
    console.host.advance(24 * hour);
    expect((await console.call(admin, 'alerts.summary', {})).mtta_ms).toBeNull();
    await console.call(admin, 'alerts.acknowledge', { id: third! });
    expect((await console.call(admin, 'alerts.summary', {})).mtta_ms).toBe(24 * hour + 30 * minute);
  });
});
