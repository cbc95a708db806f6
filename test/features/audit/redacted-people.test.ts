// Bundles that keep people back: whatever an entry may say of a person, an address or an account is not in the file, and what is left
// still verifies. The log that is exported holds entries of every type.
import { spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { appendEntry } from '../../../src-main/core/features/audit/index.ts';
import { keptOfTypes, keptThings } from '../../../src-main/core/features/bundles/about-people.ts';
import { createStore } from '../../../src-main/core/store/store.ts';
import { systemEntry } from '../../../src-main/core/system-entries.ts';
import { type AuditType, auditTypes } from '../../../src-shared/audit-types.ts';
import type { CallInput } from '../../../src-shared/contract/contract.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { projectRoot } from '../../support/node.ts';
import { openStoreOf } from './open-store.ts';

const types = Object.keys(auditTypes) as AuditType[];

/** What names a person, an account, a host or an address. Some look like what may be said: a version, a permission, an id. */
const telling = [
  'zelda',
  'zelda@example.test',
  '203.0.113.77',
  '12 failed logins for zelda',
  'zelda.read',
  '/home/zelda/secrets',
];

/** Every way in which such a text can stand in a member of the details. */
function forms(text: string): unknown[] {
  return [
    text,
    [text],
    { from: text, to: text },
    { from: 'on', to: 'off', by: text },
    { [text]: 1 },
    [{ id: randomUUID(), number: 7, from: 'open', to: 'acknowledged', assignee_to: text }],
    [{ category: 'pii', days: 1, before: text, entries: 1 }],
    [{ id: text, number: 1 }],
  ];
}

async function bundleOf(console: TestConsole, session: Credential, input: CallInput<'audit.export'>) {
  const { verifier_key } = await console.call('audit.public_key', {}, session);
  const text = await console.call('audit.export', input, session);
  const { dsse, entries } = JSON.parse(text) as {
    dsse: { payload: string };
    entries: { leaf: { event_type: string }; open: Record<string, { value: unknown }> }[];
  };
  const manifest = Buffer.from(dsse.payload, 'base64').toString('utf8');
  return { text, manifest, entries, verifierKey: verifier_key };
}

/** Entries of every type, in which each member that may be kept, and some others, say something of a person. */
function appendEverything(folder: string, at: number): number {
  const membersOf = new Map(keptOfTypes().map(({ type, members }) => [type, members]));
  const others = [
    'name',
    'title',
    'reason',
    'note',
    'owner',
    'query',
    'username',
    'subject_id',
    'alerts',
    'unheard_of',
  ];
  const resources = ['user', 'session', 'mirror', 'secret_provider', 'setting', 'subject', ...keptThings];
  using database = openStoreOf(folder, new Uint8Array(32).fill(5));
  const store = createStore(
    database,
    new Set(),
    () => undefined,
    (error) => {
      throw error;
    },
  );
  let appended = 0;
  for (const type of types) {
    store.write('default', (tx) => {
      const members = [...new Set([...(membersOf.get(type) ?? []), ...others])];
      for (const [index, text] of telling.entries()) {
        for (const form of forms(text)) {
          const entry = systemEntry(type, 'test.append', at, Object.fromEntries(members.map((name) => [name, form])));
          appendEntry(
            tx,
            {
              ...entry,
              actor: { kind: 'user', id: text, name: text },
              origin: { ip: text, userAgent: text },
              sessionId: text,
              traceId: text,
              dataAccessed: `value of secret ${text}`,
              resource: { type: resources[(appended + index) % resources.length] ?? 'user', id: text },
            },
            { bytes: (length) => randomBytes(length) },
          );
          appended += 1;
        }
      }
    });
  }
  return appended;
}

test('entries of every type, with people in every field: the bundle names nobody and verifies', {
  timeout: 120_000,
}, async () => {
  const first = await createTestConsole();
  const { folder, host } = first;
  await first.core.stop();
  const appended = appendEverything(folder, host.clock.now());
  expect(appended).toBe(types.length * telling.length * 8);

  await using console = await createTestConsole({ folder, host });
  const { session } = await console.signIn();
  const open = await bundleOf(console, session, {});
  for (const text of telling) expect(open.text).toContain(text);

  const people = await bundleOf(console, session, { redact: 'people', reason: 'for the auditor' });
  for (const text of telling) {
    expect(people.text).not.toContain(text);
    expect(people.manifest).not.toContain(text);
  }
  expect(JSON.stringify(people.entries.map(({ open: fields }) => fields))).not.toMatch(/mira|zelda|192\.0\.2|203\.0/i);
  expect(new Set(people.entries.map(({ leaf }) => leaf.event_type))).toEqual(new Set(types));
  const bytes = Buffer.from(people.text, 'utf8');
  const trustedKeys = [people.verifierKey];
  expect(verifyBundle(nodePrimitives, bytes, { trustedKeys, checkpoints: [] }).verdict).toBe('VERIFIED');

  // Somebody else's verifier, which knows nothing of profiles.
  const script = /```python\n(.*?)```/s.exec(readFileSync(join(projectRoot, 'docs/bundle-format.md'), 'utf8'))?.[1];
  writeFileSync(join(folder, 'verify.py'), script ?? '');
  writeFileSync(join(folder, 'people.ghbundle'), bytes);
  const python = spawnSync('python3', ['verify.py', 'people.ghbundle', people.verifierKey], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect([python.status, python.stdout.split('\n', 1)[0]]).toEqual([0, 'VERIFIED']);
});

test('what a queue leaves in the log: alerts by person and address, triage, keys, secrets, searches', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const events = Array.from({ length: 12 }, (_, index) => ({
    id: randomUUID(),
    time: new Date(console.host.clock.now() - index * 1_000).toISOString(),
    source: 'sso',
    event_type: 'login',
    actor: 'zelda',
    success: false,
    ip_address: '203.0.113.77',
  }));
  await console.call('events.ingest', { events }, session);
  const { items } = await console.call('alerts.list', { ip: '203.0.113.77' }, session);
  const [alert] = items;
  if (alert === undefined) throw new Error('expected an alert');
  await console.call('alerts.acknowledge', { id: alert.id, note: 'zelda is on holiday' }, session);
  await console.call('keys.create', { name: 'zelda laptop', scopes: ['events.write'] }, session);
  await console.call('secrets.create', { name: 'zelda/password', value: 'a value', owner: 'zelda' }, session);
  await console.call('searches.save', { name: 'of zelda', query: 'actor:zelda', shared: false }, session);
  await console.send('auth.login', { username: 'zelda', password: 'wrong' }, undefined, '203.0.113.77');

  const { text, entries } = await bundleOf(console, session, { redact: 'people', reason: 'for the auditor' });
  expect(text).not.toMatch(/zelda|203\.0\.113\.77/i);
  const opened = entries.map(({ open }) => open);
  expect(JSON.stringify(opened)).not.toMatch(/mira|192\.0\.2/);
  // What an auditor still reads: what happened, how bad it was, how it ended.
  const of = (type: string) => entries.filter(({ leaf }) => leaf.event_type === type).map(({ open }) => open);
  expect(of('alert_raised')[0]).toMatchObject({
    resource: { value: { type: 'alert' } },
    'details.severity': { value: expect.any(String) },
    'details.events': { value: expect.any(Number) },
    'details.number': { value: expect.any(Number) },
  });
  expect(Object.keys(of('alert_acknowledged')[0] ?? {}).sort()).toEqual(['details.change_id', 'resource']);
  expect(of('key_create').at(-1)).toMatchObject({
    'details.scopes': { value: ['events.write'] },
    'details.event_signing': { value: 'none' },
  });
  expect(Object.keys(of('secret_create')[0] ?? {}).sort()).toEqual(['details.generated', 'details.type', 'resource']);
  expect(of('login').at(-1)).toMatchObject({ 'details.outcome': { value: 'wrong_credentials' } });
});

test('a filter may name a thing, and nobody', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const redact = 'people' as const;
  const { items } = await console.call('audit.entries', { event_type: 'user_create' }, session);
  const user = items[0]?.resource;
  for (const about of [
    { resource_type: 'user', resource_id: user?.id ?? '' },
    { resource_type: 'mirror', resource_id: 'zelda' },
  ]) {
    await expect(console.call('audit.export', { ...about, redact }, session)).rejects.toMatchObject({
      problem: { code: 'request/invalid', detail: expect.stringContaining('leave it out') },
    });
  }
  const { id } = await console.call('secrets.create', { name: 'a', value: 'a value' }, session);
  const { entries } = await bundleOf(console, session, { resource_type: 'secret', resource_id: id, redact });
  expect(entries).toHaveLength(1);
});

test('the documentation says exactly what is kept', async () => {
  const rows = keptOfTypes().map(
    ({ type, members }) => `| \`${type}\` | ${members.map((name) => `\`${name}\``).join(', ')} |`,
  );
  const document = readFileSync(join(projectRoot, 'docs/redaction.md'), 'utf8');
  const table = [...(document.split('| Type |')[1] ?? '').matchAll(/^\| `.*$/gm)].map(([row]) => row);
  expect(table).toEqual(rows);
  expect(document).toContain(`${keptThings.map((name) => `\`${name}\``).join(', ')}.`);
});
