// Sigma filters: the same exclusion added to many rules.
import { parseCondition } from './condition.ts';
import { isMap, not, parseSearch } from './detection.ts';
import { parseLogSource } from './log-source.ts';
import type { Reading } from './modifiers.ts';
import type { FilterSource } from './rule.ts';
import { RuleError } from './rule-error.ts';

const mostRules = 5000;

/**
 * The filter of a document. The specification's example writes what is to be suppressed (`condition: selection`), the tools that
 * came after it write what is to be kept (`condition: not selection`) and join it by and. Both mean to suppress, so a condition
 * that begins with `not` says what stays, any other what goes.
 */
export function parseFilter(place: string, document: Record<string, unknown>, reading: Reading): FilterSource {
  const value = document.filter;
  if (!isMap(value)) throw new RuleError(`${place}: filter is not a map`);
  const { rules, condition, ...parts } = value;
  if (typeof condition !== 'string') throw new RuleError(`${place}: filter.condition is missing or not a text`);
  const searches = new Map(
    Object.entries(parts).map(([name, search]) => [name, parseSearch(place, name, search, reading)]),
  );
  const expression = parseCondition(place, condition, searches);
  return {
    rules: ruleNames(place, rules),
    logSource: parseLogSource(place, document.logsource),
    keeps: /^\s*not\b/i.test(condition) ? expression : not(expression),
  };
}

function ruleNames(place: string, value: unknown): readonly string[] | 'any' {
  if (value === 'any') return 'any';
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > mostRules) throw new RuleError(`${place}: filter.rules has more than ${mostRules} entries`);
  const names = list.map((item) => {
    if (typeof item !== 'string' || item === '')
      throw new RuleError(`${place}: filter.rules is a list of rule ids or names, or any`);
    return item;
  });
  return names;
}
