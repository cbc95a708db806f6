// A query over alerts as text one can paste: `severity:critical,high status:open user:alice -severity:info "two words"`. Parsing, printing
// and what it asks of the service. Only what the contract can filter by exists here; nothing is silently left out.

import {
  alertOrigins,
  alertStatuses,
  type ExcludableField,
  type GroupField,
  groupFields,
  mostExcluded,
  mostGroupFields,
  severities,
  verdicts,
} from './alert-words.ts';
import type { AlertOrigin, AlertStatus, Verdict } from './contract/alerts.ts';
import type { CallInput } from './contract/contract.ts';
import type { Severity } from './contract/values.ts';
import { quoteIfNeeded, tokensOf, unquote } from './query-tokens.ts';

/** '24h', '90m', '7d'. */
export interface Age {
  readonly count: number;
  readonly unit: 'm' | 'h' | 'd';
}

/** A choice among words, or all words but these. */
interface Choice<Word extends string> {
  readonly words: readonly Word[];
  readonly isNegated: boolean;
}

/** One value that must not be there. */
export interface Exclusion {
  readonly key: ExcludableField;
  readonly value: string;
}

export interface AlertQuery {
  readonly status?: Choice<AlertStatus>;
  readonly severity?: Choice<Severity>;
  readonly verdict?: Choice<Verdict>;
  readonly detector?: string;
  readonly origin?: AlertOrigin;
  readonly user?: string;
  readonly ip?: string;
  readonly host?: string;
  readonly key?: string;
  readonly resource?: string;
  readonly excluded?: readonly Exclusion[];
  readonly assignee?: string;
  readonly riskMin?: number;
  readonly youngerThan?: Age;
  readonly olderThan?: Age;
  /** Whether they kept others quiet. */
  readonly suppressed?: boolean;
  readonly text?: string;
  /** Not what is found but how it is shown: the outermost group first. */
  readonly groupBy?: readonly GroupField[];
}

export type QueryKey =
  | 'status'
  | 'severity'
  | 'detector'
  | 'origin'
  | 'user'
  | 'ip'
  | 'host'
  | 'key'
  | 'resource'
  | 'assignee'
  | 'verdict'
  | 'risk'
  | 'age'
  | 'suppressed'
  | 'group';
export const queryKeys: readonly QueryKey[] = [
  'status',
  'severity',
  'detector',
  'origin',
  'user',
  'ip',
  'host',
  'key',
  'resource',
  'assignee',
  'verdict',
  'risk',
  'age',
  'suppressed',
  'group',
];

export interface ParsedQuery {
  readonly query: AlertQuery;
  /** What could not be understood, one sentence each; the query holds the rest. */
  readonly problems: readonly string[];
}

/** One condition as a chip shows it. */
export interface Condition {
  readonly key: QueryKey | 'text';
  readonly value: string;
  readonly isNegated: boolean;
  /** As it stands in the query. */
  readonly written: string;
  /** What stays when the chip is removed. */
  readonly without: AlertQuery;
}

const longest = 200;
const shortStatus: Readonly<Record<string, AlertStatus>> = { ack: 'acknowledged' };
const unitMs: Readonly<Record<Age['unit'], number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

export function ageMs(age: Age): number {
  return age.count * unitMs[age.unit];
}

export function parseQuery(text: string): ParsedQuery {
  const { tokens, isUnclosed } = tokensOf(text);
  const problems: string[] = isUnclosed ? ['A quotation mark is not closed.'] : [];
  const words: string[] = [];
  let query: AlertQuery = {};
  for (const token of tokens) {
    const found = /^(-?)([a-z]+):(.*)$/s.exec(token);
    if (found === null) {
      const isNegated = token.startsWith('-') && token.length > 1;
      if (isNegated) problems.push(`Words cannot be excluded; put "${unquote(token)}" in quotes to search for it.`);
      else words.push(unquote(token));
      continue;
    }
    const [, minus, key = '', written = ''] = found;
    const step = addCondition(query, key, unquote(written), minus === '-');
    if (typeof step === 'string') problems.push(step);
    else query = step;
  }
  // The service searches word by word, so the space between them says nothing.
  const free = words
    .flatMap((word) => word.split(/\s+/))
    .filter((word) => word !== '')
    .join(' ');
  if (free.length > longest) problems.push(`The words to search for are longer than ${longest} characters.`);
  else if (free !== '') query = { ...query, text: free };
  return { query, problems };
}

