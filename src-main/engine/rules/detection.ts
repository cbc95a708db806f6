// The detection part of a Sigma rule: search identifiers (maps, lists of maps, keyword lists) as expressions. What modifiers do is
// modifiers.ts, the condition that joins the searches is condition.ts.
import ipaddr from 'ipaddr.js';
import { foldCase, foldDashes } from './fold.ts';
import { expandText, type Modifiers, parseModifiers, type Reading, transformText } from './modifiers.ts';
import { decimal } from './number.ts';
import { checkRegex } from './regex.ts';
import type { Expression, Operator, Predicate } from './rule.ts';
import { RuleError } from './rule-error.ts';
import type { Pattern } from './wildcard.ts';

const mostValues = 20_000;
const plain = parseModifiers('', []);

/** One search identifier as an expression. */
export function parseSearch(place: string, name: string, value: unknown, reading: Reading): Expression {
  const where = `${place}: detection.${name}`;
  if (Array.isArray(value)) {
    if (value.length === 0) throw new RuleError(`${where} is empty`);
    // A list: maps or keywords, any of which suffices.
    if (value.length > mostValues) throw new RuleError(`${where} has more than ${mostValues} entries`);
    return any(
      value.map((item) => (isMap(item) ? parseMap(where, item, reading) : keyword(where, item, plain, reading))),
    );
  }
  if (isMap(value)) return parseMap(where, value, reading);
  return keyword(where, value, plain, reading);
}

/** The merge keys of YAML 1.1 would be taken for a field or search of that name. @throws RuleError */
export function refuseMerge(where: string, map: Record<string, unknown>): void {
  if (Object.hasOwn(map, '<<'))
    throw new RuleError(`${where}: merge keys (<<) are not read; write out what they stand for`);
}

function parseMap(where: string, map: Record<string, unknown>, reading: Reading): Expression {
  refuseMerge(where, map);
  const entries = Object.entries(map);
  if (entries.length === 0) throw new RuleError(`${where} is empty`);
  return all(entries.map(([key, value]) => parseItem(where, key, value, reading)));
}

/** `field|modifier|…: value or list of values`. */
function parseItem(where: string, key: string, value: unknown, reading: Reading): Expression {
  const [field = '', ...names] = key.split('|').map((part) => part.trim());
  if (field === '' && names.length === 0) throw new RuleError(`${where} has an empty field name`);
  const at = `${where}.${key}`;
  const values: unknown[] = Array.isArray(value) ? value : [value];
  if (values.length === 0) throw new RuleError(`${at} has no value`);
  if (values.length > mostValues) throw new RuleError(`${at} has more than ${mostValues} values`);
  const modifiers = parseModifiers(at, names);
  const parts = values.map((one) =>
    field === '' ? keyword(at, one, modifiers, reading) : predicate(at, field, one, modifiers, reading),
  );
  // neq with a list means different from each of them; an absent field is false like for every predicate.
  if (modifiers.negated) {
    if (field === '') throw new RuleError(`${at}: keywords cannot be combined with neq`);
    const other = modifiers.fieldref ? values.flatMap((one) => (typeof one === 'string' ? [missing(one)] : [])) : [];
    return all([...[missing(field), ...other].map(not), not(joinValues(parts, modifiers.all))]);
  }
  return joinValues(parts, modifiers.all);
}

function predicate(at: string, field: string, value: unknown, modifiers: Modifiers, reading: Reading): Expression {
  const { operator, cased, part } = modifiers;
  if (modifiers.fieldref) {
    if (typeof value !== 'string' || value === '') throw new RuleError(`${at}: fieldref needs a field name`);
    return leaf({ field, operator: `field_${operator}` as Operator, value, cased });
  }
  if (value === null) {
    if (operator !== 'equals' || part !== undefined) {
      throw new RuleError(`${at}: null cannot be combined with ${part ?? operator}`);
    }
    return missing(field);
  }
  if (part !== undefined) return leaf({ field, operator, value: numberText(at, value, part), cased: false, part });
  switch (operator) {
    case 'exists':
      if (typeof value !== 'boolean') throw new RuleError(`${at}: exists needs true or false`);
      return value ? exists(field) : not(exists(field));
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return any(
        expandText(at, scalarText(at, value), modifiers, reading).map((text) =>
          leaf({ field, operator, value: numberText(at, text, operator), cased: false }),
        ),
      );
    case 'cidr':
      return any(
        expandText(at, scalarText(at, value), modifiers, reading).map((text) =>
          leaf({ field, operator, value: network(at, text), cased: false }),
        ),
      );
    case 'regex':
      return regexPredicate(at, field, value, modifiers, reading);
    default:
      return textPredicates(at, field, operator, value, modifiers, reading);
  }
}

