// Exports in lines: page after page to standard output or to a file, so that any number takes the same memory.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { reasonOf } from '../../base/file-words.ts';
import { CommandFailure } from './failure.ts';
import { printable } from './table.ts';

export type LinePage = {
  readonly header: string | null;
  readonly lines: readonly string[];
  readonly next_cursor: string | null;
};

export type LineFileFlags = { readonly out?: string; readonly force?: boolean };

/**
 * The first page is asked for before the file is made: a query that is refused leaves nothing behind.
 * @returns the last page.
 */
export async function writeLinePages<Page extends LinePage>(
  page: (cursor: string | undefined) => Promise<Page>,
  what: string,
  flags: LineFileFlags,
): Promise<Page> {
  let found = await page(undefined);
  const out = flags.out === undefined ? process.stdout : await create(flags.out, flags.force === true);
  const write = async (line: string): Promise<void> => {
    if (!out.write(`${line}\n`)) await once(out, 'drain');
  };
  if (found.header !== null) await write(found.header);
  let count = 0;
  for (;;) {
    for (const line of found.lines) await write(line);
    count += found.lines.length;
    if (found.next_cursor === null) break;
    found = await page(found.next_cursor);
  }
  if (out !== process.stdout) {
    out.end();
    await finished(out);
    process.stderr.write(`${count} ${what}${count === 1 ? '' : 's'} written to ${printable(flags.out ?? '')}\n`);
  }
  return found;
}

async function create(path: string, force: boolean) {
  const stream = createWriteStream(path, { flags: force ? 'w' : 'wx', mode: 0o600 });
  try {
    await once(stream, 'open');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
      throw new CommandFailure(`${path} is there already`, { cause, hint: 'overwrite it with --force' });
    }
    throw new CommandFailure(`cannot write ${path}: ${reasonOf(cause)}`, {
      cause,
    });
  }
  return stream;
}
