// Alerts by what they have in common, page by page. Counted in slices, each in a turn of its own, so that any number of alerts holds nobody
// up; an alert is counted once in each group it is in, as it stands when its slice is read.

import type { GroupField } from '../../../../src-shared/alert-words.ts';
import type { AlertGroup } from '../../../../src-shared/contract/alert-groups.ts';
import { alertStatus } from '../../../../src-shared/contract/alerts.ts';
import type { Input, Output } from '../../../../src-shared/contract/contract.ts';
import { defaultLimit, severity } from '../../../../src-shared/contract/values.ts';
import { fromBase64Url, toBase64Url, utf8 } from '../../../base/bytes.ts';
import { instant } from '../../../base/instants.ts';
import type { Call } from '../../dispatch/handler.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store } from '../../store/store.ts';
import { dueAt } from './alert.ts';
import { brokenCursor, type Filter, isCount, parseFilter } from './filter.ts';
import { digestOf, type FindNamed, writeGroupKey } from './group-key.ts';
import {
  countSlice,
  findDescription,
  findNames,
  findParts,
  findSliceEnd,
  findValues,
  isColumn,
  newestRaisedAt,
  type Part,
  type Position,
  type Slice,
} from './groups-table.ts';
import type { DetectorSnapshot } from './raise.ts';

/** Alerts looked at in one turn: a few milliseconds' work. */
const atOnce = 2_000;

export type GroupParts = {
  readonly host: Pick<Host, 'timers'>;
  readonly store: () => Store;
};

type Group = {
  readonly value: string | null;
  /** Of its newest alert. */
  number: number;
  count: number;
  risk: number;
  firstSeenAt: number;
  lastSeenAt: number;
  /** Of the clock that runs out first. */
  clock: { readonly fromAt: number; readonly dueAt: number } | null;
  readonly severities: Map<string, number>;
  readonly statuses: Map<string, number>;
};

/** What groups are sorted by: the worst, then the largest, then the latest; the digest keeps equals apart. */
type Rank = Pick<Group, 'risk' | 'count' | 'lastSeenAt'> & { readonly digest: () => string };

export async function groupAlerts(
  parts: GroupParts,
  call: Call,
  input: Input<'alerts.groups'>,
): Promise<Output<'alerts.groups'>> {
  const { cursor, limit = defaultLimit, by, ...filters } = input;
  const after = cursor === undefined ? undefined : parseGroupCursor(cursor);
  const begun = parts.store().read(call.workspace, (tx) => ({
    filter: parseFilter(filters, call.principal, findNamed(tx)),
    newest: newestRaisedAt(tx),
  }));
  // A clock that was set back leaves alerts from "later".
  const until = Math.min(begun.filter.until, Math.max(call.now, begun.newest ?? 0));
  const filter = { ...begun.filter, until };
  const groups = new Map<string | null, Group>();
  let matching = 0;
  await walk(parts, call, filter, (tx, slice) => {
    let inGroups = 0;
    for (const part of findParts(tx, filter, by, slice)) {
      addPart(groups, part);
      inGroups += part.total;
    }
    matching += isColumn(by) ? inGroups : countSlice(tx, filter, slice);
  });
  const { page, hasMore } = pick(groups, after, limit);
  const names = await countNames(parts, call, filter, by, page);
  const titles = by === 'detector' ? findTitles(parts, call, page) : new Map<Group, string>();
  const last = page.at(-1);
  let memberships = 0;
  for (const group of groups.values()) memberships += group.count;
  return {
    items: page.map((group) => wireGroup(by, group, names, titles.get(group) ?? null)),
    next_cursor: hasMore && last !== undefined ? writeGroupCursor(rankOf(last)) : null,
    groups: groups.size,
    matching,
    memberships,
    as_of: instant(until),
  };
}

/** For keys that name an alert instead of a value too long to write. */
export function findNamed(tx: ReadTx): FindNamed {
  return (field, number, digest) => findValues(tx, field, number).find((value) => digestOf(value) === digest);
}

async function walk(
  { host, store }: GroupParts,
  call: Call,
  filter: Filter,
  see: (tx: ReadTx, slice: Slice) => void,
): Promise<void> {
  let after: Position | undefined = { raisedAt: filter.until, number: Number.MAX_SAFE_INTEGER };
  while (after !== undefined) {
    const from: Position = after;
    after = store().read(call.workspace, (tx) => {
      const end = findSliceEnd(tx, from, filter.since, atOnce);
      see(tx, { after: from, end: end ?? { raisedAt: filter.since, number: 0 } });
      return end;
    });
    if (after !== undefined) await host.timers.breathe();
  }
}

function addPart(groups: Map<string | null, Group>, part: Part): void {
  const due = dueAt(part.severity, { status: part.status, clockFromAt: part.clock_from_at });
  const known = groups.get(part.value);
  const group: Group = known ?? {
    value: part.value,
    number: part.number,
    count: 0,
    risk: part.risk,
    firstSeenAt: part.first_seen_at,
    lastSeenAt: part.last_seen_at,
    clock: null,
    severities: new Map(),
    statuses: new Map(),
  };
  if (known === undefined) groups.set(part.value, group);
  group.count += part.total;
  group.number = Math.max(group.number, part.number);
  group.risk = Math.max(group.risk, part.risk);
  group.firstSeenAt = Math.min(group.firstSeenAt, part.first_seen_at);
  group.lastSeenAt = Math.max(group.lastSeenAt, part.last_seen_at);
  if (due !== null && (group.clock === null || due < group.clock.dueAt))
    group.clock = { fromAt: part.clock_from_at, dueAt: due };
  group.severities.set(part.severity, (group.severities.get(part.severity) ?? 0) + part.total);
  group.statuses.set(part.status, (group.statuses.get(part.status) ?? 0) + part.total);
}

