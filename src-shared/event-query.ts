// The search language over events: `event_type:login -success:true (ip:10.0.0.0/8 OR "two words") details.status:>=500 since:24h`. Text
// to tests, or to a clear error with its place; what the tests mean on an event is told by the core, which searches.
import type { Term } from './event-query-values.ts';
import { instantOf, type Piece, QueryError, testOf, type Value } from './event-query-values.ts';
import { nearestName } from './nearest.ts';

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
const deepest = 10;
const mostValues = 50;

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
  const tokens = [...tokensOf(text)];
  let next = 0;
  let conditions = 0;
  let since: number | undefined;
  let until: number | undefined;
  /** Where a time stands, and where an OR that is in no parentheses: they can't go together. */
  let timeAt: number | undefined;
  let hasOr = false;

  /** Until a closing parenthesis or the end: alternatives of conditions that all must hold. */
  function parseAny(depth: number): Term[] {
    const alternatives: Term[][] = [[]];
    let isEmpty = true;
    for (;;) {
      const token = tokens[next];
      const current = alternatives.at(-1) ?? [];
      if (token === undefined || token.kind === 'close') break;
      if (token.kind === 'or') {
        if (isEmpty) throw new QueryError('expected something before OR', token.at);
        if (depth === 0) {
          hasOr = true;
          if (timeAt !== undefined) throw refuseTimeInOr(timeAt);
        }
        next += 1;
        needs(token.at, 'after OR');
        alternatives.push([]);
        isEmpty = true;
      } else if (token.kind === 'and') {
        if (isEmpty) throw new QueryError('expected something before AND', token.at);
        next += 1;
        needs(token.at, 'after AND');
      } else {
        current.push(...parseOne(depth));
        isEmpty = false;
      }
    }
    const [only = []] = alternatives;
    return alternatives.length === 1 ? only : [{ not: false, test: { kind: 'any', of: alternatives } }];
  }

  function parseOne(depth: number): Term[] {
    const token = tokens[next];
    next += 1;
    switch (token?.kind) {
      case 'not': {
        const after = needs(token.at, 'after NOT');
        if (after.kind === 'piece' && isTime(after.piece)) throw refuseTimeNot(after.piece);
        return negated(parseOne(depth));
      }
      case 'open': {
        if (depth >= deepest) throw new QueryError(`parentheses may lie at most ${deepest} deep`, token.at);
        const inner = parseAny(depth + 1);
        if (tokens[next]?.kind !== 'close') throw new QueryError('a parenthesis is not closed', token.at);
        if (inner.length === 0) throw new QueryError('expected something between the parentheses', token.at);
        next += 1;
        return token.not ? negated(inner) : inner;
      }
      case 'piece':
        return parsePiece(token.piece, depth);
      default:
        return [];
    }
  }

  /** What comes next has to be a condition. */
  function needs(at: number, where: string): Token {
    const after = tokens[next];
    if (after === undefined || after.kind === 'close' || after.kind === 'or' || after.kind === 'and')
      throw new QueryError(`expected something ${where}`, at);
    return after;
  }

  function parsePiece(piece: Piece, depth: number): Term[] {
    if (isTime(piece)) {
      if (piece.not) throw refuseTimeNot(piece);
      if (depth > 0 || hasOr) throw refuseTimeInOr(piece.at);
      timeAt ??= piece.at;
      const at = instantOf(piece, now);
      if (piece.field === 'since') since = Math.max(since ?? at, at);
      else until = Math.min(until ?? at, at);
      return [];
    }
    conditions += 1;
    if (conditions > mostTerms) throw new QueryError(`a search may have at most ${mostTerms} conditions`, piece.at);
    return [{ not: piece.not, test: testOf(piece) }];
  }

  const terms = parseAny(0);
  const extra = tokens[next];
  if (extra !== undefined)
    throw new QueryError('no parenthesis is open here; a word with one goes in quotation marks', extra.at);
  return { terms, since, until };
}

