// Who may do what with secrets: roles, scopes, grants on single secrets, the second factor, and what refusals leave behind.
import { expect, test } from 'vitest';
import type { OperationName } from '../../../src-shared/contract/contract.ts';
import { createSecretsConsole, missingId } from './secrets-console.ts';

const admin = 'admin:mira';
const fullKey = 'key:k1:secrets.reveal,secrets.read,secrets.manage';

const everything: readonly (readonly [OperationName, object])[] = [
  ['secrets.list', {}],
  ['secrets.get', { id: missingId }],
  ['secrets.reveal', { name: 'x' }],
  ['secrets.create', { name: 'y', value: 'z' }],
  ['secrets.update', { id: missingId }],
  ['secrets.rotate', { id: missingId, value: 'z' }],
  ['secrets.set_grants', { id: missingId, grants: [] }],
  ['secrets.delete', { id: missingId }],
  ['secrets.restore', { id: missingId }],
  ['secrets.purge', { id: missingId, name: 'x' }],
  ['secrets.import', { format: 'env', content: 'A=b' }],
];

test.each(['operator:omar', 'viewer:vera', 'analyst:ann', 'privacy_officer:ann', 'key:k1:*.read', 'key:k1:alerts.*'])(
  '%s has no part in secrets beyond its permissions',
  async (who) => {
    using console = createSecretsConsole();
    await console.call(admin, 'secrets.create', { name: 'x', value: 'v' });
    for (const [operation, input] of everything) {
      if (who === 'key:k1:*.read' && (operation === 'secrets.list' || operation === 'secrets.get')) continue;
      expect(await console.refusal(who, operation, input), operation).toMatchObject({
        code: 'access/forbidden',
        status: 403,
      });
    }
  },
);

test('an auditor sees metadata alone', async () => {
  using console = createSecretsConsole();
  const { id } = await console.call(admin, 'secrets.create', { name: 'x', value: 'v' });
  expect((await console.call('auditor:ann', 'secrets.list', {})).items.map(({ name }) => name)).toEqual(['x']);
  expect((await console.call('auditor:ann', 'secrets.get', { id })).field_names).toEqual(['value']);
  for (const [operation, input] of everything.slice(2))
    expect(await console.refusal('auditor:ann', operation, input), operation).toMatchObject({
      code: 'access/forbidden',
    });
});

test('an API key needs the exact scope to read values', async () => {
  using console = createSecretsConsole();
  await console.call(admin, 'secrets.create', { name: 'x', value: 'v' });
  for (const scope of ['*', 'secrets.*', 'secrets.read', 'secrets.manage', '*.read']) {
    expect(await console.refusal(`key:k1:${scope}`, 'secrets.reveal', { name: 'x' }), scope).toMatchObject({
      code: 'access/forbidden',
    });
  }
  expect(await console.call('key:k1:secrets.reveal', 'secrets.reveal', { name: 'x' })).toMatchObject({ value: 'v' });
});

test('a user shows the second factor again for revealing and shredding, a key does not', async () => {
  using console = createSecretsConsole();
  const { id } = await console.call(admin, 'secrets.create', { name: 'x', value: 'v' });
  // Theo's sessions have not shown it.
  for (const [operation, input] of [
    ['secrets.reveal', { name: 'x' }],
    ['secrets.purge', { id, name: 'x' }],
  ] as const) {
    expect(await console.refusal('admin:theo', operation, input), operation).toMatchObject({ code: 'access/step-up' });
  }
  await console.call('admin:theo', 'secrets.get', { id });
});

