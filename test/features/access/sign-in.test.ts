import { hash } from 'argon2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AccessConsole, createAccessConsole, minute, password } from './access-console.ts';

let console: AccessConsole;
beforeEach(() => {
  console = createAccessConsole();
});
afterEach(() => console[Symbol.dispose]());

test('a user without a factor, whose role needs none, gets a session for name and password', async () => {
  const id = await console.addUser('vera', 'viewer');
  const answer = await console.call('auth.login', { username: 'vera', password });
  expect(answer).toEqual({
    token: expect.stringMatching(/^ghs_[A-Za-z0-9_-]{43}$/),
    user: { id, username: 'vera', role: 'viewer', mfa_enabled: false },
  });
  expect(console.lastEntry()).toMatchObject({
    type: 'login',
    success: true,
    actor: { kind: 'user', id, name: 'vera' },
    details: { outcome: 'signed_in' },
  });
});

test('the name is compared without case and the password in NFC', async () => {
  await console.addUser('Renée', 'viewer', 'Caf\u00e9-Society-9');
  const answer = await console.call('auth.login', { username: 'RENE\u0301E', password: 'Cafe\u0301-Society-9' });
  expect(answer).toMatchObject({ user: { username: 'Renée' } });
});

test.each([
  ['the browser console', { via: 'https', cookie: true } as const],
  ['the window', { via: 'window' } as const],
])('%s never sees the token: it is granted to the adapter', async (_, { via, ...input }) => {
  await console.addUser('vera', 'viewer');
  const said = await console.say('auth.login', { username: 'vera', password, ...input }, { via });
  expect(said).toEqual({
    kind: 'output',
    output: { user: expect.objectContaining({ username: 'vera' }) },
    granted: {
      token: expect.stringMatching(/^ghs_/),
      expiresAt: console.host.clock.now() + 12 * 60 * minute,
      purpose: 'session',
    },
  });
});

test('an unknown user, a wrong password, a disabled user and a non-member are answered alike at the same cost', async () => {
  await console.addUser('vera', 'viewer');
  const disabled = await console.addUser('dora', 'viewer');
  const stranger = await console.addUser('nora', 'viewer');
  console.write((tx) => {
    tx.run('UPDATE access_user SET disabled_at = 1 WHERE id = :id', { id: disabled });
    tx.run('DELETE FROM access_member WHERE workspace = :workspace AND user_id = :id', { id: stranger });
  });
  // The first login of all also makes the hash that unknown names are checked against.
  await console.refusal('auth.login', { username: 'warm-up', password: 'x' });
  const costs: string[] = [];
  const answers = [];
  for (const [username, tried] of [
    ['nobody', 'wrong'],
    ['vera', 'wrong'],
    ['dora', password],
    ['nora', password],
  ] as const) {
    console.hashing.length = 0;
    answers.push(await console.refusal('auth.login', { username, password: tried }));
    costs.push(console.hashing.join());
  }
  expect(answers[0]).toMatchObject({ status: 401, code: 'access/credentials' });
  expect(answers.map((answer) => JSON.stringify(answer))).toEqual(Array(4).fill(JSON.stringify(answers[0])));
  expect(costs).toEqual(['verify', 'verify', 'verify', 'verify']);
});

test('a failed login is recorded without the password, and names only a user that exists', async () => {
  const id = await console.addUser('vera', 'viewer');
  await console.refusal('auth.login', { username: 'vera', password: 'wrong-secret-1' });
  expect(console.lastEntry()).toMatchObject({
    type: 'login',
    success: false,
    actor: { kind: 'user', id, name: 'vera' },
    details: { outcome: 'wrong_credentials', failures: 1 },
  });
  await console.refusal('auth.login', { username: `mallory${'x'.repeat(100)}`, password: 'wrong-secret-2' });
  expect(console.lastEntry()).toMatchObject({
    success: false,
    actor: { kind: 'anonymous', id: null, name: 'anonymous' },
    details: { username: `mallory${'x'.repeat(57)}`, failures: 1 },
  });
  expect(console.traces()).not.toContain('wrong-secret');
});

