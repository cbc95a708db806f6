// Keys of single backups under the backup key: they open for their own backup and under the version that wrapped them.
import { expect, test } from 'vitest';
import { parseKeyFile } from '../../../src-main/core/features/keys/key-file.ts';
import { type KeyRing, makeKeyEntries, openKeyRing } from '../../../src-main/core/features/keys/key-ring.ts';
import { createTestHost } from '../../support/host.ts';

const { random } = createTestHost();
const instanceId = '0198c0de-0000-7000-8000-000000000001';
const master = new Uint8Array(32).fill(9);

function openRing(): KeyRing {
  return openKeyRing(
    {
      format: 'gatehouse-keys',
      version: 1,
      instance_id: instanceId,
      generation: 1,
      protection: 'environment',
      passphrase: null,
      recovery: null,
      keys: makeKeyEntries(master, instanceId, random, 0),
    },
    master,
    random,
  );
}

test('the key of a backup opens for that backup alone, and not once it was changed', () => {
  const ring = openRing();
  const dataKey = random.bytes(32);
  const { version, wrapped } = ring.wrapBackupKey(dataKey, 'backup-1');
  expect(version).toBe(1);
  expect(ring.unwrapBackupKey(version, wrapped, 'backup-1')).toEqual(dataKey);
  expect(() => ring.unwrapBackupKey(version, wrapped, 'backup-2')).toThrow();
  expect(() => ring.unwrapBackupKey(2, wrapped, 'backup-1')).toThrow('no backup key of version 2');
  for (let at = 0; at < wrapped.byteLength; at++) {
    const changed = wrapped.with(at, (wrapped[at] ?? 0) ^ 1);
    expect(() => ring.unwrapBackupKey(version, changed, 'backup-1')).toThrow();
  }
});

test('a sealed value is no wrapped key, nor the other way round', () => {
  const ring = openRing();
  const sealed = ring.seal(new Uint8Array(32), 'backup/backup-1');
  expect(() => ring.unwrapBackupKey(1, sealed.subarray(1), 'backup-1')).toThrow();
});

test('the text of the key file opens the same keys elsewhere', () => {
  const ring = openRing();
  const { version, wrapped } = ring.wrapBackupKey(new Uint8Array(32).fill(1), 'backup-1');
  const elsewhere = openKeyRing(parseKeyFile(ring.keyFileText()), master, random);
  expect(elsewhere.unwrapBackupKey(version, wrapped, 'backup-1')).toEqual(new Uint8Array(32).fill(1));
});
