// The aggregations that old Sigma rules carry behind a pipe in their condition, `selection | count(user) by host > 5` and
// `a | near b and not c`, as the correlations that took their place.
import type { Aggregate, Comparison, CorrelationSource } from './rule.ts';
import { RuleError } from './rule-error.ts';

export type OldAggregation =
  | {
      readonly kind: 'count';
      readonly aggregate: Aggregate;
      readonly field: string | undefined;
      readonly groupBy: readonly string[];
      readonly condition: CorrelationSource['condition'];
    }
  | { readonly kind: 'near'; readonly present: readonly string[]; readonly absent: readonly string[] };

/** Where a rule says no timeframe, its query ran over whatever was searched; here over a day. */
export const defaultTimeframe = '24h';

const functions: Readonly<Record<string, Aggregate>> = {
  count: 'value_count',
  sum: 'value_sum',
  avg: 'value_avg',
  min: 'value_min',
  max: 'value_max',
};
const signs: Readonly<Record<string, Comparison>> = {
  '>': 'gt',
  '>=': 'gte',
  '<': 'lt',
  '<=': 'lte',
  '=': 'eq',
  '==': 'eq',
};
const shape =
  /^(count|sum|avg|min|max)\s*\(\s*([^\s()]{0,200})\s*\)\s*(?:by\s+([^\s<>=](?:[^<>=]{0,500}[^\s<>=])?)\s*)?(>=|<=|==|=|>|<)\s*(-?\d{1,15}(?:\.\d{1,6})?)$/i;

/**
 * The part of a condition after the pipe.
 * @throws RuleError when it is neither of the two forms.
 */
export function parseOldAggregation(place: string, text: string): OldAggregation {
  const trimmed = text.trim();
  if (/^near\s/i.test(trimmed)) return parseNear(place, trimmed.slice(5));
  const match = shape.exec(trimmed);
  const name = match?.[1]?.toLowerCase();
  const aggregate = name === undefined ? undefined : functions[name];
  const comparison = signs[match?.[4] ?? ''];
  if (match === null || aggregate === undefined || comparison === undefined) {
    throw new RuleError(
      `${place}: condition: after the pipe, expected count(field) by field > number (also sum, avg, min, max) or near, found ${JSON.stringify(trimmed.slice(0, 100))}`,
    );
  }
  const field = match[2] === '' ? undefined : match[2];
  if (field === undefined && name !== 'count') throw new RuleError(`${place}: condition: ${name}() needs a field`);
  return {
    kind: 'count',
    aggregate: field === undefined ? 'event_count' : aggregate,
    field,
    groupBy: (match[3] ?? '').split(/[\s,]+/).filter((one) => one !== ''),
    condition: { [comparison]: match[5] ?? '' },
  };
}

function parseNear(place: string, text: string): OldAggregation {
  const present: string[] = [];
  const absent: string[] = [];
  for (const part of text.trim().split(/\s+and\s+/i)) {
    const match = /^(not\s+)?([^\s()|]+)$/i.exec(part.trim());
    const name = match?.[2];
    if (name === undefined || /^(?:or|not|of)$/i.test(name))
      throw new RuleError(
        `${place}: condition: near takes search names joined by and, or by and not; found ${JSON.stringify(part)}`,
      );
    (match?.[1] === undefined ? present : absent).push(name);
  }
  if (present.length === 0) throw new RuleError(`${place}: condition: near needs a search that must occur`);
  return { kind: 'near', present, absent };
}
