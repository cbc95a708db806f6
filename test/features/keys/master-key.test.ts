// Every way that the master key is kept, by one and the same contract; and the recovery key that opens it when that way is lost.
import { expect, test } from 'vitest';
import { argon2idKdf } from '../../../src-main/adapters/vault/passphrase-kdf.ts';
import { toBase64 } from '../../../src-main/base/bytes.ts';
import { createCustody, recoverMasterKey } from '../../../src-main/core/features/keys/custody.ts';
import { openKeyRing, WrongMasterKey } from '../../../src-main/core/features/keys/key-ring.ts';
import {
  createMasterKey,
  findMasterKey,
  type Keychain,
  type MasterKeyPorts,
  MasterKeyUnavailable,
  PassphraseNeeded,
  type Protection,
  readKeyFile,
} from '../../../src-main/core/features/keys/master-key.ts';
import { formatRecoveryKey, parseRecoveryKey } from '../../../src-main/core/features/keys/recovery-key.ts';
import { createTestHost } from '../../support/host.ts';

const instanceId = '0198c0de-0000-7000-8000-000000000001';
const given = toBase64(new Uint8Array(32).fill(4));
const passphrase = 'a long enough passphrase';

function createPorts(protection: Protection): MasterKeyPorts & { forget(): MasterKeyPorts } {
  const kept = new Map<string, string>();
  let text: string | undefined;
  const keychain: Keychain = {
    probe: () => ({ available: true, detail: 'test keychain' }),
    get: (account) => kept.get(account),
    set: (account, value) => void kept.set(account, value),
    delete: (account) => void kept.delete(account),
  };
  const ports: MasterKeyPorts = {
    keychain,
    file: {
      read: () => text,
      write: (next) => {
        text = next;
      },
    },
    kdf: argon2idKdf,
    random: createTestHost().random,
    given: {
      environment: protection === 'environment' ? given : undefined,
      keyFile: protection === 'key_file' ? `${given}\n` : undefined,
    },
  };
  return {
    ...ports,
    forget() {
      kept.clear();
      return { ...ports, given: { environment: undefined, keyFile: undefined } };
    },
  };
}

for (const protection of ['keychain', 'passphrase', 'environment', 'key_file'] as const) {
  test(`${protection}: the key made at set-up is found again and opens the same keys`, async () => {
    const ports = createPorts(protection);
    const { file, master } = await createMasterKey(ports, { instanceId, protection, passphrase, now: 1 });
    const found = await findMasterKey(ports, readKeyFile(ports.file) ?? file, passphrase);
    expect(found).toEqual(master);
    const first = openKeyRing(file, master, ports.random);
    const again = openKeyRing(file, found, ports.random);
    expect(again.pageKey()).toEqual(first.pageKey());
    expect(again.open(first.seal(new Uint8Array([1, 2, 3]), 'here'), 'here')).toEqual(new Uint8Array([1, 2, 3]));
    expect(JSON.stringify(file)).not.toContain(toBase64(master));
  });

  test(`${protection}: lost, the recovery key brings the console back under a passphrase`, async () => {
    const ports = createPorts(protection);
    const { file, master } = await createMasterKey(ports, { instanceId, protection, passphrase, now: 1 });
    const shown = formatRecoveryKey(createCustody(ports, file, master.slice()).issueRecoveryKey(2));
    const lost = ports.forget();
    if (protection === 'passphrase')
      await expect(findMasterKey(lost, file, undefined)).rejects.toThrow(PassphraseNeeded);
    else await expect(findMasterKey(lost, file, undefined)).rejects.toThrow(MasterKeyUnavailable);
    const typed = shown.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o');
    await recoverMasterKey(lost, parseRecoveryKey(typed), {
      protection: 'passphrase',
      passphrase: 'another passphrase',
    });
    const saved = readKeyFile(lost.file);
    if (saved === undefined) throw new Error('no key file');
    expect(await findMasterKey(lost, saved, 'another passphrase')).toEqual(master);
    await expect(findMasterKey(lost, saved, passphrase)).rejects.toThrow(WrongMasterKey);
  });
}

test('a new recovery key voids the one before', async () => {
  const ports = createPorts('keychain');
  const { file, master } = await createMasterKey(ports, {
    instanceId,
    protection: 'keychain',
    passphrase: undefined,
    now: 1,
  });
  const custody = createCustody(ports, file, master);
  const first = custody.issueRecoveryKey(2);
  custody.issueRecoveryKey(3);
  await expect(recoverMasterKey(ports, first, { protection: 'keychain', passphrase: undefined })).rejects.toThrow(
    WrongMasterKey,
  );
});

test('another master key opens nothing', async () => {
  const ports = createPorts('environment');
  const { file } = await createMasterKey(ports, {
    instanceId,
    protection: 'environment',
    passphrase: undefined,
    now: 1,
  });
  expect(() => openKeyRing(file, new Uint8Array(32).fill(9), ports.random)).toThrow(WrongMasterKey);
});

test('keys wrapped for one console do not open under the name of another', async () => {
  const ports = createPorts('environment');
  const { file, master } = await createMasterKey(ports, {
    instanceId,
    protection: 'environment',
    passphrase: undefined,
    now: 1,
  });
  const foreign = { ...file, instance_id: '0198c0de-0000-7000-8000-000000000002' };
  expect(() => openKeyRing(foreign, master, ports.random)).toThrow(WrongMasterKey);
});

test('a sealed value moved to another row does not open', async () => {
  const ports = createPorts('environment');
  const { file, master } = await createMasterKey(ports, {
    instanceId,
    protection: 'environment',
    passphrase: undefined,
    now: 1,
  });
  const ring = openKeyRing(file, master, ports.random);
  expect(() => ring.open(ring.seal(new Uint8Array([1]), 'users/1'), 'users/2')).toThrow();
  ring.destroy();
  expect(() => ring.pageKey()).toThrow('destroyed');
});

test('a recovery key with one wrong character is refused as a typing mistake', () => {
  const text = formatRecoveryKey(new Uint8Array(32).fill(0x5a));
  for (let at = 3; at < text.length; at++) {
    if (text[at] === '-') continue;
    const wrong = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
    expect(() => parseRecoveryKey(wrong), wrong).toThrow(/recovery key/);
  }
});
