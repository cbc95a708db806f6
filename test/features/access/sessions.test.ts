import { afterEach, beforeEach, expect, test } from 'vitest';
import { csrfToken } from '../../../src-main/base/csrf.ts';
import { sha256 } from '../../../src-main/base/hashes.ts';
import { permissionNames } from '../../../src-shared/permissions.ts';
import { type AccessConsole, createAccessConsole, minute, password } from './access-console.ts';

let console: AccessConsole;
beforeEach(() => {
  console = createAccessConsole();
});
afterEach(() => console[Symbol.dispose]());

function isOpen(token: string): Promise<boolean> {
  return console.say('auth.session', {}, { token }).then((said) => said.kind === 'output');
}

test('a session says who it is, what it may do and how long the factor stays fresh', async () => {
  const { id, secret } = await console.addUserWithFactor('ada', 'admin');
  const shownAt = console.host.clock.now();
  const token = await console.signInWithCode('ada', secret);
  const session = await console.call('auth.session', {}, { token, from: 'cookie' });
  expect(session).toEqual({
    user: { id, username: 'ada', role: 'admin', mfa_enabled: true },
    permissions: permissionNames,
    workspace: 'default',
    session_id: expect.any(String),
    locked: false,
    idle_lock_minutes: 10,
    created_at: new Date(shownAt).toISOString(),
    stepped_up_until: new Date(shownAt + 5 * minute).toISOString(),
    csrf_token: csrfToken(sha256(token)),
  });
});

test('no token stands in the store, the entries or the log', async () => {
  const { secret } = await console.addUserWithFactor('ada', 'admin');
  const pending = await console.pendingToken('ada');
  const token = await console.signInWithCode('ada', secret);
  const rows = console.store.readAll((tx) => [
    tx.all('SELECT * FROM access_session'),
    tx.all('SELECT * FROM access_pending'),
  ]);
  for (const text of [JSON.stringify(rows), console.traces()]) {
    expect(text).not.toContain(token.slice(4));
    expect(text).not.toContain(pending.slice(4));
  }
});

test('an unused session ends after 30 minutes, a used one after 12 hours', async () => {
  await console.addUser('vera', 'viewer');
  const idle = await console.signIn('vera');
  const used = await console.signIn('vera');
  const startedAt = console.host.clock.now();
  console.host.advance(30 * minute - 1);
  expect(await isOpen(used)).toBe(true);
  console.host.advance(1);
  expect(await isOpen(idle)).toBe(false);
  while (console.host.clock.now() < startedAt + 12 * 60 * minute - 20 * minute) {
    console.host.advance(20 * minute);
    expect(await isOpen(used)).toBe(true);
  }
  console.host.advance(startedAt + 12 * 60 * minute - console.host.clock.now());
  expect(await isOpen(used)).toBe(false);
});

test('last use is kept in memory until it is flushed, and lists know it before', async () => {
  await console.addUser('vera', 'viewer');
  const token = await console.signIn('vera');
  const stored = () => console.store.readAll((tx) => tx.get('SELECT last_active_at FROM access_session'));
  const startedAt = console.host.clock.now();
  console.host.advance(minute);
  await isOpen(token);
  expect(stored()).toEqual({ last_active_at: startedAt });
  const { items } = await console.call('sessions.list', {}, { token });
  expect(items[0]?.last_active_at).toBe(new Date(startedAt + minute).toISOString());
  console.write((tx) => console.access.flushTouches(tx));
  expect(stored()).toEqual({ last_active_at: startedAt + minute });
});

test('a flush that is rolled back loses nothing', async () => {
  await console.addUser('vera', 'viewer');
  const token = await console.signIn('vera');
  console.host.advance(20 * minute);
  await isOpen(token);
  expect(() =>
    console.write((tx) => {
      console.access.flushTouches(tx);
      throw new Error('disk full');
    }),
  ).toThrow('disk full');
  console.host.advance(20 * minute);
  console.write((tx) => console.access.flushTouches(tx));
  expect(await isOpen(token)).toBe(true);
});

test('the flush ends what has timed out and tells the listeners', async () => {
  await console.addUser('vera', 'viewer');
  const token = await console.signIn('vera');
  const { session_id } = await console.call('auth.session', {}, { token });
  console.host.advance(30 * minute);
  console.write((tx) => console.access.flushTouches(tx));
  expect(console.endedSessions).toEqual([session_id]);
  expect(console.store.readAll((tx) => tx.all('SELECT id FROM access_session'))).toEqual([]);
});

test('the sixth session of a user ends the oldest, and the entry says so', async () => {
  await console.addUser('vera', 'viewer');
  await console.addUser('otto', 'viewer');
  const other = await console.signIn('otto');
  const tokens: string[] = [];
  for (let count = 0; count < 6; count += 1) {
    console.host.advance(1000);
    tokens.push(await console.signIn('vera'));
  }
  expect(await Promise.all(tokens.map(isOpen))).toEqual([false, true, true, true, true, true]);
  expect(await isOpen(other)).toBe(true);
  expect(console.endedSessions).toHaveLength(1);
  expect(console.lastEntry()?.details).toEqual({ outcome: 'signed_in', ended_sessions: console.endedSessions });
});

