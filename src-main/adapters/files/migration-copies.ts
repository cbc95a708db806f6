// Copies of the store from before its tables changed: made whole under a passing name, synced, and only then named. The last three stay.
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from './key-file-store.ts';
import { ProfileError } from './profile.ts';

const keep = 3;

/**
 * @param copyTo makes a copy and verifies it, or throws.
 * @returns the copy's path. @throws ProfileError when it can't be made; the store must not be changed then.
 */
export function copyBeforeMigration(
  store: string,
  { version, at, copyTo }: { version: string; at: number; copyTo: (path: string) => void },
): string {
  const folder = dirname(store);
  const prefix = `${basename(store)}.before-`;
  const stamp = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  // The time stands first, so that names sort by age whatever the version is called.
  let path = join(folder, `${prefix}${stamp}-${version}`);
  for (let n = 2; existsSync(path); n++) path = join(folder, `${prefix}${stamp}-${version}-${n}`);
  const part = `${path}.part`;
  try {
    for (const name of readdirSync(folder)) {
      if (name.startsWith(prefix) && name.endsWith('.part')) rmSync(join(folder, name));
    }
    copyTo(part);
    const file = openSync(part, 'r+');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(part, path);
    syncFolder(folder);
  } catch (cause) {
    rmSync(part, { force: true });
    throw new ProfileError(
      `the store must be brought to this version, and the copy of it from before can't be made: ${cause instanceof Error ? cause.message : String(cause)}; nothing was changed`,
      { cause },
    );
  }
  const stamped = new RegExp(`^${prefix.replaceAll('.', '\\.')}\\d{8}T\\d{6}Z-`);
  const copies = readdirSync(folder)
    .filter((name) => stamped.test(name))
    .sort();
  for (const name of copies.slice(0, -keep)) rmSync(join(folder, name));
  return path;
}
