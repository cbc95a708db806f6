// Events from tools through dispatch: each event of a batch is judged by itself, ids make sending again harmless, pages lose nothing.
import { randomInt, randomUUID } from 'node:crypto';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';

let console: TestConsole;
let session: Credential;

beforeEach(async () => {
  const made = await createTestConsole();
  onTestFinished(() => made[Symbol.asyncDispose]());
  console = made;
  ({ session } = await console.signIn());
});

type Fields = Record<string, unknown> & { id: string; time: string };

function event(more: Record<string, unknown> = {}): Fields {
  return { id: randomUUID(), time: '2026-11-21T13:59:00.000Z', source: 'crm', event_type: 'note', ...more } as Fields;
}

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

test('each event of a mixed batch is accepted, a duplicate, or rejected with the reason', async () => {
  const good = event({ actor: 'alice', details: { amount: 1.5, big: 9_007_199_254_740_993n.toString() } });
  const rejected: [unknown, RegExp][] = [
    ['line 7: unexpected end', /^line 7: unexpected end$/],
    [['line 8: duplicate key', '{"a":1,"a":2}'], /^line 8: duplicate key$/],
    [null, /^event: /],
    [[], /^event: /],
    [{ ...event(), sevrity: 1 }, /^sevrity: unknown field$/],
    [{ ...event(), id: '../../etc' }, /^id: /],
    [{ ...event(), time: 'yesterday' }, /^time: /],
    [{ ...event(), time: '2026-02-30T10:00:00Z' }, /^time: /],
    [{ ...event(), time: '9999-12-31T23:59:59-12:00' }, /^time: /],
    [{ ...event(), time: '9999-12-31T23:59:59Z' }, /^time: 9999-.* more than ten years ahead; set the clock/],
    [{ ...event(), time: '0001-01-01T00:00:00Z' }, /^time: 0001-.* before 1970; set the clock/],
    [{ ...event(), bytes: -1 }, /^bytes: /],
    [{ ...event(), bytes: '12' }, /^bytes: /],
    [{ ...event(), success: 'true' }, /^success: /],
    [{ ...event(), actor: 'x'.repeat(257) }, /^actor: /],
    [{ ...event(), actor: 'half \ud800' }, /./],
    [{ ...event(), details: { bad: 'half \udfff' } }, /^details: /],
    [{ ...event(), details: { number: Number.NaN } }, /./],
    [{ ...event(), source: '' }, /^source: /],
    [{ ...event(), ip_address: '999.1.1.1' }, /^ip_address: is no IPv4 or IPv6 address/],
    [{ ...event(), ip_address: 'localhost' }, /^ip_address: /],
  ];
  const events = [good, ...rejected.map(([value]) => value), good, { ...good, time: '2026-11-21T13:58:00.000Z' }];
  const answer = await console.call('events.ingest', { events }, session);
  expect(answer).toMatchObject({ accepted: 2, duplicates: 1, rejected: rejected.length });
  expect(answer.results.map(({ index }) => index)).toEqual(events.map((_, index) => index));
  for (const [index, [value, reason]] of rejected.entries()) {
    const result = answer.results[index + 1];
    expect(result?.status, JSON.stringify(value)).toBe('rejected');
    expect(result?.reason).toMatch(reason);
  }
  expect(answer.results[events.length - 2]).toEqual({ index: events.length - 2, id: good.id, status: 'duplicate' });
  expect(console.host.logged.filter(({ level }) => level === 'error')).toEqual([]);
});

