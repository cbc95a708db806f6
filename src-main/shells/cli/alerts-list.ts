// `gatehouse alerts list`: what the queue shows for a query, as rows, or as groups where the query groups.
import { type AlertQuery, filtersOf, parseQuery } from '../../../src-shared/alert-query.ts';
import type { GroupField } from '../../../src-shared/alert-words.ts';
import type { AlertGroup } from '../../../src-shared/contract/alert-groups.ts';
import type { AlertRow } from '../../../src-shared/contract/alerts.ts';
import type { CallInput } from '../../../src-shared/contract/contract.ts';
import { type Client, createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { printTable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

export type AlertsListFlags = TargetFlags & {
  readonly query?: string;
  readonly limit?: number;
  readonly json?: boolean;
};

type Filters = CallInput<'alerts.summary'>;

const defaultShown = 50;
const longestPage = 500;

/** @throws CommandFailure with everything of the query that isn't understood */
export function readQuery(text: string): AlertQuery {
  const { query, problems } = parseQuery(text);
  if (problems.length > 0)
    throw new CommandFailure(`the query can't be understood: ${problems.join(' ')}`, {
      hint: 'write it as in the queue: severity:critical,high status:closed user:alice risk:>=60 age:<24h group:detector,user',
      exitCode: 2,
    });
  return query;
}

export async function listAlerts(words: readonly string[], flags: AlertsListFlags): Promise<void> {
  const query = readQuery([...words, flags.query ?? ''].join(' '));
  const filters = filtersOf(query, Date.now());
  const shown = flags.limit ?? defaultShown;
  using client = createClient(findTarget(flags, process.env));
  if (query.groupBy === undefined) await printAlerts(client, filters, shown, flags.json === true);
  else await printGroups(client, filters, query.groupBy, shown, flags.json === true);
}

async function printAlerts(client: Client, filters: Filters, shown: number, asJson: boolean): Promise<void> {
  const { matching } = await client.call('alerts.summary', filters);
  const rows: AlertRow[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(longestPage, shown - rows.length);
    const page = await client.call('alerts.list', { ...filters, limit, ...(cursor === undefined ? {} : { cursor }) });
    rows.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && rows.length < shown);
  if (asJson) printLines(rows);
  else if (rows.length > 0)
    printTable(
      ['NUMBER', 'SEVERITY', 'RISK', 'STATUS', 'WHO', 'RAISED', 'ALERT'],
      rows.map((row) => [
        `ALR-${row.number}`,
        row.severity,
        String(row.risk),
        row.verdict ?? row.status,
        row.assignee ?? '',
        row.raised_at,
        row.title,
      ]),
    );
  say(`${counted(Math.max(matching, rows.length), 'alert')}, ${rows.length} shown`, cursor !== undefined, shown);
}

/** A group and where it stands: `within` holds the groups around it, the outermost first. */
type Line = { readonly by: GroupField; readonly within: readonly string[]; readonly group: AlertGroup };

async function printGroups(
  client: Client,
  filters: Filters,
  groupBy: readonly GroupField[],
  shown: number,
  asJson: boolean,
): Promise<void> {
  const lines: Line[] = [];
  let isCut = false;
  // The same alerts in every answer, whatever is raised meanwhile.
  let asked = filters;

  async function add(within: readonly string[]): Promise<{ groups: number; matching: number } | undefined> {
    const by = groupBy[within.length];
    if (by === undefined) return undefined;
    let cursor: string | undefined;
    let totals: { groups: number; matching: number } | undefined;
    do {
      if (lines.length >= shown) {
        isCut = true;
        return totals;
      }
      const page = await client.call('alerts.groups', {
        ...asked,
        by,
        within: [...within],
        limit: Math.min(longestPage, shown - lines.length),
        ...(cursor === undefined ? {} : { cursor }),
      });
      totals ??= { groups: page.groups, matching: page.matching };
      asked = { ...asked, raised_until: page.as_of };
      for (const [index, group] of page.items.entries()) {
        lines.push({ by, within, group });
        await add([...within, group.key]);
        if (lines.length >= shown && (index < page.items.length - 1 || page.next_cursor !== null)) {
          isCut = true;
          return totals;
        }
      }
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    return totals;
  }

  const totals = await add([]);
  if (asJson) printLines(lines.map(({ by, within, group }) => ({ by, within, ...group })));
  else if (lines.length > 0)
    printTable(
      ['ALERTS', 'OPEN', 'RISK', 'USERS', 'ADDRESSES', 'FIRST SEEN', 'LAST SEEN', 'DUE', 'GROUP'],
      lines.map(({ by, within, group }) => [
        String(group.count),
        String(group.statuses.open),
        String(group.risk),
        String(group.users),
        String(group.ips),
        group.first_seen_at,
        group.last_seen_at,
        group.due_at ?? '',
        `${'  '.repeat(within.length)}${by}: ${group.name === null ? '' : `${group.name}, `}${group.value ?? '(none)'}`,
      ]),
    );
  const { groups = 0, matching = 0 } = totals ?? {};
  const by = groupBy[0] ?? '';
  say(
    `${counted(matching, 'alert')} in ${counted(groups, 'group')} by ${by}, ${lines.length} lines shown`,
    isCut,
    shown,
  );
}

function printLines(rows: readonly object[]): void {
  for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function say(text: string, hasMore: boolean, shown: number): void {
  process.stderr.write(`${text}${hasMore ? `; show more with --limit ${shown * 2}` : ''}\n`);
}
