// A console being made, so that a kill leaves either none or a whole one: a note lies in the folder from before the first key until the
// store is there. What lies beside such a note at a start never answered for anything, and goes aside.
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolder, writeDurably } from './key-file-store.ts';

const noteName = 'creating';
/** The keys last: as long as they are there, the note's meaning can't be mistaken. */
const parts = ['store.db-wal', 'store.db-shm', 'store.db', 'store.mark', 'checkpoints.log', 'keys.json.1', 'keys.json'];

/** Synced before anything of the console is made. */
export function beginCreation(folder: string): void {
  writeDurably(
    join(folder, noteName),
    'keys and store of this folder are being made; if no Gatehouse runs, they are of no use\n',
  );
}

/** The console is whole. Synced before anybody is told. */
export function finishCreation(folder: string): void {
  rmSync(join(folder, noteName), { force: true });
  syncFolder(folder);
}

/** Sets aside what an unfinished creation left, however often this is killed. @returns where it is; undefined when there is nothing. */
export function clearUnfinished(folder: string, at: number): string | undefined {
  if (!existsSync(join(folder, noteName))) return undefined;
  const left = parts.filter((name) => existsSync(join(folder, name)));
  let aside: string | undefined;
  if (left.length > 0) {
    const stamp = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    aside = join(folder, `unfinished-${stamp}`);
    for (let n = 2; existsSync(aside); n++) aside = join(folder, `unfinished-${stamp}-${n}`);
    mkdirSync(aside, { mode: 0o700 });
    for (const name of left) renameSync(join(folder, name), join(aside, name));
  }
  finishCreation(folder);
  return aside;
}
