// Rotating each of the keys by dispatch: what is sealed stays readable, what is old is gone, and the log says so.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqlite } from '../../../src-main/adapters/sqlite/database.ts';
import { toBase64 } from '../../../src-main/base/bytes.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { createCustody } from '../../../src-main/core/features/keys/custody.ts';
import { openKeyRing } from '../../../src-main/core/features/keys/key-ring.ts';
import { WrongStoreKey } from '../../../src-main/core/ports.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import {
  entriesOf,
  environmentKey,
  expectIntact,
  finished,
  keyFileOf,
  opens,
  versionsOf,
} from './encryption-console.ts';

let console: TestConsole;
let session: Credential;
let secret: string;

const settings = new Map([['rate_limit.requests_per_minute', 1_000_000]]);

beforeEach(async () => {
  console = await createTestConsole({ settings });
  ({ session, secret } = await console.signIn());
});
afterEach(() => console[Symbol.asyncDispose]());

async function stepUp(): Promise<void> {
  console.host.advance(31_000);
  await console.call('auth.step_up', { code: console.code(secret) }, session);
}

async function reopen(): Promise<void> {
  const { folder, host } = console;
  await console.core.stop();
  console = await createTestConsole({ folder, host, settings });
}

test('the sealing key: values are sealed anew, the old key is destroyed in the file, and both are entries', async () => {
  const answer = await console.call('encryption.rotate', { key: 'sealing' }, session);
  expect(answer.recovery_key).toBeUndefined();
  const task = await finished(console, session);
  // The authenticator's secret, the recovery codes' key; and no other value was there to be found.
  expect(task).toMatchObject({ key: 'sealing', state: 'finished', unit: 'values', error: null });
  expect(task.done).toBeGreaterThanOrEqual(2);
  expect(task.done).toBe(task.total);
  expect(versionsOf(keyFileOf(console), 'sealing')).toEqual([2]);
  const { keys } = await console.call('encryption.status', {}, session);
  expect(keys.filter(({ key }) => key === 'sealing')).toMatchObject([{ version: 2, state: 'current', overdue: false }]);
  expect(await entriesOf(console, session, 'key_rotation')).toEqual([
    { details: { key: 'sealing', from: 1, to: 2 }, actor: 'mira', success: true },
  ]);
  expect(await entriesOf(console, session, 'key_destroyed')).toEqual([
    { details: { key: 'sealing', version: 1 }, actor: 'mira', success: true },
  ]);
  await stepUp();
  await reopen();
  await stepUp();
});

test('a rotation that a stop cuts short goes on by itself at the next start', async () => {
  await console.call('encryption.rotate', { key: 'sealing' }, session);
  await console.call('encryption.task', { action: 'pause' }, session);
  expect(versionsOf(keyFileOf(console), 'sealing')).toEqual([1, 2]);
  await reopen();
  expect(versionsOf(keyFileOf(console), 'sealing')).toEqual([1, 2]);
  console.host.advance(2_100);
  expect(await finished(console, session)).toMatchObject({ key: 'sealing', state: 'finished' });
  expect(versionsOf(keyFileOf(console), 'sealing')).toEqual([2]);
  await stepUp();
});

test('paused, it waits; a second one is refused meanwhile; resumed, it ends', async () => {
  await console.call('encryption.rotate', { key: 'sealing' }, session);
  const paused = await console.call('encryption.task', { action: 'pause' }, session);
  expect(paused.task).toMatchObject({ state: 'paused' });
  await expect(console.call('encryption.rotate', { key: 'backup' }, session)).rejects.toThrow('encryption/busy');
  await expect(console.call('encryption.task', { action: 'pause' }, session)).rejects.toThrow('encryption/task');
  await console.call('encryption.task', { action: 'resume' }, session);
  expect(await finished(console, session)).toMatchObject({ state: 'finished' });
  await expect(console.call('encryption.task', { action: 'resume' }, session)).rejects.toThrow('encryption/task');
});

