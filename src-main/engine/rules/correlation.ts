// The correlation part of a Sigma rule, as it stands in the file; numbers may name parameters and are resolved in compile.ts.
import { isMap } from './detection.ts';
import { type Aggregate, type Comparison, type CorrelationSource, comparisons } from './rule.ts';
import { RuleError } from './rule-error.ts';

const aggregates: readonly Aggregate[] = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
  'temporal',
  'temporal_ordered',
];
const known = new Set(['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases', 'generate']);

/** @param document the whole document: `generate` may stand beside `correlation` or in it. */
export function parseCorrelation(place: string, document: Record<string, unknown>): CorrelationSource {
  const value = document.correlation;
  if (!isMap(value)) throw new RuleError(`${place}: correlation is not a map`);
  for (const key of Object.keys(value)) {
    if (!known.has(key)) throw new RuleError(`${place}: correlation.${key} does not exist in Sigma 2.1`);
  }
  const aggregate = aggregates.find((one) => one === value.type);
  if (aggregate === undefined) throw new RuleError(`${place}: correlation.type is one of ${aggregates.join(', ')}`);
  const rules = names(place, 'rules', value.rules, 50);
  if (rules.length === 0) throw new RuleError(`${place}: correlation.rules is missing`);
  if (new Set(rules).size < rules.length) throw new RuleError(`${place}: correlation.rules names a rule twice`);
  if (typeof value.timespan !== 'string') throw new RuleError(`${place}: correlation.timespan is missing, such as 5m`);
  const generate = value.generate ?? document.generate ?? false;
  if (typeof generate !== 'boolean') throw new RuleError(`${place}: correlation.generate is not true or false`);
  const isTemporal = aggregate === 'temporal' || aggregate === 'temporal_ordered';
  const threshold = parseThreshold(place, value.condition, isTemporal, rules.length);
  if (aggregate.startsWith('value_') && threshold.fields.length === 0)
    throw new RuleError(`${place}: ${aggregate} needs correlation.condition.field`);
  if (threshold.fields.length > 1 && aggregate !== 'value_count')
    throw new RuleError(`${place}: ${aggregate} takes one correlation.condition.field`);
  if (threshold.percentile !== undefined && aggregate !== 'value_percentile')
    throw new RuleError(`${place}: correlation.condition.percentile is for value_percentile`);
  return {
    aggregate,
    rules,
    absent: [],
    groupBy: names(place, 'group-by', value['group-by'], 16),
    aliases: parseAliases(place, value.aliases),
    timespan: value.timespan,
    ...threshold,
    generate,
  };
}

function parseThreshold(
  place: string,
  value: unknown,
  optional: boolean,
  ruleCount: number,
): Pick<CorrelationSource, 'condition' | 'fields' | 'percentile'> {
  if ((value === undefined || value === null) && optional)
    return { condition: { gte: String(ruleCount) }, fields: [], percentile: undefined };
  if (!isMap(value)) throw new RuleError(`${place}: correlation.condition is missing, such as gt: 10`);
  const condition: Partial<Record<Comparison, string>> = {};
  let fields: readonly string[] = [];
  let percentile: number | undefined;
  for (const [key, limit] of Object.entries(value)) {
    const comparison = comparisons.find((one) => one === key);
    if (key === 'field') {
      fields = names(place, 'condition.field', limit, 8);
    } else if (key === 'percentile') {
      if (typeof limit !== 'number' || !(limit >= 0 && limit <= 100))
        throw new RuleError(`${place}: correlation.condition.percentile is not a number from 0 to 100`);
      percentile = limit;
    } else if (comparison === undefined) {
      throw new RuleError(`${place}: correlation.condition.${key} does not exist in Sigma 2.1`);
    } else {
      if (typeof limit !== 'number' && typeof limit !== 'string')
        throw new RuleError(`${place}: correlation.condition.${key} is not a number`);
      condition[comparison] = String(limit);
    }
  }
  if (Object.keys(condition).length === 0) {
    throw new RuleError(`${place}: correlation.condition needs one of ${comparisons.join(', ')}`);
  }
  return { condition, fields, percentile };
}

/** `{alias: {rule: field}}`. */
function parseAliases(place: string, value: unknown): ReadonlyMap<string, ReadonlyMap<string, string>> {
  if (value === undefined || value === null) return new Map();
  if (!isMap(value)) throw new RuleError(`${place}: correlation.aliases is not a map`);
  return new Map(
    Object.entries(value).map(([alias, fields]) => {
      if (!isMap(fields)) throw new RuleError(`${place}: correlation.aliases.${alias} is not a map of rule to field`);
      return [
        alias,
        new Map(
          Object.entries(fields).map(([rule, field]) => {
            if (typeof field !== 'string')
              throw new RuleError(`${place}: correlation.aliases.${alias}.${rule} is not a field name`);
            return [rule, field] as const;
          }),
        ),
      ] as const;
    }),
  );
}

function names(place: string, key: string, value: unknown, limit: number): string[] {
  if (value === undefined || value === null) return [];
  const list = Array.isArray(value) ? value : [value];
  if (list.length > limit) throw new RuleError(`${place}: correlation.${key} has more than ${limit} entries`);
  return list.map((item) => {
    if (typeof item !== 'string' || item === '')
      throw new RuleError(`${place}: correlation.${key} holds something that is not a name`);
    return item;
  });
}
