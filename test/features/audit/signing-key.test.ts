// Rotating the key that signs the log: what was signed before stays good, whoever knew the old key comes to the new one, a kill at any
// moment leaves one of the two, and today's key can't sign the past.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { parseKeyFile } from '../../../src-main/core/features/keys/key-file.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { parseVerifierKey } from '../../../src-shared/evidence/signed-note.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { createTestHost } from '../../support/host.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { entriesOf, environmentKey, expectIntact, keyFileOf, versionsOf } from '../encryption/encryption-console.ts';
import { forgeLog } from './forged-log.ts';

let folder: string;
let console: TestConsole;
let session: Credential;

beforeEach(async () => {
  folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  console = await createTestConsole({ folder });
  ({ session } = await console.signIn());
});
afterEach(() => console[Symbol.asyncDispose]());

const publicKey = (): Promise<Output<'audit.public_key'>> => console.call('audit.public_key', {}, session);
const rotate = () => console.call('encryption.rotate', { key: 'signing' }, session);

async function exported(): Promise<Uint8Array> {
  return Buffer.from(await console.call('audit.export', {}, session));
}

function verdict(bundle: Uint8Array, ...trustedKeys: string[]): string {
  return verifyBundle(nodePrimitives, bundle, { trustedKeys }).verdict;
}

async function reopen(): Promise<void> {
  const { host } = console;
  await console.core.stop();
  console = await createTestConsole({ folder, host });
}

test('old and new bundles verify by the old key and the chain; the log stays whole over restarts', async () => {
  const before = await publicKey();
  const oldBundle = await exported();
  expect(before.earlier).toEqual([]);
  await rotate();
  const after = await publicKey();
  expect(after.verifier_key).not.toBe(before.verifier_key);
  expect(parseVerifierKey(nodePrimitives, after.verifier_key).name).toBe(before.origin);
  expect(after.earlier).toMatchObject([{ verifier_key: before.verifier_key, fingerprint: before.fingerprint }]);
  expect(after.rotations).toHaveLength(1);
  expect(await entriesOf(console, session, 'key_rotation')).toEqual([
    {
      details: {
        key: 'signing',
        from: 1,
        to: 2,
        verifier_key: after.verifier_key,
        previous_verifier_key: before.verifier_key,
      },
      actor: 'mira',
      success: true,
    },
  ]);
  expect(await entriesOf(console, session, 'key_destroyed')).toMatchObject([
    { details: { key: 'signing', version: 1 } },
  ]);
  expect(versionsOf(keyFileOf(console), 'signing')).toEqual([2]);

  const bundle = await exported();
  expect(verdict(bundle, before.verifier_key)).toBe('VERIFIED');
  expect(verdict(bundle, after.verifier_key)).toBe('VERIFIED');
  expect(verdict(oldBundle, before.verifier_key)).toBe('VERIFIED');
  // Nothing leads backwards: who pinned the new key learns nothing about older ones.
  expect(verdict(oldBundle, after.verifier_key)).toBe('NOT VERIFIED');
  await expectIntact(console, session);

  await rotate();
  const third = await publicKey();
  expect(third.earlier.map(({ verifier_key }) => verifier_key)).toEqual([before.verifier_key, after.verifier_key]);
  await reopen();
  expect((await publicKey()).verifier_key).toBe(third.verifier_key);
  expect(verdict(await exported(), before.verifier_key)).toBe('VERIFIED');
  await expectIntact(console, session);
});

test('the last checkpoint of the old key covers the entry of the rotation, the next one is by the new key', async () => {
  const before = await publicKey();
  await rotate();
  const { earlier, verifier_key } = await publicKey();
  const [entry] = (await console.call('audit.entries', { event_type: 'key_rotation' }, session)).items;
  expect(earlier[0]?.last_seq).toBe(entry?.seq);
  const { note, size } = await console.call('audit.checkpoint', {}, session);
  expect(size).toBeGreaterThan(entry?.seq ?? 0);
  const idOf = (text: string): string => parseVerifierKey(nodePrimitives, text).id;
  const signer = Buffer.from(note.trimEnd().split(' ').at(-1) ?? '', 'base64')
    .subarray(0, 4)
    .toString('hex');
  expect(signer).toBe(idOf(verifier_key));
  const log = readFileSync(join(folder, 'checkpoints.log'), 'utf8');
  expect(log).toContain(`${before.origin}\n${entry?.seq}\n`);
});

