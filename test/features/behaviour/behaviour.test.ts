// Habits through dispatch: what is unusual becomes a stored event and an alert, after a stop, a crash and a rollback as before; and
// sources that fall silent, but not while the console itself was off.
import { randomUUID } from 'node:crypto';
import { cpSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { createTestConsole, type TestConsole, type TestConsoleOptions } from '../../support/console.ts';
import { createTestHost } from '../../support/host.ts';
import { temporaryFolder } from '../../support/stores.ts';

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.UTC(2026, 10, 21, 14);

async function open(options: TestConsoleOptions = {}): Promise<TestConsole> {
  const made = await createTestConsole(options);
  onTestFinished(() => made[Symbol.asyncDispose]());
  return made;
}

function event(timeMs: number, more: Record<string, unknown> = {}) {
  return {
    id: randomUUID(),
    time: new Date(timeMs).toISOString(),
    source: 'api',
    event_type: 'data_access',
    actor: 'ann',
    success: true,
    ip_address: '198.51.100.4',
    user_agent: 'Mozilla/5.0 Firefox/132.0',
    ...more,
  };
}

/** Twenty days, ten events each, the last of them yesterday. */
function history(actor = 'ann') {
  return Array.from({ length: 200 }, (_, n) => {
    const at = start - (20 - Math.floor(n / 10)) * day - 4 * hour + (n % 10) * 600_000;
    return event(at, { actor });
  });
}

const strange = () => event(start - 9 * hour, { ip_address: '203.0.113.9', user_agent: 'curl/8.5.0' });

async function alertsOf(console: TestConsole, session: Credential, title: RegExp) {
  const { items } = await console.call('alerts.list', { limit: 100 }, session);
  return items.filter((one) => title.test(one.title));
}

async function sentenceOf(console: TestConsole, session: Credential, id = '') {
  return (await console.call('alerts.get', { id }, session)).sentence;
}

test('what is unlike a user becomes an event and an alert that explains itself', async () => {
  const console = await open();
  const { session } = await console.signIn();
  await console.call('events.ingest', { events: history() }, session);
  expect(await alertsOf(console, session, /^Unusual access/)).toEqual([]);
  const odd = strange();
  await console.call('events.ingest', { events: [odd] }, session);
  const [alert, ...more] = await alertsOf(console, session, /^Unusual access of ann/);
  expect(more).toEqual([]);
  expect(await sentenceOf(console, session, alert?.id)).toBe(
    'ann at 203.0.113.9 was unlike the 20 days before: new network 203.0.113.0/24 (1 known); new device curl/ (1 known). Score 90 of 100.',
  );
  const { items } = await console.call('events.list', { event_type: 'unusual_access' }, session);
  expect(items).toMatchObject([{ source: 'gatehouse', actor: 'ann', details: { event: odd.id, score: 90 } }]);
  // Sent again, it is told no second time.
  await console.call('events.ingest', { events: [odd] }, session);
  expect((await console.call('events.list', { event_type: 'unusual_access' }, session)).items).toHaveLength(1);
});

test('habits outlive a stop', async () => {
  const folder = temporaryFolder();
  const host = createTestHost(start);
  const before = await createTestConsole({ folder, host });
  const { session } = await before.signIn();
  await before.call('events.ingest', { events: history() }, session);
  await before[Symbol.asyncDispose]();
  const console = await open({ folder, host });
  await console.call('events.ingest', { events: [strange()] }, session);
  expect(await alertsOf(console, session, /^Unusual access of ann/)).toHaveLength(1);
});

test('habits outlive a crash: what was not written is counted again from the stored events, and told no second time', async () => {
  const folder = temporaryFolder();
  const host = createTestHost(start);
  const before = await open({ folder, host });
  const { session } = await before.signIn();
  await before.call('events.ingest', { events: [...history(), ...history('bob')] }, session);
  await before.call(
    'events.ingest',
    { events: [event(start - 9 * hour, { actor: 'bob', ip_address: '203.0.113.9', user_agent: 'curl/8.5.0' })] },
    session,
  );
  const crashed = temporaryFolder();
  cpSync(folder, crashed, { recursive: true });
  const console = await open({ folder: crashed, host });
  const again = event(start - 9 * hour + 60_000, { actor: 'bob', ip_address: '203.0.113.9', user_agent: 'curl/8.5.0' });
  await console.call('events.ingest', { events: [strange(), again] }, session);
  const { items } = await console.call('events.list', { event_type: 'unusual_access' }, session);
  expect(items.map(({ actor }) => actor).toSorted()).toEqual(['ann', 'bob']);
});

test('what was rolled back was neither learned nor told', async () => {
  let isFull = false;
  const console = await open({
    wrapDatabase: (database) => ({
      ...database,
      get inTransaction() {
        return database.inTransaction;
      },
      run(sql, parameters) {
        if (isFull && sql.startsWith('INSERT INTO alert ')) throw new Error('disk I/O error');
        return database.run(sql, parameters);
      },
    }),
  });
  const { session } = await console.signIn();
  await console.call('events.ingest', { events: history() }, session);
  const odd = strange();
  isFull = true;
  expect((await console.send('events.ingest', { events: [odd] }, session)).kind).toBe('problem');
  expect((await console.call('events.list', { event_type: 'unusual_access' }, session)).items).toEqual([]);
  isFull = false;
  await console.call('events.ingest', { events: [odd] }, session);
  expect(await alertsOf(console, session, /^Unusual access of ann/)).toHaveLength(1);
});

test('a key on a network that it was never used from', async () => {
  const console = await open();
  const { session } = await console.signIn();
  const use = (ip_address: string, n: number) =>
    event(start - hour + n, { event_type: 'api_call', actor: 'ci', ip_address, details: { key_id: 'k9' } });
  await console.call('events.ingest', { events: [use('198.51.100.4', 0), use('198.51.100.5', 1)] }, session);
  expect(await alertsOf(console, session, /^Key k9/)).toEqual([]);
  await console.call('events.ingest', { events: [use('203.0.113.9', 2)] }, session);
  const [alert] = await alertsOf(console, session, /^Key k9/);
  expect(await sentenceOf(console, session, alert?.id)).toBe(
    'Key k9 (ci) was used from 203.0.113.9; until now it was only used from 198.51.100.0/24.',
  );
});

test('an API key of the console itself, used from elsewhere', async () => {
  const console = await open();
  const { session } = await console.signIn();
  const key = await console.createKey(['alerts.read'], session);
  for (const ip of ['198.51.100.4', '198.51.100.5']) {
    await console.send('alerts.list', {}, key, ip);
    console.host.advance(5_000);
  }
  expect(await alertsOf(console, session, /^Key /)).toEqual([]);
  await console.send('alerts.list', {}, key, '203.0.113.9');
  await console.send('alerts.list', {}, key, '198.51.100.4');
  console.host.advance(5_000);
  const [alert, ...more] = await alertsOf(console, session, /^Key /);
  expect(more).toEqual([]);
  expect(await sentenceOf(console, session, alert?.id)).toMatch(
    /^Key \S+ \(test\) was used from 203\.0\.113\.9; until now it was only used from 198\.51\.100\.0\/24\.$/,
  );
});

test('one user in two places at once, where a file says where addresses are', async () => {
  const places = new Map([
    ['198.51.100.4', { latitude: 52.5, longitude: 13.4, name: 'Berlin', radiusKm: 20 }],
    ['203.0.113.9', { latitude: -33.9, longitude: 151.2, name: 'Sydney', radiusKm: 20 }],
  ]);
  const console = await open({ locate: (address) => places.get(address) });
  const { session } = await console.signIn();
  const login = (at: number, ip_address: string) => event(at, { event_type: 'login', ip_address });
  const events = [login(start - 3 * hour, '203.0.113.9'), login(start - 4 * hour, '198.51.100.4')];
  await console.call('events.ingest', { events }, session);
  const [alert] = await alertsOf(console, session, /^ann in Berlin and Sydney/);
  expect(await sentenceOf(console, session, alert?.id)).toMatch(
    /^ann was in Berlin \(198\.51\.100\.4\) and 60 minutes later in Sydney \(203\.0\.113\.9\), 160\d\d km away\.$/,
  );
});

test('a source that falls silent, but none while the console was off', async () => {
  const folder = temporaryFolder();
  const host = createTestHost(start);
  const before = await createTestConsole({ folder, host });
  const { session: first } = await before.signIn();
  for (let n = 0; n < 14 * 6; n++) {
    for (let minute = 0; minute < 10; minute++) host.advance(60_000);
    // Long enough for the session to end; a key has none.
    if (n === 0) key = await before.createKey(['events.write', 'alerts.read'], first);
    await before.call('events.ingest', { events: [event(host.clock.now(), { source: 'web-1' })] }, key);
  }
  await before[Symbol.asyncDispose]();
  host.advance(30 * hour);
  const console = await open({ folder, host });
  async function silent() {
    const { items } = await console.call('alerts.list', { limit: 100 }, key);
    return items.filter(({ title }) => title.includes('fallen silent')).map(({ title }) => title);
  }
  for (let minute = 0; minute < 55; minute++) host.advance(60_000);
  expect(await silent()).toEqual([]);
  for (let minute = 0; minute < 10; minute++) host.advance(60_000);
  expect(await silent()).toEqual(['web-1 has fallen silent']);
  for (let minute = 0; minute < 300; minute++) host.advance(60_000);
  expect(await silent()).toHaveLength(1);
});
let key: Credential;
