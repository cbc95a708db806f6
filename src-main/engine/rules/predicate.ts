// One predicate as a function of a field's text. Which event the text comes from, and how often it is asked, is matcher.ts.
import ipaddr from 'ipaddr.js';
import { compileRegex } from './regex.ts';
import { type Operator, type Predicate, RuleError } from './rule.ts';
import { compileGlob, parsePattern } from './wildcard.ts';

/** @param lower the text in lower case. */
export type TextTest = (text: string, lower: string) => boolean;
/** @param other text of the field that is referred to. */
export type PairTest = (text: string, other: string) => boolean;

/**
 * The test behind `predicate`; equality without case, existence and references to fields are the matcher's own.
 * @throws RuleError for a network that isn't one.
 */
export function compileTest(predicate: Predicate): TextTest {
  const { operator, value, cased } = predicate;
  switch (operator) {
    case 'equals':
      return (text, lower) => (cased ? text : lower) === value;
    case 'contains':
      return (text, lower) => (cased ? text : lower).includes(value);
    case 'startswith':
      return (text, lower) => (cased ? text : lower).startsWith(value);
    case 'endswith':
      return (text, lower) => (cased ? text : lower).endsWith(value);
    case 'glob': {
      const fits = compileGlob(parsePattern(value));
      return (text, lower) => fits(cased ? text : lower);
    }
    case 'regex':
      return compileRegex(predicate.field ?? 'keywords', value, predicate.flags ?? '');
    case 'cidr':
      return compileNetwork(value);
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return compileComparison(operator, Number(value));
    default:
      throw new Error(`${operator} has no test of one text`);
  }
}

function compileComparison(operator: 'gt' | 'gte' | 'lt' | 'lte', limit: number): TextTest {
  return (text) => {
    const number = text === '' ? Number.NaN : Number(text);
    if (operator === 'gt') return number > limit;
    if (operator === 'gte') return number >= limit;
    return operator === 'lt' ? number < limit : number <= limit;
  };
}

function compileNetwork(value: string): TextTest {
  let network: [ipaddr.IPv4 | ipaddr.IPv6, number];
  try {
    network = ipaddr.parseCIDR(value);
  } catch (cause) {
    throw new RuleError(`${JSON.stringify(value)} is not a network such as 10.0.0.0/8`, { cause });
  }
  const [base, bits] = network;
  return (text) => {
    if (text.length > 45 || !ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return address.kind() === base.kind() && address.match(base, bits);
  };
}

/** The comparison behind fieldref. */
export function pairTest(operator: Operator, cased: boolean): PairTest {
  function fold(text: string): string {
    return cased ? text : text.toLowerCase();
  }
  switch (operator) {
    case 'field_equals':
      return (text, other) => fold(text) === fold(other);
    case 'field_contains':
      return (text, other) => fold(text).includes(fold(other));
    case 'field_startswith':
      return (text, other) => fold(text).startsWith(fold(other));
    default:
      return (text, other) => fold(text).endsWith(fold(other));
  }
}