/** The query with the condition, or a sentence that says why not. */
function addCondition(query: AlertQuery, key: string, value: string, isNegated: boolean): AlertQuery | string {
  if (value === '') return `${key}: needs a value.`;
  switch (key) {
    case 'status':
      return addChoice(query, 'status', alertStatuses, mapped(value), isNegated);
    case 'severity':
      return addChoice(query, 'severity', severities, value, isNegated);
    case 'verdict':
      // Undecided alerts have no verdict, so "all but these" is not a list of verdicts.
      if (isNegated) return 'verdict: cannot be excluded; name those you want.';
      return addChoice(query, 'verdict', verdicts, value, false);
    case 'detector':
    case 'user':
    case 'ip':
    case 'host':
    case 'key':
    case 'resource':
      return isNegated ? addExclusion(query, { key, value }) : addValue(query, key, value);
    case 'assignee':
      if (isNegated) return 'assignee: cannot be excluded, only asked for.';
      return addValue(query, key, value);
    case 'suppressed':
      if (isNegated || (value !== 'yes' && value !== 'no'))
        return 'suppressed: is written suppressed:yes or suppressed:no.';
      if (query.suppressed !== undefined && query.suppressed !== (value === 'yes'))
        return 'suppressed: is given twice.';
      return { ...query, suppressed: value === 'yes' };
    case 'origin':
      if (isNegated) return 'origin: cannot be excluded, only asked for.';
      return addOrigin(query, value);
    case 'risk':
      return addRisk(query, value, isNegated);
    case 'age':
      return addAge(query, value, isNegated);
    case 'group':
      return addGroups(query, value, isNegated);
    default:
      return `${key}: is not a filter. Filters are ${queryKeys.join(', ')}; put text with a colon in quotes.`;
  }
}

function addValue(query: AlertQuery, key: ExcludableField | 'assignee', value: string): AlertQuery | string {
  if (query[key] !== undefined && query[key] !== value) return `${key}: is given twice.`;
  if (value.length > longest) return `${key}: is longer than ${longest} characters.`;
  if (key !== 'assignee' && isExcluded(query, { key, value }))
    return `${key}: ${value} is both asked for and excluded.`;
  return { ...query, [key]: value };
}

function addExclusion(query: AlertQuery, exclusion: Exclusion): AlertQuery | string {
  const { key, value } = exclusion;
  if (!canAskFor(exclusion)) return `-${key}: is longer than ${longest} characters.`;
  if (query[key] === value) return `${key}: ${value} is both asked for and excluded.`;
  if (isExcluded(query, exclusion)) return query;
  const excluded = [...(query.excluded ?? []), exclusion];
  return excluded.length > mostExcluded ? `At most ${mostExcluded} values can be excluded.` : { ...query, excluded };
}

function isExcluded(query: AlertQuery, { key, value }: Exclusion): boolean {
  return query.excluded?.some((each) => each.key === key && each.value === value) ?? false;
}

/** The service takes no longer values; a part of one would find others. */
export function canAskFor(exclusion: Exclusion): boolean {
  return writeExclusion(exclusion).length <= longest;
}

/** As the service is asked: in a list that commas separate, a comma of the value is escaped. */
function writeExclusion({ key, value }: Exclusion): string {
  return `${key}:${value.replace(/[%,]/g, (character) => (character === '%' ? '%25' : '%2C'))}`;
}

function mapped(value: string): string {
  return value
    .split(',')
    .map((word) => shortStatus[word] ?? word)
    .join(',');
}

function addChoice<Key extends 'status' | 'severity' | 'verdict'>(
  query: AlertQuery,
  key: Key,
  options: readonly string[],
  value: string,
  isNegated: boolean,
): AlertQuery | string {
  const asked = value.split(',').filter((word) => word !== '');
  const unknown = asked.find((word) => !options.includes(word));
  if (unknown !== undefined) return `${key}: ${unknown} is none of ${options.join(', ')}.`;
  const before = query[key];
  if (before !== undefined && before.isNegated !== isNegated) return `${key}: is both asked for and excluded.`;
  const held: readonly string[] = before?.words ?? [];
  const words = options.filter((option) => asked.includes(option) || held.includes(option));
  if (isNegated && words.length === options.length) return `${key}: excludes everything.`;
  return { ...query, [key]: { words, isNegated } };
}

function addOrigin(query: AlertQuery, value: string): AlertQuery | string {
  const origin = alertOrigins.find((one) => one === value);
  if (origin === undefined) return `origin: ${value} is none of ${alertOrigins.join(', ')}.`;
  if (query.origin !== undefined && query.origin !== origin) return 'origin: is given twice.';
  return { ...query, origin };
}

function addRisk(query: AlertQuery, value: string, isNegated: boolean): AlertQuery | string {
  const found = /^(>=|>)?(\d{1,3})$/.exec(value);
  if (found === null || isNegated) return 'risk: is written risk:>=70.';
  const least = Number(found[2]) + (found[1] === '>' ? 1 : 0);
  if (least > 100) return 'risk: goes from 0 to 100.';
  if (query.riskMin !== undefined && query.riskMin !== least) return 'risk: is given twice.';
  return { ...query, riskMin: least };
}

