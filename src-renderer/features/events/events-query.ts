// The event search's query as text, as it stands in the address, and what the field offers while one types. Pure.

import { closedQuery, parseEventQuery, shortFields, writeCondition } from '../../../src-shared/event-query.ts';
import type { Suggestion } from '../../ui/controls/SuggestField.tsx';

const longest = 2_000;
/** Single fields that links of other screens give. */
const links: Readonly<Record<string, string>> = {
  type: 'event_type',
  source: 'source',
  actor: 'actor',
  ip: 'ip_address',
};

/** The query in an address: written in the language, or made of single fields. */
export function queryOf(address: Readonly<Record<string, string>>): string {
  if (address.q !== undefined) return address.q.slice(0, longest);
  const terms = Object.entries(links).flatMap(([name, field]) => {
    const value = address[name];
    return value === undefined || value === '' ? [] : [writeCondition(field, value)];
  });
  const { text } = address;
  return [text === undefined ? '' : text.replace(/[":\\*]/g, ' '), ...terms].join(' ').trim().slice(0, longest);
}

export function addressOf(query: string): Record<string, string> {
  return query.trim() === '' ? {} : { q: query.trim() };
}

export interface QueryProblem {
  readonly words: string;
  /** The place in the query that it is about. */
  readonly from: number;
  readonly to: number;
}

/** What is wrong with the query, and where, or undefined. `now` in milliseconds UTC. */
export function problemOf(query: string, now: number): QueryProblem | undefined {
  const parsed = parseEventQuery(query, now);
  if (parsed.kind === 'query') return undefined;
  const { message, at } = parsed;
  const word = /^(?:[()]|[^\s()]+)/.exec(query.slice(at))?.[0] ?? '';
  return {
    words: `${message.slice(0, 1).toUpperCase()}${message.slice(1)} (at character ${at + 1}).`,
    from: at,
    to: Math.min(query.length, at + Math.max(1, word.length)),
  };
}

/** The query with one more condition; the same one is not added twice. */
export function withCondition(query: string, field: string, value: string, not = false): string {
  const condition = writeCondition(field, value, not);
  return query.split(/\s+/).includes(condition) ? query : `${closedQuery(query)} ${condition}`.trim();
}

// Between quotation marks `since:` is a word like any other.
const timePart = /("(?:[^"\\]|\\.)*")|(?:^|\s)(?:since|until):\S*/g;

/** The query over another time; `since` and `until` as the language writes them. */
export function withTime(query: string, since?: string, until?: string): string {
  const rest = query.replace(timePart, (_, quoted: string | undefined) => quoted ?? '').trim();
  if (since === undefined && until === undefined) return rest;
  return [closedQuery(rest), since && `since:${since}`, until && `until:${until}`].filter(Boolean).join(' ');
}

/** The `since:` that the choice of times knows. */
export function spanOf(query: string): 'all' | '1h' | '24h' | '7d' | '30d' | 'other' {
  const found = [...query.matchAll(timePart)].filter((match) => match[1] === undefined).map((match) => match[0].trim());
  if (found.length === 0) return 'all';
  const [only] = found;
  const span = found.length === 1 ? only?.replace('since:', '') : undefined;
  return span === '1h' || span === '24h' || span === '7d' || span === '30d' ? span : 'other';
}

/** Does the query ask for times alone? */
export function isTimeOnly(query: string): boolean {
  return query.trim() !== '' && withTime(query) === '';
}

const meanings: readonly (readonly [field: string, meaning: string])[] = [
  ['event_type', 'login, api_call, shell_command'],
  ['actor', 'who; short: user'],
  ['ip_address', 'an address or network; short: ip'],
  ['source', 'who recorded it; short: host'],
  ['success', 'true or false'],
  ['action', 'what was done'],
  ['resource_id', 'to what; short: resource'],
  ['resource_type', 'to what kind of thing'],
  ['user_agent', 'words of it; short: agent'],
  ['bytes', 'a number: >1000000'],
  ['format', 'the log format it came in'],
  ['session_id', 'short: session'],
  ['trace_id', 'short: trace'],
  ['details.', 'any other field: details.status:>=500'],
  ['since', '24h, 7d, 2026-11-20'],
  ['until', 'the end of a time'],
];
const operators: readonly Suggestion[] = [
  { insert: 'OR', detail: 'either what stands before or what stands behind' },
  { insert: 'NOT', detail: 'what must not be; the same as -' },
  { insert: 'AND', detail: 'both; as if it were left out' },
];
const most = 8;

/** @param known values by field, the most frequent first. */
export function suggestionsFor(word: string, known: ReadonlyMap<string, readonly string[]>): readonly Suggestion[] {
  const minus = word.startsWith('-') ? '-' : '';
  const bare = word.slice(minus.length);
  if (bare === '') return [];
  const colon = bare.indexOf(':');
  if (colon < 0) {
    const signs =
      minus === '' && /^[A-Z]+$/.test(bare) ? operators.filter(({ insert }) => insert.startsWith(bare)) : [];
    if (signs.length > 0) return signs;
    return meanings
      .filter(([field]) => field.startsWith(bare.toLowerCase()) || shortFields[bare.toLowerCase()] === field)
      .slice(0, most)
      .map(([field, detail]) => ({ insert: `${minus}${field}${field.endsWith('.') ? '' : ':'}`, detail }));
  }
  const name = bare.slice(0, colon).toLowerCase();
  const field = shortFields[name] ?? name;
  const begun = bare.slice(colon + 1).toLowerCase();
  const values =
    field === 'success' ? ['true', 'false'] : field === 'since' ? ['1h', '24h', '7d', '30d'] : known.get(field);
  return (values ?? [])
    .filter((value) => value.toLowerCase().startsWith(begun) && value.toLowerCase() !== begun)
    .slice(0, most)
    .map((value) => ({ insert: writeCondition(field, value, minus !== ''), detail: '' }));
}
