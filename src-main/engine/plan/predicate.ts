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
/** @param others texts of the field that is referred to. */
export type PairTest = (texts: readonly string[], others: readonly string[]) => boolean;

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
  const [base, bits] = plainNetwork(value);
  return (text) => {
    const address = addressOf(text);
    return address !== undefined && address.kind() === base.kind() && address.match(base, bits);
  };
}

/** One of IPv4 addresses that are written as IPv6 is one of IPv4, as such addresses are. */
function plainNetwork(value: string): [Address, number] {
  const [base, bits] = ipaddr.parseCIDR(value);
  const isMapped = base instanceof ipaddr.IPv6 && bits >= 96 && base.isIPv4MappedAddress();
  return isMapped ? [base.toIPv4Address(), bits - 96] : [base, bits];
}

type Address = ReturnType<typeof ipaddr.process>;
const addresses = new Map<string, Address | undefined>();
const mostAddresses = 4096;

/** Read once for all networks that it is held against. */
function addressOf(text: string): Address | undefined {
  if (text.length > 45) return undefined;
  const known = addresses.get(text);
  if (known !== undefined || addresses.has(text)) return known;
  // A number or a version such as 10.1 is no address, though IPv4 has such short forms.
  const isOne = (text.includes(':') || ipaddr.IPv4.isValidFourPartDecimal(text)) && ipaddr.isValid(text);
  const address = isOne ? ipaddr.process(text) : undefined;
  if (addresses.size >= mostAddresses) addresses.clear();
  addresses.set(text, address);
  return address;
}

/** The comparison behind fieldref, of all texts of one field with all of the other. */
export function pairTest(operator: Operator, cased: boolean): PairTest {
  function fold(texts: readonly string[]): readonly string[] {
    return cased ? texts : texts.map(foldCase);
  }
  function some(test: (text: string, other: string) => boolean): PairTest {
    return (texts, others) => {
      const folded = fold(others);
      return fold(texts).some((text) => folded.some((other) => test(text, other)));
    };
  }
  switch (operator) {
    case 'field_equals':
      return (texts, others) => {
        const folded = new Set(fold(others));
        return fold(texts).some((text) => folded.has(text));
      };
    case 'field_contains':
      return some((text, other) => text.includes(other));
    case 'field_startswith':
      return some((text, other) => text.startsWith(other));
    default:
      return some((text, other) => text.endsWith(other));
  }
}
