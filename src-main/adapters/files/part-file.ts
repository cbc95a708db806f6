// A file written part by part: made beside its place, synced, and put there whole or not at all.
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './key-file-store.ts';

/** For the owner's eyes only. What is written when `parts` fails is removed again. */
export async function writeParts(path: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
  const beside = `${path}.new`;
  // SECURITY: made anew, as in writeDurably: what lies there could be a link, or be read by others.
  await rm(beside, { force: true });
  const file = await open(beside, 'wx', 0o600);
  try {
    try {
      for await (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}
