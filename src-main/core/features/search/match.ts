// What a query means on an event. The index only narrows down; this decides.
import type { EventQuery } from '../../../../src-shared/event-query.ts';
import type { Comparison, Term, Test, ValueTest } from '../../../../src-shared/event-query-values.ts';
import { foldText, holdsWords, wordsOf } from '../../../../src-shared/words.ts';
import { addressRanges } from '../../../base/addresses.ts';
import { eachAt, eachLeaf, eachText, type SearchRecord } from './event-texts.ts';

export type Matcher = (record: SearchRecord) => boolean;

/** All terms of the query; its time range is not looked at here. */
export function createMatcher(query: Pick<EventQuery, 'terms'>): Matcher {
  const tests = query.terms.map(termMatcher);
  return (record) => tests.every((test) => test(record));
}

function termMatcher({ not, test }: Term): Matcher {
  const matches = testMatcher(test);
  return not ? (record) => !matches(record) : matches;
}

function testMatcher(test: Test): Matcher {
  switch (test.kind) {
    case 'words':
      return (record) => anyText(record, (text) => holdsWords(text, test.words, test.prefix));
    case 'field':
      return fieldMatcher(test.field, test.values);
    case 'any': {
      const alternatives = test.of.map((terms) => createMatcher({ terms }));
      return (record) => alternatives.some((matches) => matches(record));
    }
  }
}

function anyText(record: SearchRecord, test: (text: string) => boolean): boolean {
  let found = false;
  eachText(record, (text) => {
    found ||= test(text);
  });
  return found;
}

function fieldMatcher(field: string, values: readonly ValueTest[]): Matcher {
  const isDetail = field.startsWith('details.');
  const path = isDetail ? foldText(field.slice('details.'.length)) : '';
  const tests = values.map((value) => valueMatcher(value, isDetail || field === 'user_agent'));
  return (record) => {
    let found = false;
    const take = (value: unknown): void => {
      found ||= tests.some((test) => test(value));
    };
    if (isDetail) eachAt(record.details, path, take);
    else if (record[field] !== undefined) take(record[field]);
    return found;
  };
}

function valueMatcher(test: ValueTest, isProse: boolean): (value: unknown) => boolean {
  switch (test.kind) {
    case 'exists':
      return (value) => value !== null;
    case 'equals': {
      const wanted = foldText(test.text);
      const words = isProse ? wordsOf(test.text) : [];
      return (value) =>
        anyLeaf(value, (text) => foldText(text) === wanted || (words.length > 0 && holdsWords(text, words, false)));
    }
    case 'pattern': {
      const parts = foldText(test.text).split('*');
      return (value) => anyLeaf(value, (text) => fitsPattern(foldText(text), parts));
    }
    case 'compare':
      return (value) => anyLeaf(value, (text) => text !== '' && compares(Number(text), test.by, test.number));
    case 'network': {
      const inside = addressRanges([`${test.address}/${test.bits}`]);
      return (value) => anyLeaf(value, inside);
    }
  }
}

function anyLeaf(value: unknown, test: (text: string) => boolean): boolean {
  let found = false;
  eachLeaf(value, (text) => {
    found ||= test(text);
  });
  return found;
}

/** `parts` stand in `text` in this order, the first at its begin and the last at its end; in linear time, whatever the text. */
export function fitsPattern(text: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return text === first;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, from);
    if (found < 0 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}

function compares(value: number, by: Comparison, number: number): boolean {
  switch (by) {
    case '>':
      return value > number;
    case '>=':
      return value >= number;
    case '<':
      return value < number;
    case '<=':
      return value <= number;
  }
}
