// A backup file on the command line: opened with the keys of this profile, a recovery key or a passphrase; what is wrong said once.
import { existsSync } from 'node:fs';
import { ProblemError } from '../../../src-shared/contract/problems.ts';
import { type BackupFile, openBackupFile } from '../../adapters/backups/container-reader.ts';
import { createKeyFileStore } from '../../adapters/files/key-file-store.ts';
import { ProfileError, readGuardedFile } from '../../adapters/files/profile.ts';
import { systemRandom } from '../../adapters/system/host-parts.ts';
import { createOsKeychain } from '../../adapters/vault/os-keychain.ts';
import { argon2idKdf } from '../../adapters/vault/passphrase-kdf.ts';
import { reasonOf } from '../../base/file-words.ts';
import { type OpenedKeys, openKeys } from '../../core/features/backups/backup-keys.ts';
import { BackupDamaged, BackupKeyWrong, NewerBackup } from '../../core/features/backups/damage.ts';
import type { ParsedHeader } from '../../core/features/backups/header.ts';
import {
  type KeyFile,
  type MasterKeyPorts,
  MasterKeyUnavailable,
  openKeyRing,
  PassphraseNeeded,
  parseRecoveryKey,
  WrongMasterKey,
} from '../../core/features/keys/index.ts';
import { findMasterKey } from '../../core/features/keys/master-key.ts';
import type { Prompt } from '../prompt.ts';
import { CommandFailure } from './failure.ts';

export type OpenFlags = { readonly recoveryKeyStdin?: boolean; readonly passphraseStdin?: boolean };

/** What the user gave, for whatever else it may open. */
export type Given = { readonly recoveryKey?: Uint8Array; readonly passphrase?: string };

export function keyPorts(keysPath: string, environment: NodeJS.ProcessEnv): MasterKeyPorts {
  const { GATEHOUSE_ENCRYPTION_KEY: key, GATEHOUSE_KEY_FILE: file } = environment;
  return {
    keychain: createOsKeychain(),
    file: createKeyFileStore(keysPath),
    kdf: argon2idKdf,
    random: systemRandom,
    given: {
      environment: key === undefined || key === '' ? undefined : key,
      keyFile: file === undefined || file === '' ? undefined : readGuardedFile(file),
    },
  };
}

/** @throws CommandFailure with exit code 2 when the file can't be read, BackupDamaged, NewerBackup */
export function openFile(path: string): BackupFile {
  try {
    return openBackupFile(path);
  } catch (cause) {
    if (cause instanceof BackupDamaged || cause instanceof NewerBackup) throw cause;
    const reason = existsSync(path) ? reasonOf(cause) : 'it is not there';
    throw new CommandFailure(`cannot read ${path}: ${reason}`, { cause, exitCode: 2 });
  }
}

/** With what this computer holds: key from environment or key file, or the keys of the profile. undefined when that is nothing. */
export async function openWithOwnKeys(
  parsed: ParsedHeader,
  own: KeyFile | undefined,
  ports: MasterKeyPorts,
): Promise<OpenedKeys | undefined> {
  const master = await findQuietly(ports, parsed.keyFile);
  if (master !== undefined) {
    const opened = await orNothing(openKeys(parsed, { kind: 'master', master }, ports));
    if (opened !== undefined) return opened;
  }
  if (own === undefined || own.instance_id !== parsed.header.instance_id) return undefined;
  const current = await findQuietly(ports, own);
  if (current === undefined) return undefined;
  const ring = openKeyRing(own, current, systemRandom);
  try {
    // The master key was rotated since: the backup key of that time may still be there.
    return await orNothing(openKeys(parsed, { kind: 'console', ring }, ports));
  } finally {
    ring.destroy();
    current.fill(0);
  }
}

async function findQuietly(ports: MasterKeyPorts, file: KeyFile): Promise<Uint8Array | undefined> {
  try {
    const master = await findMasterKey(ports, file, undefined);
    openKeyRing(file, master, systemRandom).destroy();
    return master;
  } catch (error) {
    if ([PassphraseNeeded, MasterKeyUnavailable, WrongMasterKey].some((type) => error instanceof type))
      return undefined;
    throw error;
  }
}

async function orNothing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BackupKeyWrong) return undefined;
    throw error;
  }
}

/** Asks for what opens the backup. @throws CommandFailure with exit code 2 when it doesn't */
export async function openByAsking(
  parsed: ParsedHeader,
  flags: OpenFlags,
  prompt: Prompt,
  ports: MasterKeyPorts,
): Promise<{ opened: OpenedKeys; given: Given }> {
  const given = await ask(flags, prompt);
  try {
    const { recoveryKey, passphrase } = given;
    const opened =
      recoveryKey === undefined
        ? await openKeys(parsed, { kind: 'passphrase', passphrase: passphrase ?? '' }, ports)
        : await openKeys(parsed, { kind: 'recovery_key', key: recoveryKey }, ports);
    return { opened, given };
  } catch (cause) {
    if (cause instanceof BackupKeyWrong)
      throw new CommandFailure(cause.message, { cause, exitCode: 2, hint: 'nothing was changed' });
    throw cause;
  }
}

async function ask(flags: OpenFlags, prompt: Prompt): Promise<Given> {
  if (flags.passphraseStdin === true) return { passphrase: await prompt.askSecret('Passphrase: ') };
  const text = await prompt.askSecret(
    flags.recoveryKeyStdin === true ? 'Recovery key: ' : 'Recovery key or passphrase: ',
  );
  if (flags.recoveryKeyStdin !== true && !/^\s*GH[\s-]/i.test(text)) return { passphrase: text };
  try {
    return { recoveryKey: parseRecoveryKey(text) };
  } catch (cause) {
    if (cause instanceof ProblemError)
      throw new CommandFailure(cause.message, { cause, exitCode: 2, hint: 'nothing was changed' });
    throw cause;
  }
}

/** Refusals that are no bugs, as one line. */
export function explained(error: unknown, hint: string): unknown {
  const known = [ProblemError, ProfileError, MasterKeyUnavailable, WrongMasterKey, NewerBackup];
  if (!known.some((type) => error instanceof type) || !(error instanceof Error)) return error;
  return new CommandFailure(error.message, { cause: error, hint, exitCode: error instanceof NewerBackup ? 2 : 1 });
}
