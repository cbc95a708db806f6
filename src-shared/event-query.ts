// The search language over events: `event_type:login -success:true ip:10.0.0.0/8 "two words" details.status:>=500 since:24h`. Text to
// tests and back to a clear error with its place; what the tests mean on an event is told by the core, which searches.
import { wordsOf } from './words.ts';

/** Fields that name something: compared as a whole, in any case, `*` stands for anything. */
export const nameFields = [
  'id',
  'source',
  'event_type',
  'actor',
  'success',
  'ip_address',
  'resource_type',
  'resource_id',
  'action',
  'session_id',
  'trace_id',
  'signed_by',
  'format',
] as const;
/** Fields that hold prose: searched by their words. So is everything under `details`. */
export const proseFields = ['user_agent'] as const;
export const numberFields = ['bytes'] as const;

/** Short names that people type. */
export const shortFields: Readonly<Record<string, string>> = {
  type: 'event_type',
  user: 'actor',
  ip: 'ip_address',
  host: 'source',
  agent: 'user_agent',
  resource: 'resource_id',
  session: 'session_id',
  trace: 'trace_id',
};

export type Comparison = '>' | '>=' | '<' | '<=';

export type ValueTest =
  | { readonly kind: 'exists' }
  | { readonly kind: 'equals'; readonly text: string }
  /** `*` stands for anything. */
  | { readonly kind: 'pattern'; readonly text: string }
  | { readonly kind: 'compare'; readonly by: Comparison; readonly number: number }
  | { readonly kind: 'network'; readonly address: string; readonly bits: number };

export type Test =
  /** One after another in any one value; with `prefix` the last need only begin so. */
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly prefix: boolean }
  /** Any of `values`. */
  | { readonly kind: 'field'; readonly field: string; readonly values: readonly ValueTest[] };

export type Term = { readonly not: boolean; readonly test: Test };

export type EventQuery = {
  readonly terms: readonly Term[];
  /** Milliseconds UTC, both inclusive. */
  readonly since: number | undefined;
  readonly until: number | undefined;
};

export type ParsedEventQuery =
  | { readonly kind: 'query'; readonly query: EventQuery }
  /** `at` is the place in the text that it is about. */
  | { readonly kind: 'error'; readonly message: string; readonly at: number };

export const longestQuery = 2_000;
const mostTerms = 40;
const mostValues = 50;

class QueryError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** @param now what `since:24h` counts back from. */
export function parseEventQuery(text: string, now: number): ParsedEventQuery {
  try {
    return { kind: 'query', query: parse(text, now) };
  } catch (error) {
    if (error instanceof QueryError) return { kind: 'error', message: error.message, at: error.at };
    throw error;
  }
}

function parse(text: string, now: number): EventQuery {
  if (text.length > longestQuery) throw new QueryError(`a search may have at most ${longestQuery} characters`, 0);
  const terms: Term[] = [];
  let since: number | undefined;
  let until: number | undefined;
  for (const piece of piecesOf(text)) {
    if (piece.field === 'since' || piece.field === 'until') {
      if (piece.not) throw new QueryError(`${piece.field}: can not be excluded; use since: and until:`, piece.at);
      const at = instantOf(piece, now);
      if (piece.field === 'since') since = Math.max(since ?? at, at);
      else until = Math.min(until ?? at, at);
      continue;
    }
    if (terms.length >= mostTerms) throw new QueryError(`a search may have at most ${mostTerms} conditions`, piece.at);
    terms.push({ not: piece.not, test: testOf(piece) });
  }
  return { terms, since, until };
}

type Value = { readonly text: string; readonly quoted: boolean };
type Piece = {
  readonly at: number;
  readonly not: boolean;
  /** As it was written; undefined for free words. */
  readonly field: string | undefined;
  readonly values: readonly Value[];
};

/** Splits at spaces outside quotation marks, commas between values; in quotation marks a backslash keeps the character after it. */
function* piecesOf(text: string): Generator<Piece> {
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) {
      at += 1;
      continue;
    }
    const begin = at;
    const not = text[at] === '-' && at + 1 < text.length && !/\s/.test(text[at + 1] ?? '');
    if (not) at += 1;
    const [name = ''] = /^[A-Za-z_][\w.@-]*:/.exec(text.slice(at, at + 200)) ?? [];
    // `http://…` and the like are words, not fields.
    const isField =
      name !== '' && isFieldName(name.slice(0, -1).toLowerCase()) && !text.startsWith('//', at + name.length);
    if (isField) at += name.length;
    else if (name !== '' && !text.startsWith('//', at + name.length)) refuseName(name.slice(0, -1), begin);
    const values: Value[] = [];
    for (;;) {
      const [value, end] = valueAt(text, at, isField);
      values.push(value);
      at = end;
      if (!isField || text[at] !== ',') break;
      at += 1;
    }
    if (values.length > mostValues) throw new QueryError(`a field may be given at most ${mostValues} values`, begin);
    yield { at: begin, not, field: isField ? fullName(name.slice(0, -1)) : undefined, values };
  }
}

function valueAt(text: string, from: number, commas: boolean): [Value, number] {
  if (text[from] === '"') {
    let value = '';
    for (let at = from + 1; at < text.length; at++) {
      if (text[at] === '"') return [{ text: value, quoted: true }, at + 1];
      if (text[at] === '\\' && at + 1 < text.length) at += 1;
      value += text[at];
    }
    throw new QueryError('a quotation mark is not closed', from);
  }
  let end = from;
  while (end < text.length && !/\s/.test(text[end] ?? '') && !(commas && text[end] === ',')) end += 1;
  return [{ text: text.slice(from, end), quoted: false }, end];
}

