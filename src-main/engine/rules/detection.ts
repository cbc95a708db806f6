// The detection part of a Sigma rule: search identifiers (maps, lists of maps, keyword lists) with their modifiers, as expressions.
// The condition that joins them is condition.ts.
import { compileRegex } from './regex.ts';
import { type Expression, type Operator, type Predicate, RuleError } from './rule.ts';
import { type Pattern, parsePattern } from './wildcard.ts';

const mostValues = 20_000;

/** One search identifier as an expression. */
export function parseSearch(place: string, name: string, value: unknown): Expression {
  const where = `${place}: detection.${name}`;
  if (Array.isArray(value)) {
    if (value.length === 0) throw new RuleError(`${where} is empty`);
    // A list: maps or keywords, any of which suffices.
    return any(value.map((item) => (isMap(item) ? parseMap(where, item) : keyword(where, item, ['contains']))));
  }
  if (isMap(value)) return parseMap(where, value);
  return keyword(where, value, ['contains']);
}

function parseMap(where: string, map: Record<string, unknown>): Expression {
  const entries = Object.entries(map);
  if (entries.length === 0) throw new RuleError(`${where} is empty`);
  return all(entries.map(([key, value]) => parseItem(where, key, value)));
}

interface Modifiers {
  readonly operator: Operator;
  readonly all: boolean;
  readonly cased: boolean;
  readonly negated: boolean;
  readonly fieldref: boolean;
  readonly flags: string;
}

const operators = new Set(['contains', 'startswith', 'endswith', 're', 'cidr', 'gt', 'gte', 'lt', 'lte', 'exists']);
const later = new Set([
  'base64',
  'base64offset',
  'wide',
  'utf16',
  'utf16le',
  'utf16be',
  'windash',
  'expand',
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'year',
]);

/** `field|modifier|…: value or list of values`. */
function parseItem(where: string, key: string, value: unknown): Expression {
  const [field = '', ...names] = key.split('|');
  if (field === '' && names.length === 0) throw new RuleError(`${where} has an empty field name`);
  const at = `${where}.${key}`;
  const values = Array.isArray(value) ? value : [value];
  if (values.length === 0) throw new RuleError(`${at} has no value`);
  if (values.length > mostValues) throw new RuleError(`${at} has more than ${mostValues} values`);
  if (field === '')
    return joinValues(
      values.map((one) => keyword(at, one, names)),
      names.includes('all'),
    );
  const modifiers = parseModifiers(at, names);
  const parts = values.map((one) => predicate(at, field, one, modifiers));
  // neq with a list means different from each of them; an absent field is false like for every predicate.
  if (modifiers.negated) {
    return all([exists(field), ...parts.map(not)]);
  }
  return joinValues(parts, modifiers.all);
}

function parseModifiers(at: string, names: readonly string[]): Modifiers {
  let operator: Operator = 'equals';
  let flags = '';
  const seen = new Set<string>();
  for (const name of names) {
    if (later.has(name)) throw new RuleError(`${at}: modifier ${name} is not supported yet`);
    if (seen.has(name)) throw new RuleError(`${at}: modifier ${name} is given twice`);
    seen.add(name);
    if (operators.has(name)) {
      if (operator !== 'equals') throw new RuleError(`${at}: modifiers ${operator} and ${name} exclude each other`);
      operator = name === 're' ? 'regex' : (name as Operator);
    } else if (['i', 'm', 's'].includes(name)) {
      if (operator !== 'regex') throw new RuleError(`${at}: modifier ${name} must follow re`);
      flags += name;
    } else if (!['all', 'cased', 'neq', 'fieldref'].includes(name)) {
      throw new RuleError(`${at}: modifier ${JSON.stringify(name)} does not exist in Sigma 2.1`);
    }
  }
  const fieldref = seen.has('fieldref');
  if (fieldref && !['equals', 'contains', 'startswith', 'endswith'].includes(operator)) {
    throw new RuleError(`${at}: fieldref cannot be combined with ${operator}`);
  }
  return { operator, flags, fieldref, all: seen.has('all'), cased: seen.has('cased'), negated: seen.has('neq') };
}

function predicate(at: string, field: string, value: unknown, modifiers: Modifiers): Expression {
  const { operator, cased } = modifiers;
  if (modifiers.fieldref) {
    if (typeof value !== 'string' || value === '') throw new RuleError(`${at}: fieldref needs a field name`);
    return leaf({ field, operator: `field_${operator}` as Operator, value, cased });
  }
  if (value === null) {
    if (operator !== 'equals') throw new RuleError(`${at}: null cannot be combined with ${operator}`);
    return leaf({ field, operator: 'missing', value: '', cased: false });
  }
  switch (operator) {
    case 'exists':
      if (typeof value !== 'boolean') throw new RuleError(`${at}: exists needs true or false`);
      return value ? exists(field) : not(exists(field));
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte': {
      const number = typeof value === 'string' ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isFinite(number))
        throw new RuleError(`${at}: ${operator} needs a number`);
      return leaf({ field, operator, value: String(number), cased: false });
    }
    case 'cidr':
      return leaf({ field, operator, value: network(at, value), cased: false });
    case 'regex': {
      const text = scalarText(at, value);
      compileRegex(at, text, modifiers.flags);
      return leaf({ field, operator, value: text, cased: true, flags: modifiers.flags });
    }
    default:
      return textPredicate(field, operator, parsePattern(scalarText(at, value)), cased);
  }
}

/** A keyword: somewhere in the whole event. */
function keyword(at: string, value: unknown, names: readonly string[]): Expression {
  const modifiers = parseModifiers(
    at,
    names.filter((name) => name !== 'contains' && name !== 'all'),
  );
  if (modifiers.operator === 'regex') {
    const text = scalarText(at, value);
    compileRegex(at, text, modifiers.flags);
    return leaf({ field: null, operator: 'regex', value: text, cased: true, flags: modifiers.flags });
  }
  if (modifiers.operator !== 'equals' || modifiers.fieldref || modifiers.negated) {
    throw new RuleError(`${at}: keywords take the modifiers all, cased and re only`);
  }
  return textPredicate(null, 'contains', parsePattern(scalarText(at, value)), modifiers.cased);
}

/** Plain text, text at one end, or a pattern with wildcards: the cheapest operator that says the same. */
function textPredicate(field: string | null, operator: Operator, pattern: Pattern, cased: boolean): Expression {
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
    return leaf({ field, operator: 'glob', value: fold(glob, cased), cased });
  }
  const text = fold(inner.map((part) => (typeof part === 'object' ? part.text : '')).join(''), cased);
  const openStart = start > 0;
  const openEnd = end < parts.length;
  // A lone `*` matches every value, also the empty one, but not an absent field.
  if (text === '' && (openStart || openEnd)) return exists(field);
  const kind: Operator = openStart ? (openEnd ? 'contains' : 'endswith') : openEnd ? 'startswith' : 'equals';
  return leaf({ field, operator: kind, value: text, cased });
}

function fold(text: string, cased: boolean): string {
  return cased ? text : text.toLowerCase();
}

function network(at: string, value: unknown): string {
  const text = scalarText(at, value);
  if (!/^[0-9a-fA-F:.]+\/\d{1,3}$/.test(text))
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
