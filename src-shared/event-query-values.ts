// What the pieces of a search mean one by one: words, values of fields, networks, comparisons, instants. How they are put together is
// event-query.ts.
import { wordsOf } from './words.ts';

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
  | { readonly kind: 'field'; readonly field: string; readonly values: readonly ValueTest[] }
  /** Any of the alternatives; of one all terms must hold. */
  | { readonly kind: 'any'; readonly of: readonly (readonly Term[])[] };

export type Term = { readonly not: boolean; readonly test: Test };

/** What is wrong, and where in the text. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

export type Value = { readonly text: string; readonly quoted: boolean };
export type Piece = {
  readonly at: number;
  readonly not: boolean;
  /** As it was written; undefined for free words. */
  readonly field: string | undefined;
  readonly values: readonly Value[];
};

export function testOf(piece: Piece): Test {
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
export function instantOf({ field, values, at }: Piece, now: number): number {
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
