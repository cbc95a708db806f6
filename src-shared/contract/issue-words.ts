// What is wrong with a value that a schema refuses, in words that say what to give instead. Schemas that say it better themselves
// (`error: …`) are heard first; this speaks for all others. Pass it along: `schema.safeParse(value, { error: inWords })`.
import type { z } from 'zod';

const mostChoices = 12;

const typeWords: Readonly<Record<string, string>> = {
  array: 'a list',
  bigint: 'a whole number',
  boolean: 'true or false',
  int: 'a whole number',
  map: 'an object',
  null: 'null',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a text',
  undefined: 'nothing',
};

const formWords: Readonly<Record<string, string>> = {
  base64: 'base64',
  base64url: 'base64url',
  cidrv4: 'a network such as 192.0.2.0/24',
  cidrv6: 'a network such as 2001:db8::/32',
  date: 'a day such as 2026-11-21',
  datetime: 'a time such as 2026-11-21T14:00:00Z',
  email: 'an e-mail address',
  guid: 'an id such as 0199a3f0-5c1e-7000-8000-2b6f0d9c4e11; copy it from where it is listed',
  hex: 'hex digits',
  ipv4: 'an IP address',
  ipv6: 'an IP address',
  json_string: 'JSON',
  url: 'an address such as https://example.org/',
  uuid: 'an id such as 0199a3f0-5c1e-7000-8000-2b6f0d9c4e11; copy it from where it is listed',
};

export function inWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type': {
      const expected = typeWords[issue.expected] ?? `a value of type ${issue.expected}`;
      return issue.input === undefined ? `missing; expected ${expected}` : `expected ${expected}, ${not(issue.input)}`;
    }
    case 'too_small':
    case 'too_big':
      return boundWords(issue);
    case 'invalid_format':
      return `expected ${formWords[issue.format] ?? `the form ${issue.pattern ?? issue.format}`}`;
    case 'invalid_value':
      return choiceWords(issue.values.map(String), issue.input);
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `unknown ${issue.keys.length === 1 ? 'field' : 'fields'} ${issue.keys.join(', ')}`;
    case 'invalid_union':
      return unionWords(issue.errors.map((branch) => branch.map(({ message }) => message).join(' and ')));
    case 'invalid_key':
      return `a name in it can not be used: ${issue.issues[0]?.message ?? 'choose another'}`;
    case 'invalid_element':
      return `an entry in it can not be used: ${issue.issues[0]?.message ?? 'choose another'}`;
    default:
      return 'this value can not be used here';
  }
}

function not(input: unknown): string {
  if (input === null) return 'not null';
  if (Array.isArray(input)) return 'not a list';
  if (Number.isNaN(input)) return 'and this is no number';
  return `not ${typeWords[typeof input] ?? typeof input}`;
}

type Bound = Extract<z.core.$ZodRawIssue, { code: 'too_small' | 'too_big' }>;

function boundWords(issue: Bound): string {
  const [bound, word] =
    issue.code === 'too_small' ? [issue.minimum, 'at least'] : ([issue.maximum, 'at most'] as const);
  const unit = { string: 'character', array: 'entry', set: 'entry', file: 'byte' }[String(issue.origin)];
  if (unit === undefined) {
    const beyond = issue.code === 'too_small' ? 'more than' : 'less than';
    return `expected a number of ${issue.inclusive === false ? beyond : word} ${bound}`;
  }
  const { length } = Object(issue.input) as { length?: unknown };
  const found = typeof length === 'number' ? `, found ${length === 0 ? 'none' : length}` : '';
  const many = Number(bound) === 1 ? unit : unit === 'entry' ? 'entries' : `${unit}s`;
  return `expected ${issue.exact === true ? 'exactly' : word} ${bound} ${many}${found}`;
}

function choiceWords(values: readonly string[], input: unknown): string {
  const missing = input === undefined ? 'missing; ' : '';
  if (values.length === 1) return `${missing}expected ${values[0]}`;
  const more = values.length > mostChoices ? ` and ${values.length - mostChoices} others` : '';
  return `${missing}expected one of ${values.slice(0, mostChoices).join(', ')}${more}`;
}

function unionWords(branches: readonly string[]): string {
  const distinct = [...new Set(branches.filter((words) => words !== ''))];
  return distinct.length === 0 ? 'this value can not be used here' : distinct.join('; or ');
}
