// The modifiers of Sigma's appendix: a chain of names after a field, read once, and what it does to each value.
// Transformations (base64, wide, windash, expand …) work in the order given; the comparison is applied last.
import { type DatePart, dateParts, type Operator } from './rule.ts';
import { RuleError } from './rule-error.ts';
import { type Pattern, parsePattern } from './wildcard.ts';

export interface Modifiers {
  readonly operator: Operator;
  readonly all: boolean;
  readonly cased: boolean;
  readonly negated: boolean;
  readonly fieldref: boolean;
  readonly dashes: boolean;
  readonly flags: string;
  readonly part: DatePart | undefined;
  readonly transforms: readonly Transform[];
}

type Transform = 'expand' | 'base64' | 'base64offset' | 'utf16le' | 'utf16be' | 'utf16';

const operators = new Set(['contains', 'startswith', 'endswith', 're', 'cidr', 'gt', 'gte', 'lt', 'lte', 'exists']);
const transforms: Readonly<Record<string, Transform>> = {
  expand: 'expand',
  base64: 'base64',
  base64offset: 'base64offset',
  wide: 'utf16le',
  utf16le: 'utf16le',
  utf16be: 'utf16be',
  utf16: 'utf16',
};
const flagNames: Readonly<Record<string, string>> = {
  i: 'i',
  ignorecase: 'i',
  m: 'm',
  multiline: 'm',
  s: 's',
  dotall: 's',
};

/** @throws RuleError for a name that doesn't exist and for combinations that have no meaning. */
export function parseModifiers(at: string, names: readonly string[]): Modifiers {
  let operator: Operator = 'equals';
  let flags = '';
  let part: DatePart | undefined;
  const steps: Transform[] = [];
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new RuleError(`${at}: modifier ${name} is given twice`);
    seen.add(name);
    const transform = Object.hasOwn(transforms, name) ? transforms[name] : undefined;
    const flag = Object.hasOwn(flagNames, name) ? flagNames[name] : undefined;
    const datePart = dateParts.find((one) => one === name);
    if (operators.has(name)) {
      if (operator !== 'equals')
        throw new RuleError(`${at}: modifiers ${nameOf(operator)} and ${name} exclude each other`);
      operator = name === 're' ? 'regex' : (name as Operator);
    } else if (transform !== undefined) {
      steps.push(transform);
    } else if (flag !== undefined) {
      if (operator !== 'regex') throw new RuleError(`${at}: modifier ${name} must follow re`);
      flags += flag;
    } else if (datePart !== undefined) {
      if (part !== undefined) throw new RuleError(`${at}: modifiers ${part} and ${datePart} exclude each other`);
      part = datePart;
    } else if (!['all', 'cased', 'neq', 'fieldref', 'windash'].includes(name)) {
      throw new RuleError(`${at}: modifier ${JSON.stringify(name)} does not exist in Sigma 2.1`);
    }
  }
  const found: Modifiers = {
    operator,
    flags,
    part,
    transforms: steps,
    all: seen.has('all'),
    cased: seen.has('cased'),
    negated: seen.has('neq'),
    fieldref: seen.has('fieldref'),
    dashes: seen.has('windash'),
  };
  checkCombination(at, found);
  return found;
}

function nameOf(operator: Operator): string {
  return operator === 'regex' ? 're' : operator;
}

const textOperators: readonly Operator[] = ['equals', 'contains', 'startswith', 'endswith'];
const numberOperators: readonly Operator[] = ['equals', 'gt', 'gte', 'lt', 'lte'];

function checkCombination(at: string, { operator, fieldref, part, dashes, cased, transforms: steps }: Modifiers): void {
  const isText = textOperators.includes(operator);
  const shown = nameOf(operator);
  if (fieldref && (!isText || dashes || steps.length > 0 || part !== undefined))
    throw new RuleError(`${at}: fieldref goes with contains, startswith, endswith, cased, all and neq only`);
  if (part !== undefined && (!numberOperators.includes(operator) || cased || dashes || steps.length > 0))
    throw new RuleError(`${at}: ${part} goes with gt, gte, lt, lte, all and neq only`);
  if (!isText && (cased || dashes)) {
    throw new RuleError(`${at}: ${cased ? 'cased' : 'windash'} cannot be combined with ${shown}`);
  }
  // Placeholders may stand for numbers and networks too; the encodings are of text.
  if (!isText && steps.some((step) => step !== 'expand'))
    throw new RuleError(`${at}: ${steps.find((step) => step !== 'expand')} cannot be combined with ${shown}`);
}

