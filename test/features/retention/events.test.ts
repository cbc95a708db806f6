// Retention of events: what is expired goes with its words in the index, in the store's file too; what an alert or a hold needs stays; the
// file gets shorter.
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { lookAtSqlite } from '../../../src-main/adapters/sqlite/database.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { parseKeyFile } from '../../../src-main/core/features/keys/key-file.ts';
import { openKeyRing } from '../../../src-main/core/features/keys/key-ring.ts';
import { adminPassword, createTestConsole, type TestConsole } from '../../support/console.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { environmentKey, expectIntact } from '../encryption/encryption-console.ts';

const dayMs = 24 * 3_600_000;
let folder: string;
let console: TestConsole;
let session: Credential;
let secret: string;

beforeEach(async () => {
  folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await open();
  ({ session, secret } = await console.signIn());
});
afterEach(() => console[Symbol.asyncDispose]());

async function open(more: [string, unknown][] = []): Promise<void> {
  const settings = new Map<string, unknown>([['backup.schedule', 'off'], ['retention.events_days', 30], ...more]);
  console = await createTestConsole({ folder, settings, ...(console === undefined ? {} : { host: console.host }) });
}

async function later(days: number): Promise<void> {
  console.host.advance(days * dayMs);
  const first = await console.call('auth.login', { username: 'mira', password: adminPassword });
  const done = await console.call('auth.mfa_verify', { token: String(first.token), code: console.code(secret) });
  session = { kind: 'token', token: String(done.token), from: 'bearer' };
}

/** Events with a word of their own each, and one that they share. */
async function send(word: string, count: number, fields: object = {}): Promise<string[]> {
  const events = Array.from({ length: count }, (_, n) => ({
    id: randomUUID(),
    source: 'shop',
    event_type: 'api_call',
    time: new Date(console.host.clock.now()).toISOString(),
    actor: 'greta.hollmann',
    details: { note: `${word}${n} of ${word}`, filler: 'x'.repeat(400) },
    ...fields,
  }));
  const { accepted, results } = await console.call('events.ingest', { events }, session);
  expect({ accepted, results }).toMatchObject({ accepted: count });
  return results.map(({ id }) => String(id));
}

async function found(q: string): Promise<number> {
  const { items } = await console.call('events.list', { q, limit: 500 }, session);
  return items.length;
}

const run = () => console.call('retention.run', {}, session);
const events = async () => (await console.call('retention.status', {}, session)).events;

/** Looks at the stopped console's store with its key. */
async function stopped<T>(look: (database: ReturnType<typeof lookAtSqlite>) => T): Promise<T> {
  await console.core.stop();
  const ring = openKeyRing(parseKeyFile(readFileSync(join(folder, 'keys.json'), 'utf8')), environmentKey, {
    bytes: (length) => new Uint8Array(length),
  });
  const database = lookAtSqlite(join(folder, 'store.db'), ring.pageKey());
  ring.destroy();
  try {
    return look(database);
  } finally {
    database.close();
  }
}

/** How many rows of the index and of the events hold these bytes. What a term shares with the one before it, the index leaves out. */
function rowsWith(database: ReturnType<typeof lookAtSqlite>, word: string): { index: number; events: number } {
  const count = (rows: readonly { value?: unknown }[], text: string): number =>
    rows.filter(({ value }) => value instanceof Uint8Array && Buffer.from(value).includes(text)).length;
  const index = [
    ...database.all('SELECT block AS value FROM event_terms_data'),
    ...database.all('SELECT CAST(term AS BLOB) AS value FROM event_terms_idx'),
  ];
  const events = database.all('SELECT CAST(record AS BLOB) AS value FROM event');
  return { index: count(index, word.slice(2)), events: count(events, word) };
}

test('expired events go, and nothing of them is left to be found: by searches, in the index, in the file', async () => {
  await send('quetzal', 30);
  expect(await found('quetzal')).toBe(30);
  const before = await stopped((database) => rowsWith(database, 'quetzal'));
  expect(before.index).toBeGreaterThan(0);
  expect(before.events).toBe(30);
  await open();
  await later(20);
  await send('heron', 5);
  await later(15);
  expect(await events()).toMatchObject({ days: 30, deleted: 0 });
  expect((await events()).expired).toBeGreaterThanOrEqual(30);
  const { events_total: total } = await console.call('console.status', {}, session);
  const { events_deleted: deleted } = await run();
  expect(deleted).toBeGreaterThanOrEqual(30);
  expect(await events()).toMatchObject({ expired: 0, deleted });
  const { items } = await console.call('audit.entries', { event_type: 'retention_run' }, session);
  expect(items.map(({ details }) => details)).toContainEqual(
    expect.objectContaining({ of: 'events', entries: deleted, days: 30 }),
  );
  expect(await found('quetzal')).toBe(0);
  expect(await found('quetzal7')).toBe(0);
  expect(await found('heron')).toBe(5);
  expect(await found('heron3')).toBe(1);
  // The run's own entry came as an event, too.
  expect((await console.call('console.status', {}, session)).events_total).toBeLessThan(total - deleted + 20);
  expect(await run()).toMatchObject({ events_deleted: 0 });
  await expectIntact(console, session);
  const left = await stopped((database) => ({
    gone: rowsWith(database, 'quetzal'),
    kept: rowsWith(database, 'heron'),
    check: database.get('PRAGMA integrity_check')?.integrity_check,
  }));
  expect(left).toMatchObject({ gone: { index: 0, events: 0 }, kept: { events: 5 }, check: 'ok' });
  expect(left.kept.index).toBeGreaterThan(0);
  await open();
  expect(await found('heron')).toBe(5);
});