test('a backup of before the rotation and one of after it both verify', async () => {
  const first = await console.call('backups.create', {}, session);
  await rotate();
  const second = await console.call('backups.create', {}, session);
  for (const { backup_id } of [first, second]) {
    expect(await console.call('backups.verify', { id: backup_id }, session)).toMatchObject({ passed: true });
  }
});

test('it needs the permission, and a fresh second factor', async () => {
  const reader = await console.createKey(['*.read'], session);
  expect(await console.send('encryption.rotate', { key: 'signing' }, reader)).toMatchObject({
    problem: { code: 'access/forbidden' },
  });
  console.host.advance(6 * 60_000);
  expect(await console.send('encryption.rotate', { key: 'signing' }, session)).toMatchObject({
    problem: { code: 'access/step-up' },
  });
  expect(versionsOf(keyFileOf(console), 'signing')).toEqual([1]);
});

test('its due date is that of the other keys, and it waits for somebody to rotate it', async () => {
  const due = async () => {
    const { keys } = await console.call('encryption.status', {}, session);
    return keys.find(({ key }) => key === 'signing');
  };
  expect(await due()).toMatchObject({ version: 1, overdue: false, due_at: expect.any(String) as string });
  await rotate();
  expect(await due()).toMatchObject({ version: 2, overdue: false });
});

/** What a kill would leave, each time something was about to become durable or had just become so. */
async function killedAtEachStep(): Promise<string[]> {
  const { host } = console;
  await console.core.stop();
  const copies: string[] = [];
  let watching = false;
  const keysPath = join(folder, 'keys.json');
  const snapshot = (): void => {
    if (!watching) return;
    const copy = temporaryFolder();
    onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
    cpSync(folder, copy, { recursive: true });
    copies.push(copy);
  };
  console = await createTestConsole({
    folder,
    host,
    keys: {
      file: {
        read: () => readFileSync(keysPath, 'utf8'),
        write(text) {
          snapshot();
          writeFileSync(keysPath, text);
          snapshot();
        },
      },
    },
    wrapDatabase: (database) => ({
      ...database,
      get inTransaction() {
        return database.inTransaction;
      },
      run(sql, parameters) {
        if (sql !== 'COMMIT') return database.run(sql, parameters);
        snapshot();
        const changes = database.run(sql, parameters);
        snapshot();
        return changes;
      },
    }),
  });
  watching = true;
  await rotate();
  watching = false;
  return copies;
}

test('killed at any step, the next start signs by the old key or the new one, and the log is whole', {
  timeout: 60_000,
}, async () => {
  const old = await publicKey();
  const copies = await killedAtEachStep();
  const rotated = await publicKey();
  const outcomes: string[] = [];
  for (const copy of copies) {
    const { host } = console;
    const started = createTestHost(host.clock.now(), copy);
    const again = await createTestConsole({ folder: copy, host: started });
    try {
      const { verifier_key } = await again.call('audit.public_key', {}, session);
      expect([old.verifier_key, rotated.verifier_key]).toContain(verifier_key);
      outcomes.push(verifier_key === old.verifier_key ? 'old' : 'new');
      // One key, and the one that the store names.
      expect(versionsOf(keyFileOf(again), 'signing')).toEqual([verifier_key === old.verifier_key ? 1 : 2]);
      const entries = await entriesOf(again, session, 'key_rotation');
      expect(entries).toHaveLength(verifier_key === old.verifier_key ? 0 : 1);
      const bundle = Buffer.from(await again.call('audit.export', {}, session));
      expect(verdict(bundle, old.verifier_key)).toBe('VERIFIED');
      await expectIntact(again, session);
      await again.call('encryption.rotate', { key: 'signing' }, session);
      await expectIntact(again, session);
    } finally {
      await again.core.stop();
    }
  }
  expect(outcomes.length).toBeGreaterThan(6);
  // First the old one, from one step on the new one.
  expect(outcomes.join(' ')).toMatch(/^(old )+(new ?)+$/);
});