test('signing out ends the session at once', async () => {
  await console.addUser('vera', 'viewer');
  const token = await console.signIn('vera');
  expect(await console.say('auth.logout', {}, { token })).toEqual({
    kind: 'output',
    output: { ok: true },
    ended: true,
  });
  expect(await isOpen(token)).toBe(false);
  expect(console.endedSessions).toHaveLength(1);
  expect(console.lastEntry()).toMatchObject({ type: 'logout', success: true, actor: { name: 'vera' } });
});

test('disabling a user stops the sessions on the very next request', async () => {
  const id = await console.addUser('vera', 'viewer');
  const token = await console.signIn('vera');
  console.write((tx) => tx.run('UPDATE access_user SET disabled_at = 1 WHERE id = :id', { id }));
  expect(await isOpen(token)).toBe(false);
});

test.each(['ghs_', 'ghs_short', `ghs_${'A'.repeat(43)}`, `ghs_${'A'.repeat(5000)}`, 'ghs_%00', 'Basic eDp5', ''])(
  'no session has the token %j',
  async (token) => {
    expect((await console.refusal('auth.session', {}, { token })).code).toBe('access/unauthenticated');
  },
);

test('a session token is not taken from X-API-Key', async () => {
  await console.addUser('vera', 'viewer');
  const token = await console.signIn('vera');
  expect((await console.refusal('auth.session', {}, { token, from: 'api-key' })).code).toBe('access/unauthenticated');
});

test('a locked session can be asked, unlocked and signed out, and nothing else', async () => {
  const { secret } = await console.addUserWithFactor('ada', 'admin');
  const token = await console.signInWithCode('ada', secret);
  await console.call('auth.lock', {}, { token });
  expect((await console.call('auth.session', {}, { token })).locked).toBe(true);
  for (const refused of [
    console.refusal('sessions.list', {}, { token }),
    console.refusal('keys.list', {}, { token }),
    console.refusal('auth.step_up', { code: console.code(secret) }, { token }),
    console.refusal('auth.mfa_enable', {}, { token }),
  ]) {
    expect((await refused).code).toBe('access/locked');
  }
  await console.call('auth.unlock', { password, code: console.code(secret) }, { token });
  expect(console.lastEntry()).toMatchObject({ type: 'console_unlock', success: true, details: { factor: 'totp' } });
  expect((await console.call('auth.session', {}, { token })).locked).toBe(false);
});

test('unlocking needs the right password and, where enrolled, the code', async () => {
  const { secret } = await console.addUserWithFactor('ada', 'admin');
  const token = await console.signInWithCode('ada', secret);
  await console.call('auth.lock', {}, { token });
  const code = console.code(secret);
  expect((await console.refusal('auth.unlock', { password: 'wrong', code }, { token })).code).toBe(
    'access/credentials',
  );
  expect((await console.refusal('auth.unlock', { password }, { token })).code).toBe('access/code');
  expect((await console.refusal('auth.unlock', { password, code: '000000' }, { token })).code).toBe('access/code');
  expect((await console.call('auth.session', {}, { token })).locked).toBe(true);
  await console.call('auth.unlock', { password, code }, { token });
});

test('a user without a factor unlocks with the password alone', async () => {
  await console.addUser('vera', 'viewer');
  const token = await console.signIn('vera');
  await console.call('auth.lock', {}, { token });
  await console.call('auth.unlock', { password }, { token });
  expect((await console.call('auth.session', {}, { token })).locked).toBe(false);
});

test('failed unlocking and step-up count on the same back-off as signing in', async () => {
  const { secret } = await console.addUserWithFactor('ada', 'admin');
  const token = await console.signInWithCode('ada', secret);
  await console.refusal('auth.step_up', { code: '000000' }, { token });
  await console.refusal('auth.login', { username: 'ada', password: 'wrong' });
  await console.call('auth.lock', {}, { token });
  await console.refusal('auth.unlock', { password: 'wrong', code: '000000' }, { token });
  await console.refusal('auth.unlock', { password, code: '000000' }, { token });
  await console.refusal('auth.unlock', { password: 'wrong' }, { token });
  const code = console.code(secret);
  expect((await console.refusal('auth.unlock', { password, code }, { token })).code).toBe('access/backing-off');
  expect((await console.refusal('auth.login', { username: 'ada', password })).code).toBe('access/backing-off');
  console.host.advance(1000);
  await console.call('auth.unlock', { password, code }, { token });
});

