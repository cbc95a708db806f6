// Where the program of a thread lies: beside this file, as source or built.
import { existsSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** @param base the file's name without its ending. */
export function threadProgram(base: string): URL {
  const name = `${base}${extname(import.meta.filename)}`;
  // A build may have put this file into a folder of its own.
  const found = [import.meta.dirname, dirname(import.meta.dirname)]
    .map((folder) => join(folder, name))
    .find(existsSync);
  if (found === undefined) throw new Error(`${name} is missing`);
  return pathToFileURL(found);
}