/** All of `terms` don't hold together. */
function negated(terms: readonly Term[]): Term[] {
  const [only] = terms;
  if (terms.length === 1 && only !== undefined) return [{ ...only, not: !only.not }];
  return [{ not: true, test: { kind: 'any', of: [terms] } }];
}

function isTime({ field }: Piece): boolean {
  return field === 'since' || field === 'until';
}

function refuseTimeNot({ field, at }: Piece): QueryError {
  return new QueryError(`${field}: can not be excluded; use since: and until:`, at);
}

function refuseTimeInOr(at: number): QueryError {
  return new QueryError(
    'since: and until: hold for the whole search; put the alternatives in parentheses: (a OR b) since:24h',
    at,
  );
}

type Token =
  | { readonly kind: 'open'; readonly at: number; readonly not: boolean }
  | { readonly kind: 'close' | 'or' | 'and' | 'not'; readonly at: number }
  | { readonly kind: 'piece'; readonly at: number; readonly piece: Piece };

/** Splits at spaces and parentheses outside quotation marks, commas between values; in quotation marks a backslash keeps what follows. */
function* tokensOf(text: string): Generator<Token> {
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) {
      at += 1;
      continue;
    }
    const begin = at;
    const [operator] = /^(?:OR|AND|NOT)(?=[\s()]|$)/.exec(text.slice(at, at + 4)) ?? [];
    if (text[at] === ')') {
      at += 1;
      yield { kind: 'close', at: begin };
    } else if (operator !== undefined) {
      at += operator.length;
      yield { kind: operator === 'OR' ? 'or' : operator === 'AND' ? 'and' : 'not', at: begin };
    } else {
      const not = text[at] === '-' && at + 1 < text.length && !/[\s)]/.test(text[at + 1] ?? '');
      if (not) at += 1;
      if (text[at] === '(') {
        at += 1;
        yield { kind: 'open', at: begin, not };
      } else {
        const [piece, end] = pieceAt(text, at, begin, not);
        at = end;
        yield { kind: 'piece', at: begin, piece };
      }
    }
  }
}

function pieceAt(text: string, from: number, begin: number, not: boolean): [Piece, number] {
  let at = from;
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
  return [{ at: begin, not, field: isField ? fullName(name.slice(0, -1)) : undefined, values }, at];
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
  // Parentheses within a word belong to it; one that was opened before the word ends it.
  for (let depth = 0; end < text.length && !/\s/.test(text[end] ?? '') && !(commas && text[end] === ','); end++) {
    if (text[end] === '(') depth += 1;
    else if (text[end] === ')') {
      if (depth === 0) break;
      depth -= 1;
    }
  }
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
  const lower = name.toLowerCase();
  const near = nearestName(lower, [...known, ...Object.keys(shortFields)]);
  const hint = near === undefined ? 'details have names such as details.status.' : `did you mean ${near}:?`;
  throw new QueryError(`there is no field “${name}”; ${hint} Words with a colon go in quotation marks`, at);
}

/** A condition as it is typed, for buttons that add one to a query. */
export function writeCondition(field: string, value: string, not = false): string {
  const plain = /^[^\s"\\,*<>/()-][^\s"\\,*()]*$/.test(value);
  return `${not ? '-' : ''}${field}:${plain ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`;
}

/** The query so that a condition may be put behind it: alternatives that stand in no parentheses get some. */
export function closedQuery(text: string): string {
  const trimmed = text.trim();
  try {
    let depth = 0;
    for (const { kind } of tokensOf(trimmed)) {
      if (kind === 'open') depth += 1;
      else if (kind === 'close') depth -= 1;
      else if (kind === 'or' && depth === 0) return `(${trimmed})`;
    }
  } catch (error) {
    // What can't be read stays as it is: whoever searches is told.
    if (!(error instanceof QueryError)) throw error;
  }
  return trimmed;
}
