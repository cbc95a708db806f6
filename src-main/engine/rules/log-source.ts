// What a rule's `logsource` means on our events: conditions that an event must fulfil besides the rule's own, and other names for
// its fields. A log source that nobody has mapped applies to events that declare it (`logsource.product` and so on): a rule that
// sees the wrong events is worse than one that waits for the right ones.

import { all, any, isMap } from './detection.ts';
import type { LogSourceAlternative, LogSourceCondition, LogSourceEntry } from './log-source-entry.ts';
import { standardLogSources } from './log-source-table.ts';
import type { Expression, LogSource, Operator } from './rule.ts';
import { RuleError } from './rule-error.ts';

/** A mapping of one's own: entries that come before the standard ones, and what single rules apply to, by their ids. */
export interface LogSourceMapping {
  readonly entries: readonly LogSourceEntry[];
  readonly rules: ReadonlyMap<string, readonly LogSourceAlternative[]>;
}

export const standardMapping: LogSourceMapping = { entries: [], rules: new Map() };

const parts = ['product', 'category', 'service'] as const;

/** @throws RuleError when it isn't a map of texts. */
export function parseLogSource(place: string, value: unknown): LogSource {
  if (!isMap(value)) throw new RuleError(`${place}: logsource is missing`);
  const found: Record<(typeof parts)[number], string | undefined> = {
    product: undefined,
    category: undefined,
    service: undefined,
  };
  for (const part of parts) {
    const text = value[part];
    if (text === undefined || text === null) continue;
    if (typeof text !== 'string' || text.length > 200)
      throw new RuleError(`${place}: logsource.${part} is not a text of at most 200 characters`);
    found[part] = text.toLowerCase();
  }
  if (parts.every((part) => found[part] === undefined))
    throw new RuleError(`${place}: logsource names no product, category or service`);
  return found;
}

/**
 * The alternatives by which a rule of this log source applies to events. An entry fits when all it names is what the rule says; the
 * one that names most wins, the user's before the standard ones.
 */
export function resolveLogSource(
  source: LogSource,
  ruleId: string,
  mapping: LogSourceMapping,
): { alternatives: readonly LogSourceAlternative[]; declared: boolean } {
  const own = mappedAlternatives(source, ruleId, mapping);
  if (own !== undefined) return { alternatives: own, declared: false };
  const entry = bestStandardEntry(source);
  if (entry !== undefined) return { alternatives: entry.alternatives, declared: false };
  const conditions = parts.flatMap((part) => {
    const value = source[part];
    return value === undefined ? [] : [{ field: `logsource.${part}`, values: [value] }];
  });
  return { alternatives: [{ conditions }], declared: true };
}

/** What a mapping of one's own says of the rule, if it says anything. */
export function mappedAlternatives(
  source: LogSource,
  ruleId: string,
  mapping: LogSourceMapping,
): readonly LogSourceAlternative[] | undefined {
  return mapping.rules.get(ruleId) ?? bestEntry(source, mapping.entries)?.alternatives;
}

const standardBySource = new Map<string, LogSourceEntry | undefined>();

function bestStandardEntry(source: LogSource): LogSourceEntry | undefined {
  const key = JSON.stringify(parts.map((part) => source[part]));
  if (!standardBySource.has(key)) {
    if (standardBySource.size > 1000) standardBySource.clear();
    standardBySource.set(key, bestEntry(source, standardLogSources));
  }
  return standardBySource.get(key);
}

function bestEntry(source: LogSource, entries: readonly LogSourceEntry[]): LogSourceEntry | undefined {
  let best: LogSourceEntry | undefined;
  let most = 0;
  for (const entry of entries) {
    const named = parts.filter((part) => entry[part] !== undefined);
    if (named.length <= most || named.some((part) => entry[part] !== source[part])) continue;
    // A category or service narrows a product: an entry for all of windows says nothing about windows/dhcp-relay.
    if (parts.slice(1).some((part) => source[part] !== undefined && entry[part] === undefined && !widens(entry, part)))
      continue;
    best = entry;
    most = named.length;
  }
  return best;
}

/** Does an entry that leaves `part` out hold for any value of it? Only beside the other of category and service. */
function widens(entry: LogSourceEntry, part: 'category' | 'service' | 'product'): boolean {
  return part === 'service' ? entry.category !== undefined : entry.service !== undefined;
}

/** The rule's expression on the events of its log source. */
export function onLogSource(expression: Expression, alternatives: readonly LogSourceAlternative[]): Expression {
  return any(
    alternatives.map(({ conditions, fields }) => {
      const renamed = fields === undefined ? expression : rename(expression, fields);
      return conditions.length === 0 ? renamed : all([...conditions.map(conditionExpression), renamed]);
    }),
  );
}

/** Fields of which an event has one if any of the alternatives applies to it; none where that can't be said. */
export function gateOf(alternatives: readonly LogSourceAlternative[]): readonly string[] {
  const first = alternatives.map(({ conditions }) => conditions[0]?.field);
  return first.every((field) => field !== undefined) ? [...new Set(first)] : [];
}

function conditionExpression(condition: LogSourceCondition): Expression {
  const { field } = condition;
  if ('exists' in condition) return test(field, 'exists', '');
  return any(condition.values.map((value) => test(field, 'equals', value.toLowerCase())));
}

function test(field: string, operator: Operator, value: string): Expression {
  return { kind: 'predicate', predicate: { field, operator, value, cased: false } };
}

function rename(expression: Expression, fields: Readonly<Record<string, readonly string[]>>): Expression {
  if (expression.kind === 'not') return { kind: 'not', operand: rename(expression.operand, fields) };
  if (expression.kind !== 'predicate')
    return { kind: expression.kind, operands: expression.operands.map((operand) => rename(operand, fields)) };
  const { predicate } = expression;
  const { field } = predicate;
  if (field === null) return expression;
  const targets = Object.hasOwn(fields, field) ? (fields[field] ?? [field]) : [field];
  const renamed = targets.flatMap((target): Expression[] => {
    if (!predicate.operator.startsWith('field_'))
      return [{ kind: 'predicate', predicate: { ...predicate, field: target } }];
    const others = Object.hasOwn(fields, predicate.value) ? (fields[predicate.value] ?? []) : [predicate.value];
    return others.map((value) => ({ kind: 'predicate', predicate: { ...predicate, field: target, value } }));
  });
  // A field that is missing is missing under all of its names.
  if (predicate.operator === 'missing') return all(renamed);
  return any(renamed);
}
