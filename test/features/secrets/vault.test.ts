// Keeping, reading, rotating and shredding secrets, through dispatch.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { secretName } from '../../../src-shared/contract/secrets.ts';
import { createSecretsConsole, missingId } from './secrets-console.ts';

const admin = 'admin:mira';
const canary = 'canary-7f3a-Correct-horse';
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const pem = (name: string): string =>
  readFileSync(join(resolve(import.meta.dirname, '../../fixtures/keys'), name), 'utf8');

test('keeps a secret and hands its value out to who may read it', async () => {
  using console = createSecretsConsole();
  const made = await console.call(admin, 'secrets.create', {
    name: 'db/password',
    value: canary,
    description: 'the shop',
    owner: 'ann',
    tags: ['shop', 'shop', 'db'],
    rotation_days: 90,
  });
  expect(made).toMatchObject({
    name: 'db/password',
    type: 'password',
    description: 'the shop',
    owner: 'ann',
    tags: ['shop', 'db'],
    version: 1,
    state: 'current',
    limited: false,
    reads: 0,
    last_read_at: null,
    parsed: null,
    field_names: ['value'],
    rotation_due_at: new Date(console.host.clock.now() + 90 * dayMs).toISOString(),
    versions: [{ version: 1, created_by: 'mira', state: 'current', fields: [{ name: 'value', change: 'added' }] }],
  });
  expect(await console.call(admin, 'secrets.reveal', { name: 'db/password' })).toEqual({
    id: made.id,
    name: 'db/password',
    type: 'password',
    version: 1,
    value: canary,
    fields: null,
    expires_at: null,
  });
});

test('names are paths of plain segments, and each name is had once', async () => {
  using console = createSecretsConsole();
  for (const name of [
    '',
    '/',
    'a/',
    '/a',
    'a//b',
    '.',
    '..',
    'a/../b',
    './a',
    'a/.',
    'a b',
    'a\n',
    'ä',
    '%2e',
    'a\\b',
    'a'.repeat(201),
  ]) {
    expect(await console.refusal(admin, 'secrets.create', { name, value: 'x' }), name).toMatchObject({
      code: 'request/invalid',
    });
  }
  for (const name of ['a', 'a/b/c', '.env', 'a/..b', '...', 'import', 'admin/secrets', 'a'.repeat(200)]) {
    await console.call(admin, 'secrets.create', { name, value: `of ${name}` });
    expect((await console.call(admin, 'secrets.reveal', { name })).value).toBe(`of ${name}`);
  }
  expect(await console.refusal(admin, 'secrets.create', { name: 'a', value: 'y' })).toMatchObject({
    code: 'secrets/exists',
  });
});

test('a name has no empty segment and none of dots alone, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '.', '/', '-', '_', '%', ' '), maxLength: 30 }), (text) => {
      const plain = text.split('/').every((part) => /^[\w.-]+$/.test(part) && part !== '.' && part !== '..');
      expect(secretName.safeParse(text).success).toBe(plain);
    }),
  );
});

test.each([
  ['no value', { type: 'password' }],
  ['value and fields', { type: 'password', value: 'x', fields: { a: 'b' } }],
  ['value and generate', { type: 'password', value: 'x', generate: {} }],
  ['fields of a password', { type: 'password', fields: { a: 'b' } }],
  ['a value of a key_value', { type: 'key_value', value: 'x' }],
  ['no fields', { type: 'key_value', fields: {} }],
  [
    'too many fields',
    { type: 'key_value', fields: Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`f${at}`, 'x'])) },
  ],
  [
    'too much in fields',
    {
      type: 'key_value',
      fields: Object.fromEntries(Array.from({ length: 5 }, (_, at) => [`f${at}`, 'x'.repeat(60_000)])),
    },
  ],
  ['a generated key_value', { type: 'key_value', generate: {} }],
  ['a generated certificate', { type: 'certificate', generate: {} }],
  ['words as a certificate', { type: 'certificate', value: canary }],
  ['words as an SSH key', { type: 'ssh_key', value: canary }],
])('a value that does not fit its type is refused without repeating it: %s', async (_, input) => {
  using console = createSecretsConsole();
  const problem = await console.refusal(admin, 'secrets.create', { name: 'x', ...input });
  expect(problem).toMatchObject({ code: 'secrets/value', status: 422 });
  expect(JSON.stringify(problem)).not.toContain(canary);
  expect((await console.call(admin, 'secrets.list', {})).items).toEqual([]);
});

