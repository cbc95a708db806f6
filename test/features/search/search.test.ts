// Searching through dispatch: what the index finds is what a look at every event finds, in order, page by page, also while the index is
// still being filled; nothing of it stands on the disk in plain.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { openSqlite } from '../../../src-main/adapters/sqlite/database.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { openKeyRing } from '../../../src-main/core/features/keys/key-ring.ts';
import { createMatcher } from '../../../src-main/core/features/search/match.ts';
import type { EventOut } from '../../../src-shared/contract/events.ts';
import { parseEventQuery } from '../../../src-shared/event-query.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { environmentKey, keyFileOf } from '../encryption/encryption-console.ts';

let console: TestConsole;
let session: Credential;

beforeEach(async () => {
  const made = await createTestConsole({
    settings: new Map([['rate_limit.requests_per_minute', 1_000_000]]),
  });
  onTestFinished(() => made[Symbol.asyncDispose]());
  console = made;
  ({ session } = await console.signIn());
});

function idOf(number: number): string {
  const hex = createHash('sha256').update(String(number)).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const users = ['alice', 'bob', 'Ann-Marie', 'svc_backup'];
const words = [
  'failed',
  'password',
  'for',
  'root',
  'from',
  '203.0.113.7',
  'session',
  'opened',
  'Straße',
  '失敗',
  '%',
  "' OR 1=1",
];

/** Few seconds and many events: the order must not hang on the index's, which is by second and number. */
function eventNumber(number: number): Record<string, unknown> & { id: string; time: string } {
  const pick = <T>(list: readonly T[], salt: number): T => list[(number * 7 + salt * 13) % list.length] as T;
  return {
    id: idOf(number),
    time: new Date(Date.UTC(2026, 10, 21, 12) + ((number * 7919) % 20_011)).toISOString(),
    source: pick(['web-1', 'web-2', 'db-1'], number % 5),
    event_type: pick(['login', 'api_call', 'logout'], number % 3),
    ...(number % 4 === 0 ? {} : { actor: pick(users, number % 3) }),
    ...(number % 3 === 0 ? {} : { success: number % 2 === 0 }),
    ...(number % 5 === 0 ? {} : { ip_address: `${number % 2 === 0 ? '10.1' : '192.0'}.2.${number % 9}` }),
    bytes: number * 10,
    user_agent: pick(['curl/8.5', 'Mozilla/5.0 (X11)'], number),
    details: {
      message: [pick(words, 1), pick(words, number % 4), pick(words, 3)].join(' '),
      status: pick([200, 404, 500], number),
      nested: { path: pick(['/etc/passwd', '/var/log'], number), deep: [{ tag: pick(['red', 'blue'], number % 2) }] },
    },
  };
}

async function ingest(from: number, to: number): Promise<void> {
  const events = Array.from({ length: to - from }, (_, index) => eventNumber(from + index));
  expect(await console.call('events.ingest', { events }, session)).toMatchObject({ accepted: to - from });
}

/** What was recorded, without what the console adds. */
function recordIn({
  sha256: _hash,
  received_at: _received,
  ...record
}: EventOut): Omit<EventOut, 'sha256' | 'received_at'> {
  return record;
}

async function all(q: string, limit = 500): Promise<EventOut[]> {
  const found: EventOut[] = [];
  let cursor: string | undefined;
  do {
    const page = await console.call('events.list', { q, limit, ...(cursor === undefined ? {} : { cursor }) }, session);
    found.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

const term = fc.oneof(
  fc.constantFrom(
    'failed',
    'fail*',
    'fa*',
    'f*',
    's*',
    'a*',
    'x1*',
    '"password for"',
    '"failed password"',
    'straße',
    'STRASSE',
    '失敗',
    '203.0.113.7',
    '203',
    'x11',
    'red',
    'user:alice',
    'user:ann-marie',
    'user:ann',
    'user:*',
    'user:a*',
    'user:*b*',
    'host:web-*',
    'host:WEB-1',
    'type:login,logout',
    'success:true',
    'success:*',
    'ip:10.0.0.0/8',
    'ip:192.0.2.0/24',
    'ip:10.1.2.4',
    'ip:0.0.0.0/0',
    'bytes:>500',
    'bytes:<=300',
    'details.status:500',
    'details.status:>=400',
    'details.nested.path:/etc/*',
    'details.NESTED.path:passwd',
    'details.nested:blue',
    'details.message:"for root"',
    'details.nope:*',
    'details.nested.deep.tag:red',
    'agent:curl',
    'format:api',
    'resource:*',
    'since:2026-11-21T12:00:05Z',
    'until:2026-11-21T12:00:12Z',
    'details.message:"\' OR 1=1"',
  ),
);
const isTime = /^(since|until)/;
const condition = term.filter((text) => !isTime.test(text));
/** Alternatives, conditions that all must hold, and what must not: nested, as people write them and as they don't. */
const nested = fc.letrec<{ one: string; all: string; any: string }>((tie) => ({
  one: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    condition,
    fc.tuple(fc.constantFrom('-', 'NOT '), condition).map(([sign, text]) => `${sign}${text}`),
    fc.tuple(fc.constantFrom('', '-', 'NOT '), tie('any')).map(([sign, text]) => `${sign}(${text})`),
  ),
  all: fc
    .tuple(fc.array(tie('one'), { minLength: 1, maxLength: 3 }), fc.constantFrom(' ', ' AND '))
    .map(([all, sign]) => all.join(sign)),
  any: fc.array(tie('all'), { minLength: 1, maxLength: 3 }).map((alternatives) => alternatives.join(' OR ')),
})).any;
const query = fc.oneof(
  fc
    .array(fc.tuple(fc.boolean(), term), { minLength: 1, maxLength: 4 })
    .map((terms) => terms.map(([not, text]) => (not && !isTime.test(text) ? `-${text}` : text)).join(' ')),
  nested,
  fc
    .tuple(
      nested,
      term.filter((text) => isTime.test(text)),
    )
    .map(([text, time]) => `(${text}) ${time}`),
);

test('finds exactly what a look at every event finds, newest first, whatever the size of the pages', {
  timeout: 180_000,
}, async () => {
  await ingest(0, 600);
  const everything = await all('');
  // The sign-in is one too.
  expect(everything).toHaveLength(601);
  let matched = 0;
  await fc.assert(
    fc.asyncProperty(query, fc.constantFrom(40, 150, 500), async (q, limit) => {
      const parsed = parseEventQuery(q, console.host.clock.now());
      // More conditions than a search may have are refused, which is tested elsewhere.
      fc.pre(parsed.kind === 'query' || !parsed.message.includes('conditions'));
      if (parsed.kind === 'error') throw new Error(`${q}: ${parsed.message}`);
      const { since = 0, until = Number.MAX_SAFE_INTEGER } = parsed.query;
      const matches = createMatcher(parsed.query);
      const expected = everything.filter((event) => {
        const at = Date.parse(event.time);
        return at >= since && at <= until && matches(recordIn(event));
      });
      const found = await all(q, limit);
      expect(
        found.map(({ id }) => id),
        q,
      ).toEqual(expected.map(({ id }) => id));
      matched += found.length;
      const summary = await console.call('events.summary', { q }, session);
      if (summary.is_exact && !/since|until/.test(q)) expect(summary.total, q).toBe(found.length);
      else expect(summary.total, q).toBeGreaterThanOrEqual(found.length);
    }),
    { numRuns: 120 },
  );
  expect(matched).toBeGreaterThan(1_000);
});

test('alternatives whose events have more words than the index holds are still found, also the other way round', {
  timeout: 60_000,
}, async () => {
  const many = (first: string) =>
    `${first} ${Array.from({ length: 2_500 }, (_, index) => `word${index}`).join(' ')} last`;
  const events = [0, 1, 2, 3, 4, 5].map((number) => ({
    ...eventNumber(number),
    ...(number % 2 === 0 ? { details: { many: many(`head${number}`) } } : {}),
  }));
  await console.call('events.ingest', { events }, session);
  const everything = await all('');
  for (const q of [
    'last OR user:alice',
    '(last OR word2499) type:login',
    '-(last OR user:bob)',
    'NOT (last user:alice)',
    'NOT (user:alice NOT last)',
    '-(-last -word2499)',
    '(last NOT head2) OR (word2499 -head4)',
  ]) {
    const parsed = parseEventQuery(q, console.host.clock.now());
    if (parsed.kind === 'error') throw new Error(parsed.message);
    const matches = createMatcher(parsed.query);
    expect(
      (await all(q)).map(({ id }) => id),
      q,
    ).toEqual(everything.filter((event) => matches(recordIn(event))).map(({ id }) => id));
  }
});

test('the begin of very many words is found by looking at each event, in parts, and the begin of few by the index', {
  timeout: 60_000,
}, async () => {
  const events = Array.from({ length: 1_200 }, (_, number) => ({
    ...eventNumber(number),
    details: { code: `zz${number}x`, kind: number % 100 === 0 ? 'rarething' : 'common' },
  }));
  await console.call('events.ingest', { events }, session);
  expect(await all('zz*')).toHaveLength(1_200);
  expect(await all('zz11*')).toHaveLength(111);
  expect(await all('rare*')).toHaveLength(12);
  const many = await console.call('events.summary', { q: 'zz*' }, session);
  expect(many).toMatchObject({ is_exact: false });
  expect(await console.call('events.summary', { q: 'zz11*' }, session)).toMatchObject({ is_exact: true, total: 111 });
  // `act` begins `actor=` and `action=` too, which are no words.
  expect(await console.call('events.summary', { q: 'act*' }, session)).toMatchObject({ is_exact: true, total: 0 });
});

test('an event is found as soon as it was taken in, and by the fields of the API as by the language', async () => {
  await ingest(0, 30);
  for (let number = 30; number < 40; number++) {
    await ingest(number, number + 1);
    expect(await all(`id:${idOf(number)}`)).toHaveLength(1);
    expect((await all(`bytes:>=${number * 10}`)).map(({ id }) => id)).toEqual([idOf(number)]);
  }
  const { items } = await console.call('events.list', { actor: 'BOB', success: false, limit: 100 }, session);
  expect(items.map(({ id }) => id)).toEqual((await all('actor:bob success:false')).map(({ id }) => id));
  expect(items.length).toBeGreaterThan(0);
});

test('events with more words than the index holds of one are still found, and counted only as possible', async () => {
  const many = Array.from({ length: 5_000 }, (_, index) => `word${index}`).join(' ');
  await console.call('events.ingest', { events: [{ ...eventNumber(1), details: { many } }, eventNumber(2)] }, session);
  expect((await all('word4999')).map(({ id }) => id)).toEqual([idOf(1)]);
  expect((await all('word1')).map(({ id }) => id)).toEqual([idOf(1)]);
  expect((await all('-word4999 bytes:*')).map(({ id }) => id)).toEqual([idOf(2)]);
  expect(await console.call('events.summary', { q: 'word4999' }, session)).toMatchObject({ is_exact: false });
});

test('the earliest and the latest instants that are taken in are found in order', async () => {
  const times = [
    '1970-01-01T00:00:00.000Z',
    '1970-01-01T00:00:01.000Z',
    '2026-01-01T00:00:00.000Z',
    '2036-01-01T00:00:00.000Z',
    '2036-11-01T00:00:00.000Z',
  ];
  const events = times.map((time, index) => ({ ...eventNumber(index), time }));
  await console.call('events.ingest', { events }, session);
  expect((await all('bytes:*', 2)).map(({ time }) => time)).toEqual([...times].reverse());
  expect(await console.call('events.summary', {}, session)).toMatchObject({ total: 6 });
});

test('the summary adds up: bars to the total, failures within counts, facets of the latest', async () => {
  await ingest(0, 300);
  const summary = await console.call('events.summary', { q: 'type:login' }, session);
  const found = await all('type:login');
  expect(summary).toMatchObject({ total: found.length, is_exact: true, facets_of: found.length, unindexed: 0 });
  expect(summary.bars.reduce((sum, { count }) => sum + count, 0)).toBe(found.length);
  expect(summary.bars.reduce((sum, { failures }) => sum + failures, 0)).toBe(
    (await all('type:login success:false')).length,
  );
  expect(summary.bars.length).toBeLessThanOrEqual(48);
  const actors = summary.facets.find(({ field }) => field === 'actor');
  for (const { value, count } of actors?.values ?? [])
    expect(count).toBe((await all(`type:login actor:${value}`)).length);
  const empty = await console.call('events.summary', { q: 'nosuchword' }, session);
  expect(empty).toMatchObject({ bars: [], total: 0, facets: [] });
});

test('a query that can not be read is refused with its place', async () => {
  await expect(console.call('events.list', { q: 'user:root typ:x' }, session)).rejects.toMatchObject({
    problem: { code: 'request/invalid', detail: expect.stringMatching(/^q: .*did you mean type:.*at character 11/) },
  });
  await expect(console.call('events.list', { text: '%%' }, session)).rejects.toMatchObject({
    problem: { code: 'request/invalid' },
  });
});

test('another workspace’s terms are not part of a question, whatever the question says', async () => {
  await ingest(0, 20);
  for (const q of [
    '"workspace=other"',
    'source:"x\\" OR \\"workspace=default"',
    'details.a:"+many"',
    'details.x:"has=message"',
  ]) {
    expect(await all(q), q).toEqual([]);
  }
});

test('nothing of the index stands on the disk in plain', async () => {
  const canary = 'zanzibarcanary';
  await console.call(
    'events.ingest',
    { events: [{ ...eventNumber(1), actor: canary, details: { note: canary } }] },
    session,
  );
  expect(await all(canary)).toHaveLength(1);
  await console.core.stop();
  for (const name of readdirSync(console.folder)) {
    expect(readFileSync(join(console.folder, name)).includes(canary), name).toBe(false);
  }
});

test('exports are entries of the log, once for all pages; saved searches are kept, shared and deleted by their owner', async () => {
  await ingest(0, 25);
  const first = await console.call('events.export', { q: 'bytes:*', format: 'cef', limit: 10 }, session);
  const rest = await console.call(
    'events.export',
    { q: 'bytes:*', format: 'cef', limit: 500, cursor: first.next_cursor ?? '' },
    session,
  );
  expect([...first.lines, ...rest.lines]).toHaveLength(25);
  expect(rest.next_cursor).toBeNull();
  const exports = await console.call('audit.entries', { event_type: 'events_export' }, session);
  expect(exports.items.map(({ details }) => details)).toEqual([{ format: 'cef', filters: { q: 'bytes:*' } }]);

  const input = { name: 'Failed roots', query: 'user:root success:false', shared: false };
  const saved = await console.call('searches.save', input, session);
  expect(saved).toMatchObject({ ...input, owner: 'mira', mine: true });
  const again = await console.call('searches.save', { ...input, query: 'user:root', shared: true }, session);
  expect(again.id).toBe(saved.id);
  expect((await console.call('searches.list', {}, session)).items).toEqual([again]);
  const key = await console.createKey(['events.read'], session);
  expect((await console.call('searches.list', {}, key)).items).toEqual([{ ...again, mine: false }]);
  await expect(console.call('searches.save', input, key)).rejects.toMatchObject({
    problem: { code: 'access/forbidden' },
  });
  await expect(console.call('searches.delete', { id: saved.id }, key)).rejects.toMatchObject({
    problem: { code: 'access/forbidden' },
  });
  await expect(console.call('searches.save', { ...input, query: 'typ:x' }, session)).rejects.toMatchObject({
    problem: { code: 'request/invalid' },
  });
  expect(await console.call('searches.delete', { id: saved.id }, session)).toEqual({ ok: true });
  await expect(console.call('searches.delete', { id: saved.id }, session)).rejects.toMatchObject({
    problem: { code: 'search/not-found' },
  });
  const entries = await console.call('audit.entries', { limit: 50 }, session);
  const types = entries.items.filter(({ success }) => success).map(({ event_type }) => event_type);
  expect(types.filter((type) => type.startsWith('search_'))).toEqual([
    'search_deleted',
    'search_saved',
    'search_saved',
  ]);
});

test('a store from before the index is filled in slices, the latest events first, and goes on where it was stopped', async () => {
  await ingest(0, 1_500);
  const before = await all('');
  // As after the migration: everything is older than the index.
  await console.core.stop();
  const path = join(console.folder, 'store.db');
  const database = openSqlite(path, openKeyRing(keyFileOf(console), environmentKey, console.host.random).pageKey());
  database.run('BEGIN');
  database.run("INSERT INTO event_terms (event_terms) VALUES ('delete-all')");
  database.run(
    'UPDATE event_index SET low = (SELECT max(seq) + 1 FROM event), high = (SELECT max(seq) + 1 FROM event)',
  );
  database.run('COMMIT');
  database.close();
  await using again = await createTestConsole({ folder: console.folder, host: console.host, acceptOlderStore: true });
  const list = (input: object) => again.call('events.list', { limit: 500, ...input }, session);
  const first = await list({ q: 'bytes:* source:*' });
  expect(first.unindexed).toBeGreaterThan(1_400);
  // Time alone needs no index.
  expect((await list({})).items.map(({ id }) => id)).toContain(before[10]?.id);
  // One look at the clock starts the filling; stopped in between, it goes on.
  again.host.advance(500);
  await vi.waitFor(async () => expect((await list({ q: 'source:*' })).unindexed).toBeLessThan(first.unindexed));
  await again.core.stop();
  await using last = await createTestConsole({ folder: console.folder, host: console.host });
  last.host.advance(500);
  await vi.waitFor(
    async () =>
      expect((await last.call('events.list', { q: 'source:*', limit: 500 }, session)).unindexed, 'to do').toBe(0),
    { timeout: 10_000 },
  );
  const summary = await last.call('events.summary', { q: 'bytes:* source:*' }, session);
  expect(summary.total).toBeGreaterThanOrEqual(1_500);
  expect(last.host.logged.filter(({ level }) => level === 'error')).toEqual([]);
});
