// The order every request follows: locked sessions, step-up, scopes, limits by origin and key, other workspaces, and the watch over refusals.
import { rmSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { declarationOf, type OperationName, operationNames } from '../../../src-shared/contract/contract.ts';
import { adminPassword, createTestConsole, type TestConsole } from '../../support/console.ts';
import { createTestHost } from '../../support/host.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { openStoreOf } from '../audit/open-store.ts';

const minute = 60_000;

async function codeOf(console: TestConsole, operation: OperationName, input: unknown, as?: Credential, ip?: string) {
  const answer = await console.send(operation, input, as, ip);
  return answer.kind === 'problem' ? answer.problem.code : undefined;
}

test('a locked session may be asked, unlocked and ended, and nothing else', async () => {
  await using console = await createTestConsole({
    settings: new Map([['rate_limit.login_requests_per_minute', 1_000]]),
  });
  const { session, secret } = await console.signIn();
  await console.call('auth.lock', {}, session);
  const open = new Set<OperationName>();
  for (const operation of operationNames) {
    const { access } = declarationOf(operation);
    if (access.kind !== 'session' && access.kind !== 'permission') continue;
    if (['auth.unlock', 'auth.logout', 'auth.session'].includes(operation)) continue;
    const code = await codeOf(console, operation, {}, session);
    if (code !== 'access/locked') open.add(operation);
  }
  expect([...open]).toEqual([]);
  expect(await console.call('auth.session', {}, session)).toMatchObject({ locked: true });
  console.host.advance(31_000);
  expect(await codeOf(console, 'auth.unlock', { password: 'wrong', code: console.code(secret) }, session)).toBe(
    'access/credentials',
  );
  await console.call('auth.unlock', { password: adminPassword, code: console.code(secret) }, session);
  expect(await codeOf(console, 'alerts.list', {}, session)).toBeUndefined();
});

test('a session shows its factor again after five minutes; a key needs the exact scope instead', async () => {
  await using console = await createTestConsole();
  const { session, secret } = await console.signIn();
  const exact = await console.createKey(['audit.export'], session);
  const star = await console.createKey(['*', 'audit.*'], session);
  expect(await codeOf(console, 'audit.export', {}, session)).toBeUndefined();
  console.host.advance(5 * minute);
  expect(await codeOf(console, 'audit.export', {}, session)).toBeUndefined();
  console.host.advance(1);
  expect(await codeOf(console, 'audit.export', {}, session)).toBe('access/step-up');
  expect(await codeOf(console, 'keys.create', { name: 'x', scopes: ['audit.export'] }, session)).toBe('access/step-up');
  expect(await codeOf(console, 'audit.export', {}, exact)).toBeUndefined();
  expect(await codeOf(console, 'audit.export', {}, star)).toBe('access/forbidden');
  await console.call('auth.step_up', { code: console.code(secret) }, session);
  expect(await codeOf(console, 'audit.export', {}, session)).toBeUndefined();
});

test('logins are limited to 30 a minute and address, and every answer says what is left', async () => {
  await using console = await createTestConsole();
  const attempt = (ip = '198.51.100.9') =>
    console.send('auth.login', { username: 'mira', password: 'wrong' }, undefined, ip);
  for (let left = 29; left >= 0; left--) {
    expect((await attempt()).rate).toMatchObject({ allowed: true, limit: 30, remaining: left, windowSeconds: 60 });
  }
  const refused = await attempt();
  expect(refused).toEqual({
    kind: 'problem',
    problem: {
      type: 'urn:gatehouse:problem:limits/rate',
      title: 'Too many requests',
      status: 429,
      code: 'limits/rate',
      detail: 'Rate limit exceeded. Try again in 2 seconds.',
      error: 'Rate limit exceeded. Try again in 2 seconds.',
      retry_after_seconds: 2,
    },
    rate: expect.objectContaining({ allowed: false, limit: 30, remaining: 0, retryAfterMs: 2_000 }) as unknown,
  });
  expect((await attempt('198.51.100.10')).rate).toMatchObject({ allowed: true });
  // One IPv6 customer has 2^64 addresses.
  for (let n = 0; n < 30; n++) await attempt(`2001:db8::${n.toString(16)}`);
  expect((await attempt('2001:db8::ffff')).rate).toMatchObject({ allowed: false });
  expect((await attempt('2001:db8:0:1::1')).rate).toMatchObject({ allowed: true });
  console.host.advance(2_000);
  expect((await attempt()).rate).toMatchObject({ allowed: true, remaining: 0 });
  expect((await attempt()).rate).toMatchObject({ allowed: false });
});

test('the general limit holds per address and per key, wherever the key is used from', async () => {
  await using console = await createTestConsole({ settings: new Map([['rate_limit.requests_per_minute', 20]]) });
  const { session } = await console.signIn();
  const key = await console.createKey(['alerts.read'], session);
  const list = (ip: string) => console.send('alerts.list', {}, key, ip);
  for (let n = 0; n < 20; n++) expect((await list(`198.51.100.${n}`)).kind).toBe('output');
  expect(await list('198.51.100.99')).toMatchObject({ problem: { code: 'limits/rate', status: 429 } });
  // An unknown caller is limited by address before anybody looks at its credential.
  for (let n = 0; n < 20; n++) await console.send('alerts.list', {}, undefined, '203.0.113.1');
  expect(await console.send('alerts.list', {}, session, '203.0.113.1')).toMatchObject({
    problem: { code: 'limits/rate' },
  });
  console.host.advance(minute);
  expect((await list('198.51.100.99')).kind).toBe('output');
});

test("another workspace's object is told from one that nobody has, and is left as it was", async () => {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const first = await createTestConsole({ folder });
  const { session, secret } = await first.signIn();
  const { id } = await first.call('keys.create', { name: 'theirs', scopes: ['events.read'] }, session);
  await first[Symbol.asyncDispose]();
  {
    using database = openStoreOf(folder, new Uint8Array(32).fill(5));
    database.run("UPDATE access_key SET workspace = 'other' WHERE id = :id", { id });
  }
  await using console = await createTestConsole({
    folder,
    host: createTestHost(Date.UTC(2026, 10, 21, 14, 5), 'again'),
  });
  const login = await console.call('auth.login', { username: 'mira', password: adminPassword });
  if (!('mfa_required' in login)) throw new Error('expected to be asked for the code');
  const done = await console.call('auth.mfa_verify', { token: login.token, code: console.code(secret) });
  if (!('user' in done)) throw new Error('expected a session');
  const mine: Credential = { kind: 'token', token: done.token ?? '', from: 'bearer' };
  expect(await console.send('keys.revoke', { id }, mine)).toMatchObject({
    problem: { code: 'access/cross-workspace', status: 403, detail: 'this key belongs to another workspace' },
  });
  expect(await codeOf(console, 'keys.revoke', { id: 'A'.repeat(12) }, mine)).toBe('access/key-not-found');
  expect((await console.call('keys.list', {}, mine)).items).toEqual([]);
  const { items } = await console.call('audit.entries', { event_type: 'key_revoke' }, mine);
  expect(items).toMatchObject([{ success: false, resource: { type: 'key', id } }]);
});

test('operations that do not exist, and input that is no object, are refused', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  for (const name of ['nothing.such', '__proto__', 'constructor', 'toString']) {
    expect(await codeOf(console, name as OperationName, {}, session)).toBe('request/not-found');
  }
  for (const input of [[], 'text', 5, true]) {
    expect(await codeOf(console, 'alerts.list', input, session)).toBe('request/invalid');
  }
  expect(console.host.logged.filter(({ level }) => level === 'error')).toEqual([]);
});

