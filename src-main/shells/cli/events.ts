// `gatehouse events search` and `gatehouse events export`: page after page, so that any number of events takes the same memory.
import type { EventOut, EventRejection } from '../../../src-shared/contract/events.ts';
import type { OutputFormat } from '../../../src-shared/contract/search.ts';
import { parseEventQuery } from '../../../src-shared/event-query.ts';
import { createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { type LineFileFlags, writeLinePages } from './line-file.ts';
import { printable, printTable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

export type EventsSearchFlags = TargetFlags & { readonly limit?: number; readonly json?: boolean };
export type EventsExportFlags = TargetFlags & LineFileFlags & { readonly format: OutputFormat | 'ocsf' };

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

export async function rejected(flags: EventsSearchFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const wanted = flags.limit ?? 50;
  const rows: EventRejection[] = [];
  let cursor: string | undefined;
  let total = 0;
  do {
    const limit = Math.min(pageSize, wanted - rows.length);
    const page = await client.call('rejections.list', { limit, ...(cursor === undefined ? {} : { cursor }) });
    rows.push(...page.items);
    total = page.total;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && rows.length < wanted);
  if (flags.json === true) for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
  else if (rows.length > 0) {
    printTable(
      ['TIME', 'FROM', 'FILE', 'PLACE', 'WHY'],
      rows.map(({ received_at, sent_by, file, place, reason, more }) => [
        received_at,
        sent_by,
        file ?? '',
        String(place),
        more > 0 ? `${reason} (and ${more} more of the same batch)` : reason,
      ]),
    );
  }
  process.stderr.write(`${total} ever refused, ${rows.length} shown\n`);
}

export async function exportEvents(query: readonly string[], flags: EventsExportFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const format = flags.format === 'ocsf' ? 'ocsf-1.8.0' : flags.format;
  const { unindexed } = await writeLinePages(
    (cursor) =>
      client.call('events.export', {
        ...asked(query),
        format,
        limit: exportPage,
        ...(cursor === undefined ? {} : { cursor }),
      }),
    'event',
    flags,
  );
  sayUnindexed(unindexed);
}

function asked(query: readonly string[]): { q?: string } {
  const q = query.join(' ').trim();
  if (q === '') return {};
  const parsed = parseEventQuery(q, Date.now());
  if (parsed.kind === 'query') return { q };
  const { message, at } = parsed;
  throw new CommandFailure(`q: ${message} (at character ${at + 1})`, {
    hint: `here: ${printable(q.slice(0, at))}>>>${printable(q.slice(at))}`,
  });
}

function sayUnindexed(count: number): void {
  if (count > 0) {
    process.stderr.write(`${count} older events are not in the index yet; words and fields do not find them\n`);
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 200) : '';
}
