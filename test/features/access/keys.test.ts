import { afterEach, beforeEach, expect, test } from 'vitest';
import { createApiKey } from '../../../src-main/core/features/access/api-key.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { type AccessConsole, createAccessConsole, minute } from './access-console.ts';

let console: AccessConsole;
let admin: { token: string };
let secret: string;
beforeEach(async () => {
  console = createAccessConsole();
  ({ secret } = await console.addUserWithFactor('ada', 'admin'));
  admin = { token: await console.signInWithCode('ada', secret) };
});
afterEach(() => console[Symbol.dispose]());

function create(scopes: string[], more: { expires_at?: string } = {}, asked = admin): Promise<Output<'keys.create'>> {
  return console.call('keys.create', { name: 'ci', scopes, ...more }, asked);
}

function inFuture(ms: number): string {
  return new Date(console.host.clock.now() + ms).toISOString();
}

test('a key is shown once, stored as a hash, and recorded without its secret', async () => {
  const made = await create(['events.write', 'keys.read']);
  expect(made).toEqual({
    id: expect.stringMatching(/^[0-9A-Za-z]{12}$/),
    key: expect.stringMatching(new RegExp(`^gh_${made.id}_[0-9A-Za-z]{49}$`)),
    name: 'ci',
    scopes: ['events.write', 'keys.read'],
    created_at: new Date(console.host.clock.now()).toISOString(),
    created_by: 'ada',
    event_signing: 'none',
    expires_at: null,
    last_used_at: null,
    last_used_ip: null,
    revoked_at: null,
    state: 'active',
  });
  expect(console.lastEntry()).toMatchObject({
    type: 'key_create',
    resource: { type: 'key', id: made.id },
    details: { name: 'ci', scopes: ['events.write', 'keys.read'] },
  });
  const listed = await console.call('keys.list', {}, admin);
  const { key, ...shown } = made;
  expect(listed.items).toEqual([shown]);
  const rows = console.store.readAll((tx) => tx.all('SELECT * FROM access_key'));
  const secretPart = key.slice(16);
  expect(JSON.stringify([rows, listed]) + console.traces()).not.toContain(secretPart);
});

test('a key opens what its scopes say, as bearer and as X-API-Key, never as a cookie', async () => {
  const { key } = await create(['keys.read']);
  for (const from of ['bearer', 'api-key'] as const) await console.call('keys.list', {}, { token: key, from });
  for (const from of ['cookie', 'window'] as const) {
    expect((await console.refusal('keys.list', {}, { token: key, from })).code).toBe('access/unauthenticated');
  }
  const asked = console.refusal('keys.create', { name: 'x', scopes: ['keys.read'] }, { token: key });
  expect((await asked).code).toBe('access/forbidden');
});

test('what belongs to a session is closed to keys', async () => {
  const { key } = await create(['*']);
  const asked = { token: key };
  expect((await console.refusal('auth.session', {}, asked)).code).toBe('access/forbidden');
  expect((await console.refusal('auth.step_up', { code: '123456' }, asked)).code).toBe('access/forbidden');
  expect((await console.refusal('auth.unlock', { password: 'x' }, asked)).code).toBe('access/forbidden');
  expect((await console.refusal('auth.mfa_enable', {}, asked)).code).toBe('access/unauthenticated');
  expect((await console.refusal('auth.mfa_verify', { code: '123456' }, asked)).code).toBe('access/unauthenticated');
});

test('a revoked key is refused on the very next request; revoking again changes nothing', async () => {
  const { id, key } = await create(['keys.read']);
  await console.call('keys.revoke', { id }, admin);
  const problem = await console.refusal('keys.list', {}, { token: key });
  expect(problem).toMatchObject({ status: 401, code: 'access/unauthenticated' });
  expect(problem.detail).toContain('revoked');
  expect(console.lastEntry()).toMatchObject({ type: 'key_revoke', success: true, resource: { id } });
  const before = console.entries.length;
  console.host.advance(minute);
  await console.call('keys.revoke', { id }, admin);
  expect(console.entries).toHaveLength(before);
  const [listed] = (await console.call('keys.list', { state: 'revoked' }, admin)).items;
  expect(listed?.revoked_at).toBe(new Date(console.host.clock.now() - minute).toISOString());
});

test('an expired key is refused from its instant on', async () => {
  const { key } = await create(['keys.read'], { expires_at: inFuture(minute) });
  console.host.advance(minute - 1);
  await console.call('keys.list', {}, { token: key });
  console.host.advance(1);
  const problem = await console.refusal('keys.list', {}, { token: key });
  expect(problem.code).toBe('access/unauthenticated');
  expect(problem.detail).toContain('expired');
});

test('who does not hold the secret learns nothing about a key', async () => {
  const { id } = await create(['keys.read']);
  await console.call('keys.revoke', { id }, admin);
  const other = createApiKey(console.host.random);
  // A well-formed key with the known id and another secret: made as an attacker would, checksum and all.
  const forged = forge(id, console);
  for (const token of [other.key, forged]) {
    const problem = await console.refusal('keys.list', {}, { token });
    expect(problem).toMatchObject({ code: 'access/unauthenticated', detail: 'this API key is not valid' });
  }
});

function forge(id: string, { host }: AccessConsole): string {
  // The id is taken from the first random bytes, so a source that gives back those of the id forges a valid form.
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const number = [...id].reduce((sum, digit) => sum * 62n + BigInt(alphabet.indexOf(digit)), 0n);
  const idBytes = Uint8Array.from(Buffer.from(number.toString(16).padStart(32, '0'), 'hex'));
  const forged = createApiKey({ bytes: (length) => (length === 16 ? idBytes : host.random.bytes(length)) });
  expect(forged.id).toBe(id);
  return forged.key;
}

