// What the queue is asked for, made from the caller's words: filters, address ranges, search words, cursors.
// Everything in here comes from outside; what can't be read is refused with the field's name.

import ipaddr from 'ipaddr.js';
import { alertOrigins, type ExcludableField, excludableFields } from '../../../../src-shared/alert-words.ts';
import type { AlertOrigin } from '../../../../src-shared/contract/alerts.ts';
import type { Input } from '../../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { plainAddress } from '../../../base/addresses.ts';
import { fromBase64Url, toBase64Url, utf8 } from '../../../base/bytes.ts';
import type { Principal } from '../../dispatch/principal.ts';
import type { Entity } from './alert-record.ts';
import { type FindNamed, type GroupCondition, parseGroupKey } from './group-key.ts';

export type AddressBounds = { readonly low: Uint8Array; readonly high: Uint8Array };

export type Filter = {
  readonly statuses: readonly string[];
  readonly severities: readonly string[] | undefined;
  readonly verdicts: readonly string[] | undefined;
  readonly detector: string | undefined;
  readonly origin: AlertOrigin | undefined;
  readonly user: string | undefined;
  readonly ip:
    | { readonly kind: 'exact'; readonly value: string }
    | ({ readonly kind: 'range' } & AddressBounds)
    | undefined;
  /** null asks for what is nobody's. */
  readonly assignee: string | null | undefined;
  readonly riskMin: number;
  readonly since: number;
  readonly until: number;
  /** Lower case; each must occur. */
  readonly words: readonly string[];
  /** Each must be named by an alert; null: none of its kind is. */
  readonly entities: readonly EntityCondition[];
  /** None of these is named. */
  readonly excluded: readonly { readonly kind: Entity['kind']; readonly value: string }[];
  readonly excludedRanges: readonly AddressBounds[];
  readonly excludedDetectors: readonly string[];
  /** Whether it kept others quiet. */
  readonly suppressed: boolean | undefined;
};

export type EntityCondition = { readonly kind: Entity['kind']; readonly value: string | null };

export type Sort = 'risk' | 'newest';

/** The last row of the page before, by the values that the list is sorted by. */
export type Cursor = { readonly risk: number; readonly raisedAt: number; readonly number: number };

/** Words of a search that are looked for one by one; what follows is looked for as one piece. */
export const searchedWords = 4;

/**
 * @param findNamed for groups whose key names an alert instead of its value
 * @throws ProblemError request/invalid naming every field that can't be read.
 */
export function parseFilter(input: Input<'alerts.summary'>, principal: Principal, findNamed?: FindNamed): Filter {
  const fields: { path: string; message: string }[] = [];
  const ip = input.ip === undefined ? undefined : addressFilter(input.ip);
  if (ip === 'unreadable') fields.push({ path: 'ip', message: 'expected an address or a range such as 10.0.0.0/8' });
  const assignee = input.assignee === undefined ? undefined : assigneeFilter(input.assignee, principal);
  if (assignee === 'unreadable') fields.push({ path: 'assignee', message: '“me” needs a signed-in user; give a name' });
  const groups = (input.within ?? []).map((key) => parseGroupKey(key, findNamed));
  if (groups.includes(undefined)) fields.push({ path: 'within', message: 'not the key of a group; list them again' });
  const excluded = (input.exclude ?? []).map(exclusionOf);
  for (const [index, each] of excluded.entries()) {
    if ('problem' in each) fields.push({ path: `exclude.${index}`, message: each.problem });
  }
  if (fields.length > 0 || ip === 'unreadable' || assignee === 'unreadable') throw invalid(fields);
  const filter: Filter = {
    statuses: input.status ?? ['open', 'acknowledged'],
    severities: input.severity,
    verdicts: input.verdict,
    detector: input.detector,
    origin: input.origin,
    user: input.user,
    ip,
    assignee: assignee?.name,
    riskMin: input.risk_min ?? 0,
    since: input.raised_since === undefined ? 0 : Date.parse(input.raised_since),
    until: input.raised_until === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(input.raised_until),
    words: input.text === undefined ? [] : searchWords(input.text),
    entities: (['host', 'key', 'resource'] as const).flatMap((kind) => {
      const value = input[kind];
      return value === undefined ? [] : [{ kind, value }];
    }),
    excluded: excluded.flatMap((each) => ('kind' in each ? [each] : [])),
    excludedRanges: excluded.flatMap((each) => ('low' in each ? [each] : [])),
    excludedDetectors: excluded.flatMap((each) => ('detector' in each ? [each.detector] : [])),
    suppressed: input.suppressed,
  };
  return groups.reduce<Filter>((narrowed, group) => (group === undefined ? narrowed : narrow(narrowed, group)), filter);
}

type Exclusion =
  | { readonly kind: Entity['kind']; readonly value: string }
  | AddressBounds
  | { readonly detector: string }
  | { readonly problem: string };

function exclusionOf(text: string): Exclusion {
  const at = text.indexOf(':');
  const field: ExcludableField | undefined = excludableFields.find((one) => one === text.slice(0, at));
  if (field === undefined) {
    return { problem: `expected ${excludableFields.map((one) => `${one}:`).join(', ')} and a value` };
  }
  const value = text
    .slice(at + 1)
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');
  if (value === '') return { problem: `expected a value after ${field}:` };
  if (field === 'detector') return { detector: value };
  if (field !== 'ip') return { kind: field, value };
  const address = addressFilter(value);
  if (address === 'unreadable') return { problem: 'expected an address or a range such as 10.0.0.0/8' };
  return address.kind === 'exact' ? { kind: 'ip', value } : address;
}

