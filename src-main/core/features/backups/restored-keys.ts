// The key file of a console that comes back from a backup: the keys of that time, kept the way the console keeps its master key now.
import type { Randomness } from '../../ports.ts';
import { type KeyFile, openKeyRing } from '../keys/index.ts';

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