test('half a character is refused before anything looks at it, without repeating the value', async () => {
  using console = createSecretsConsole();
  const problem = await console.refusal(admin, 'secrets.create', { name: 'x', type: 'note', value: `${canary}\ud800` });
  expect(problem).toMatchObject({ code: 'request/invalid', fields: [{ path: 'value' }] });
  expect(JSON.stringify(problem)).not.toContain(canary);
});

test('certificates tell what they are and when they end; SSH keys their fingerprint', async () => {
  using console = createSecretsConsole();
  const certificate = await console.call(admin, 'secrets.create', {
    name: 'tls/shop',
    type: 'certificate',
    value: pem('rsa-cert.pem') + pem('rsa-key.pem'),
  });
  expect(certificate).toMatchObject({
    expires_at: '2126-10-28T11:37:40.000Z',
    parsed: {
      kind: 'certificate with private key',
      subject: 'CN=shop.example.org, O=Example',
      not_after: '2126-10-28T11:37:40.000Z',
    },
  });
  const given = await console.call(admin, 'secrets.create', {
    name: 'tls/other',
    type: 'certificate',
    value: pem('ec-cert.pem'),
    expires_at: '2030-01-01T01:00:00+01:00',
  });
  expect(given.expires_at).toBe('2030-01-01T00:00:00.000Z');
  const ssh = await console.call(admin, 'secrets.create', { name: 'ssh', type: 'ssh_key', value: pem('ssh-ed25519') });
  expect(ssh).toMatchObject({
    expires_at: null,
    parsed: { kind: 'SSH private key', subject: 'mira@desk', algorithm: 'ssh-ed25519' },
  });
  // What ends in a year that the wire cannot write is refused.
  const late = { name: 'late', value: 'x', expires_at: '9999-12-31T23:59:59-23:59' };
  expect(await console.refusal(admin, 'secrets.create', late)).toMatchObject({ code: 'request/invalid' });
});

test('key_value secrets are read whole or by one field', async () => {
  using console = createSecretsConsole();
  await console.call(admin, 'secrets.create', {
    name: 'kv',
    type: 'key_value',
    fields: { user: 'shop', password: canary },
  });
  expect(await console.call(admin, 'secrets.reveal', { name: 'kv' })).toMatchObject({
    value: null,
    fields: { user: 'shop', password: canary },
  });
  expect(await console.call(admin, 'secrets.reveal', { name: 'kv', field: 'password' })).toMatchObject({
    value: canary,
    fields: null,
  });
  expect(await console.refusal(admin, 'secrets.reveal', { name: 'kv', field: 'constructor' })).toMatchObject({
    code: 'secrets/not-found',
  });
  await console.call(admin, 'secrets.create', { name: 'plain', value: 'x' });
  expect(await console.refusal(admin, 'secrets.reveal', { name: 'plain', field: 'user' })).toMatchObject({
    code: 'request/invalid',
  });
});