/** The filter for those of its alerts that stand in a group. */
function narrow(filter: Filter, { field, value }: GroupCondition): Filter {
  const nothing: Filter = { ...filter, statuses: [] };
  const only = <Word extends string>(held: readonly Word[] | undefined) =>
    value === null ? [] : held === undefined ? [value] : held.filter((word) => word === value);
  switch (field) {
    case 'severity':
      return { ...filter, severities: only(filter.severities) };
    case 'status':
      return { ...filter, statuses: only(filter.statuses) };
    case 'verdict':
      // What has no verdict is what isn't closed, and the other way round.
      if (value !== null) return { ...filter, verdicts: only(filter.verdicts) };
      return { ...filter, statuses: filter.statuses.filter((status) => status !== 'closed') };
    case 'detector':
      if (value === null || (filter.detector !== undefined && filter.detector !== value)) return nothing;
      return { ...filter, detector: value };
    case 'origin': {
      const origin = alertOrigins.find((one) => one === value);
      if (origin === undefined || (filter.origin !== undefined && filter.origin !== origin)) return nothing;
      return { ...filter, origin };
    }
    case 'assignee':
      return filter.assignee === undefined || filter.assignee === value ? { ...filter, assignee: value } : nothing;
    default:
      return { ...filter, entities: [...filter.entities, { kind: field, value }] };
  }
}

/** `text` as it is stored for searching and as searches are compared with it. */
export function searchable(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** An address as bytes that sort like addresses: family, then the address. undefined when `text` is none. */
export function addressKey(text: string): Uint8Array | undefined {
  const plain = plainAddress(text);
  if (plain === undefined) return undefined;
  const bytes = ipaddr.parse(plain).toByteArray();
  return new Uint8Array([bytes.length === 4 ? 4 : 6, ...bytes]);
}

/** Opaque to callers: they hand back what they were given. */
export function writeCursor(sort: Sort, cursor: Cursor): string {
  return toBase64Url(utf8(JSON.stringify([sort, cursor.risk, cursor.raisedAt, cursor.number])));
}

/** @throws ProblemError request/invalid for anything that `writeCursor` didn't write for this order. */
export function parseCursor(text: string, sort: Sort): Cursor {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(fromBase64Url(text)).toString('utf8'));
  } catch (cause) {
    throw brokenCursor(cause);
  }
  if (!Array.isArray(value) || value.length !== 4 || value[0] !== sort) throw brokenCursor();
  const [, risk, raisedAt, number] = value as unknown[];
  if (!isCount(risk) || !isCount(raisedAt) || !isCount(number)) throw brokenCursor();
  return { risk, raisedAt, number };
}

export function invalid(fields: readonly { path: string; message: string }[]): ProblemError {
  const detail = fields.map((field) => `${field.path}: ${field.message}`).join('; ');
  return new ProblemError('request/invalid', detail, { fields });
}

function addressFilter(text: string): NonNullable<Filter['ip']> | 'unreadable' {
  const slash = text.indexOf('/');
  if (slash < 0) {
    const key = addressKey(text);
    // An entity may be what a log wrote in place of an address; its chip must find it again.
    return key === undefined ? { kind: 'exact', value: text } : { kind: 'range', low: key, high: key };
  }
  const network = plainAddress(text.slice(0, slash));
  const bits = text.slice(slash + 1);
  if (network === undefined || !/^\d{1,3}$/.test(bits)) return 'unreadable';
  const size = network.includes(':') ? 128 : 32;
  if (Number(bits) > size) return 'unreadable';
  const [base] = ipaddr.parseCIDR(`${network}/${bits}`);
  const low = base.toByteArray();
  const high = [...low];
  for (let bit = 0; bit < size; bit += 1) {
    if (bit < Number(bits)) continue;
    const mask = 0x80 >> (bit % 8);
    const index = bit >> 3;
    low[index] = (low[index] ?? 0) & ~mask;
    high[index] = (high[index] ?? 0) | mask;
  }
  const family = size === 32 ? 4 : 6;
  return { kind: 'range', low: new Uint8Array([family, ...low]), high: new Uint8Array([family, ...high]) };
}

function assigneeFilter(text: string, principal: Principal): { name: string | null } | 'unreadable' {
  if (text === 'none') return { name: null };
  if (text !== 'me') return { name: text };
  return principal.kind === 'user' ? { name: principal.username } : 'unreadable';
}

function searchWords(text: string): string[] {
  const words = searchable(text)
    .split(/\s+/u)
    .filter((word) => word !== '');
  if (words.length <= searchedWords) return words;
  return [...words.slice(0, searchedWords - 1), words.slice(searchedWords - 1).join(' ')];
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function brokenCursor(cause?: unknown): ProblemError {
  return new ProblemError('request/invalid', 'cursor: not one of this list; start again without a cursor', {
    fields: [{ path: 'cursor', message: 'not one of this list; start again without a cursor' }],
    ...(cause === undefined ? {} : { cause }),
  });
}