const known: ReadonlySet<string> = new Set([...nameFields, ...proseFields, ...numberFields, 'since', 'until']);

function isFieldName(lower: string): boolean {
  return known.has(lower) || Object.hasOwn(shortFields, lower) || /^details\../.test(lower);
}

function fullName(name: string): string {
  const lower = name.toLowerCase();
  // What stands in the details has the names that its sender gave it.
  if (lower.startsWith('details.')) return `details.${name.slice('details.'.length)}`;
  return shortFields[lower] ?? lower;
}

/** A colon in a word (`std::string`, `12:30`) is no field; a name with a colon behind it that is none is most likely misspelt. */
function refuseName(name: string, at: number): void {
  const near = [...known, ...Object.keys(shortFields)].find((one) => one.startsWith(name.toLowerCase().slice(0, 3)));
  const hint = near === undefined ? 'details have names such as details.status' : `did you mean ${near}:?`;
  throw new QueryError(`there is no field “${name}”; ${hint} Words with a colon go in quotation marks`, at);
}

function testOf(piece: Piece): Test {
  const { field, values, at } = piece;
  if (field !== undefined) return { kind: 'field', field, values: values.map((value) => valueTest(field, value, at)) };
  const [value] = values;
  if (value === undefined) throw new QueryError('expected something to look for', at);
  const prefix = !value.quoted && value.text.endsWith('*');
  const bare = prefix ? value.text.slice(0, -1) : value.text;
  if (!value.quoted && bare.includes('*')) {
    throw new QueryError('in free words * may stand at the end only: fail*', at);
  }
  const words = wordsOf(bare);
  if (words.length === 0) {
    throw new QueryError(
      value.text === '' ? 'expected something to look for' : `“${value.text}” holds no word to look for`,
      at,
    );
  }
  return { kind: 'words', words, prefix };
}

function valueTest(field: string, { text, quoted }: Value, at: number): ValueTest {
  if (text === '' && !quoted) throw new QueryError(`${field}: expected a value`, at);
  if (!quoted && text === '*') return { kind: 'exists' };
  const comparison = quoted ? null : /^(>=|<=|>|<)(.*)$/s.exec(text);
  if (comparison !== null) {
    const number = Number(comparison[2]);
    if (comparison[2] === '' || !Number.isFinite(number)) {
      throw new QueryError(`${field}: expected a number behind ${comparison[1]}`, at);
    }
    if (!isNumeric(field)) throw new QueryError(`${field} holds no numbers; compare bytes or details`, at);
    return { kind: 'compare', by: comparison[1] as Comparison, number };
  }
  if (field === 'success' && !/^(true|false)$/i.test(text)) throw new QueryError('success: expected true or false', at);
  if (field === 'bytes' && !Number.isFinite(Number(text)))
    throw new QueryError('bytes: expected a number such as >1000', at);
  if (!quoted && field === 'ip_address' && text.includes('/')) return networkTest(text, at);
  if (!quoted && text.includes('*')) return { kind: 'pattern', text };
  return { kind: 'equals', text };
}

function isNumeric(field: string): boolean {
  return field === 'bytes' || field.startsWith('details.');
}

function networkTest(text: string, at: number): ValueTest {
  const [address = '', digits = ''] = text.split('/');
  const most = address.includes(':') ? 128 : 32;
  const isAddress = most === 128 ? /^[0-9a-f:.]{2,45}$/i.test(address) : /^\d{1,3}(\.\d{1,3}){3}$/.test(address);
  if (!isAddress || !/^\d{1,3}$/.test(digits) || Number(digits) > most) {
    throw new QueryError('ip_address: expected an address or a network such as 10.0.0.0/8', at);
  }
  return { kind: 'network', address, bits: Number(digits) };
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `24h` ago, a day, or an instant; a day as an end is the end of that day, and so is a minute or second. */
function instantOf({ field, values, at }: Piece, now: number): number {
  const text = values[0]?.text ?? '';
  const wrong = (): QueryError =>
    new QueryError(`${field}: expected 24h, 7d, 2026-11-21 or 2026-11-21T14:00Z, not “${text}”`, at);
  if (values.length > 1) throw wrong();
  const age = /^(\d{1,6})([mhdw])$/.exec(text);
  if (age !== null) return now - Number(age[1]) * (unitMs[age[2] ?? ''] ?? 0);
  const [, day, time, fraction, zone] =
    /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/i.exec(text) ?? [];
  if (day === undefined) throw wrong();
  const stamp = Date.parse(`${day}T${time ?? '00:00'}${zone?.toUpperCase() ?? 'Z'}`);
  // Date.parse lets 30 February pass as the second of March.
  if (Number.isNaN(stamp) || new Date(Date.parse(`${day}T00:00Z`)).toISOString().slice(0, 10) !== day) throw wrong();
  if (field === 'since' || fraction !== undefined) return stamp;
  const span = time === undefined ? 86_400_000 : time.length === 5 ? 60_000 : 1_000;
  return stamp + span - 1;
}

/** A condition as it is typed, for buttons that add one to a query. */
export function writeCondition(field: string, value: string, not = false): string {
  const plain = /^[^\s"\\,*<>/-][^\s"\\,*]*$/.test(value);
  return `${not ? '-' : ''}${field}:${plain ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`;
}