test('failed sign-ins at the console itself raise an alert that names user and address', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  for (let n = 0; n < 12; n++) {
    await console.send('auth.login', { username: 'mira', password: 'wrong' }, undefined, '203.0.113.66');
    console.host.advance(10_000);
  }
  const { items } = await console.call('alerts.list', { ip: '203.0.113.66' }, session);
  expect(items.length).toBeGreaterThan(0);
  expect(items.flatMap(({ entities }) => entities)).toEqual(
    expect.arrayContaining([
      { kind: 'ip', value: '203.0.113.66' },
      { kind: 'user', value: 'mira' },
    ]),
  );
  const { items: events } = await console.call('events.list', { source: 'gatehouse', success: false }, session);
  expect(events).toHaveLength(12);
  expect(JSON.stringify(events)).not.toContain('wrong');
});

test('pages that ask whether anybody is signed in are nobody who tries the door', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  for (let n = 0; n < 12; n++) {
    expect(await console.send('auth.session', {}, undefined, '203.0.113.68')).toMatchObject({ kind: 'problem' });
    console.host.advance(1_000);
    for (let n = 0; n < 5; n++) await turn();
  }
  expect((await console.call('events.list', { source: 'gatehouse', success: false }, session)).items).toEqual([]);
  expect((await console.call('alerts.list', { ip: '203.0.113.68' }, session)).items).toEqual([]);
});

test('refused calls raise an alert that says who was refused and where', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const key = await console.createKey(['events.write'], session);
  for (let n = 0; n < 6; n++) {
    await console.send('alerts.list', {}, key, '203.0.113.67');
    console.host.advance(1_000);
    for (let n = 0; n < 5; n++) await turn();
  }
  const { items } = await console.call('alerts.list', { ip: '203.0.113.67' }, session);
  expect(items).toHaveLength(1);
  const alert = await console.call('alerts.get', { id: items[0]?.id ?? '' }, session);
  expect(alert.entities).toContainEqual({ kind: 'ip', value: '203.0.113.67' });
  expect(alert.sentence).toMatch(/calls from 203\.0\.113\.67 .*were refused/);
  expect(alert.sentence).not.toMatch(/\{|undefined|null/);
  expect(alert.sentence).toContain('alerts.list');
  expect(alert.entities).toContainEqual({ kind: 'user', value: 'test' });
});

test('a flood of refused calls is kept within bounds, and says how many were dropped', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  for (let n = 0; n < 700; n++) await console.send('alerts.list', {}, undefined, `198.51.100.${n % 250}`);
  console.host.advance(1_000);
  for (let n = 0; n < 20; n++) await turn();
  expect(console.host.logged).toContainEqual({
    level: 'warn',
    event: 'refused calls not kept as events',
    fields: { count: 200 },
  });
  const { items } = await console.call('events.list', { event_type: 'api_call', limit: 500 }, session);
  expect(items).toHaveLength(500);
});
