// What a caller asks for, made from the words of the request: the query, its filters, the place where a page begins.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { SearchFilters } from '../../../../src-shared/contract/search.ts';
import { type EventQuery, parseEventQuery } from '../../../../src-shared/event-query.ts';
import type { Term, ValueTest } from '../../../../src-shared/event-query-values.ts';
import { wordsOf } from '../../../../src-shared/words.ts';
import { canonicalAddress } from '../../../engine/address.ts';
import type { Passed } from './search.ts';

/** @throws ProblemError request/invalid that says where in the query it went wrong. */
export function parseAsked(filters: SearchFilters, now: number): EventQuery {
  const parsed = parseEventQuery(filters.q ?? '', now);
  if (parsed.kind === 'error') {
    const message = `${parsed.message} (at character ${parsed.at + 1})`;
    throw new ProblemError('request/invalid', `q: ${message}`, { fields: [{ path: 'q', message }] });
  }
  const { query } = parsed;
  const terms = [...query.terms, ...fieldTerms(filters), ...textTerms(filters.text)];
  return {
    terms: terms.map(oneSpelling),
    since: latest(query.since, filters.since),
    until: earliest(query.until, filters.until),
  };
}

function fieldTerms(filters: SearchFilters): Term[] {
  const { event_type, source, actor, ip_address, success } = filters;
  return Object.entries({ event_type, source, actor, ip_address, success }).flatMap(([field, value]) =>
    value === undefined
      ? []
      : [{ not: false, test: { kind: 'field', field, values: [{ kind: 'equals', text: String(value) }] } }],
  );
}

/** Each piece between spaces by itself. @throws ProblemError request/invalid when no word is in it. */
function textTerms(text: string | undefined): Term[] {
  if (text === undefined) return [];
  const pieces = text.split(/\s+/).map(wordsOf);
  const terms = pieces.filter((words) => words.length > 0);
  if (terms.length === 0) {
    const message = 'holds no word to look for';
    throw new ProblemError('request/invalid', `text: ${message}`, { fields: [{ path: 'text', message }] });
  }
  return terms.map((words) => ({ not: false, test: { kind: 'words', words, prefix: false } }));
}

/** Addresses are stored in one spelling each; a question in another one must find them. */
function oneSpelling(term: Term): Term {
  const { test } = term;
  if (test.kind === 'any') return { ...term, test: { ...test, of: test.of.map((terms) => terms.map(oneSpelling)) } };
  if (test.kind !== 'field' || test.field !== 'ip_address') return term;
  const values = test.values.map(
    (value): ValueTest =>
      value.kind === 'equals' ? { kind: 'equals', text: canonicalAddress(value.text) ?? value.text } : value,
  );
  return { ...term, test: { ...test, values } };
}

function latest(at: number | undefined, text: string | undefined): number | undefined {
  const other = text === undefined ? undefined : Date.parse(text);
  return at === undefined ? other : other === undefined ? at : Math.max(at, other);
}

function earliest(at: number | undefined, text: string | undefined): number | undefined {
  const other = text === undefined ? undefined : Date.parse(text);
  return at === undefined ? other : other === undefined ? at : Math.min(at, other);
}

/** @throws ProblemError request/invalid for what `writeCursor` didn't write. */
export function parseCursor(cursor: string | undefined): Passed | undefined {
  if (cursor === undefined) return undefined;
  const parts = /^(-?\d{1,16})\.(\d{1,16})$/.exec(cursor);
  if (parts === null) throw new ProblemError('request/invalid', 'cursor: give back next_cursor as it was answered');
  return { at: Number(parts[1]), seq: Number(parts[2]) };
}

export function writeCursor(place: Passed | null): string | null {
  return place === null ? null : `${place.at}.${place.seq}`;
}
