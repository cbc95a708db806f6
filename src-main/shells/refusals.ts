// What a start that was refused says to the user, in the terminal and in the desktop's dialog alike.
import { ProblemError } from '../../src-shared/contract/problems.ts';
import { diskReason, ProfileError, ProfileHeld } from '../adapters/files/profile.ts';
import { GeoFileError } from '../adapters/geo/mmdb-places.ts';
import { AddressUnusable, PortInUse } from '../adapters/https/server.ts';
import { CertificateError } from '../adapters/tls/certificates.ts';
import { BadKeyFile } from '../core/features/keys/key-file.ts';
import { WrongMasterKey } from '../core/features/keys/key-ring.ts';
import { MasterKeyUnavailable, PassphraseNeeded } from '../core/features/keys/master-key.ts';
import { DamagedStore, OlderStore, WrongStoreKey } from '../core/ports.ts';
import { SettingsError } from '../core/settings.ts';
import { NewerStore } from '../core/store/migrations.ts';
import { HeadlessSetupError } from './compose.ts';

/** What a failed start says to the user; undefined for a bug. */
export function refusalOf(error: unknown): { message: string; hint?: string } | undefined {
  if (error instanceof PortInUse)
    return { message: error.message, hint: 'stop the other program, or choose another port with --port' };
  if (error instanceof WrongMasterKey)
    return {
      message: error.message,
      hint: 'give the key that it has now: rotating the master key changes it; nothing was changed',
    };
  if (error instanceof WrongStoreKey) {
    return {
      message: error.message,
      hint: 'keys.json and store.db must come from the same console; nothing was changed',
    };
  }
  if (error instanceof OlderStore) {
    const accept = 'if you mean to go on with this one, run: gatehouse store accept-older --yes';
    return {
      message: `the store is not the one that was last used: ${error.message}`,
      hint: `nothing was changed; ${backupHint(error)}; ${accept}`,
    };
  }
  if (error instanceof DamagedStore) {
    return {
      message: `the store is damaged: ${error.message}`,
      hint: `nothing was repaired or changed; ${backupHint(error)}`,
    };
  }
  if (error instanceof PassphraseNeeded) {
    return { message: error.message, hint: 'start it in a terminal, or give the key with GATEHOUSE_ENCRYPTION_KEY' };
  }
  const disk = diskReason(error);
  if (disk !== undefined) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      message: `the data folder can not be used: ${disk} (${message})`,
      hint: 'nothing is lost; free space or put the permissions right, then start again',
    };
  }
  const known = [
    AddressUnusable,
    ProfileError,
    ProfileHeld,
    SettingsError,
    GeoFileError,
    MasterKeyUnavailable,
    BadKeyFile,
    NewerStore,
    HeadlessSetupError,
    CertificateError,
    ProblemError,
  ];
  return known.some((type) => error instanceof type) ? { message: (error as Error).message } : undefined;
}

function backupHint({ lastBackup }: DamagedStore): string {
  return lastBackup === undefined
    ? 'put back your last good backup'
    : `your newest backup is put back by: gatehouse restore ${lastBackup}`;
}
