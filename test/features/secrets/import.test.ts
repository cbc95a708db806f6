// Importing secrets through dispatch: all of a file or nothing of it, with each wrong line named and none repeated.
import { createCipheriv, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSecretsConsole } from './secrets-console.ts';

const admin = 'admin:mira';
const canary = 'canary7f3a';
const key = Buffer.alloc(32, 5);
const fernetKey = `${key.toString('base64url')}=`;

function fernet(text: string | Uint8Array): string {
  const iv = Buffer.alloc(16, 9);
  const cipher = createCipheriv('aes-128-cbc', key.subarray(16), iv);
  const body = Buffer.concat([Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 1]), iv, cipher.update(text), cipher.final()]);
  const token = Buffer.concat([body, createHmac('sha256', key.subarray(0, 16)).update(body).digest()]).toString(
    'base64url',
  );
  return token + '='.repeat((4 - (token.length % 4)) % 4);
}

test('.env under a path', async () => {
  using console = createSecretsConsole();
  const done = await console.call(admin, 'secrets.import', {
    format: 'env',
    content: '# shop\nDB_PASSWORD="a b"\nexport API_KEY=k\n',
    path: 'imported',
  });
  expect(done).toEqual({
    created: 2,
    rotated: 0,
    skipped: 0,
    items: [
      { line: 2, name: 'imported/DB_PASSWORD', outcome: 'created' },
      { line: 3, name: 'imported/API_KEY', outcome: 'created' },
    ],
  });
  expect(await console.call(admin, 'secrets.reveal', { name: 'imported/DB_PASSWORD' })).toMatchObject({
    value: 'a b',
    type: 'password',
  });
  expect(console.entries[0]).toMatchObject({
    type: 'secret_import',
    details: { format: 'env', created: ['imported/DB_PASSWORD', 'imported/API_KEY'], rotated: [], skipped: 0 },
  });
});

test('CSV with all its columns', async () => {
  using console = createSecretsConsole();
  await console.call(admin, 'secrets.import', {
    format: 'csv',
    content: `name,value,type,description,owner,tags,expires_at\ndb/a,"v,1",api_key,"of, the shop",ann,x;y,2027-01-31T00:00:00Z\n`,
  });
  const { items } = await console.call(admin, 'secrets.list', {});
  expect(items).toMatchObject([
    {
      name: 'db/a',
      type: 'api_key',
      description: 'of, the shop',
      owner: 'ann',
      tags: ['x', 'y'],
      expires_at: '2027-01-31T00:00:00.000Z',
    },
  ]);
});

test('Fernet-encrypted JSON: values alone, and secrets with their fields', async () => {
  using console = createSecretsConsole();
  const json = JSON.stringify({
    'db/a': canary,
    'db/b': { type: 'key_value', fields: { user: 'u', password: canary }, owner: 'ann', rotation_days: 30 },
    'db/c': { value: 'n', type: 'note' },
  });
  const done = await console.call(admin, 'secrets.import', {
    format: 'fernet_json',
    content: `${fernet(json)}\n`,
    fernet_key: fernetKey,
  });
  expect(done.items).toEqual(['db/a', 'db/b', 'db/c'].map((name) => ({ line: null, name, outcome: 'created' })));
  expect(await console.call(admin, 'secrets.reveal', { name: 'db/b', field: 'password' })).toMatchObject({
    value: canary,
  });
});

test('what becomes of names that are taken', async () => {
  using console = createSecretsConsole();
  const { id } = await console.call(admin, 'secrets.create', { name: 'A', value: 'old' });
  await console.call(admin, 'secrets.create', { name: 'NOTE', value: 'old', type: 'note' });
  const content = 'A=new\nB=1\n';
  const problem = await console.refusal(admin, 'secrets.import', { format: 'env', content });
  expect(problem).toMatchObject({
    code: 'secrets/import',
    fields: [{ path: 'line 1', message: 'there is a secret of this name already' }],
  });
  expect(await console.refusal(admin, 'secrets.reveal', { name: 'B' })).toMatchObject({ code: 'secrets/not-found' });

  const skipped = await console.call(admin, 'secrets.import', { format: 'env', content, existing: 'skip' });
  expect(skipped.items.map(({ outcome }) => outcome)).toEqual(['skipped', 'created']);
  const rotated = await console.call(admin, 'secrets.import', { format: 'env', content, existing: 'rotate' });
  expect(rotated).toMatchObject({ created: 0, rotated: 2 });
  expect(await console.call(admin, 'secrets.reveal', { name: 'A' })).toMatchObject({ value: 'new', version: 2 });
  expect((await console.call(admin, 'secrets.get', { id })).versions).toHaveLength(2);
  const other = { format: 'csv', content: 'name,value,type\nNOTE,x,api_key\n', existing: 'rotate' } as const;
  expect(await console.refusal(admin, 'secrets.import', other)).toMatchObject({
    fields: [{ path: 'line 2', message: 'the secret of this name is of type note' }],
  });
});

test('a dry run says the same and changes nothing', async () => {
  using console = createSecretsConsole();
  await console.call(admin, 'secrets.create', { name: 'A', value: 'old' });
  const input = { format: 'env', content: 'A=new\nB=1\n', existing: 'rotate' } as const;
  const before = console.stored();
  const dry = await console.call(admin, 'secrets.import', { ...input, dry_run: true });
  expect(console.stored()).toBe(before);
  expect(console.entries.map(({ type }) => type)).toEqual(['secret_create']);
  expect(await console.call(admin, 'secrets.import', input)).toEqual(dry);
});