test('a rotation compares field by field, lets the version before overlap, and ends every older one', async () => {
  using console = createSecretsConsole();
  const key = 'key:k1:secrets.reveal';
  const { id } = await console.call(admin, 'secrets.create', {
    name: 'kv',
    type: 'key_value',
    fields: { user: 'shop', password: 'one', host: 'db1' },
  });
  const second = await console.call(admin, 'secrets.rotate', {
    id,
    fields: { user: 'shop', password: 'two', port: '5432' },
    overlap_hours: 24,
  });
  expect(second.version).toBe(2);
  expect(second.field_names).toEqual(['user', 'password', 'port']);
  expect(second.versions[0]?.fields).toEqual([
    { name: 'user', change: 'same' },
    { name: 'password', change: 'changed' },
    { name: 'port', change: 'added' },
    { name: 'host', change: 'removed' },
  ]);
  expect(second.versions[1]).toMatchObject({
    state: 'overlapping',
    usable_until: new Date(console.host.clock.now() + 24 * hourMs).toISOString(),
  });
  expect(await console.call(key, 'secrets.reveal', { name: 'kv', version: 1, field: 'password' })).toMatchObject({
    value: 'one',
    version: 1,
  });
  expect(await console.call(key, 'secrets.reveal', { name: 'kv', field: 'password' })).toMatchObject({
    value: 'two',
    version: 2,
  });

  // At most one earlier version is ever readable: the next rotation ends the first one's overlap.
  const third = await console.call(admin, 'secrets.rotate', { id, fields: { user: 'x' }, overlap_hours: 1 });
  expect(third.versions.map(({ state }) => state)).toEqual(['current', 'overlapping', 'old']);
  expect(await console.refusal(key, 'secrets.reveal', { name: 'kv', version: 1 })).toMatchObject({
    code: 'secrets/state',
    status: 409,
  });
  await console.call(key, 'secrets.reveal', { name: 'kv', version: 2 });
  console.host.advance(hourMs);
  expect(await console.refusal(key, 'secrets.reveal', { name: 'kv', version: 2 })).toMatchObject({
    code: 'secrets/state',
  });
  expect(await console.refusal(key, 'secrets.reveal', { name: 'kv', version: 4 })).toMatchObject({
    code: 'secrets/not-found',
  });
  // Whoever manages the secret may go back.
  expect(await console.call(admin, 'secrets.reveal', { name: 'kv', version: 1, field: 'password' })).toMatchObject({
    value: 'one',
  });
});

test('twenty versions are kept to go back to; of older ones the value is gone', async () => {
  using console = createSecretsConsole();
  const { id } = await console.call(admin, 'secrets.create', { name: 'x', value: 'v1' });
  for (let version = 2; version <= 22; version += 1)
    await console.call(admin, 'secrets.rotate', { id, value: `v${version}` });
  const { versions } = await console.call(admin, 'secrets.get', { id });
  expect(versions.slice(-3).map(({ version, state }) => [version, state])).toEqual([
    [3, 'old'],
    [2, 'purged'],
    [1, 'purged'],
  ]);
  expect(await console.call(admin, 'secrets.reveal', { name: 'x', version: 3 })).toMatchObject({ value: 'v3' });
  expect(await console.refusal(admin, 'secrets.reveal', { name: 'x', version: 2 })).toMatchObject({
    code: 'secrets/state',
  });
});

test('generated values are made here and are seen only by revealing', async () => {
  using console = createSecretsConsole();
  const made = await console.call(admin, 'secrets.create', { name: 'x', generate: { length: 40, alphabet: 'hex' } });
  const first = (await console.call(admin, 'secrets.reveal', { name: 'x' })).value ?? '';
  expect(first).toMatch(/^[0-9a-f]{40}$/);
  const rotated = await console.call(admin, 'secrets.rotate', { id: made.id, generate: {} });
  const second = (await console.call(admin, 'secrets.reveal', { name: 'x' })).value ?? '';
  expect(second).toHaveLength(32);
  expect(JSON.stringify([made, rotated, console.traces()])).not.toContain(first);
  expect(console.entries.find(({ type }) => type === 'secret_rotate')?.details).toMatchObject({
    generated: true,
    version: 2,
  });
});

test('what a rotation makes of the end: given, of the certificate, kept, or gone with the old value', async () => {
  using console = createSecretsConsole();
  const at = (days: number): string => new Date(console.host.clock.now() + days * dayMs).toISOString();
  const { id } = await console.call(admin, 'secrets.create', { name: 'x', value: '1', expires_at: at(100) });
  const contract = at(100);
  expect((await console.call(admin, 'secrets.rotate', { id, value: '2' })).expires_at).toBe(contract);
  expect((await console.call(admin, 'secrets.rotate', { id, value: '3', expires_at: at(50) })).expires_at).toBe(at(50));
  console.host.advance(51 * dayMs);
  expect((await console.call(admin, 'secrets.get', { id })).state).toBe('expired');
  expect(await console.call(admin, 'secrets.rotate', { id, value: '4' })).toMatchObject({
    expires_at: null,
    state: 'current',
  });
  const tls = await console.call(admin, 'secrets.create', {
    name: 'tls',
    type: 'certificate',
    value: pem('rsa-cert.pem'),
  });
  const renewed = await console.call(admin, 'secrets.rotate', { id: tls.id, value: pem('rsa-key.pem') });
  expect(renewed.expires_at).toBeNull();
});

