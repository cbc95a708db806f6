// What opens a backup: the console's keys, the recovery key, its own passphrase; nothing else does.
import { expect, test } from 'vitest';
import { type Opener, openKeys } from '../../../src-main/core/features/backups/backup-keys.ts';
import { contentKey } from '../../../src-main/core/features/backups/chunks.ts';
import { BackupKeyWrong } from '../../../src-main/core/features/backups/damage.ts';
import { formatHeader, parseHeader } from '../../../src-main/core/features/backups/header.ts';
import { openKeyRing, parseKeyFile } from '../../../src-main/core/features/keys/index.ts';
import { createSample, type Sample } from './sample-backup.ts';

const passphrase = 'correct horse battery';

async function opens(sample: Sample, opener: Opener): Promise<boolean> {
  try {
    const opened = await openKeys(parseHeader(formatHeader(sample.header)), opener, sample.ports);
    expect(opened).toEqual({ dataKey: sample.dataKey, master: sample.master });
    return true;
  } catch (error) {
    if (error instanceof BackupKeyWrong) return false;
    throw error;
  }
}

test('the console, its master key, its recovery key and the passphrase of the backup each open all of it', async () => {
  using sample = await createSample({ passphrase });
  const ring = openKeyRing(parseKeyFile(sample.header.keys.file), sample.master, sample.ports.random);
  expect(await opens(sample, { kind: 'console', ring })).toBe(true);
  expect(await opens(sample, { kind: 'master', master: sample.master.slice() })).toBe(true);
  expect(await opens(sample, { kind: 'recovery_key', key: sample.recoveryKey })).toBe(true);
  expect(await opens(sample, { kind: 'passphrase', passphrase })).toBe(true);
});

test('nothing else does', async () => {
  using sample = await createSample({ passphrase });
  using other = await createSample();
  const ring = openKeyRing(parseKeyFile(other.header.keys.file), other.master, other.ports.random);
  // Both samples have the same master key and seed; another console has neither.
  const stranger = other.ports.random.bytes(32);
  expect(await opens(sample, { kind: 'master', master: stranger })).toBe(false);
  expect(await opens(sample, { kind: 'recovery_key', key: stranger })).toBe(false);
  expect(await opens(sample, { kind: 'passphrase', passphrase: 'correct horse batterz' })).toBe(false);
  expect(await opens(other, { kind: 'passphrase', passphrase })).toBe(false);
  ring.destroy();
});

test('a wrapped key moved from another backup does not open', async () => {
  using sample = await createSample({ passphrase });
  const moved = { ...sample.header, backup_id: '0192f0c4-7d1e-7c3a-8f00-0000000000bb' };
  const parsed = parseHeader(formatHeader(moved));
  await expect(openKeys(parsed, { kind: 'master', master: sample.master.slice() }, sample.ports)).rejects.toThrow(
    BackupKeyWrong,
  );
  await expect(openKeys(parsed, { kind: 'passphrase', passphrase }, sample.ports)).rejects.toThrow(BackupKeyWrong);
});

test('no key of a backup stands in its header', async () => {
  using sample = await createSample({ passphrase });
  const bytes = Buffer.from(sample.bytes);
  for (const key of [sample.dataKey, sample.master, sample.recoveryKey, contentKey(sample.dataKey)]) {
    expect(bytes.includes(Buffer.from(key))).toBe(false);
    expect(bytes.includes(Buffer.from(key).toString('base64'))).toBe(false);
    expect(bytes.includes(Buffer.from(key).toString('hex'))).toBe(false);
  }
});