test('the page key: the store is another file under another key, whole, with all that was written before', async () => {
  const before = keyFileOf(console);
  const { size } = await console.call('audit.status', {}, session);
  await console.call('encryption.rotate', { key: 'page' }, session);
  expect(await finished(console, session)).toMatchObject({
    key: 'page',
    state: 'finished',
    error: null,
    unit: 'bytes',
  });
  const after = keyFileOf(console);
  expect(versionsOf(after, 'page')).toEqual([2]);
  expect((await console.call('audit.status', {}, session)).size).toBeGreaterThanOrEqual(size);
  expect(await entriesOf(console, session, 'key_rotation')).toEqual([
    { details: { key: 'page', from: 1, to: 2 }, actor: 'mira', success: true },
  ]);
  await expect.poll(() => readdirSync(console.folder).filter((name) => name.startsWith('store.db.'))).toEqual([]);
  await expectIntact(console, session);
  await stepUp();
  await reopen();
  await stepUp();
  await console.core.stop();
  const random = { bytes: (length: number) => new Uint8Array(length) };
  const old = openKeyRing(before, environmentKey, random).pageKey();
  expect(() => openSqlite(join(console.folder, 'store.db'), old)).toThrow(WrongStoreKey);
  openSqlite(join(console.folder, 'store.db'), openKeyRing(after, environmentKey, random).pageKey()).close();
});

test('writes wait while the store is copied, reads go on, and nothing of either is lost', async () => {
  const key = await console.createKey(['events.write', 'events.read'], session);
  await console.call('encryption.rotate', { key: 'page' }, session);
  let accepted = 0;
  let reads = 0;
  const done = finished(console, session);
  let over = false;
  void done.finally(() => {
    over = true;
  });
  while (!over) {
    const events = [
      {
        id: crypto.randomUUID(),
        time: '2026-11-21T14:00:00Z',
        source: 'load',
        event_type: 'login',
        actor: 'a',
        success: true,
      },
    ];
    const answer = await console.call('events.ingest', { events }, key);
    accepted += answer.results.filter(({ status }) => status === 'accepted').length;
    await console.call('events.list', { limit: 1 }, key);
    reads += 1;
    await wait(1);
  }
  expect(await done).toMatchObject({ state: 'finished' });
  await reopen();
  const { items } = await console.call('events.list', { source: 'load', limit: 500 }, key);
  expect(items.length).toBe(accepted);
  expect(reads).toBeGreaterThan(0);
});

test('a copy that a kill left beside the store goes; a key that was never put to use goes with it', async () => {
  const { folder } = console;
  await console.core.stop();
  const paths = {
    keys: join(folder, 'keys.json'),
    store: join(folder, 'store.db'),
    next: join(folder, 'store.db.next'),
  };
  const ports = custodyPorts(paths.keys);
  const custody = createCustody(ports, keyFileOf(console), environmentKey.slice());
  custody.admitPageKey(custody.draftPageKey(), 1);
  custody.destroy();
  writeFileSync(paths.next, readFileSync(paths.store));
  expect(versionsOf(keyFileOf(console), 'page')).toEqual([1, 2]);
  console = await createTestConsole({ folder, host: console.host, settings });
  expect(versionsOf(keyFileOf(console), 'page')).toEqual([1]);
  expect(existsSync(paths.next)).toBe(false);
  await stepUp();
});

test('a copy that a kill left in the place of the store is the store; the old key goes', async () => {
  await console.call('encryption.rotate', { key: 'page' }, session);
  await finished(console, session);
  const { folder } = console;
  await console.core.stop();
  // As if the old version had not been forgotten yet.
  const file = keyFileOf(console);
  const [page] = file.keys.filter((key) => key.purpose === 'page');
  const other = createCustody(custodyPorts(join(folder, 'other.json')), file, environmentKey.slice());
  other.admitPageKey({ version: 1, key: new Uint8Array(32).fill(77) }, 1);
  writeFileSync(join(folder, 'keys.json'), other.ring.keyFileText());
  expect(versionsOf(keyFileOf(console), 'page')).toEqual([page?.version, 1]);
  console = await createTestConsole({ folder, host: console.host, settings });
  expect(versionsOf(keyFileOf(console), 'page')).toEqual([2]);
  await stepUp();
});

test('the backup key: a new version; the old one goes as no backup needs it', async () => {
  await console.call('encryption.rotate', { key: 'backup' }, session);
  expect(versionsOf(keyFileOf(console), 'backup')).toEqual([2]);
  expect(await entriesOf(console, session, 'key_rotation')).toMatchObject([
    { details: { key: 'backup', from: 1, to: 2 } },
  ]);
});

