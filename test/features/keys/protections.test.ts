// Every way that the master key is kept, by one and the same contract: opened again, refused to what is wrong, rotated, changed,
// locked and unlocked, recovered. The keychain is a real Secret Service, the files are real files.
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeyFileStore } from '../../../src-main/adapters/files/key-file-store.ts';
import { readGuardedFile } from '../../../src-main/adapters/files/profile.ts';
import { fromBase64, toBase64 } from '../../../src-main/base/bytes.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { parseKeyFile } from '../../../src-main/core/features/keys/key-file.ts';
import { WrongMasterKey } from '../../../src-main/core/features/keys/key-ring.ts';
import {
  accountOf,
  type Keychain,
  MasterKeyUnavailable,
  PassphraseNeeded,
  type Protection,
} from '../../../src-main/core/features/keys/master-key.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { createTestHost } from '../../support/host.ts';
import { missingPrograms, startSecretService } from '../../support/secret-service.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { finished, opens, versionsOf } from '../encryption/encryption-console.ts';

const missing = missingPrograms();
const required = process.env.GATEHOUSE_TEST_SERVICES === 'required';
const ways: readonly Protection[] = [
  'passphrase',
  'environment',
  'key_file',
  ...(missing.length > 0 ? [] : (['keychain'] as const)),
];

test('the keychain can be tested here', () => {
  if (missing.length > 0) console.warn(`the keychain is not tested: ${missing.join(', ')} missing`);
  expect(required ? missing : []).toEqual([]);
});

const noKeychain: Keychain = {
  probe: () => ({ available: false, detail: 'none here' }),
  get: () => undefined,
  set: () => undefined,
  delete: () => undefined,
};
let service: Awaited<ReturnType<typeof startSecretService>> | undefined;
beforeAll(async () => {
  if (missing.length === 0) service = await startSecretService('test-only');
});
afterAll(() => service?.[Symbol.asyncDispose]());

const keyOf = (byte: number): string => toBase64(new Uint8Array(32).fill(byte));

