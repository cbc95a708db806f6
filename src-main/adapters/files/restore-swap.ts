// Puts a restored store and its keys in the place of a profile's, with the ones before set aside. The order, and what is true in between:
//
//  1. The restored store lies whole and synced in the profile; its keys are written beside it and synced. A kill: the old console is
//     there as it was, and what was prepared is removed by the next start.
//  2. `restore.json` says what is to be done; it is written whole and synced. From here on the restored console is the one: whoever
//     takes the profile's lock next goes on from here, however often they are killed.
//  3. The old files go into `replaced-<time>`, the store's log and marks first, then keys, then the store.
//  4. The new keys come in, then the new store. Then `restore.json` goes.
//
// Each step is a rename that is either done or not, so going on means to do what is not done yet.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { syncFolder, writeDurably } from './key-file-store.ts';

const intentName = 'restore.json';
/** What belongs to the store that was: in the order in which it is set aside. */
const oldNames = [
  'store.db-wal',
  'store.db-shm',
  'store.db-journal',
  'store.db.next',
  'store.mark',
  'checkpoints.log',
  'keys.json.1',
  'keys.json',
  'store.db',
] as const;

type Intent = { readonly incoming: string; readonly setAside: string };

export type Replacement = {
  /** The restored store, closed and synced, on the profile's own disk. */
  readonly store: string;
  readonly keyFile: string;
  readonly at: number;
  /** For the restored console's log: its next start writes the entry. */
  readonly note?: Readonly<Record<string, unknown>>;
};

/** What a restore without a console says to the restored one. */
export const noteName = 'restored.json';

/** The profile's lock must be held and its store closed. @returns the folder that the old console is in now. */
export function replaceStore(folder: string, { store, keyFile, at, note }: Replacement): string {
  const stamp = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const intent = { incoming: freeName(folder, `incoming-${stamp}`), setAside: freeName(folder, `replaced-${stamp}`) };
  const incoming = join(folder, intent.incoming);
  mkdirSync(incoming, { mode: 0o700 });
  renameSync(store, join(incoming, 'store.db'));
  writeDurably(join(incoming, 'keys.json'), keyFile);
  if (note !== undefined) writeDurably(join(incoming, noteName), `${JSON.stringify(note)}\n`);
  syncFolder(folder);
  writeDurably(join(folder, intentName), `${JSON.stringify(intent)}\n`);
  // From here on the restored console is the one.
  finishReplacement(folder);
  return join(folder, intent.setAside);
}

/** Goes on with a replacement that was killed; nothing to do otherwise. Whoever holds the profile's lock calls it first. */
export function finishReplacement(folder: string): void {
  const path = join(folder, intentName);
  if (!existsSync(path)) {
    // Killed before it was decided: the store in use is the old one, and what was brought along is not needed.
    for (const name of readdirSync(folder)) {
      if (/^incoming-\d{8}T\d{6}Z(-\d+)?$/.test(name)) rmSync(join(folder, name), { recursive: true, force: true });
    }
    return;
  }
  const { incoming, setAside } = parseIntent(readFileSync(path, 'utf8'));
  const aside = join(folder, setAside);
  const from = join(folder, incoming);
  // The store comes in last: while it waits, whatever lies in its place is of the old console, and so are the keys until the new ones are in.
  if (existsSync(join(from, 'store.db'))) {
    const keysAreIn = !existsSync(join(from, 'keys.json'));
    const old = oldNames.filter((name) => existsSync(join(folder, name)) && !(name === 'keys.json' && keysAreIn));
    if (old.length > 0) {
      mkdirSync(aside, { recursive: true, mode: 0o700 });
      for (const name of old) renameSync(join(folder, name), join(aside, name));
      syncFolder(aside);
      syncFolder(folder);
    }
    for (const name of ['keys.json', noteName]) {
      if (existsSync(join(from, name))) renameSync(join(from, name), join(folder, name));
    }
    syncFolder(folder);
    renameSync(join(from, 'store.db'), join(folder, 'store.db'));
    syncFolder(folder);
  }
  rmSync(path, { force: true });
  rmSync(from, { recursive: true, force: true });
  syncFolder(folder);
}

/** Written by us, whole: anything else there is not ours to follow, least of all out of the folder. */
function parseIntent(text: string): Intent {
  const { incoming, setAside } = JSON.parse(text) as Partial<Record<string, unknown>>;
  for (const name of [incoming, setAside]) {
    if (typeof name !== 'string' || name !== basename(name) || !/^(incoming|replaced)-[\w-]+$/.test(name))
      throw new Error(`${intentName} is not one that Gatehouse wrote`);
  }
  return { incoming: String(incoming), setAside: String(setAside) };
}

function freeName(folder: string, wanted: string): string {
  let name = wanted;
  for (let n = 2; existsSync(join(folder, name)); n++) name = `${wanted}-${n}`;
  return name;
}