export type Placeholders = Readonly<Record<string, readonly (string | number)[]>>;

/** What reading a rule needs besides its text, and what it has to say that is not a refusal. */
export interface Reading {
  readonly placeholders: Placeholders;
  note(text: string): void;
}

/** The texts that a value stands for where placeholders are expanded, before wildcards are read. */
export function expandText(at: string, text: string, { transforms: steps }: Modifiers, reading: Reading): string[] {
  return steps.includes('expand') ? expandPlaceholders(at, text, reading) : [text];
}

/** The patterns that a text value stands for: one, or several by placeholders and offsets. */
export function transformText(at: string, text: string, modifiers: Modifiers, reading: Reading): Pattern[] {
  const steps = modifiers.transforms;
  const first = expandText(at, text, modifiers, reading);
  const rest = steps[0] === 'expand' ? steps.slice(1) : steps;
  if (rest.length === 0) return first.map(parsePattern);
  if (rest.includes('expand')) throw new RuleError(`${at}: expand must come before ${steps[0]}`);
  return first.flatMap((one) => encode(at, plainText(at, rest[0] ?? '', parsePattern(one)), rest).map(literal));
}

function literal(text: string): Pattern {
  return [{ text }];
}

function plainText(at: string, step: string, pattern: Pattern): string {
  let text = '';
  for (const part of pattern) {
    if (typeof part !== 'object') throw new RuleError(`${at}: ${step} of a value with wildcards is not defined`);
    text += part.text;
  }
  return text;
}

/** UTF-16 gives bytes; Base64 takes those, or the UTF-8 of a text. Bytes that are compared as they are count as Latin-1. */
function encode(at: string, text: string, steps: readonly Transform[]): string[] {
  let values: { text: string; bytes: Buffer | undefined }[] = [{ text, bytes: undefined }];
  for (const step of steps) {
    values = values.flatMap((value): typeof values => {
      const bytes = value.bytes ?? Buffer.from(value.text, 'utf8');
      switch (step) {
        case 'base64':
          return [{ text: bytes.toString('base64'), bytes: undefined }];
        case 'base64offset':
          return base64Offsets(bytes).map((one) => ({ text: one, bytes: undefined }));
        default: {
          if (value.bytes !== undefined) throw new RuleError(`${at}: two UTF-16 modifiers exclude each other`);
          const encoded = utf16(value.text, step);
          return [{ text: encoded.toString('latin1'), bytes: encoded }];
        }
      }
    });
  }
  return values.map((value) => value.text);
}

function utf16(text: string, step: Transform): Buffer {
  const little = Buffer.from(text, 'utf16le');
  if (step === 'utf16le') return little;
  if (step === 'utf16') return Buffer.concat([Buffer.from([0xff, 0xfe]), little]);
  return Buffer.from(little).swap16();
}

/** What stays the same of the value's Base64 wherever it begins in a longer text: its first and last characters are cut. */
function base64Offsets(bytes: Buffer): string[] {
  const starts = [0, 2, 3];
  const ends = [0, -3, -2];
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset, 0x20), bytes]).toString('base64');
    const end = ends[(bytes.length + offset) % 3] ?? 0;
    return encoded.slice(starts[offset], end === 0 ? undefined : end);
  });
}

const mostExpanded = 20_000;

/** `%name%` in a value becomes each of the values it has, `\%` a percent sign. A name without values stands for nothing. */
function expandPlaceholders(at: string, text: string, { placeholders, note }: Reading): string[] {
  let results = [''];
  let from = 0;
  for (const match of text.matchAll(/\\%|%([^%\\\s]{1,100})%/g)) {
    const before = text.slice(from, match.index);
    from = match.index + match[0].length;
    const name = match[1];
    const values = name === undefined ? ['%'] : Object.hasOwn(placeholders, name) ? placeholders[name] : undefined;
    if (values === undefined) {
      note(`placeholder %${name}% has no values: what names it matches nothing until it has some`);
      return [];
    }
    if (results.length * values.length > mostExpanded)
      throw new RuleError(`${at}: placeholders stand for more than ${mostExpanded} values`);
    results = results.flatMap((start) => values.map((value) => `${start}${before}${value}`));
  }
  const rest = text.slice(from);
  return results.map((start) => start + rest);
}