test('metadata changes field by field and states follow the dates', async () => {
  using console = createSecretsConsole();
  const { id } = await console.call(admin, 'secrets.create', {
    name: 'x',
    value: '1',
    owner: 'ann',
    rotation_days: 10,
  });
  const changed = await console.call(admin, 'secrets.update', { id, description: 'new', tags: ['a', 'a'] });
  expect(changed).toMatchObject({ description: 'new', owner: 'ann', tags: ['a'], rotation_days: 10, version: 1 });
  expect(console.lastEntry()?.details).toEqual({ name: 'x', changed: ['description', 'tags'] });
  console.host.advance(10 * dayMs);
  expect((await console.call(admin, 'secrets.get', { id })).state).toBe('rotation_due');
  const soon = new Date(console.host.clock.now() + 14 * dayMs).toISOString();
  expect((await console.call(admin, 'secrets.update', { id, expires_at: soon })).state).toBe('expiring');
  console.host.advance(14 * dayMs);
  const listed = await console.call(admin, 'secrets.list', { state: 'expired' });
  expect(listed.items.map(({ name }) => name)).toEqual(['x']);
  const cleared = await console.call(admin, 'secrets.update', { id, expires_at: null, rotation_days: null });
  expect(cleared).toMatchObject({ state: 'current', rotation_due_at: null, expires_at: null });
});