test('what is found is what was sent, with its hash, and details of any depth that was let in', async () => {
  const sent = event({ actor: 'alice', success: false, ip_address: '203.0.113.7', details: { deep: nested(20) } });
  await console.call('events.ingest', { events: [sent] }, session);
  const { items } = await console.call('events.list', { actor: 'alice' }, session);
  expect(items).toEqual([
    {
      ...sent,
      received_at: '2026-11-21T14:00:00.000Z',
      format: 'api',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
  ]);
});

test('sending a batch again adds nothing, whatever its order, and one id in capitals is the same id', async () => {
  const events = Array.from({ length: 1_200 }, (_, index) => event({ details: { index } }));
  expect(await console.call('events.ingest', { events }, session)).toMatchObject({ accepted: 1_200 });
  const before = await console.call('console.status', {}, session);
  const again = await console.call('events.ingest', { events: [...events].reverse() }, session);
  expect(again).toMatchObject({ accepted: 0, duplicates: 1_200, rejected: 0 });
  const capitals = events.slice(0, 10).map((sent) => ({ ...sent, id: sent.id.toUpperCase() }));
  expect(await console.call('events.ingest', { events: capitals }, session)).toMatchObject({ duplicates: 10 });
  expect((await console.call('console.status', {}, session)).events_total).toBe(before.events_total);
});

test('an empty batch and one that is too large are refused as a whole', async () => {
  await expect(console.call('events.ingest', { events: [] }, session)).rejects.toMatchObject({
    problem: { code: 'request/invalid', status: 422 },
  });
  const many = Array.from({ length: 10_001 }, () => null);
  await expect(console.call('events.ingest', { events: many }, session)).rejects.toMatchObject({
    problem: { code: 'request/invalid' },
  });
});

test('pages of any size give every event once, newest first, also while others come in', async () => {
  const events = Array.from({ length: 211 }, () =>
    // Many of one instant: the order must not depend on the time alone.
    event({ source: 'paging', time: new Date(Date.UTC(2026, 10, 21, 12, 0, randomInt(0, 12))).toISOString() }),
  );
  await console.call('events.ingest', { events }, session);
  for (const limit of [1, 3, 50, 500]) {
    const seen: { id: string; time: string }[] = [];
    let cursor: string | undefined;
    do {
      const page = await console.call(
        'events.list',
        { source: 'paging', limit, ...(cursor === undefined ? {} : { cursor }) },
        session,
      );
      seen.push(...page.items);
      cursor = page.next_cursor ?? undefined;
      // Newer than all: it stands before the first page and must not push anything over a page's edge.
      const late = event({
        source: 'paging',
        time: new Date(Date.UTC(2026, 10, 21, 13, 0, randomInt(0, 59))).toISOString(),
      });
      if (seen.length < 60) {
        events.push(late);
        await console.call('events.ingest', { events: [late] }, session);
      }
    } while (cursor !== undefined);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    const times = seen.map(({ time }) => time);
    expect(times).toEqual([...times].sort().reverse());
    expect(seen.length).toBeGreaterThanOrEqual(211);
  }
});

test('filters and words narrow the search; wildcards of SQL and made-up cursors are taken literally or refused', async () => {
  const events = [
    event({ actor: 'alice', success: true, details: { note: '100% sure' } }),
    event({ actor: 'bob', success: false, details: { note: '100 sure_thing' } }),
    event({ actor: 'bob', success: true, event_type: 'login', ip_address: '192.0.2.1', details: { note: 'a\\b' } }),
  ];
  await console.call('events.ingest', { events }, session);
  const found = async (filter: object): Promise<string[]> =>
    (await console.call('events.list', { source: 'crm', ...filter }, session)).items.map(({ id }) => id).sort();
  const ids = (...which: number[]): string[] => which.map((index) => events[index]?.id ?? '').sort();
  expect(await found({ actor: 'bob', success: true })).toEqual(ids(2));
  expect(await found({ event_type: 'login', ip_address: '192.0.2.1' })).toEqual(ids(2));
  expect(await found({ text: '100%' })).toEqual(ids(0, 1));
  expect(await found({ text: 'sure_' })).toEqual(ids(0, 1));
  expect(await found({ text: 'sur' })).toEqual([]);
  expect(await found({ text: 'SURE_thing' })).toEqual(ids(1));
  expect(await found({ text: '100 sure' })).toEqual(ids(0, 1));
  expect(await found({ text: "' OR 1=1 --" })).toEqual([]);
  expect(await found({ since: '2026-11-21T14:59:00+01:00', until: '2026-11-21T13:59:00Z' })).toEqual(ids(0, 1, 2));
  expect(await found({ until: '2026-11-21T13:58:59.999Z' })).toEqual([]);
  for (const cursor of ['', '1', 'x.y', '1.2.3', "1.1'--"]) {
    await expect(console.call('events.list', { cursor }, session), cursor).rejects.toMatchObject({
      problem: { code: 'request/invalid' },
    });
  }
});

test('a key without the scope sends and sees nothing', async () => {
  const reader = await console.createKey(['alerts.read'], session);
  for (const [operation, input] of [
    ['events.ingest', { events: [event()] }],
    ['events.list', {}],
    ['imports.start', { name: 'x' }],
  ] as const) {
    expect(await console.send(operation, input, reader)).toMatchObject({ problem: { code: 'access/forbidden' } });
  }
});

test('what was refused can be read afterwards: who sent it, where it stood, why, and what it was', async () => {
  const key = await console.createKey(['events.write'], session);
  const wrong = { ...event(), sevrity: 'half \ud800'.toWellFormed() };
  await console.call('events.ingest', { events: [event(), wrong, ['line 3: unexpected end', '{"a":']] }, key);
  const page = await console.call('rejections.list', {}, session);
  expect(page).toMatchObject({ next_cursor: null, total: 2 });
  expect(page.items).toMatchObject([
    { place: 2, reason: 'line 3: unexpected end', text: '{"a":', file: null, more: 0 },
    { place: 1, reason: 'sevrity: unknown field', text: JSON.stringify(wrong), file: null, more: 0 },
  ]);
  await expect(console.call('rejections.list', {}, key)).rejects.toThrow('access/forbidden');
});

test('of many refused only the first are kept and all are counted, however long they are', async () => {
  const long = { note: 'x'.repeat(5_000) };
  for (let batch = 0; batch < 3; batch++) {
    await console.call('events.ingest', { events: Array.from({ length: 150 }, () => long) }, session);
  }
  const seen: number[] = [];
  let cursor: string | null = null;
  do {
    const page: Output<'rejections.list'> = await console.call(
      'rejections.list',
      { limit: 70, ...(cursor === null ? {} : { cursor }) },
      session,
    );
    expect(page.total).toBe(450);
    expect(page.items.every(({ text }) => text?.length === 2_001)).toBe(true);
    seen.push(...page.items.map(({ more }) => more));
    cursor = page.next_cursor;
  } while (cursor !== null);
  expect(seen).toHaveLength(300);
  expect(seen.filter((more) => more > 0)).toEqual([50, 50, 50]);
  await expect(console.call('rejections.list', { cursor: 'x' }, session)).rejects.toThrow('request/invalid');
});

test('the refused lines of a file stay with its name and their lines', async () => {
  const started = await console.call('imports.start', { name: 'app.ndjson' }, session);
  const twice = '{"time":"2026-11-21T13:59:00Z","actor":"a","details":{"b":"\\\\\\""},"actor":"b"}';
  const text = `${JSON.stringify(event())}\n{"half\n${JSON.stringify(event())}\n${twice}\n`;
  await console.call('imports.append', { id: started.id, offset: 0, data: new TextEncoder().encode(text) }, session);
  const done = await console.call('imports.finish', { id: started.id }, session);
  expect(done.rejected).toBe(2);
  const { items } = await console.call('rejections.list', {}, session);
  expect(items.toSorted((left, right) => left.place - right.place)).toMatchObject([
    { file: 'app.ndjson', place: 2, text: '{"half', reason: 'not valid JSON' },
    { file: 'app.ndjson', place: 4, text: twice, reason: 'names a field twice' },
  ]);
});