/** The first groups after the cursor. Sorting all would take a turn too long where nearly every alert is a group of its own. */
function pick(
  groups: ReadonlyMap<string | null, Group>,
  after: Rank | undefined,
  limit: number,
): { readonly page: readonly Group[]; readonly hasMore: boolean } {
  const found: { group: Group; rank: Rank }[] = [];
  for (const group of groups.values()) {
    const rank = rankOf(group);
    if (after !== undefined && compareRanks(rank, after) <= 0) continue;
    const last = found.at(-1);
    if (found.length > limit && last !== undefined && compareRanks(rank, last.rank) > 0) continue;
    let low = 0;
    for (let high = found.length; low < high; ) {
      const middle = (low + high) >> 1;
      const there = found[middle];
      if (there !== undefined && compareRanks(there.rank, rank) < 0) low = middle + 1;
      else high = middle;
    }
    found.splice(low, 0, { group, rank });
    if (found.length > limit + 1) found.pop();
  }
  return { page: found.slice(0, limit).map(({ group }) => group), hasMore: found.length > limit };
}

function rankOf(group: Group): Rank {
  let digest: string | undefined;
  return {
    risk: group.risk,
    count: group.count,
    lastSeenAt: group.lastSeenAt,
    // Made for the few that the rest doesn't tell apart. Nothing is no text.
    digest: () => {
      digest ??= group.value === null ? '' : digestOf(group.value);
      return digest;
    },
  };
}

function compareRanks(one: Rank, other: Rank): number {
  const apart = other.risk - one.risk || other.count - one.count || other.lastSeenAt - one.lastSeenAt;
  if (apart !== 0) return apart;
  return one.digest() < other.digest() ? -1 : one.digest() > other.digest() ? 1 : 0;
}

type Names = ReadonlyMap<string | null, { readonly user: ReadonlySet<string>; readonly ip: ReadonlySet<string> }>;

async function countNames(
  parts: GroupParts,
  call: Call,
  filter: Filter,
  by: GroupField,
  page: readonly Group[],
): Promise<Names> {
  const names = new Map(page.map(({ value }) => [value, { user: new Set<string>(), ip: new Set<string>() }]));
  if (page.length === 0) return names;
  await parts.host.timers.breathe();
  const values = [...names.keys()];
  await walk(parts, call, filter, (tx, slice) => {
    for (const { value, kind, name } of findNames(tx, filter, by, slice, values)) names.get(value)?.[kind].add(name);
  });
  return names;
}

function findTitles({ store }: GroupParts, call: Call, page: readonly Group[]): Map<Group, string> {
  return store().read(call.workspace, (tx) => {
    const described = page.flatMap((group) => {
      const description = findDescription(tx, group.number);
      return description === undefined ? [] : [[group, (JSON.parse(description) as DetectorSnapshot).title] as const];
    });
    return new Map(described);
  });
}

function wireGroup(by: GroupField, group: Group, names: Names, name: string | null): AlertGroup {
  const counts = <Word extends string>(words: readonly Word[], held: ReadonlyMap<string, number>) =>
    Object.fromEntries(words.map((word) => [word, held.get(word) ?? 0])) as Record<Word, number>;
  return {
    key: writeGroupKey({ field: by, value: group.value }, group.number),
    value: group.value,
    name,
    count: group.count,
    severities: counts(severity.options, group.severities),
    statuses: counts(alertStatus.options, group.statuses),
    risk: group.risk,
    users: names.get(group.value)?.user.size ?? 0,
    ips: names.get(group.value)?.ip.size ?? 0,
    first_seen_at: instant(group.firstSeenAt),
    last_seen_at: instant(group.lastSeenAt),
    due_at: group.clock === null ? null : instant(group.clock.dueAt),
    clock_from_at: group.clock === null ? null : instant(group.clock.fromAt),
  };
}

function writeGroupCursor(rank: Rank): string {
  return toBase64Url(utf8(JSON.stringify(['groups', rank.risk, rank.count, rank.lastSeenAt, rank.digest()])));
}

/** @throws ProblemError request/invalid for anything that `writeGroupCursor` didn't write. */
function parseGroupCursor(text: string): Rank {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(fromBase64Url(text)).toString('utf8'));
  } catch (cause) {
    throw brokenCursor(cause);
  }
  if (!Array.isArray(value) || value.length !== 5 || value[0] !== 'groups') throw brokenCursor();
  const [, risk, count, lastSeenAt, digest] = value as unknown[];
  if (!isCount(risk) || !isCount(count) || !Number.isSafeInteger(lastSeenAt)) throw brokenCursor();
  if (typeof digest !== 'string' || !/^([0-9a-f]{32})?$/.test(digest)) throw brokenCursor();
  return { risk, count, lastSeenAt: lastSeenAt as number, digest: () => digest };
}