test('a full disk at any write leaves the old key, and the next try succeeds', async () => {
  const { host } = console;
  const old = await publicKey();
  await console.core.stop();
  let failing = 0;
  const keysPath = join(folder, 'keys.json');
  console = await createTestConsole({
    folder,
    host,
    keys: {
      file: {
        read: () => readFileSync(keysPath, 'utf8'),
        write(text) {
          if (failing > 0 && --failing === 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
          writeFileSync(keysPath, text);
        },
      },
    },
  });
  failing = 1;
  await expect(rotate()).rejects.toThrow('the disk is full');
  expect((await publicKey()).verifier_key).toBe(old.verifier_key);
  await rotate();
  expect(versionsOf(keyFileOf(console), 'signing')).toEqual([2]);
  await expectIntact(console, session);
});

async function forgedAndChecked(forge: () => void): Promise<Output<'audit.status'>['check']> {
  const { host } = console;
  await console.core.stop();
  forge();
  console = await createTestConsole({ folder, host, acceptOlderStore: true });
  host.advance(1_100);
  for (let tries = 0; tries < 500; tries++) {
    const { check } = await console.call('audit.status', {}, session);
    if (check.state !== 'checking') return check;
    await wait(10);
  }
  throw new Error('the check does not end');
}

/** Whoever has the master key and today's signing key changes an entry, and everything that follows from it. */
const hideEntry = (checkpoints: 'resigned' | 'old ones dropped') => () => {
  const file = parseKeyFile(readFileSync(join(folder, 'keys.json'), 'utf8'));
  forgeLog(folder, file, environmentKey, { seq: 3, checkpoints });
  // It is not the copy beside the store that finds it.
  rmSync(join(folder, 'checkpoints.log'), { force: true });
};

test("signing old entries anew with today's key is found", async () => {
  await console.call('audit.checkpoint', {}, session);
  await rotate();
  await console.createKey(['events.read'], session);
  const check = await forgedAndChecked(hideEntry('resigned'));
  expect(check).toMatchObject({
    state: 'broken',
    detail: expect.stringMatching(
      /^checkpoint for #\d+: its signature is not by the key that signed at that time$/,
    ) as string,
  });
});

test("keeping only checkpoints that today's key could sign is found", async () => {
  await console.call('audit.checkpoint', {}, session);
  await rotate();
  await console.createKey(['events.read'], session);
  const check = await forgedAndChecked(hideEntry('old ones dropped'));
  expect(check).toMatchObject({
    state: 'broken',
    detail: expect.stringMatching(
      /^checkpoint for #\d+: the last one of the key before version 2 is missing$/,
    ) as string,
  });
});

test('without a rotation in between the same forgery agrees with itself, so the forging itself is right', async () => {
  await console.call('audit.checkpoint', {}, session);
  await console.createKey(['events.read'], session);
  expect(await forgedAndChecked(hideEntry('resigned'))).toMatchObject({ state: 'intact' });
});

test('the copy of the checkpoints beside the store finds that one at the start', async () => {
  await console.call('audit.checkpoint', {}, session);
  const { host } = console;
  await console.core.stop();
  const file = parseKeyFile(readFileSync(join(folder, 'keys.json'), 'utf8'));
  forgeLog(folder, file, environmentKey, { seq: 3, checkpoints: 'resigned' });
  await expect(createTestConsole({ folder, host })).rejects.toMatchObject({
    name: 'OlderStore',
    message: expect.stringContaining('with another root') as string,
  });
});

test('an older store from before the rotation, once accepted, goes on under the key that is left, and says so', async () => {
  const older = temporaryFolder();
  onTestFinished(() => rmSync(older, { recursive: true, force: true }));
  const { host } = console;
  await console.core.stop();
  cpSync(folder, older, { recursive: true });
  console = await createTestConsole({ folder, host });
  await rotate();
  await console.core.stop();
  for (const name of ['store.db', 'store.db-wal', 'store.db-shm']) {
    rmSync(join(folder, name), { force: true });
    cpSync(join(older, name), join(folder, name), { force: true, recursive: true, filter: () => name === 'store.db' });
  }
  await expect(createTestConsole({ folder, host })).rejects.toMatchObject({ name: 'OlderStore' });
  console = await createTestConsole({ folder, host, acceptOlderStore: true });
  const { earlier } = await publicKey();
  expect(earlier).toHaveLength(1);
  // The ledger of the keys notes the version that this store never heard of, too.
  expect(await entriesOf(console, session, 'key_rotation')).toMatchObject([
    { details: { key: 'signing', chained: false } },
    { details: { key: 'signing', from: 1, to: 2 } },
  ]);
  await expectIntact(console, session);
  await reopen();
  expect((await publicKey()).earlier).toHaveLength(1);
  await expectIntact(console, session);
});