test('with grants only those named may do what they are granted, each within their permissions', async () => {
  using console = createSecretsConsole();
  const { id } = await console.call(admin, 'secrets.create', {
    name: 'x',
    value: 'v',
    grants: [
      { kind: 'key', subject: 'k1', actions: ['reveal'] },
      { kind: 'key', subject: 'k2', actions: ['manage'] },
      { kind: 'role', subject: 'auditor', actions: ['read', 'reveal'] },
      { kind: 'user', subject: 'OMAR', actions: ['reveal', 'manage'] },
    ],
  });
  const outcome = async (who: string, operation: OperationName, input: object): Promise<string> => {
    try {
      await console.call(who, operation as 'secrets.get', input as { id: string });
      return 'done';
    } catch (error) {
      return /refused: ([a-z/-]+)/.exec(String(error))?.[1] ?? String(error);
    }
  };
  const all = ['secrets.read', 'secrets.reveal', 'secrets.manage'].join(',');
  const table: Record<string, string[]> = {};
  for (const who of [`key:k1:${all}`, `key:k2:${all}`, `key:k3:${all}`, 'auditor:ann', 'operator:omar', admin]) {
    table[who.replace(`:${all}`, '')] = [
      await outcome(who, 'secrets.get', { id }),
      await outcome(who, 'secrets.reveal', { name: 'x' }),
      await outcome(who, 'secrets.update', { id, owner: 'ann' }),
    ];
  }
  expect(table).toEqual({
    // Whoever may do anything with it may see its metadata.
    'key:k1': ['done', 'done', 'secrets/granted'],
    'key:k2': ['done', 'secrets/granted', 'done'],
    'key:k3': ['secrets/granted', 'secrets/granted', 'secrets/granted'],
    // Grants never give what permissions don't.
    'auditor:ann': ['done', 'access/forbidden', 'access/forbidden'],
    'operator:omar': ['access/forbidden', 'access/forbidden', 'access/forbidden'],
    [admin]: ['done', 'secrets/granted', 'secrets/granted'],
  });
  expect((await console.call(admin, 'secrets.get', { id })).grants.map(({ subject }) => subject)).toEqual([
    'k1',
    'k2',
    'auditor',
    'omar',
  ]);
});

test('the list leaves out what the caller may not see, on full pages', async () => {
  using console = createSecretsConsole();
  for (let at = 0; at < 6; at += 1) {
    await console.call(admin, 'secrets.create', {
      name: `s${at}`,
      value: 'v',
      grants: at % 2 === 0 ? [] : [{ kind: 'key', subject: at === 1 ? 'k1' : 'k9', actions: ['reveal'] }],
    });
  }
  const names = async (who: string): Promise<string[]> =>
    (await console.call(who, 'secrets.list', {})).items.map(({ name }) => name);
  expect(await names(fullKey)).toEqual(['s0', 's1', 's2', 's4']);
  expect(await names('key:k2:secrets.read')).toEqual(['s0', 's2', 's4']);
  expect(await names('auditor:ann')).toEqual(['s0', 's2', 's4']);
  expect(await names(admin)).toEqual(['s0', 's1', 's2', 's3', 's4', 's5']);
  const page = await console.call('auditor:ann', 'secrets.list', { limit: 2 });
  expect(page.items.map(({ name, limited }) => [name, limited])).toEqual([
    ['s0', false],
    ['s2', false],
  ]);
});

test('an admin is never locked out, and what they grant themselves stands in the log', async () => {
  using console = createSecretsConsole();
  const { id } = await console.call(admin, 'secrets.create', {
    name: 'x',
    value: 'v',
    grants: [{ kind: 'key', subject: 'k1', actions: ['reveal', 'manage'] }],
  });
  expect(await console.refusal(admin, 'secrets.reveal', { name: 'x' })).toMatchObject({ code: 'secrets/granted' });
  const grants = [
    { kind: 'key' as const, subject: 'k1', actions: ['reveal' as const] },
    { kind: 'user' as const, subject: 'mira', actions: ['reveal' as const] },
  ];
  await console.call(admin, 'secrets.set_grants', { id, grants });
  expect(console.lastEntry()).toMatchObject({
    type: 'secret_grant',
    success: true,
    details: {
      name: 'x',
      before: [{ kind: 'key', subject: 'k1', actions: ['reveal', 'manage'] }],
      after: grants,
      to_oneself: true,
    },
  });
  expect(await console.call(admin, 'secrets.reveal', { name: 'x' })).toMatchObject({ value: 'v' });
  // Others with the permission alone may not: being limited means for them too.
  expect(await console.refusal(fullKey, 'secrets.set_grants', { id, grants: [] })).toMatchObject({
    code: 'secrets/granted',
  });
});

test('a deleted secret that nobody is named for any more can still be restored and shredded', async () => {
  using console = createSecretsConsole();
  const grants = [{ kind: 'key' as const, subject: 'k1', actions: ['manage' as const] }];
  const { id } = await console.call(admin, 'secrets.create', { name: 'x', value: 'v', grants });
  await console.call(fullKey, 'secrets.delete', { id });
  expect(await console.refusal(admin, 'secrets.purge', { id, name: 'x' })).toMatchObject({ code: 'secrets/granted' });
  await console.call(admin, 'secrets.set_grants', {
    id,
    grants: [...grants, { kind: 'user', subject: 'mira', actions: ['manage'] }],
  });
  await console.call(admin, 'secrets.restore', { id });
  await console.call(admin, 'secrets.purge', { id, name: 'x' });
});

