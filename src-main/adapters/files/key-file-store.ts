// The key file on disk: written atomically and synced, the generation before kept beside it.
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { KeyFileStore } from '../../core/features/keys/master-key.ts';

export function createKeyFileStore(path: string): KeyFileStore {
  return {
    read: () => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
    write(text) {
      if (existsSync(path)) {
        // A hard link keeps the old generation under a second name; at no moment is there no key file.
        rmSync(`${path}.1`, { force: true });
        linkSync(path, `${path}.1`);
      }
      writeDurably(path, text);
    },
  };
}

/** Writes beside the file, syncs, renames over it and syncs the folder: afterwards the new text is there or the old one. */
export function writeDurably(path: string, text: string, mode = 0o600): void {
  const beside = `${path}.new`;
  // SECURITY: what lies there is thrown away and the file made anew. In a folder that others may write to, it could be a link to a
  // file of ours, or a file of theirs that they go on reading.
  rmSync(beside, { force: true });
  const file = openSync(beside, 'wx', mode);
  try {
    // One write may take only a part when the disk is nearly full; this one goes on until all is there or throws.
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
  syncFolder(dirname(path));
}

export function syncFolder(path: string): void {
  // Windows can't open a folder for syncing; NTFS journals the rename by itself.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