function addAge(query: AlertQuery, value: string, isNegated: boolean): AlertQuery | string {
  const found = /^(<|>)(\d{1,4})([mhd])$/.exec(value);
  if (found === null || isNegated) return 'age: is written age:<4h or age:>30m, with m, h or d.';
  const age: Age = { count: Number(found[2]), unit: found[3] as Age['unit'] };
  const side = found[1] === '<' ? 'youngerThan' : 'olderThan';
  if (age.count === 0 && side === 'youngerThan') return 'age: nothing is younger than 0.';
  const before = query[side];
  if (before !== undefined && formatAge(before) !== formatAge(age)) return `age:${found[1]} is given twice.`;
  return { ...query, [side]: age };
}

function addGroups(query: AlertQuery, value: string, isNegated: boolean): AlertQuery | string {
  if (isNegated) return 'group: cannot be excluded; leave it out for a plain list.';
  const asked = value.split(',').filter((word) => word !== '');
  const groupBy: GroupField[] = [];
  for (const word of asked) {
    const field = groupFields.find((one) => one === word);
    if (field === undefined) return `group: ${word} is none of ${groupFields.join(', ')}.`;
    if (groupBy.includes(field)) return `group: names ${field} twice.`;
    groupBy.push(field);
  }
  if (groupBy.length === 0) return 'group: needs a value.';
  if (groupBy.length > mostGroupFields) return `group: takes at most ${mostGroupFields} fields.`;
  if (query.groupBy !== undefined && query.groupBy.join() !== groupBy.join()) return 'group: is given twice.';
  return { ...query, groupBy };
}

function formatAge(age: Age): string {
  return `${age.count}${age.unit}`;
}

function without(query: AlertQuery, key: keyof AlertQuery): AlertQuery {
  const { [key]: _, ...rest } = query;
  return rest;
}

/** In the order of the keys; free text last. */
export function conditionsOf(query: AlertQuery): readonly Condition[] {
  const listed: Condition[] = [];
  const add = (key: Condition['key'], field: keyof AlertQuery, value: string | undefined, isNegated = false) => {
    if (value === undefined) return;
    const written =
      key === 'text'
        ? value
            .split(' ')
            .map((word) => quoteIfNeeded(word, true))
            .join(' ')
        : `${isNegated ? '-' : ''}${key}:${quoteIfNeeded(value, false)}`;
    listed.push({ key, value, isNegated, written, without: without(query, field) });
  };
  const statuses = query.status?.words.map((word) => (word === 'acknowledged' ? 'ack' : word));
  add('status', 'status', statuses?.join(','), query.status?.isNegated);
  add('severity', 'severity', query.severity?.words.join(','), query.severity?.isNegated);
  add('detector', 'detector', query.detector);
  add('origin', 'origin', query.origin);
  add('user', 'user', query.user);
  add('ip', 'ip', query.ip);
  add('host', 'host', query.host);
  add('key', 'key', query.key);
  add('resource', 'resource', query.resource);
  for (const exclusion of query.excluded ?? []) {
    const { key, value } = exclusion;
    const left = query.excluded?.filter((each) => each !== exclusion) ?? [];
    listed.push({
      key,
      value,
      isNegated: true,
      written: `-${key}:${quoteIfNeeded(value, false)}`,
      without: left.length === 0 ? without(query, 'excluded') : { ...query, excluded: left },
    });
  }
  add('assignee', 'assignee', query.assignee);
  add('verdict', 'verdict', query.verdict?.words.join(','));
  add('risk', 'riskMin', query.riskMin === undefined ? undefined : `>=${query.riskMin}`);
  add('age', 'youngerThan', query.youngerThan && `<${formatAge(query.youngerThan)}`);
  add('age', 'olderThan', query.olderThan && `>${formatAge(query.olderThan)}`);
  add('suppressed', 'suppressed', query.suppressed === undefined ? undefined : query.suppressed ? 'yes' : 'no');
  add('group', 'groupBy', query.groupBy?.join(','));
  add('text', 'text', query.text);
  return listed;
}

export function printQuery(query: AlertQuery): string {
  return conditionsOf(query)
    .map((condition) => condition.written)
    .join(' ');
}

/** What the service is asked. `now` in milliseconds UTC, since ages are relative to the moment of asking. */
export function filtersOf(query: AlertQuery, now: number): CallInput<'alerts.summary'> {
  const chosen = <Word extends string>(choice: Choice<Word> | undefined, options: readonly Word[]) =>
    choice && options.filter((option) => choice.words.includes(option) !== choice.isNegated);
  const given = {
    status: chosen(query.status, alertStatuses),
    severity: chosen(query.severity, severities),
    verdict: chosen(query.verdict, verdicts),
    detector: query.detector,
    origin: query.origin,
    user: query.user,
    ip: query.ip,
    host: query.host,
    key: query.key,
    resource: query.resource,
    exclude: query.excluded?.map(writeExclusion),
    suppressed: query.suppressed,
    assignee: query.assignee,
    risk_min: query.riskMin,
    raised_since: query.youngerThan && new Date(now - ageMs(query.youngerThan)).toISOString(),
    raised_until: query.olderThan && new Date(now - ageMs(query.olderThan)).toISOString(),
    text: query.text,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