/** A keyword: somewhere in the whole event. */
function keyword(at: string, value: unknown, modifiers: Modifiers, reading: Reading): Expression {
  const { operator, fieldref, part } = modifiers;
  if (operator === 'regex') return regexPredicate(at, null, value, modifiers, reading);
  if ((operator !== 'equals' && operator !== 'contains') || fieldref || part !== undefined) {
    throw new RuleError(`${at}: keywords take the modifiers all, cased, contains, re, windash and the encodings only`);
  }
  return textPredicates(at, null, 'contains', value, modifiers, reading);
}

function regexPredicate(
  at: string,
  field: string | null,
  value: unknown,
  modifiers: Modifiers,
  reading: Reading,
): Expression {
  const { flags } = modifiers;
  return any(
    expandText(at, scalarText(at, value), modifiers, reading).map((text) => {
      checkRegex(at, text, flags);
      return leaf({ field, operator: 'regex', value: text, cased: true, flags });
    }),
  );
}

function textPredicates(
  at: string,
  field: string | null,
  operator: Operator,
  value: unknown,
  modifiers: Modifiers,
  reading: Reading,
): Expression {
  const patterns = transformText(at, scalarText(at, value), modifiers, reading);
  return any(patterns.map((pattern) => textPredicate(field, operator, pattern, modifiers)));
}

function numberText(at: string, value: unknown, name: string): string {
  const number = typeof value === 'string' ? decimal(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw new RuleError(`${at}: ${name} needs a number`);
  return String(number);
}

/** Plain text, text at one end, or a pattern with wildcards: the cheapest operator that says the same. */
function textPredicate(
  field: string | null,
  operator: Operator,
  pattern: Pattern,
  { cased, dashes }: Modifiers,
): Expression {
  const windash = dashes ? ({ dashes: true } as const) : {};
  const parts = [...pattern];
  if (operator === 'contains' || operator === 'endswith') parts.unshift('*');
  if (operator === 'contains' || operator === 'startswith') parts.push('*');
  let start = 0;
  let end = parts.length;
  while (start < end && parts[start] === '*') start++;
  while (end > start && parts[end - 1] === '*') end--;
  const inner = parts.slice(start, end);
  const literal = inner.every((part) => typeof part === 'object');
  if (!literal) {
    const glob = parts.map((part) => (typeof part === 'object' ? part.text.replace(/[*?\\]/g, '\\$&') : part)).join('');
    return leaf({ field, operator: 'glob', value: folded(glob, cased, dashes), cased, ...windash });
  }
  const text = folded(inner.map((part) => (typeof part === 'object' ? part.text : '')).join(''), cased, dashes);
  const openStart = start > 0;
  const openEnd = end < parts.length;
  // A lone `*` is found in every text, also the empty one, but not in an absent field or a null.
  const open = text === '' && (openStart || openEnd);
  const kind: Operator =
    open || (openStart && openEnd) ? 'contains' : openStart ? 'endswith' : openEnd ? 'startswith' : 'equals';
  return leaf({ field, operator: kind, value: text, cased, ...windash });
}

function folded(text: string, cased: boolean, dashes: boolean): string {
  const lower = cased ? text : foldCase(text);
  return dashes ? foldDashes(lower) : lower;
}

function network(at: string, value: unknown): string {
  const text = scalarText(at, value);
  const isWhole = text.includes(':') || /^\d+(?:\.\d+){3}\//.test(text);
  if (!isWhole || !/^[0-9a-fA-F:.]+\/\d{1,3}$/.test(text) || !ipaddr.isValidCIDR(text))
    throw new RuleError(`${at}: ${JSON.stringify(text)} is not a network such as 10.0.0.0/8`);
  return text;
}

function scalarText(at: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new RuleError(
    `${at}: expected a text, number or boolean, found ${Array.isArray(value) ? 'a list' : typeof value}`,
  );
}

function leaf(found: Predicate): Expression {
  return { kind: 'predicate', predicate: found };
}

function exists(field: string | null): Expression {
  return leaf({ field, operator: 'exists', value: '', cased: false });
}

function missing(field: string): Expression {
  return leaf({ field, operator: 'missing', value: '', cased: false });
}

function joinValues(parts: readonly Expression[], every: boolean): Expression {
  return every ? all(parts) : any(parts);
}

export function all(operands: readonly Expression[]): Expression {
  const [only] = operands;
  return operands.length === 1 && only !== undefined ? only : { kind: 'and', operands };
}

export function any(operands: readonly Expression[]): Expression {
  const [only] = operands;
  return operands.length === 1 && only !== undefined ? only : { kind: 'or', operands };
}

export function not(operand: Expression): Expression {
  return { kind: 'not', operand };
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
