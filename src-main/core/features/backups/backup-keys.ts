// The keys of one backup. A random key seals its content; the console's backup key wraps that key, a passphrase may wrap it once more,
// and it in turn wraps the master key of its time: whatever opens the backup opens the store inside, whatever was rotated since.
import { fromBase64, toBase64 } from '../../../base/bytes.ts';
import { deriveKey } from '../../../base/hashes.ts';
import { seal, unseal } from '../../../base/seals.ts';
import type { Randomness } from '../../ports.ts';
import {
  type KeyFile,
  type KeyRing,
  masterByPassphrase,
  masterByRecoveryKey,
  openKeyRing,
  type PassphraseKdf,
  WrongMasterKey,
} from '../keys/index.ts';
import { BackupKeyWrong } from './damage.ts';
import type { BackupHeader, ParsedHeader } from './header.ts';

// As for the console's own passphrase: RFC 9106 section 4, for memory-constrained machines.
const passphraseCost = { memoryKib: 65_536, time: 3, parallelism: 1 };

/** What opens a backup, once found. Zero both after use. */
export type OpenedKeys = { readonly dataKey: Uint8Array; readonly master: Uint8Array };

export type PassphraseWrap = NonNullable<BackupHeader['keys']['passphrase']>;

/** The slow part of wrapping under a passphrase, done before the snapshot is taken. */
export async function wrapForPassphrase(
  { kdf, random }: { kdf: PassphraseKdf; random: Randomness },
  passphrase: string,
  dataKey: Uint8Array,
  backupId: string,
): Promise<PassphraseWrap> {
  const salt = random.bytes(16);
  const key = await kdf(passphrase.normalize('NFC'), { salt, ...passphraseCost });
  try {
    return {
      salt: toBase64(salt),
      memory_kib: passphraseCost.memoryKib,
      time: passphraseCost.time,
      parallelism: passphraseCost.parallelism,
      wrapped: toBase64(seal(key, dataKey, contextOf(backupId, 'passphrase'), random.bytes(12))),
    };
  } finally {
    key.fill(0);
  }
}

/** The header's part about keys. @param ring in the state that the snapshot was taken in. */
export function wrapKeys(
  ring: KeyRing,
  input: { backupId: string; dataKey: Uint8Array; master: Uint8Array; passphrase: PassphraseWrap | null },
  random: Randomness,
): BackupHeader['keys'] {
  const { backupId, dataKey, master, passphrase } = input;
  const { version, wrapped } = ring.wrapBackupKey(dataKey, backupId);
  const masterKey = deriveKey(dataKey, masterInfo);
  try {
    return {
      file: ring.keyFileText(),
      backup_key: { version, wrapped: toBase64(wrapped) },
      master: toBase64(seal(masterKey, master, contextOf(backupId, 'master'), random.bytes(12))),
      passphrase,
    };
  } finally {
    masterKey.fill(0);
  }
}

export type Opener =
  /** The console that made it, or one that was restored from such a backup. */
  | { readonly kind: 'console'; readonly ring: KeyRing }
  | { readonly kind: 'master'; readonly master: Uint8Array }
  | { readonly kind: 'recovery_key'; readonly key: Uint8Array }
  /** Of the backup, or of the console. */
  | { readonly kind: 'passphrase'; readonly passphrase: string };

/** @throws BackupKeyWrong */
export async function openKeys(
  parsed: ParsedHeader,
  opener: Opener,
  ports: { kdf: PassphraseKdf; random: Randomness },
): Promise<OpenedKeys> {
  switch (opener.kind) {
    case 'console':
      return withMaster(parsed, byBackupKey(parsed, opener.ring, 'the keys of this console do not open the backup'));
    case 'master':
      return byMaster(parsed, opener.master, ports.random);
    case 'recovery_key':
      return byMaster(parsed, recoverMaster(parsed.keyFile, opener.key), ports.random);
    case 'passphrase':
      return byPassphrase(parsed, opener.passphrase, ports);
  }
}

function recoverMaster(file: KeyFile, recoveryKey: Uint8Array): Uint8Array {
  return orWrong(
    () => masterByRecoveryKey(file, recoveryKey),
    'the recovery key does not open this backup; it takes the one that was current when the backup was made',
  );
}

async function byPassphrase(
  parsed: ParsedHeader,
  passphrase: string,
  ports: { kdf: PassphraseKdf; random: Randomness },
): Promise<OpenedKeys> {
  const { header, keyFile } = parsed;
  const own = header.keys.passphrase;
  if (own !== null) {
    const key = await ports.kdf(passphrase.normalize('NFC'), {
      salt: fromBase64(own.salt),
      memoryKib: own.memory_kib,
      time: own.time,
      parallelism: own.parallelism,
    });
    const dataKey = attempt(() => unseal(key, fromBase64(own.wrapped), contextOf(header.backup_id, 'passphrase')));
    key.fill(0);
    if (dataKey !== undefined) return withMaster(parsed, dataKey);
  }
  if (keyFile.passphrase === null) {
    throw new BackupKeyWrong(
      own === null
        ? 'no passphrase opens this backup; its recovery key does'
        : 'the passphrase does not open this backup',
    );
  }
  const master = await masterByPassphrase(ports, keyFile, passphrase).catch((cause: unknown) => {
    if (!(cause instanceof WrongMasterKey)) throw cause;
    throw new BackupKeyWrong('the passphrase does not open this backup', { cause });
  });
  return byMaster(parsed, master, ports.random);
}

function byMaster(parsed: ParsedHeader, master: Uint8Array, random: Randomness): OpenedKeys {
  const ring = orWrong(
    () => openKeyRing(parsed.keyFile, master, random),
    'the master key given does not open this backup; it takes the one that was current when the backup was made',
  );
  try {
    return {
      dataKey: byBackupKey(parsed, ring, 'its own keys do not open the backup: its header was put together'),
      master,
    };
  } finally {
    ring.destroy();
  }
}

function byBackupKey({ header }: ParsedHeader, ring: KeyRing, otherwise: string): Uint8Array {
  const { version, wrapped } = header.keys.backup_key;
  return orWrong(() => ring.unwrapBackupKey(version, fromBase64(wrapped), header.backup_id), otherwise);
}

function withMaster({ header }: ParsedHeader, dataKey: Uint8Array): OpenedKeys {
  const masterKey = deriveKey(dataKey, masterInfo);
  try {
    const master = orWrong(
      () => unseal(masterKey, fromBase64(header.keys.master), contextOf(header.backup_id, 'master')),
      'the master key inside the backup was changed',
    );
    return { dataKey, master };
  } finally {
    masterKey.fill(0);
  }
}

const masterInfo = 'gatehouse/v1/backup/master';

function contextOf(backupId: string, what: string): string {
  return `gatehouse/backup/${backupId}/${what}`;
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    // A tag that doesn't fit: another key or other bytes, and nobody can tell which.
    return undefined;
  }
}

function orWrong<T>(run: () => T, message: string): T {
  try {
    return run();
  } catch (cause) {
    throw new BackupKeyWrong(message, { cause });
  }
}
