// The correlation part of a Sigma rule, as it stands in the file; numbers may name parameters and are resolved in compile.ts.
import { isMap } from './detection.ts';
import { type Aggregate, type CorrelationSource, RuleError } from './rule.ts';

const aggregates: readonly string[] = ['event_count', 'value_count', 'value_sum', 'temporal', 'temporal_ordered'];
const known = new Set(['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases', 'generate']);
const comparisons = ['gt', 'gte', 'lt', 'lte', 'eq'] as const;

export function parseCorrelation(place: string, value: unknown): CorrelationSource {
  if (!isMap(value)) throw new RuleError(`${place}: correlation is not a map`);
  for (const key of Object.keys(value)) {
    if (!known.has(key)) throw new RuleError(`${place}: correlation.${key} does not exist in Sigma 2.1`);
  }
  const type = value.type;
  if (type === 'value_avg' || type === 'value_percentile') {
    throw new RuleError(`${place}: correlation type ${type} is not supported yet`);
  }
  if (typeof type !== 'string' || !aggregates.includes(type)) {
    throw new RuleError(`${place}: correlation.type is one of ${aggregates.join(', ')}`);
  }
  const aggregate = type as Aggregate;
  const rules = names(place, 'rules', value.rules, 20);
  if (rules.length === 0) throw new RuleError(`${place}: correlation.rules is missing`);
  if (typeof value.timespan !== 'string') throw new RuleError(`${place}: correlation.timespan is missing, such as 5m`);
  if (value.generate !== undefined && typeof value.generate !== 'boolean') {
    throw new RuleError(`${place}: correlation.generate is not true or false`);
  }
  const isTemporal = aggregate === 'temporal' || aggregate === 'temporal_ordered';
  const { condition, field } = parseThreshold(place, value.condition, isTemporal, rules.length);
  if ((aggregate === 'value_count' || aggregate === 'value_sum') && field === undefined) {
    throw new RuleError(`${place}: ${aggregate} needs correlation.condition.field`);
  }
  return {
    aggregate,
    rules,
    groupBy: names(place, 'group-by', value['group-by'], 8),
    aliases: parseAliases(place, value.aliases),
    timespan: value.timespan,
    condition,
    field,
    generate: value.generate === true,
  };
}

function parseThreshold(
  place: string,
  value: unknown,
  optional: boolean,
  ruleCount: number,
): Pick<CorrelationSource, 'condition' | 'field'> {
  if (value === undefined && optional) return { condition: { gte: String(ruleCount) }, field: undefined };
  if (!isMap(value)) throw new RuleError(`${place}: correlation.condition is missing, such as gt: 10`);
  const condition: Partial<Record<(typeof comparisons)[number], string>> = {};
  let field: string | undefined;
  for (const [key, limit] of Object.entries(value)) {
    if (key === 'field') {
      if (typeof limit !== 'string' || limit === '')
        throw new RuleError(`${place}: correlation.condition.field is not one field name`);
      field = limit;
    } else if (key === 'neq') {
      throw new RuleError(`${place}: correlation.condition.neq is not supported yet`);
    } else {
      const name = comparisons.find((one) => one === key);
      if (name === undefined) throw new RuleError(`${place}: correlation.condition.${key} does not exist in Sigma 2.1`);
      if (typeof limit !== 'number' && typeof limit !== 'string')
        throw new RuleError(`${place}: correlation.condition.${key} is not a number`);
      condition[name] = String(limit);
    }
  }
  if (condition.gt === undefined && condition.gte === undefined && condition.eq === undefined) {
    // "fewer than" is true of silence as well, which no event announces.
    throw new RuleError(`${place}: correlation.condition needs gt, gte or eq; lt and lte alone are not supported yet`);
  }
  return { condition, field };
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