test('the list finds by name, path, text, type, tag and state, page by page', async () => {
  using console = createSecretsConsole();
  const make = (name: string, more: object = {}) =>
    console.call(admin, 'secrets.create', { name, value: 'x', ...more });
  for (const name of ['db/shop', 'db/ledger', 'dbx', 'api/mail']) await make(name);
  await make('ÄPFEL'.replace('Ä', 'A'), { type: 'note', tags: ['Fruit'], description: 'Grüner Apfel', owner: 'Ann' });
  const names = async (input: object): Promise<string[]> =>
    (await console.call(admin, 'secrets.list', input)).items.map(({ name }) => name);
  expect(await names({})).toEqual(['APFEL', 'api/mail', 'db/ledger', 'db/shop', 'dbx']);
  expect(await names({ path: 'db' })).toEqual(['db/ledger', 'db/shop']);
  expect(await names({ path: 'db/' })).toEqual(['db/ledger', 'db/shop']);
  expect(await names({ name: 'db/shop' })).toEqual(['db/shop']);
  expect(await names({ text: 'GRÜN' })).toEqual(['APFEL']);
  expect(await names({ text: 'fruit' })).toEqual(['APFEL']);
  expect(await names({ text: '%' })).toEqual([]);
  expect(await names({ tag: 'Fruit' })).toEqual(['APFEL']);
  expect(await names({ type: 'note' })).toEqual(['APFEL']);
  expect(await names({ state: 'deleted' })).toEqual([]);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await console.call(admin, 'secrets.list', { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.items.map(({ name }) => name));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual(await names({}));
  expect(await console.refusal(admin, 'secrets.list', { cursor: missingId })).toMatchObject({
    code: 'request/invalid',
  });
});

test('a deleted secret is not read, gives its name up, and comes back when the name is free', async () => {
  using console = createSecretsConsole();
  const { id } = await console.call(admin, 'secrets.create', { name: 'x', value: 'old' });
  expect(await console.refusal(admin, 'secrets.restore', { id })).toMatchObject({ code: 'secrets/state' });
  await console.call(admin, 'secrets.delete', { id });
  expect(await console.refusal(admin, 'secrets.reveal', { name: 'x' })).toMatchObject({
    code: 'secrets/not-found',
    status: 404,
  });
  for (const operation of ['secrets.delete', 'secrets.rotate', 'secrets.update'] as const) {
    const input = operation === 'secrets.rotate' ? { id, value: 'x' } : { id };
    expect(await console.refusal(admin, operation, input), operation).toMatchObject({ code: 'secrets/state' });
  }
  expect((await console.call(admin, 'secrets.list', {})).items).toEqual([]);
  const other = await console.call(admin, 'secrets.create', { name: 'x', value: 'new' });
  expect(await console.refusal(admin, 'secrets.restore', { id })).toMatchObject({ code: 'secrets/exists' });
  await console.call(admin, 'secrets.delete', { id: other.id });
  expect(await console.call(admin, 'secrets.restore', { id })).toMatchObject({ state: 'current', version: 1 });
  expect((await console.call(admin, 'secrets.reveal', { name: 'x' })).value).toBe('old');
});

test('a purged secret is opened by nothing; what names it stays', async () => {
  using console = createSecretsConsole();
  const { id } = await console.call(admin, 'secrets.create', { name: 'db/x', value: canary, owner: 'ann' });
  await console.call(admin, 'secrets.rotate', { id, value: `${canary}2`, overlap_hours: 24 });
  await console.call(admin, 'secrets.reveal', { name: 'db/x' });
  const sealed = console.store.readAll((tx) =>
    tx.all<{ version: number; sealed: Uint8Array }>('SELECT version, sealed FROM secret_version'),
  );
  expect(await console.refusal(admin, 'secrets.purge', { id, name: 'db/y' })).toMatchObject({
    code: 'request/invalid',
  });
  await console.call(admin, 'secrets.purge', { id, name: 'db/x' });
  expect(console.checkpoints()).toBe(1);
  expect(await console.call(admin, 'secrets.get', { id })).toMatchObject({
    state: 'purged',
    name: 'db/x',
    owner: 'ann',
    version: 2,
    reads: 1,
    versions: [{ state: 'purged' }, { state: 'purged' }],
  });
  expect((await console.call(admin, 'secrets.list', { state: 'purged' })).items).toHaveLength(1);
  // Neither the rows nor a copy of the sealed values taken before is of any use.
  expect(console.store.readAll((tx) => tx.all('SELECT 1 FROM secret_version WHERE sealed IS NOT NULL'))).toEqual([]);
  for (const { version, sealed: value } of sealed) {
    expect(() =>
      console.store.readAll((tx) => console.keys.open(tx, `secret/${id}`, value, `secret/${id}/${version}`)),
    ).toThrow(/destroyed/);
  }
  expect(await console.refusal(admin, 'secrets.set_grants', { id, grants: [] })).toMatchObject({
    code: 'secrets/state',
  });
  for (const operation of ['secrets.restore', 'secrets.delete', 'secrets.update'] as const)
    expect(await console.refusal(admin, operation, { id }), operation).toMatchObject({ code: 'secrets/state' });
  expect(await console.refusal(admin, 'secrets.purge', { id, name: 'db/x' })).toMatchObject({ code: 'secrets/state' });
  // The name is free for another, which has a key of its own.
  await console.call(admin, 'secrets.create', { name: 'db/x', value: 'new' });
  expect((await console.call(admin, 'secrets.reveal', { name: 'db/x' })).value).toBe('new');
});

test('a sealed value that was moved to another version or secret is not opened', async () => {
  using console = createSecretsConsole();
  const { id } = await console.call(admin, 'secrets.create', { name: 'a', value: 'one' });
  await console.call(admin, 'secrets.rotate', { id, value: 'two' });
  await console.call(admin, 'secrets.create', { name: 'b', value: 'three' });
  console.store.write('default', (tx) => {
    tx.run(
      `UPDATE secret_version SET sealed = (SELECT sealed FROM secret_version AS o WHERE o.secret_id = :id AND o.version = 1)
      WHERE workspace = :workspace AND version = 2 AND secret_id = :id`,
      { id },
    );
    tx.run(
      `UPDATE secret_version SET sealed = (SELECT sealed FROM secret_version AS o WHERE o.secret_id = :id AND o.version = 1)
      WHERE workspace = :workspace AND secret_id <> :id`,
      { id },
    );
  });
  for (const name of ['a', 'b'])
    expect(await console.refusal(admin, 'secrets.reveal', { name }), name).toMatchObject({
      code: 'console/store-failed',
    });
});

test('values stand nowhere but sealed, and leave by reveal alone', async () => {
  using console = createSecretsConsole();
  const { id } = await console.call(admin, 'secrets.create', { name: 'x', value: canary, description: 'd' }, 'once');
  await console.call(admin, 'secrets.rotate', { id, value: `${canary}-2`, overlap_hours: 1 }, 'twice');
  await console.call(admin, 'secrets.create', { name: 'kv', type: 'key_value', fields: { f: `${canary}-3` } });
  await console.call(admin, 'secrets.import', { format: 'env', content: `A=${canary}-4\n` });
  const shown = [
    await console.call(admin, 'secrets.get', { id }),
    await console.call(admin, 'secrets.list', {}),
    await console.refusal(admin, 'secrets.import', { format: 'csv', content: `${canary}` }),
    await console.refusal(admin, 'secrets.create', { name: 'x', value: canary, owner: 5 }),
    await console.refusal(admin, 'secrets.create', { name: canary.repeat(20), value: canary, nonsense: canary }),
  ];
  await console.call(admin, 'secrets.reveal', { name: 'x' });
  expect(JSON.stringify(shown)).not.toContain(`${canary}-`);
  expect(JSON.stringify(shown)).not.toContain(`"${canary}"`);
  expect(console.traces()).not.toContain(canary);
  expect(console.stored()).not.toContain(canary);
});

test('an Idempotency-Key makes one version, and never lets a value be read again untracked', async () => {
  using console = createSecretsConsole();
  const { id } = await console.call(admin, 'secrets.create', { name: 'x', value: 'one' }, 'create');
  expect((await console.call(admin, 'secrets.create', { name: 'x', value: 'one' }, 'create')).id).toBe(id);
  await console.call(admin, 'secrets.rotate', { id, value: 'two' }, 'rotate');
  await console.call(admin, 'secrets.rotate', { id, value: 'two' }, 'rotate');
  expect((await console.call(admin, 'secrets.get', { id })).version).toBe(2);
  await console.call(admin, 'secrets.reveal', { name: 'x' }, 'read');
  await console.call(admin, 'secrets.reveal', { name: 'x' }, 'read');
  expect((await console.call(admin, 'secrets.get', { id })).reads).toBe(2);
  await console.call(admin, 'secrets.purge', { id, name: 'x' });
  expect(await console.refusal(admin, 'secrets.reveal', { name: 'x' })).toMatchObject({ code: 'secrets/not-found' });
});

test("what is not there and what is another workspace's are told apart", async () => {
  using console = createSecretsConsole();
  const { id } = await console.call('admin:mira@other', 'secrets.create', { name: 'x', value: 'theirs' });
  for (const operation of ['secrets.get', 'secrets.update', 'secrets.delete', 'secrets.restore'] as const) {
    expect(await console.refusal(admin, operation, { id: missingId }), operation).toMatchObject({
      code: 'secrets/not-found',
      status: 404,
    });
    expect(await console.refusal(admin, operation, { id }), operation).toMatchObject({
      code: 'access/cross-workspace',
      status: 403,
    });
  }
  expect(console.entries.filter(({ success }) => !success).map(({ type }) => type)).toEqual([
    'secret_update',
    'secret_delete',
    'secret_restore',
  ]);
  expect(console.refusedCalls).toHaveLength(4);
  // Names belong to the workspace: the same one here is another secret.
  expect(await console.refusal(admin, 'secrets.reveal', { name: 'x' })).toMatchObject({ code: 'secrets/not-found' });
  await console.call(admin, 'secrets.create', { name: 'x', value: 'ours' });
  expect((await console.call(admin, 'secrets.reveal', { name: 'x' })).value).toBe('ours');
  expect((await console.call(admin, 'secrets.list', {})).items).toHaveLength(1);
});
