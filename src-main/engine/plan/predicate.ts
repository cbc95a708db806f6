// One predicate as a function of a field's text. Which event the text comes from, and how often it is asked, is matcher.ts.
import ipaddr from 'ipaddr.js';
import { foldCase, foldDashes } from '../rules/fold.ts';
import { decimal } from '../rules/number.ts';
import { compileRegex } from '../rules/regex.ts';
import type { Operator, Predicate } from '../rules/rule.ts';
import { compileGlob, parsePattern } from '../rules/wildcard.ts';
import { datePartOf } from './date-part.ts';

/** @param lower the text with its case folded. */
export type TextTest = (text: string, lower: string) => boolean;
/** @param other text of the field that is referred to. */
export type PairTest = (text: string, other: string) => boolean;

/** The test behind `predicate`. Existence and references to fields are not about one text. */
export function compileTest(predicate: Predicate): TextTest {
  const { operator, value, part } = predicate;
  if (part !== undefined) {
    const compare = comparison(operator, Number(value));
    return (text) => compare(datePartOf(text, part));
  }
  switch (operator) {
    case 'equals':
      return ofFolded(predicate, (text) => text === value);
    case 'contains':
      return ofFolded(predicate, (text) => text.includes(value));
    case 'startswith':
      return ofFolded(predicate, (text) => text.startsWith(value));
    case 'endswith':
      return ofFolded(predicate, (text) => text.endsWith(value));
    case 'glob':
      return ofFolded(predicate, compileGlob(parsePattern(value)));
    case 'regex':
      return compileRegex(value, predicate.flags ?? '');
    case 'cidr':
      return compileNetwork(value);
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte': {
      const compare = comparison(operator, Number(value));
      return (text) => compare(decimal(text));
    }
    default:
      throw new Error(`${operator} has no test of one text`);
  }
}

function ofFolded({ cased, dashes }: Predicate, test: (text: string) => boolean): TextTest {
  if (dashes) return cased ? (text) => test(foldDashes(text)) : (_, lower) => test(foldDashes(lower));
  return cased ? (text) => test(text) : (_, lower) => test(lower);
}

function comparison(operator: Operator, limit: number): (number: number) => boolean {
  switch (operator) {
    case 'gt':
      return (number) => number > limit;
    case 'gte':
      return (number) => number >= limit;
    case 'lt':
      return (number) => number < limit;
    case 'lte':
      return (number) => number <= limit;
    default:
      return (number) => number === limit;
  }
}

function compileNetwork(value: string): TextTest {
  const [base, bits] = ipaddr.parseCIDR(value);
  return (text) => {
    if (text.length > 45 || !ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return address.kind() === base.kind() && address.match(base, bits);
  };
}

/** The comparison behind fieldref. */
export function pairTest(operator: Operator, cased: boolean): PairTest {
  function fold(text: string): string {
    return cased ? text : foldCase(text);
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
