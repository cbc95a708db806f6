// Backups through dispatch: made while writes go on, restored as a trial, put in the place of the store, kept and let go by the schedule.
import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256Hex } from '../../../src-main/base/hashes.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { createTestConsole, Refusal, type TestConsole } from '../../support/console.ts';
import { createTestHost } from '../../support/host.ts';

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'no refusal';
  } catch (error) {
    if (error instanceof Refusal) return error.problem.code;
    throw error;
  }
}

async function ingest(console: TestConsole, session: Credential, count: number, marker: string): Promise<void> {
  const time = new Date(console.host.clock.now()).toISOString();
  const { rejected } = await console.call(
    'events.ingest',
    {
      events: Array.from({ length: count }, () => ({
        id: randomUUID(),
        time,
        source: 'test',
        event_type: 'api_call' as const,
        success: true,
        actor: marker,
        details: { text: 'x'.repeat(2_000) },
      })),
    },
    session,
  );
  expect(rejected).toBe(0);
}

async function entries(console: TestConsole, session: Credential, type: string) {
  const { items } = await console.call('audit.entries', { event_type: type }, session);
  return items;
}

test('a backup answers as the API promises, and is listed with where it lies', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const made = await console.call('backups.create', {}, session);
  expect(made).toEqual({
    backup_id: expect.any(String),
    encrypted: true,
    encryption_algorithm: 'AES-256-GCM',
    created_at: '2026-11-21T14:00:00.000Z',
    size_bytes: expect.any(Number),
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  const { items } = await console.call('backups.list', {}, session);
  expect(items).toMatchObject([
    { backup_id: made.backup_id, kind: 'manual', state: 'complete', keep: [], verification: null },
  ]);
  const path = items[0]?.path ?? '';
  const bytes = readFileSync(path);
  expect(bytes.byteLength).toBe(made.size_bytes);
  expect(sha256Hex(bytes)).toBe(made.sha256);
  expect(statSync(path).mode & 0o077).toBe(0);
  expect(readdirSync(join(console.folder, 'backups'))).toHaveLength(1);
  const [entry] = await entries(console, session, 'backup_create');
  expect(entry).toMatchObject({ success: true, actor: { name: 'mira' }, resource: { id: made.backup_id } });
});

test('restored as a trial: every page, the audit tree and the sealed values are looked at; the result is kept and recorded', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const { backup_id: id } = await console.call('backups.create', {}, session);
  const verification = await console.call('backups.verify', { id }, session);
  expect(verification).toMatchObject({
    passed: true,
    audit_entries: expect.any(Number),
    root_hash: expect.any(String),
  });
  // The TOTP secret and the recovery codes' key of the admin at least.
  expect(verification.detail).toMatch(/[1-9]\d* sealed values opened/);
  const { items } = await console.call('backups.list', {}, session);
  expect(items[0]?.verification).toEqual(verification);
  expect(items[0]?.audit_entries).toBe(verification.audit_entries);
  expect(readdirSync(join(console.folder, 'scratch'))).toEqual([]);
  const [entry] = await entries(console, session, 'backup_verify');
  expect(entry).toMatchObject({ success: true, details: { passed: true, audit_entries: verification.audit_entries } });
});

