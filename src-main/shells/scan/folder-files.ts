// The files below a folder, in order of their names. Links are not followed: they may lead out, or round in circles.
import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param unreadable is told of folders that can't be opened.
 * @param other is told of what is neither file nor folder: links, pipes, sockets and devices.
 */
export function* folderFiles(
  folder: string,
  unreadable: (path: string, error: unknown) => void,
  other: (path: string, isLink: boolean) => void = () => undefined,
): Generator<string> {
  const waiting = [folder];
  for (let current = waiting.pop(); current !== undefined; current = waiting.pop()) {
    let entries: Dirent[];
    try {
      entries = readdirSync(current, { withFileTypes: true });
    } catch (error) {
      unreadable(current, error);
      continue;
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const inner: string[] = [];
    for (const entry of entries) {
      if (entry.isDirectory()) inner.push(join(current, entry.name));
      else if (entry.isFile()) yield join(current, entry.name);
      else other(join(current, entry.name), entry.isSymbolicLink());
    }
    waiting.push(...inner.reverse());
  }
}