test('one wrong line keeps everything out, and every wrong line is named', async () => {
  using console = createSecretsConsole();
  const problem = await console.refusal(admin, 'secrets.import', {
    format: 'env',
    content: `GOOD=1\n${canary}\nTWICE=${canary}\nEMPTY=\nTWICE=2\n`,
  });
  expect(problem).toMatchObject({
    code: 'secrets/import',
    status: 422,
    fields: [
      { path: 'line 2', message: 'expected NAME=value' },
      { path: 'line 4', message: 'has no value' },
      { path: 'line 5', message: 'the same name stands on line 3 already' },
    ],
  });
  const csv = await console.refusal(admin, 'secrets.import', {
    format: 'csv',
    content: `name,value,type,expires_at,tags\ndb/ok,v,,,\n${canary} ${canary},v,,,\nb,${canary},certificate,,\nc,v,${canary},,\nd,v,,${canary},\ne,v,,,;\nf,v,key_value,,\n`,
  });
  expect(csv.fields?.map(({ path }) => path)).toEqual(['line 3', 'line 4', 'line 5', 'line 6', 'line 7', 'line 8']);
  expect(JSON.stringify([problem, csv])).not.toContain(canary);
  expect((await console.call(admin, 'secrets.list', {})).items).toEqual([]);
  expect(console.traces()).not.toContain(canary);
});

test.each([
  ['another key', fernet('{}'), `${Buffer.alloc(32, 6).toString('base64url')}=`],
  ['no key at all', fernet('{}'), 'no-key-7'],
  ['no token', canary, fernetKey],
  ['bytes that are no text', fernet(Uint8Array.of(0xff, 0xfe)), fernetKey],
  ['no JSON', fernet(canary), fernetKey],
  ['an array', fernet(`["${canary}"]`), fernetKey],
  ['a text', fernet(`"${canary}"`), fernetKey],
  ['nothing', fernet('{}'), fernetKey],
  ['a name twice', fernet(`{"a":"${canary}",\n"a":"2"}`), fernetKey],
  ['__proto__', fernet(`{"__proto__":"${canary}"}`), fernetKey],
  ['a number', fernet('{"a":5}'), fernetKey],
  ['null', fernet('{"a":null}'), fernetKey],
  ['an unknown field', fernet(`{"a":{"value":"x","${canary}":1}}`), fernetKey],
  ['grants', fernet('{"a":{"value":"x","grants":[]}}'), fernetKey],
  ['too deep', fernet(`{"a":${'['.repeat(1000)}${']'.repeat(1000)}}`), fernetKey],
  ['half a surrogate pair', fernet('{"a":"\\ud800"}'), fernetKey],
])('an encrypted file is refused without repeating it: %s', async (_, content, fernet_key) => {
  using console = createSecretsConsole();
  const problem = await console.refusal(admin, 'secrets.import', { format: 'fernet_json', content, fernet_key });
  expect(problem.code).toBe('secrets/import');
  expect(JSON.stringify(problem)).not.toContain(canary);
  expect(JSON.stringify(problem)).not.toContain(fernet_key);
});

test('the key belongs to the encrypted form, the path is a path, and a file has its bounds', async () => {
  using console = createSecretsConsole();
  const refuse = async (input: object): Promise<string> => (await console.refusal(admin, 'secrets.import', input)).code;
  expect(await refuse({ format: 'fernet_json', content: fernet('{}') })).toBe('request/invalid');
  expect(await refuse({ format: 'env', content: 'A=b', fernet_key: fernetKey })).toBe('request/invalid');
  expect(await refuse({ format: 'env', content: 'A=b', path: '../x' })).toBe('request/invalid');
  expect(await refuse({ format: 'env', content: 'A=b', path: '/' })).toBe('request/invalid');
  expect(await refuse({ format: 'env', content: '# nothing\n' })).toBe('secrets/import');
  expect(await refuse({ format: 'env', content: `A=${'x'.repeat(65_537)}` })).toBe('secrets/import');
  const many = (count: number): string => Array.from({ length: count }, (_, at) => `A${at}=x`).join('\n');
  expect(await refuse({ format: 'env', content: many(301) })).toBe('secrets/import');
  expect(await console.call(admin, 'secrets.import', { format: 'env', content: many(300) })).toMatchObject({
    created: 300,
  });
});

test('rotating by import needs the grant to manage', async () => {
  using console = createSecretsConsole();
  await console.call(admin, 'secrets.create', {
    name: 'A',
    value: 'x',
    grants: [{ kind: 'key', subject: 'k2', actions: ['manage'] }],
  });
  const input = { format: 'env', content: 'A=new\n', existing: 'rotate' } as const;
  expect(await console.refusal('key:k1:secrets.manage', 'secrets.import', input)).toMatchObject({
    fields: [{ path: 'line 1', message: 'the secret of this name is limited to others' }],
  });
  expect(await console.call('key:k2:secrets.manage', 'secrets.import', input)).toMatchObject({ rotated: 1 });
});
