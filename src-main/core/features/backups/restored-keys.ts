// The key file of a console that comes back from a backup: the keys of that time, kept the way the console keeps its master key now.

import type { KeyProtection } from '../../../../src-shared/contract/setup.ts';
import { copyKey } from '../../../base/secret.ts';
import type { Randomness } from '../../ports.ts';
import { createCustody, type KeyFile, type MasterKeyPorts, openKeyRing } from '../keys/index.ts';

/**
 * For a profile that holds the same console: its master key, how that is kept and its recovery key stay, so that neither keychain nor
 * paper has to change, and the store that is set aside still opens. The keys of the backup are wrapped under it.
 */
export function restoredKeyFile(
  current: { readonly file: KeyFile; readonly master: Uint8Array },
  backup: { readonly file: KeyFile; readonly master: Uint8Array },
  random: Randomness,
): KeyFile {
  const ring = openKeyRing(backup.file, backup.master, random);
  try {
    const restored = ring.rewrap(current.master);
    // Backups made since are opened by backup keys that this one doesn't know.
    const backupKeys = current.file.keys.filter(({ purpose }) => purpose === 'backup');
    const versions = new Set(backupKeys.map(({ version }) => version));
    const others = restored.filter(({ purpose, version }) => purpose !== 'backup' || !versions.has(version));
    return { ...current.file, generation: current.file.generation + 1, keys: [...others, ...backupKeys] };
  } finally {
    ring.destroy();
  }
}

export type Keeping = {
  readonly protection: KeyProtection;
  readonly passphrase: string | undefined;
  readonly now: number;
};

/**
 * For a profile without a console, or whose own keys can't be had: the master key of the backup is kept as asked. A key that comes from
 * outside takes its place. The recovery key stays what it was.
 * @param master zeroed here. @returns the key file, and the master key that opens it; the keychain holds it already where it should.
 * @throws ProblemError encryption/protection, request/invalid
 */
export async function keptAnew(
  ports: MasterKeyPorts,
  backup: { readonly file: KeyFile; readonly master: Uint8Array },
  { protection, passphrase, now }: Keeping,
): Promise<{ file: KeyFile; master: Uint8Array }> {
  const { keychain_account: _, unsettled: __, ...file } = backup.file;
  // As if it were kept nowhere yet: what kept it stands on another machine, or in a profile that is set aside.
  const unkept: KeyFile = {
    ...file,
    protection: protection === 'passphrase' ? 'environment' : 'passphrase',
    passphrase: null,
  };
  const nowhere = { read: () => undefined, write: () => undefined };
  const custody = createCustody({ ...ports, file: nowhere }, unkept, backup.master);
  try {
    await custody.changeProtection({ protection, passphrase, now });
    return { file: custody.ring.file(), master: copyKey(custody.master()) };
  } finally {
    custody.destroy();
  }
}
