// `gatehouse events search` and `gatehouse events export`: page after page, so that any number of events takes the same memory.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { EventOut } from '../../../src-shared/contract/events.ts';
import type { OutputFormat } from '../../../src-shared/contract/search.ts';
import { createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { printable, printTable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

export type EventsSearchFlags = TargetFlags & { readonly limit?: number; readonly json?: boolean };
export type EventsExportFlags = TargetFlags & {
  readonly format: OutputFormat | 'ocsf';
  readonly out?: string;
  readonly force?: boolean;
};

const pageSize = 500;
const exportPage = 2_000;

export async function search(query: readonly string[], flags: EventsSearchFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const wanted = flags.limit ?? 50;
  const rows: EventOut[] = [];
  let cursor: string | undefined;
  let unindexed = 0;
  do {
    const page = await client.call('events.list', {
      ...asked(query),
      limit: Math.min(pageSize, wanted - rows.length),
      ...(cursor === undefined ? {} : { cursor }),
    });
    rows.push(...page.items);
    unindexed = page.unindexed;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && rows.length < wanted);
  if (flags.json === true) for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
  else if (rows.length > 0) {
    printTable(
      ['TIME', 'SOURCE', 'TYPE', 'RESULT', 'ACTOR', 'ADDRESS', 'WHAT'],
      rows.map((row) => [
        row.time,
        row.source,
        row.event_type,
        row.success === undefined ? '' : row.success ? 'success' : 'failure',
        row.actor ?? '',
        row.ip_address ?? '',
        [row.action, row.resource_id].filter(Boolean).join(' ') || textOf(row.details?.message),
      ]),
    );
  }
  if (cursor !== undefined) process.stderr.write(`there are more; show them with --limit ${wanted * 2}\n`);
  sayUnindexed(unindexed);
}

export async function exportEvents(query: readonly string[], flags: EventsExportFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const format = flags.format === 'ocsf' ? 'ocsf-1.8.0' : flags.format;
  // Asked before the file is made: a query that is refused leaves nothing behind.
  const page = (cursor?: string) =>
    client.call('events.export', {
      ...asked(query),
      format,
      limit: exportPage,
      ...(cursor === undefined ? {} : { cursor }),
    });
  let found = await page();
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
    process.stderr.write(`${count} ${count === 1 ? 'event' : 'events'} written to ${printable(flags.out ?? '')}\n`);
  }
  sayUnindexed(found.unindexed);
}

function asked(query: readonly string[]): { q?: string } {
  const q = query.join(' ').trim();
  return q === '' ? {} : { q };
}

async function create(path: string, force: boolean) {
  const stream = createWriteStream(path, { flags: force ? 'w' : 'wx', mode: 0o600 });
  try {
    await once(stream, 'open');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
      throw new CommandFailure(`${path} is there already`, { cause, hint: 'overwrite it with --force' });
    }
    throw new CommandFailure(`cannot write ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  return stream;
}

function sayUnindexed(count: number): void {
  if (count > 0) {
    process.stderr.write(`${count} older events are not in the index yet; words and fields do not find them\n`);
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 200) : '';
}