test.each(['vera', 'nobody'])('from the fifth failure the account %s backs off: 1 s, doubling', async (username) => {
  await console.addUser('vera', 'viewer');
  const waits: number[] = [];
  for (let failures = 1; failures <= 7; failures += 1) {
    expect((await console.refusal('auth.login', { username, password: 'wrong' })).code).toBe('access/credentials');
    if (failures < 5) continue;
    const problem = await console.refusal('auth.login', { username, password });
    expect(problem).toMatchObject({ status: 429, code: 'access/backing-off' });
    waits.push(problem.retry_after_seconds ?? 0);
    console.host.advance((problem.retry_after_seconds ?? 0) * 1000);
  }
  expect(waits).toEqual([1, 2, 4]);
});

test('while an account backs off nothing is hashed, the right password is refused too, and tries do not lengthen it', async () => {
  await console.addUser('vera', 'viewer');
  for (let tries = 0; tries < 5; tries += 1)
    await console.refusal('auth.login', { username: 'vera', password: 'wrong' });
  console.hashing.length = 0;
  for (let tries = 0; tries < 3; tries += 1) {
    expect((await console.refusal('auth.login', { username: 'VERA', password })).code).toBe('access/backing-off');
  }
  expect(console.hashing).toEqual([]);
  expect(console.lastEntry()).toMatchObject({ success: false, details: { outcome: 'backing_off' } });
  console.host.advance(1000);
  await console.signIn('vera');
});

test('a success clears the failures; other accounts are not affected', async () => {
  await console.addUser('vera', 'viewer');
  await console.addUser('otto', 'viewer');
  const fail = () => console.refusal('auth.login', { username: 'vera', password: 'wrong' });
  for (let tries = 0; tries < 4; tries += 1) await fail();
  await console.signIn('vera');
  for (let tries = 0; tries < 4; tries += 1) await fail();
  await console.signIn('vera');
  for (let tries = 0; tries < 5; tries += 1) await fail();
  expect((await fail()).code).toBe('access/backing-off');
  await console.signIn('otto');
});

test('tries that are sent at once are counted one after the other', async () => {
  await console.addUser('vera', 'viewer');
  const tries = Array.from({ length: 12 }, () =>
    console.refusal('auth.login', { username: 'vera', password: 'wrong' }),
  );
  const codes = (await Promise.all(tries)).map((problem) => problem.code);
  expect(codes.filter((code) => code === 'access/credentials')).toHaveLength(5);
  expect(codes.filter((code) => code === 'access/backing-off')).toHaveLength(7);
});

test('a password that changes while it is being verified opens nothing', async () => {
  const id = await console.addUser('vera', 'viewer');
  const changed = await console.host.hasher.hash('Another-Canal-7391');
  console.meanwhile.run = () =>
    console.write((tx) => {
      tx.run('UPDATE access_user SET password_hash = :changed WHERE id = :id', { changed, id });
    });
  expect((await console.refusal('auth.login', { username: 'vera', password })).code).toBe('access/credentials');
  expect(console.hashing).toContain('verify');
});

test('a hash with weaker parameters is rewritten at the next login, and the password still fits', async () => {
  const id = await console.addUser('vera', 'viewer');
  const weak = await hash(password, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
  console.write((tx) => tx.run('UPDATE access_user SET password_hash = :weak WHERE id = :id', { weak, id }));
  await console.signIn('vera');
  const row = console.store.readAll((tx) => tx.get<{ password_hash: string }>('SELECT password_hash FROM access_user'));
  expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  await console.signIn('vera');
});

test.each(['ada lovelace', 'ada:', '', '-ada', 'ada\u202e', 'x'.repeat(65)])(
  'a user can not be called %j',
  async (name) => {
    await expect(console.addUser(name, 'viewer')).rejects.toMatchObject({ code: 'request/invalid' });
  },
);

test('two users can not differ in case or width only', async () => {
  await console.addUser('Anna', 'viewer');
  await expect(console.addUser('ANNA', 'viewer')).rejects.toThrow('username: this name is taken');
  await expect(console.addUser('\uff21nna', 'viewer')).rejects.toThrow('username: this name is taken');
});
