// What `gatehouse watch` keeps: for each path the files that it has read, how they are recognised, and how far each was taken in.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../../adapters/files/key-file-store.ts';
import { CommandFailure } from '../cli/failure.ts';

const entry = z.strictObject({
  /** SHA-256 of the first line, in hex. */
  head: z.string(),
  /** Everything before it was acknowledged by the console. */
  offset: z.int().min(0),
  /** Digest of the bytes before `offset`. */
  tail: z.string(),
  /** Nothing more is expected of it: it was rotated away and read to its end. */
  done: z.boolean(),
  /** The line that begins at `offset` is longer than any record; the rest of it is passed over. */
  passing: z.boolean(),
});
export type Entry = z.infer<typeof entry>;

const watched = z.strictObject({
  /** When the path was first looked at; what was rotated away before is history. Milliseconds. */
  since: z.number(),
  entries: z.array(entry),
});
export type Watched = z.infer<typeof watched>;

const stateFile = z.strictObject({ version: z.literal(1), paths: z.record(z.string(), watched) });

export type WatchState = {
  find(path: string): Watched | undefined;
  /** The path's record from now on. */
  add(path: string, now: number): Watched;
  /** Durable when it returns. */
  save(): void;
};

/** @throws CommandFailure when the file is not one of these: beginning anew could lose lines or take in old ones. */
export function loadState(path: string): WatchState {
  const paths = new Map(Object.entries(read(path)));
  return {
    find: (name) => paths.get(name),
    add(name, now) {
      const made: Watched = { since: now, entries: [] };
      paths.set(name, made);
      return made;
    },
    save() {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeDurably(path, `${JSON.stringify({ version: 1, paths: Object.fromEntries(paths) })}\n`);
    },
  };
}

function read(path: string): Record<string, Watched> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return {};
    throw new CommandFailure(`cannot read the state file ${path}`, { cause });
  }
  try {
    return stateFile.parse(JSON.parse(text)).paths;
  } catch (cause) {
    throw new CommandFailure(`${path} is not a state file of gatehouse watch`, {
      cause,
      hint: 'name another with --state, or remove it; the files are then followed from their ends',
    });
  }
}