test('writes that go on during a backup are not in it, and those before are, whole', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  for (let round = 0; round < 20; round++) await ingest(console, session, 200, `before-${round}`);
  let writing = true;
  let rounds = 0;
  const writer = (async () => {
    while (writing) {
      await ingest(console, session, 50, `during-${rounds++}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const made = console.call('backups.create', {}, session).finally(() => {
    writing = false;
  });
  const [{ backup_id: id }] = await Promise.all([made, writer]);
  expect(rounds).toBeGreaterThan(0);
  const verification = await console.call('backups.verify', { id }, session);
  expect(verification.passed, verification.detail).toBe(true);
});

test('who may not manage backups makes none; who may only read sees them', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const reader = await console.createKey(['backups.read'], session);
  expect(await codeOf(console.call('backups.create', {}, reader))).toBe('access/forbidden');
  expect(await console.call('backups.list', {}, reader)).toEqual({ items: [], next_cursor: null });
});

test('an unencrypted backup is refused for hipaa and where the setting requires encryption, and made otherwise', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  expect(await codeOf(console.call('backups.create', { encrypted: false, compliance_mode: 'hipaa' }, session))).toBe(
    'backups/encryption-required',
  );
  const plain = await console.call('backups.create', { encrypted: false }, session);
  expect(plain).toMatchObject({ encrypted: false, encryption_algorithm: null });
  expect(await console.call('backups.verify', { id: plain.backup_id }, session)).toMatchObject({ passed: true });
  // Its own layer is missing, the store's is not: nothing of what we know is readable.
  const { items } = await console.call('backups.list', {}, session);
  const bytes = readFileSync(items[0]?.path ?? '');
  expect(bytes.includes('SQLite format 3')).toBe(false);
  expect(bytes.includes('mira')).toBe(false);
  const refused = (await entries(console, session, 'backup_create')).filter((entry) => !entry.success);
  expect(refused).toHaveLength(1);

  await using strict = await createTestConsole({ settings: new Map([['backup.encryption', 'required']]) });
  const other = await strict.signIn();
  expect(await codeOf(strict.call('backups.create', { encrypted: false }, other.session))).toBe(
    'backups/encryption-required',
  );
  expect(await strict.call('backups.schedule', {}, other.session)).toMatchObject({ encryption_required: true });
});

test('a damaged backup fails its trial with the reason, and restoring it changes nothing', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const { backup_id: id } = await console.call('backups.create', {}, session);
  const path = (await console.call('backups.list', {}, session)).items[0]?.path ?? '';
  const bytes = readFileSync(path);
  bytes[Math.floor(bytes.byteLength / 2)] = (bytes[Math.floor(bytes.byteLength / 2)] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  const verification = await console.call('backups.verify', { id }, session);
  expect(verification).toMatchObject({ passed: false, detail: expect.stringContaining('chunk 1 of 1') });
  const [entry] = await entries(console, session, 'backup_verify');
  expect(entry).toMatchObject({ details: { passed: false } });
  expect(await codeOf(console.call('backups.restore', { id }, session))).toBe('backups/damaged');
  expect(readdirSync(console.folder).filter((name) => /^(replaced|incoming)/.test(name))).toEqual([]);
  writeFileSync(path, bytes.subarray(0, bytes.byteLength / 2));
  expect(await console.call('backups.verify', { id }, session)).toMatchObject({
    passed: false,
    detail: expect.stringContaining('end is missing'),
  });
});

test('restoring: what came after the backup is gone, what was before is back, and the old store is set aside', async () => {
  await using console = await createTestConsole();
  const { session, secret } = await console.signIn();
  const { backup_id: id } = await console.call('backups.create', {}, session);
  const key = await console.createKey(['audit.read'], session);
  const { items: keys } = await console.call('keys.list', {}, session);
  expect(keys).toHaveLength(1);
  console.host.advance(60_000);
  const { set_aside: setAside, verification } = await console.call('backups.restore', { id }, session);
  expect(verification.passed).toBe(true);
  expect(readdirSync(setAside).sort()).toEqual(expect.arrayContaining(['keys.json', 'store.db']));
  // The key was made after the backup, and sessions do not come back with it.
  expect(await codeOf(console.call('audit.status', {}, key))).toBe('access/unauthenticated');
  expect(await codeOf(console.call('audit.status', {}, session))).toBe('access/unauthenticated');
  // Password and second factor of that time work: sealed values open.
  const first = await console.call('auth.login', { username: 'mira', password: 'Correct-horse9battery' });
  if (!('mfa_required' in first)) throw new Error('expected to be asked for the second factor');
  console.host.advance(30_000);
  const done = await console.call('auth.mfa_verify', { token: first.token, code: console.code(secret) });
  if (!('user' in done) || done.token === undefined) throw new Error('expected a session');
  const again: Credential = { kind: 'token', token: done.token, from: 'bearer' };
  expect((await console.call('keys.list', {}, again)).items).toEqual([]);
  const [entry] = await entries(console, again, 'backup_restore');
  expect(entry).toMatchObject({
    success: true,
    actor: { name: 'mira' },
    resource: { id },
    details: { set_aside: setAside },
  });
  expect(await console.call('audit.status', {}, again)).toMatchObject({ check: { first_bad_seq: null } });
  // The restored store knows the backup that it came from, and a new one can be made.
  expect((await console.call('backups.list', {}, again)).items).toMatchObject([{ backup_id: id, state: 'complete' }]);
  const next = await console.call('backups.create', {}, again);
  expect(await console.call('backups.verify', { id: next.backup_id }, again)).toMatchObject({ passed: true });
});

test('a backup with a passphrase opens with it, and with nothing that is like it', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const passphrase = 'correct horse battery';
  const { backup_id: id } = await console.call('backups.create', { passphrase }, session);
  expect((await console.call('backups.list', {}, session)).items[0]?.opens_with).toContain('passphrase');
  expect(await console.call('backups.verify', { id, passphrase }, session)).toMatchObject({ passed: true });
  expect(await codeOf(console.call('backups.verify', { id, passphrase: 'correct horse batterz' }, session))).toBe(
    'backups/key',
  );
  expect(await console.call('backups.verify', { id }, session)).toMatchObject({ passed: true });
});

test('a genuine backup that is not the one that was written here is told apart', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  await console.call('backups.create', {}, session);
  console.host.advance(1_000);
  await console.call('backups.create', {}, session);
  const { items } = await console.call('backups.list', {}, session);
  const [newer, older] = items;
  if (newer === undefined || older === undefined) throw new Error('expected two backups');
  copyFileSync(older.path, newer.path);
  expect(await console.call('backups.verify', { id: newer.backup_id }, session)).toMatchObject({
    passed: false,
    detail: expect.stringContaining('not the file that was written here'),
  });
});

test('a backup of another console is refused', async () => {
  await using console = await createTestConsole();
  await using other = await createTestConsole({ host: createTestHost(undefined, 'other') });
  const { session } = await console.signIn();
  const theirs = await other.signIn();
  const mine = await console.call('backups.create', {}, session);
  await other.call('backups.create', {}, theirs.session);
  const foreign = (await other.call('backups.list', {}, theirs.session)).items[0]?.path ?? '';
  copyFileSync(foreign, (await console.call('backups.list', {}, session)).items[0]?.path ?? '');
  expect(await codeOf(console.call('backups.verify', { id: mine.backup_id }, session))).toBe('backups/other-console');
  expect(await codeOf(console.call('backups.restore', { id: mine.backup_id }, session))).toBe('backups/other-console');
});

test('one at a time; cancelling removes the file and says so in list and log', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const first = codeOf(console.call('backups.create', {}, session));
  expect(await codeOf(console.call('backups.create', {}, session))).toBe('backups/busy');
  const { items } = await console.call('backups.list', {}, session);
  expect(items).toMatchObject([{ state: 'running' }]);
  await console.call('backups.cancel', { id: items[0]?.backup_id ?? '' }, session);
  expect(await first).toBe('backups/cancelled');
  expect((await console.call('backups.list', {}, session)).items).toMatchObject([
    { state: 'failed', error: 'cancelled' },
  ]);
  expect(readdirSync(join(console.folder, 'backups'))).toEqual([]);
  expect((await entries(console, session, 'backup_create'))[0]).toMatchObject({ success: false });
});

test('a folder that can not be used is refused by name, before anything is made', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const base = { enabled: true, every: 'day' as const, at: '02:30', keep_daily: 1, keep_weekly: 0, keep_monthly: 0 };
  writeFileSync(join(console.folder, 'file'), '');
  for (const folder of ['relative/path', join(console.folder, 'file'), '/proc/nowhere']) {
    expect(await codeOf(console.call('backups.set_schedule', { ...base, folder }, session)), folder).toBe(
      'backups/folder',
    );
  }
  const folder = join(console.folder, 'elsewhere');
  await console.call('backups.set_schedule', { ...base, folder }, session);
  await console.call('backups.create', {}, session);
  expect(readdirSync(folder)).toHaveLength(1);
  const [entry] = await entries(console, session, 'config_change');
  expect(entry).toMatchObject({ details: { old: { folder: null }, new: { folder } } });
});

test('deleting takes the file too; a file that is gone is listed as missing', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const { backup_id: id } = await console.call('backups.create', {}, session);
  const path = (await console.call('backups.list', {}, session)).items[0]?.path ?? '';
  const bytes = readFileSync(path);
  await console.call('backups.delete', { id }, session);
  expect(existsSync(path)).toBe(false);
  expect(await codeOf(console.call('backups.delete', { id }, session))).toBe('backups/not-found');
  const { backup_id: other } = await console.call('backups.create', {}, session);
  const item = (await console.call('backups.list', {}, session)).items[0];
  await import('node:fs').then(({ rmSync }) => rmSync(item?.path ?? ''));
  expect((await console.call('backups.list', {}, session)).items).toMatchObject([
    { backup_id: other, state: 'missing' },
  ]);
  expect(await codeOf(console.call('backups.verify', { id: other }, session))).toBe('backups/not-found');
  expect(bytes.byteLength).toBeGreaterThan(0);
});

test('what a killed run left goes at the next start, with an entry; a backup that nobody knows is found again', async () => {
  const host = createTestHost();
  await using console = await createTestConsole({ host });
  const { session } = await console.signIn();
  const { backup_id: id } = await console.call('backups.create', {}, session);
  const folder = join(console.folder, 'backups');
  await console.core.stop();
  writeFileSync(join(folder, 'gatehouse-20261121T140000Z-abcdef.ghbackup.part'), 'half');
  writeFileSync(join(folder, 'notes.txt'), 'not ours');
  const found = readdirSync(folder).find((name) => name.endsWith('.ghbackup')) ?? '';
  await using again = await createTestConsole({ folder: console.folder, host });
  expect(readdirSync(folder).sort()).toEqual([found, 'notes.txt'].sort());
  const log = again.host.logged.filter(({ level }) => level === 'error');
  expect(log).toEqual([]);
  host.advance(2_000);
  expect((await again.call('backups.list', {}, session)).items).toMatchObject([{ backup_id: id, state: 'complete' }]);
  const leftovers = (await entries(again, session, 'backup_create')).filter(
    (entry) => entry.action === 'backups.leftover',
  );
  expect(leftovers).toMatchObject([{ success: false, details: { removed: expect.stringContaining('.part') } }]);
});