test('grants name users, roles and keys that exist, each once', async () => {
  using console = createSecretsConsole();
  const { id } = await console.call(admin, 'secrets.create', { name: 'x', value: 'v' });
  const problem = await console.refusal(admin, 'secrets.set_grants', {
    id,
    grants: [
      { kind: 'user', subject: 'nobody', actions: ['read'] },
      { kind: 'role', subject: 'emperor', actions: ['read'] },
      { kind: 'user', subject: 'mira', actions: ['read'] },
      { kind: 'user', subject: 'Mira', actions: ['reveal'] },
    ],
  });
  expect(problem.fields).toEqual([
    { path: 'grants.0.subject', message: 'there is no such user' },
    { path: 'grants.1.subject', message: 'there is no such role' },
    { path: 'grants.3.subject', message: 'this user stands in the list twice' },
  ]);
  expect(
    await console.refusal(admin, 'secrets.set_grants', {
      id,
      grants: [{ kind: 'user', subject: 'mira', actions: [] }],
    }),
  ).toMatchObject({ code: 'request/invalid' });
});

test('a refused reading leaves its entry and reaches the detectors', async () => {
  using console = createSecretsConsole();
  const { id } = await console.call(admin, 'secrets.create', {
    name: 'x',
    value: 'v',
    grants: [{ kind: 'user', subject: 'ann', actions: ['reveal'] }],
  });
  await console.refusal('key:k1:secrets.reveal', 'secrets.reveal', { name: 'x' });
  expect(console.lastEntry()).toMatchObject({
    type: 'secret_reveal',
    action: 'secrets.reveal',
    success: false,
    actor: { kind: 'key', id: 'k1', name: "k1's key" },
    resource: { type: 'secret', id },
    details: { name: 'x', version: 1 },
    dataAccessed: undefined,
  });
  expect(console.refusedCalls.at(-1)).toMatchObject({
    operation: 'secrets.reveal',
    code: 'secrets/granted',
    actor: "k1's key",
  });
  await console.refusal('key:k1:secrets.reveal', 'secrets.reveal', { name: 'not/there' });
  expect(console.lastEntry()).toMatchObject({
    type: 'secret_reveal',
    success: false,
    resource: { type: 'secret', id: null },
    details: { name: 'not/there' },
  });
  expect((await console.call(admin, 'secrets.get', { id })).reads).toBe(0);
});

test('each reading is tracked: who, when, from where, which version', async () => {
  using console = createSecretsConsole();
  const { id } = await console.call(admin, 'secrets.create', { name: 'x', value: 'v' });
  await console.call(admin, 'secrets.reveal', { name: 'x' });
  console.host.advance(1_000);
  await console.call('key:k1:secrets.reveal', 'secrets.reveal', { name: 'x' });
  await console.call('key:k1:secrets.reveal', 'secrets.reveal', { name: 'x' });
  const at = new Date(console.host.clock.now()).toISOString();
  const detail = await console.call(admin, 'secrets.get', { id });
  expect(detail).toMatchObject({ reads: 3, last_read_at: at, last_read_by: "k1's key" });
  expect(detail.consumers).toMatchObject([
    { by: "k1's key", kind: 'key', reads: 2, last_at: at },
    { by: 'mira', kind: 'user', reads: 1 },
  ]);
  expect(detail.recent_reads[0]).toEqual({
    at,
    by: "k1's key",
    kind: 'key',
    version: 1,
    ip_address: '198.51.100.9',
    user_agent: 'test/1',
    via: 'https',
  });
  expect(detail.recent_reads).toHaveLength(3);
  const entry = console.entries.find(({ type }) => type === 'secret_reveal');
  expect(entry).toMatchObject({
    success: true,
    dataAccessed: 'value of secret x, version 1',
    details: { name: 'x', version: 1 },
  });
});

test('only the last readings are kept one by one; the counters count all', async () => {
  using console = createSecretsConsole();
  const { id } = await console.call(admin, 'secrets.create', { name: 'x', value: 'v' });
  await console.call(admin, 'secrets.create', { name: 'y', value: 'v' });
  await console.call(admin, 'secrets.reveal', { name: 'y' });
  for (let read = 0; read < 230; read += 1)
    await console.call(`key:k${read % 3}:secrets.reveal`, 'secrets.reveal', { name: 'x' });
  const detail = await console.call(admin, 'secrets.get', { id });
  expect(detail.reads).toBe(230);
  expect(detail.consumers.map(({ reads }) => reads).sort()).toEqual([76, 77, 77]);
  expect(detail.recent_reads).toHaveLength(50);
  const kept = console.store.readAll((tx) =>
    tx.all<{ n: number }>('SELECT count(*) AS n FROM secret_read GROUP BY secret_id ORDER BY n'),
  );
  expect(kept.map(({ n }) => n)).toEqual([1, 200]);
});