/** A console, the world that its key comes from, and what a user would do in it. */
async function createWorld(protection: Protection) {
  const folder = temporaryFolder();
  const host = createTestHost();
  const keyPath = join(folder, 'master.key');
  let environment: string | undefined = keyOf(5);
  let passphrase = 'the first passphrase';
  const keychain = (protection === 'keychain' ? service?.keychain : undefined) ?? noKeychain;
  const keys = {
    keychain,
    file: createKeyFileStore(join(folder, 'keys.json')),
    given: {
      get environment() {
        return environment;
      },
      get keyFile() {
        return existsSync(keyPath) ? readGuardedFile(keyPath) : undefined;
      },
    },
  };
  const file = () => parseKeyFile(readFileSync(join(folder, 'keys.json'), 'utf8'));
  const open = (): Promise<TestConsole> => createTestConsole({ folder, host, keys, passphrase });
  let console = await open();
  const { session, secret } = await console.signIn();
  if (protection === 'key_file') writeFileSync(keyPath, keyOf(6), { mode: 0o600 });
  if (protection !== 'environment') {
    const given = protection === 'passphrase' ? { passphrase } : {};
    await console.call('encryption.protection', { protection, ...given }, session);
    environment = undefined;
  }

  const world = {
    folder,
    file,
    get console() {
      return console;
    },
    session,
    /** The master key that opens both generations now, where it can be seen. */
    master(): Uint8Array | undefined {
      if (protection === 'environment') return fromBase64(environment ?? '');
      if (protection === 'key_file') return fromBase64(readFileSync(keyPath, 'utf8'));
      return protection === 'keychain' ? fromBase64(keychain.get(accountOf(file())) ?? '') : undefined;
    },
    async stop() {
      await console.core.stop();
    },
    async reopen() {
      await console.core.stop();
      console = await open();
      await world.expectSealedOpens();
    },
    async expectSealedOpens() {
      console.host.advance(31_000);
      const first = await console.call('auth.login', { username: 'mira', password: 'Correct-horse9battery' });
      const done = await console.call('auth.mfa_verify', { token: String(first.token), code: console.code(secret) });
      return { kind: 'token', token: String(done.token), from: 'bearer' } as const satisfies Credential;
    },
    async rotateMaster(as: Credential): Promise<string> {
      const given =
        protection === 'environment' || protection === 'key_file'
          ? { new_key: keyOf(9) }
          : protection === 'passphrase'
            ? { passphrase: 'the second passphrase' }
            : {};
      const { recovery_key } = await console.call('encryption.rotate', { key: 'master', ...given }, as);
      if (protection === 'environment') environment = keyOf(9);
      if (protection === 'key_file') writeFileSync(keyPath, keyOf(9), { mode: 0o600 });
      passphrase = 'the second passphrase';
      return String(recovery_key);
    },
    /** Puts something else in the key's place; called again, what was there. */
    spoil(): () => void {
      const before = { environment, passphrase, text: existsSync(keyPath) ? readFileSync(keyPath, 'utf8') : '' };
      const account = accountOf(file());
      const kept = protection === 'keychain' ? (keychain.get(account) ?? '') : '';
      if (protection === 'environment') environment = keyOf(77);
      if (protection === 'key_file') writeFileSync(keyPath, keyOf(77));
      if (protection === 'keychain') keychain.set(account, keyOf(77));
      passphrase = 'a wrong passphrase';
      return () => {
        ({ environment, passphrase } = before);
        if (protection === 'key_file') writeFileSync(keyPath, before.text);
        if (protection === 'keychain') keychain.set(account, kept);
      };
    },
    lose() {
      environment = undefined;
      rmSync(keyPath, { force: true });
      if (protection === 'keychain') keychain.delete(accountOf(file()));
    },
    passphrase: () => passphrase,
    open: (typed: string | undefined) =>
      createTestConsole({ folder, host, keys, ...(typed === undefined ? {} : { passphrase: typed }) }),
    async [Symbol.asyncDispose]() {
      await console.core.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
}

describe.each(ways)('%s', (protection) => {
  test('opens again; a wrong key and a missing one are refused and change nothing', { timeout: 60_000 }, async () => {
    await using world = await createWorld(protection);
    expect(world.file()).toMatchObject({ protection });
    expect(world.file().unsettled).toBeUndefined();
    await world.reopen();
    await world.stop();
    const before = readFileSync(join(world.folder, 'keys.json'), 'utf8');
    const restore = world.spoil();
    await expect(world.open(world.passphrase())).rejects.toThrow(WrongMasterKey);
    restore();
    if (protection === 'passphrase') await expect(world.open(undefined)).rejects.toThrow(PassphraseNeeded);
    expect(readFileSync(join(world.folder, 'keys.json'), 'utf8')).toBe(before);
    await world.reopen();
    if (protection === 'passphrase') return;
    await world.stop();
    world.lose();
    await expect(world.open(undefined)).rejects.toThrow(MasterKeyUnavailable);
  });

  test('master and sealing key rotate: the old ones open nothing, in neither generation', {
    timeout: 60_000,
  }, async () => {
    await using world = await createWorld(protection);
    const before = world.master();
    const account = accountOf(world.file());
    await world.rotateMaster(world.session);
    const after = world.master();
    for (const name of ['keys.json', 'keys.json.1']) {
      const file = parseKeyFile(readFileSync(join(world.folder, name), 'utf8'));
      if (before !== undefined) expect([name, opens(file, before)]).toEqual([name, false]);
      if (after !== undefined) expect([name, opens(file, after)]).toEqual([name, true]);
    }
    if (protection === 'keychain') {
      expect(accountOf(world.file())).not.toBe(account);
      expect(service?.keychain.get(account)).toBeUndefined();
    }
    await world.reopen();
    const session = await world.expectSealedOpens();
    await world.console.call('encryption.rotate', { key: 'sealing' }, session);
    await finished(world.console, session);
    for (const name of ['keys.json', 'keys.json.1']) {
      expect(versionsOf(parseKeyFile(readFileSync(join(world.folder, name), 'utf8')), 'sealing')).toEqual([2]);
    }
    await world.reopen();
  });

  test('locked, it is unlocked by what keeps it; and by its recovery key when that is lost', {
    timeout: 60_000,
  }, async () => {
    await using world = await createWorld(protection);
    const recovery = await world.rotateMaster(world.session);
    const lock = async (session: Credential): Promise<void> =>
      void (await world.console.call('vault.lock', {}, session));
    await lock(world.session);
    const own =
      protection === 'passphrase'
        ? { passphrase: world.passphrase() }
        : { token: readFileSync(join(world.folder, 'unlock.token'), 'utf8') };
    await world.console.call('vault.unlock', own);
    await lock(await world.expectSealedOpens());
    world.lose();
    if (protection !== 'passphrase') {
      const token = readFileSync(join(world.folder, 'unlock.token'), 'utf8');
      await expect(world.console.call('vault.unlock', { token })).rejects.toThrow('encryption/protection');
    }
    await world.console.call('vault.unlock', { recovery_key: recovery });
    await world.expectSealedOpens();
  });

  test('is left for a passphrase and taken up again; the recovery key goes on opening', {
    timeout: 60_000,
  }, async () => {
    await using world = await createWorld(protection);
    const { recovery_key } = await world.console.call('encryption.recovery_key', {}, world.session);
    const passphrase = 'another passphrase';
    await world.console.call('encryption.protection', { protection: 'passphrase', passphrase }, world.session);
    expect(world.file()).toMatchObject({ protection: 'passphrase' });
    if (protection !== 'passphrase') {
      await world.console.call('encryption.protection', { protection }, world.session);
      expect(world.file()).toMatchObject({ protection, passphrase: null });
      await expect(world.console.call('encryption.protection', { protection }, world.session)).rejects.toThrow(
        'already',
      );
    }
    await world.console.call('vault.lock', {}, world.session);
    await world.console.call('vault.unlock', { recovery_key });
    await world.expectSealedOpens();
  });
});

test('a keychain that is locked, and one that is not there, are refused with their reason and nothing changes', {
  timeout: 60_000,
}, async () => {
  await using console = await createTestConsole({ keys: { keychain: noKeychain } });
  const { session } = await console.signIn();
  const text = (): string => readFileSync(join(console.folder, 'keys.json'), 'utf8');
  const before = text();
  await expect(console.call('encryption.protection', { protection: 'keychain' }, session)).rejects.toThrow('none here');
  expect(text()).toBe(before);
  if (missing.length > 0) return;
  await using locked = await startSecretService(undefined);
  expect(locked.keychain.probe()).toMatchObject({ available: false });
});

test('a key file that others can read is refused, whenever it is read', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'master.key');
  writeFileSync(path, keyOf(6), { mode: 0o600 });
  expect(readGuardedFile(path)).toBe(keyOf(6));
  chmodSync(path, 0o644);
  expect(() => readGuardedFile(path)).toThrow('can be read by others; run: chmod 600');
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  ['ENOSPC', 'the disk is full'],
  ['EROFS', 'the disk is read-only'],
  ['EACCES', 'permission denied'],
])('%s while the key file is written: said clearly, and everything is as it was', async (code, words) => {
  const folder = temporaryFolder();
  const real = createKeyFileStore(join(folder, 'keys.json'));
  let left = Number.POSITIVE_INFINITY;
  const file = {
    read: real.read,
    write(text: string) {
      if (left <= 0) throw Object.assign(new Error(code), { code });
      left -= 1;
      real.write(text);
    },
  };
  const host = createTestHost();
  let console = await createTestConsole({ folder, host, keys: { file } });
  const { session, secret } = await console.signIn();
  // At each of the writes that a change takes.
  for (const writes of [0, 1]) {
    left = writes;
    const change = { key: 'master', new_key: keyOf(10 + writes) } as const;
    await expect(console.call('encryption.rotate', change, session)).rejects.toThrow(
      `keys.json could not be written: ${words}`,
    );
    left = Number.POSITIVE_INFINITY;
    const key = writes === 0 ? keyOf(5) : keyOf(11);
    await console.core.stop();
    console = await createTestConsole({
      folder,
      host,
      keys: { file, given: { environment: key, keyFile: undefined } },
    });
    console.host.advance(31_000);
    await console.call('auth.step_up', { code: console.code(secret) }, session);
    const stored = parseKeyFile(readFileSync(join(folder, 'keys.json'), 'utf8'));
    expect(stored.unsettled).toBeUndefined();
    if (writes === 1)
      expect(opens(parseKeyFile(readFileSync(join(folder, 'keys.json.1'), 'utf8')), fromBase64(keyOf(5)))).toBe(false);
  }
  left = 0;
  await expect(console.call('encryption.rotate', { key: 'sealing' }, session)).rejects.toThrow(words);
  left = Number.POSITIVE_INFINITY;
  expect(versionsOf(parseKeyFile(readFileSync(join(folder, 'keys.json'), 'utf8')), 'sealing')).toEqual([1]);
  await console[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});