test('the master key: everything stands under the new one, and the answer says where it must be put', async () => {
  const next = new Uint8Array(32).fill(8);
  await expect(console.call('encryption.rotate', { key: 'master' }, session)).rejects.toThrow('request/invalid');
  await expect(
    console.call('encryption.rotate', { key: 'master', new_key: toBase64(environmentKey) }, session),
  ).rejects.toThrow('in use');
  await expect(console.call('encryption.rotate', { key: 'master', new_key: 'AAAA' }, session)).rejects.toThrow(
    '32 bytes',
  );
  const answer = await console.call('encryption.rotate', { key: 'master', new_key: toBase64(next) }, session);
  expect(answer.recovery_key).toMatch(/^GH-/);
  expect(answer.next_step).toContain('GATEHOUSE_ENCRYPTION_KEY');
  expect(answer.status.keys[0]).toMatchObject({ key: 'master', version: 2, state: 'current' });
  expect(opens(keyFileOf(console), next)).toBe(true);
  expect(opens(keyFileOf(console), environmentKey)).toBe(false);
  // New keys are wrapped under the new one from now on.
  await console.call('encryption.rotate', { key: 'sealing' }, session);
  await finished(console, session);
  expect(opens(keyFileOf(console), next)).toBe(true);
});

test('pausing, resuming and a new recovery key leave one entry each', async () => {
  await console.call('encryption.rotate', { key: 'sealing' }, session);
  await console.call('encryption.task', { action: 'pause' }, session);
  await console.call('encryption.task', { action: 'resume' }, session);
  await finished(console, session);
  expect((await entriesOf(console, session, 'key_rotation')).slice(1)).toEqual([
    { details: { key: 'sealing', action: 'pause' }, actor: 'mira', success: true },
    { details: { key: 'sealing', action: 'resume' }, actor: 'mira', success: true },
  ]);
  const before = await console.call('encryption.status', {}, session);
  expect(before.recovery_key_issued_at).toBeNull();
  const issued = await console.call('encryption.recovery_key', {}, session);
  expect((await console.call('encryption.status', {}, session)).recovery_key_issued_at).toBe(issued.created_at);
  expect(await entriesOf(console, session, 'recovery_key_issued')).toEqual([
    { details: {}, actor: 'mira', success: true },
  ]);
});

test('while a backup needs the old backup key, it is shown as retiring, and keys go on to be shown and rotated', async () => {
  await console.call('backups.create', { encrypted: true }, session);
  const { status } = await console.call('encryption.rotate', { key: 'backup' }, session);
  expect(status.keys.filter(({ key }) => key === 'backup')).toMatchObject([
    { version: 1, state: 'retiring', uses: 1 },
    { version: 2, state: 'current', uses: null },
  ]);
  const { keys } = await console.call('encryption.status', {}, session);
  expect(keys.filter(({ key }) => key === 'backup')).toHaveLength(2);
  const [made] = (await console.call('backups.list', {}, session)).items;
  await console.call('backups.delete', { id: made?.backup_id ?? '' }, session);
  await console.call('encryption.rotate', { key: 'backup' }, session);
  expect(versionsOf(keyFileOf(console), 'backup')).toEqual([3]);
});

test('sealing and backup keys rotate by themselves when they are due; the others are shown as overdue', async () => {
  console.host.advance(20_000);
  expect(await entriesOf(console, session, 'key_rotation')).toEqual([]);
  for (let day = 0; day < 91; day++) console.host.advance(24 * 3_600_000);
  ({ session } = await signInAgain());
  await finished(console, session);
  expect(await entriesOf(console, session, 'key_rotation')).toMatchObject([
    { details: { key: 'backup', from: 1, to: 2 }, actor: 'system' },
    { details: { key: 'sealing', from: 1, to: 2 }, actor: 'system' },
  ]);
  const { keys } = await console.call('encryption.status', {}, session);
  const overdue = keys.filter((key) => key.overdue).map(({ key }) => key);
  expect(overdue).toEqual(['master', 'page', 'signing']);
});

async function signInAgain(): Promise<{ session: Credential }> {
  const first = await console.call('auth.login', { username: 'mira', password: 'Correct-horse9battery' });
  const done = await console.call('auth.mfa_verify', { token: String(first.token), code: console.code(secret) });
  return { session: { kind: 'token', token: String(done.token), from: 'bearer' } };
}

function custodyPorts(path: string): Parameters<typeof createCustody>[0] {
  return {
    keychain: {
      probe: () => ({ available: false, detail: '' }),
      get: () => undefined,
      set: () => {},
      delete: () => {},
    },
    file: {
      read: () => undefined,
      write: (text) => writeFileSync(path, text),
    },
    kdf: async () => new Uint8Array(32),
    random: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
    given: { environment: undefined, keyFile: undefined },
  };
}
