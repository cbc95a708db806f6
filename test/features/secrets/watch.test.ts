// The whole console watching its own vault: many readings raise an alert, refused ones count as unauthorised access, dates are announced
// once, and a purge outlasts a restart.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** A session that may do anything for half an hour, and keys that last: one that looks, and two readers of one name. */
async function openConsole(): Promise<{
  console: TestConsole;
  session: Credential;
  look: Credential;
  key: Credential;
  other: Credential;
}> {
  const console = await createTestConsole();
  const { session } = await console.signIn();
  const look = await console.createKey(['alerts.read', 'events.read', 'secrets.read', 'secrets.manage'], session);
  const key = await console.createKey(['secrets.reveal'], session);
  const other = await console.createKey(['secrets.reveal'], session);
  return { console, session, look, key, other };
}

async function alertsOf(console: TestConsole, look: Credential, title: RegExp): Promise<string[]> {
  const { items } = await console.call('alerts.list', {}, look);
  return items.map((alert) => alert.title).filter((text) => title.test(text));
}

test("reading 51 in an hour by one key raises an alert; 50 don't, whatever another key of that name reads", async () => {
  const { console, session, look, key, other } = await openConsole();
  await using _ = console;
  await console.call('secrets.create', { name: 'x', value: 'v' }, session);
  const read = async (as: Credential): Promise<void> => {
    console.host.advance(minute / 2);
    await console.call('secrets.reveal', { name: 'x' }, as);
  };
  for (let count = 0; count < 50; count += 1) await read(key);
  for (let count = 0; count < 20; count += 1) await read(other);
  expect(await alertsOf(console, look, /secrets read/)).toEqual([]);
  await read(key);
  expect(await alertsOf(console, look, /secrets read/)).toEqual([
    expect.stringMatching(/^51 secrets read with key \S+ in /),
  ]);
});

test('readings spread over more than an hour raise none', async () => {
  const { console, session, look, key } = await openConsole();
  await using _ = console;
  await console.call('secrets.create', { name: 'x', value: 'v' }, session);
  for (let count = 0; count < 80; count += 1) {
    await console.call('secrets.reveal', { name: 'x' }, key);
    console.host.advance(1.3 * minute);
  }
  expect(await alertsOf(console, look, /secrets read/)).toEqual([]);
});

test("a user's readings count by name", async () => {
  const { console, session, look } = await openConsole();
  await using _ = console;
  await console.call('secrets.create', { name: 'x', value: 'v' }, session);
  for (let count = 0; count < 51; count += 1) {
    console.host.advance(1_000);
    await console.call('secrets.reveal', { name: 'x' }, session);
    if (count === 49) expect(await alertsOf(console, look, /secrets read/)).toEqual([]);
  }
  expect(await alertsOf(console, look, /secrets read/)).toEqual(['51 secrets read by mira in 50 s']);
});

test('refused readings count as unauthorised access and not as readings', async () => {
  const { console, session, look, key } = await openConsole();
  await using _ = console;
  const grants = [{ kind: 'user' as const, subject: 'MIRA', actions: ['reveal' as const] }];
  const made = await console.call('secrets.create', { name: 'x', value: 'v', grants }, session);
  expect(made.grants).toEqual([{ kind: 'user', subject: 'mira', actions: ['reveal'] }]);
  for (let count = 0; count < 60; count += 1) {
    const answer = await console.send('secrets.reveal', { name: 'x' }, key, '198.51.100.77');
    expect(answer).toMatchObject({ kind: 'problem', problem: { code: 'secrets/granted', status: 403 } });
  }
  console.host.advance(1_000);
  await expect.poll(() => alertsOf(console, look, /refused calls from 198\.51\.100\.77/)).toHaveLength(1);
  expect(await alertsOf(console, look, /secrets read/)).toEqual([]);
});

test('what is due becomes an event and an alert, once for each date', async () => {
  const { console, session, look } = await openConsole();
  await using _ = console;
  const { id } = await console.call(
    'secrets.create',
    { name: 'db/x', value: 'v', owner: 'ann', rotation_days: 30 },
    session,
  );
  const end = new Date(console.host.clock.now() + 40 * day).toISOString();
  await console.call('secrets.create', { name: 'tls', value: 'v', expires_at: end }, session);
  const announced = async (): Promise<string[]> => {
    const { items } = await console.call('events.list', { limit: 500 }, look);
    const own = items.filter((event) => event.action === 'secrets.due');
    return own.map((event) => `${event.event_type} ${String(event.details?.name)}`).sort();
  };
  console.host.advance(minute);
  expect(await announced()).toEqual([]);
  console.host.advance(29 * day);
  expect(await announced()).toEqual(['secret_expiring tls']);
  console.host.advance(2 * day);
  console.host.advance(day / 24);
  console.host.advance(day / 24);
  expect(await announced()).toEqual(['secret_expiring tls', 'secret_rotation_due db/x']);
  expect((await alertsOf(console, look, /is due/)).sort()).toEqual(['Secret db/x is due', 'Secret tls is due']);
  // A new value has a new date; meanwhile the other one ended.
  await console.call('secrets.rotate', { id, value: 'w' }, look);
  console.host.advance(31 * day);
  expect(await announced()).toEqual([
    'secret_expired tls',
    'secret_expiring tls',
    'secret_rotation_due db/x',
    'secret_rotation_due db/x',
  ]);
});

test('after a purge and a restart nothing opens the value, and no file holds it', async () => {
  const canary = 'canary-of-the-purged-secret';
  const { console, session, look, key } = await openConsole();
  await using _ = console;
  const { id } = await console.call('secrets.create', { name: 'x', value: canary }, session);
  await console.call('secrets.reveal', { name: 'x' }, key);
  await console.call('secrets.purge', { id, name: 'x' }, session);
  expect(await console.send('secrets.reveal', { name: 'x' }, session)).toMatchObject({
    kind: 'problem',
    problem: { code: 'secrets/not-found' },
  });
  await console.core.stop();
  for (const file of readdirSync(console.folder)) {
    expect(readFileSync(join(console.folder, file)).includes(canary), file).toBe(false);
  }
  await using again = await createTestConsole({ folder: console.folder, host: console.host });
  expect(await again.send('secrets.reveal', { name: 'x' }, key)).toMatchObject({
    kind: 'problem',
    problem: { code: 'secrets/not-found' },
  });
  expect(await again.send('secrets.restore', { id }, look)).toMatchObject({
    kind: 'problem',
    problem: { code: 'secrets/state' },
  });
  expect(await again.call('secrets.get', { id }, look)).toMatchObject({ state: 'purged', reads: 1 });
  expect(JSON.stringify(again.host.logged)).not.toContain(canary);
});