test('stepping up makes the factor fresh for five minutes', async () => {
  const { secret } = await console.addUserWithFactor('ada', 'admin');
  const token = await console.signInWithCode('ada', secret);
  console.host.advance(5 * minute);
  expect((await console.call('auth.session', {}, { token })).stepped_up_until).toBeNull();
  await console.call('auth.step_up', { code: console.code(secret) }, { token });
  expect((await console.call('auth.session', {}, { token })).stepped_up_until).toBe(
    new Date(console.host.clock.now() + 5 * minute).toISOString(),
  );
});

test('a session of the command line is listed as one', async () => {
  await console.addUser('rolf', 'operator');
  const origin = { ip: '192.0.2.7', userAgent: 'gatehouse/1.2.3 (Linux)' };
  const answer = await console.call('auth.login', { username: 'rolf', password }, { origin });
  const token = ('user' in answer && answer.token) || '';
  expect((await console.call('sessions.list', {}, { token })).items).toMatchObject([
    { kind: 'cli', user_agent: origin.userAgent },
  ]);
});

test('users see and end their own sessions, not those of others; admins all', async () => {
  const { secret } = await console.addUserWithFactor('ada', 'admin');
  await console.addUser('rolf', 'operator');
  await console.addUser('otto', 'operator');
  const first = await console.signIn('rolf');
  console.host.advance(1000);
  const second = await console.signIn('rolf');
  const otto = await console.signIn('otto');
  const ottosId = (await console.call('auth.session', {}, { token: otto })).session_id ?? '';
  const firstId = (await console.call('auth.session', {}, { token: first })).session_id ?? '';

  const own = await console.call('sessions.list', {}, { token: second });
  expect(own.items.map(({ username, current, kind }) => ({ username, current, kind }))).toEqual([
    { username: 'rolf', current: true, kind: 'api' },
    { username: 'rolf', current: false, kind: 'api' },
  ]);
  expect((await console.refusal('sessions.end', { id: ottosId }, { token: second })).code).toBe(
    'access/session-not-found',
  );
  await console.call('sessions.end', { id: firstId }, { token: second });
  expect(await isOpen(first)).toBe(false);
  expect(console.endedSessions).toEqual([firstId]);

  const admin = await console.signInWithCode('ada', secret);
  const all = await console.call('sessions.list', {}, { token: admin });
  expect(all.items.map(({ username }) => username).sort()).toEqual(['ada', 'otto', 'rolf']);
  await console.call('sessions.end', { id: ottosId }, { token: admin });
  expect(await isOpen(otto)).toBe(false);
  expect(console.lastEntry()).toMatchObject({
    type: 'session_end',
    resource: { type: 'session', id: ottosId },
    details: { user: 'otto', own: false },
  });
  expect((await console.refusal('sessions.end', { id: ottosId }, { token: admin })).code).toBe(
    'access/session-not-found',
  );
});

test('ending the session one is in tells the adapter to forget it', async () => {
  await console.addUser('vera', 'viewer');
  const token = await console.signIn('vera');
  const id = (await console.call('auth.session', {}, { token })).session_id ?? '';
  expect(await console.say('sessions.end', { id }, { token })).toMatchObject({ kind: 'output', ended: true });
});

test('a session of another workspace is named as such, and not ended', async () => {
  const { id, secret } = await console.addUserWithFactor('ada', 'admin');
  const token = await console.signInWithCode('ada', secret);
  const far = console.write((tx) => {
    tx.run("INSERT INTO access_member (workspace, user_id, role) VALUES (:workspace, :id, 'admin')", { id });
    const origin = { ip: null, userAgent: null };
    return console.access.startSession(tx, { userId: id, kind: 'api', origin, now: console.host.clock.now() });
  }, 'elsewhere');
  expect((await console.refusal('sessions.end', { id: far.sessionId }, { token })).code).toBe('access/cross-workspace');
  expect(console.refusedCalls.at(-1)).toMatchObject({ code: 'access/cross-workspace', actor: 'ada' });
  const answer = await console.call('auth.session', {}, { token: far.token });
  expect(answer.workspace).toBe('elsewhere');
  expect((await console.call('sessions.list', {}, { token })).items).toHaveLength(1);
});

test('lists come in pages, newest first, and refuse a cursor that was not given', async () => {
  await console.addUser('vera', 'viewer');
  const tokens: string[] = [];
  for (let count = 0; count < 5; count += 1) tokens.push(await console.signIn('vera'));
  const token = tokens.at(-1) ?? '';
  const seen: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await console.call('sessions.list', { limit: 2, ...(cursor ? { cursor } : {}) }, { token });
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.next_cursor;
  } while (cursor !== null);
  expect(new Set(seen).size).toBe(5);
  for (const bad of [
    'x',
    '!!',
    Buffer.from('1/').toString('base64url'),
    Buffer.from("1/' OR 1").toString('base64url'),
  ]) {
    expect((await console.refusal('sessions.list', { cursor: bad }, { token })).code).toBe('request/invalid');
  }
});
