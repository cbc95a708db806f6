// What one can do with a value that an alert names: the queries that look for it, leave it out, look for nothing else, group by it. Pure.

import type { AlertQuery, Exclusion } from '../../../src-shared/alert-query.ts';
import { type ExcludableField, mostExcluded, mostGroupFields } from '../../../src-shared/alert-words.ts';
import type { AlertRow } from '../../../src-shared/contract/alerts.ts';
import { parseEventQuery, writeCondition } from '../../../src-shared/event-query.ts';

/** A value that an alert names, or its detector. */
export interface NamedValue {
  readonly key: ExcludableField;
  readonly value: string;
}

/** What an alert names, and at the end what raised it: that there is always. */
export function valuesOf(row: Pick<AlertRow, 'entities' | 'detector_id'>): readonly NamedValue[] {
  return [
    ...row.entities.map(({ kind, value }) => ({ key: kind, value })),
    { key: 'detector' as const, value: row.detector_id },
  ];
}

/** The query with what `added` asks for: in place of the same conditions, beside what is left out already. */
export function withConditions(query: AlertQuery, added: AlertQuery): AlertQuery {
  const left = (query.excluded ?? []).filter(({ key, value }) => added[key] !== value);
  const fresh = (added.excluded ?? []).filter((each) => !left.some((other) => isSame(each, other)));
  const { excluded: _, ...rest } = { ...query, ...added };
  const kept = Object.fromEntries(
    Object.entries(rest).filter(([key, value]) => !fresh.some((each) => each.key === key && each.value === value)),
  ) as AlertQuery;
  const excluded = [...left, ...fresh];
  return excluded.length === 0 ? kept : { ...kept, excluded };
}

export function included(query: AlertQuery, { key, value }: NamedValue): AlertQuery {
  return withConditions(query, { [key]: value });
}

/** undefined: it is left out already, or as many others are as can be. */
export function excludedFrom(query: AlertQuery, named: NamedValue): AlertQuery | undefined {
  const { excluded = [] } = query;
  if (excluded.length >= mostExcluded || excluded.some((each) => isSame(each, named))) return undefined;
  return withConditions(query, { excluded: [named] });
}

/** This and nothing else, in the same states: whether closed ones are looked for is the view's matter. */
export function onlyThis(query: AlertQuery, { key, value }: NamedValue): AlertQuery {
  return { ...(query.status === undefined ? {} : { status: query.status }), [key]: value };
}

/** undefined: it is grouped by that already, or as deep as it goes. */
export function groupedBy(query: AlertQuery, { key }: NamedValue): AlertQuery | undefined {
  const { groupBy = [] } = query;
  return groupBy.includes(key) || groupBy.length >= mostGroupFields
    ? undefined
    : { ...query, groupBy: [...groupBy, key] };
}

/**
 * The event search's query; undefined for what it can't look for: logs put anything in place of a name. A host, key or resource is looked
 * for anywhere, since formats have it in fields of their own.
 */
export function eventQueryFor({ key, value }: NamedValue): string | undefined {
  if (key === 'detector') return undefined;
  const field = key === 'user' ? 'actor' : key === 'ip' ? 'ip_address' : undefined;
  const words = `"${value.replace(/["\\]/g, '\\$&')}"`;
  const queries = field === undefined ? [words] : [writeCondition(field, value), words];
  return queries.find((query) => parseEventQuery(query, 0).kind === 'query');
}

function isSame(one: Exclusion, other: Exclusion): boolean {
  return one.key === other.key && one.value === other.value;
}