test('neither * nor *.read gives what must be named', async () => {
  const { key } = await create(['*']);
  const all = await console.call('keys.create', { name: 'child', scopes: ['*'] }, { token: key });
  expect(all.scopes).toEqual(['*']);
  const problem = await console.refusal('keys.create', { name: 'x', scopes: ['audit.export'] }, { token: key });
  expect(problem).toMatchObject({ status: 403, code: 'access/key-scope' });
  expect(problem.detail).toContain('audit.export');
});

test('scopes that must be named ask a user for a fresh second factor', async () => {
  console.host.advance(5 * minute);
  const input = { name: 'export', scopes: ['audit.export'] };
  expect((await console.refusal('keys.create', input, admin)).code).toBe('access/step-up');
  expect(console.lastEntry()).toMatchObject({ type: 'key_create', success: false });
  await console.call('auth.step_up', { code: console.code(secret) }, admin);
  const { key } = await console.call('keys.create', input, admin);
  const child = console.refusal('keys.create', { name: 'x', scopes: ['audit.export'] }, { token: key });
  expect((await child).code).toBe('access/forbidden');
});

test.each([
  ['more than it holds', ['events.write']],
  ['everything', ['*']],
  ['a wider pattern', ['keys.*', 'alerts.*']],
])('a key can not make a key that grants %s', async (_, scopes) => {
  const { key } = await create(['keys.*', 'alerts.read']);
  const problem = await console.refusal('keys.create', { name: 'x', scopes }, { token: key });
  expect(problem).toMatchObject({ status: 403, code: 'access/key-scope' });
  expect(console.lastEntry()).toMatchObject({ type: 'key_create', success: false, actor: { kind: 'key', name: 'ci' } });
});

test('a key that ends can not make one that outlives it', async () => {
  const { key } = await create(['keys.*'], { expires_at: inFuture(10 * minute) });
  const asked = { token: key };
  const input = { name: 'child', scopes: ['keys.read'] };
  expect((await console.refusal('keys.create', input, asked)).code).toBe('access/key-scope');
  const later = console.refusal('keys.create', { ...input, expires_at: inFuture(11 * minute) }, asked);
  expect((await later).code).toBe('access/key-scope');
  await console.call('keys.create', { ...input, expires_at: inFuture(9 * minute) }, asked);
});

test('the role of the maker is the limit: without keys.manage no key is made at all', async () => {
  await console.addUser('anna', 'analyst');
  const token = await console.signIn('anna');
  expect((await console.refusal('keys.create', { name: 'x', scopes: ['events.write'] }, { token })).code).toBe(
    'access/forbidden',
  );
});

test('an instant in the past, and a scope that gives nothing, are refused with the field', async () => {
  const past = await console.refusal(
    'keys.create',
    { name: 'x', scopes: ['keys.read'], expires_at: inFuture(0) },
    admin,
  );
  expect(past).toMatchObject({ status: 422, code: 'request/invalid', fields: [{ path: 'expires_at' }] });
  const empty = await console.refusal('keys.create', { name: 'x', scopes: ['keys.read', '*.export'] }, admin);
  expect(empty).toMatchObject({ code: 'request/invalid', fields: [{ path: 'scopes.1' }] });
});

test('last use is noted with the address at the next flush', async () => {
  const { id, key } = await create(['keys.read']);
  const origin = { ip: '198.51.100.4', userAgent: null };
  await console.call('keys.list', {}, { token: key, origin });
  const usedAt = console.host.clock.now();
  console.host.advance(minute);
  console.write((tx) => console.access.flushTouches(tx));
  const [listed] = (await console.call('keys.list', {}, admin)).items;
  expect(listed).toMatchObject({ id, last_used_at: new Date(usedAt).toISOString(), last_used_ip: '198.51.100.4' });
});

test('keys are listed newest first, in pages and by state', async () => {
  const made: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    console.host.advance(1000);
    made.unshift((await create(['keys.read'], count === 0 ? { expires_at: inFuture(2000) } : {})).id);
  }
  await console.call('keys.revoke', { id: made[0] ?? '' }, admin);
  const first = await console.call('keys.list', { limit: 3 }, admin);
  const second = await console.call('keys.list', { limit: 3, cursor: first.next_cursor ?? '' }, admin);
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(made);
  expect(second.next_cursor).toBeNull();
  const states = async (state: 'active' | 'expired' | 'revoked') =>
    (await console.call('keys.list', { state }, admin)).items.map(({ id }) => id);
  expect(await states('revoked')).toEqual([made[0]]);
  expect(await states('expired')).toEqual([made[4]]);
  expect(await states('active')).toEqual(made.slice(1, 4));
});

test('a key of another workspace is named as such and stays; one that nobody has is not found', async () => {
  const { id, key } = await create(['keys.*']);
  console.write((tx) =>
    tx.run("UPDATE access_key SET workspace = 'elsewhere' WHERE :workspace <> '' AND id = :id", { id }),
  );
  expect((await console.refusal('keys.revoke', { id }, admin)).code).toBe('access/cross-workspace');
  expect((await console.call('keys.list', {}, admin)).items).toEqual([]);
  expect((await console.call('keys.list', {}, { token: key })).items.map((item) => item.id)).toEqual([id]);
  expect((await console.refusal('keys.revoke', { id: 'A'.repeat(12) }, admin)).code).toBe('access/key-not-found');
});