test('what an alert names as evidence stays with it', async () => {
  const attempts = { event_type: 'login', success: false, ip_address: '198.51.100.7' };
  const ids = await send('osprey', 12, attempts);
  const { items: alerts } = await console.call('alerts.list', { limit: 50 }, session);
  const cited = new Set<string>();
  for (const { id } of alerts) {
    const alert = await console.call('alerts.get', { id }, session);
    for (const event of alert.events) cited.add(event.id);
  }
  const evidence = ids.filter((id) => cited.has(id));
  expect(evidence.length).toBeGreaterThan(0);
  await send('egret', 10);
  await later(40);
  await run();
  expect(await found('egret')).toBe(0);
  const { items } = await console.call('events.list', { q: 'osprey', limit: 100 }, session);
  expect(new Set(items.map(({ id }) => id))).toEqual(new Set(evidence));
});

test('a legal hold over everything keeps events of its time, one of a category does not; released, they go', async () => {
  await console.call('retention.hold', { label: 'logins only', category: 'security_events' }, session);
  await send('plover', 3);
  const { id } = await console.call('retention.hold', { label: 'case 9' }, session);
  await later(40);
  expect(await run()).toMatchObject({ events_deleted: 0 });
  expect(await found('plover')).toBe(3);
  await console.call('retention.release', { id }, session);
  expect((await run()).events_deleted).toBeGreaterThanOrEqual(3);
  expect(await found('plover')).toBe(0);
});

test('an import of old logs is kept from when it came, not from when it happened', async () => {
  await send('dunlin', 3, { time: new Date(console.host.clock.now() - 300 * dayMs).toISOString() });
  await later(20);
  expect(await run()).toMatchObject({ events_deleted: 0 });
  expect(await found('dunlin')).toBe(3);
});

test('by itself it only deletes where that was set', async () => {
  await send('avocet', 3);
  await later(40);
  console.host.advance(dayMs);
  await later(1);
  expect(await found('avocet')).toBe(3);
  await console.core.stop();
  await open([['retention.auto_delete_expired', true]]);
  console.host.advance(600_000);
  await later(0);
  await expect.poll(() => found('avocet'), { timeout: 30_000 }).toBe(0);
});

test('a run that a stop cuts short is gone on with by the next one: none is left, none counted twice', async () => {
  for (let batch = 0; batch < 5; batch++)
    await send(`lapwing${batch}x`, 500, { details: { note: `lapwing ${batch}` } });
  await found('lapwing');
  await later(40);
  await send('stint', 1);
  const cut = run().catch((error: unknown) => error);
  while ((await events()).deleted === 0) await console.host.timers.breathe();
  await console.core.stop();
  expect(String(await cut)).toContain('console/stopping');
  await open();
  const before = (await events()).deleted;
  expect(before).toBeGreaterThan(0);
  expect((await events()).expired).toBeGreaterThan(0);
  const { events_deleted: rest } = await run();
  expect(rest).toBeGreaterThan(0);
  expect(await events()).toMatchObject({ expired: 0, deleted: before + rest });
  const left = await stopped((database) => ({
    gone: rowsWith(database, 'lapwing'),
    check: database.get('PRAGMA integrity_check')?.integrity_check,
  }));
  expect(left).toEqual({ gone: { index: 0, events: 0 }, check: 'ok' });
  await open();
});

test('the file gets shorter after much was deleted', { timeout: 120_000 }, async () => {
  for (let batch = 0; batch < 12; batch++)
    await send(`curlew${batch}x`, 100, { details: { text: `curlew ${'y'.repeat(4_000)}` } });
  await found('curlew');
  await console.core.stop();
  const before = statSync(join(folder, 'store.db')).size;
  await open();
  await later(40);
  await send('stint', 1);
  await run();
  expect(await found('curlew')).toBeLessThan(2);
  const log = readdirSync(folder).filter((name) => name === 'store.db-wal');
  for (const name of log) expect(statSync(join(folder, name)).size).toBeLessThan(1_000_000);
  await console.core.stop();
  expect(statSync(join(folder, 'store.db')).size).toBeLessThan(before / 2);
  await open();
});
