// The event search's query as the page handles it: links of other screens, times, conditions added by a press, suggestions.
import { expect, test } from 'vitest';
import {
  addressOf,
  isTimeOnly,
  problemOf,
  queryOf,
  spanOf,
  suggestionsFor,
  withCondition,
  withTime,
} from '../../../src-renderer/features/events/events-query.ts';
import { replaceWord, wordBefore } from '../../../src-renderer/lib/typed-words.ts';
import { parseEventQuery } from '../../../src-shared/event-query.ts';

test('links of other screens become queries that are understood', () => {
  expect(queryOf({ ip: '203.0.113.7' })).toBe('ip_address:203.0.113.7');
  expect(queryOf({ text: 'failed "root: *' })).toBe('failed  root');
  expect(queryOf({ actor: 'a "b"', type: 'login' })).toBe('event_type:login actor:"a \\"b\\""');
  for (const address of [{ ip: '::1' }, { actor: '-x' }, { text: 'a:b*c"' }]) {
    expect(parseEventQuery(queryOf(address), 0).kind, JSON.stringify(address)).toBe('query');
  }
  expect(queryOf(addressOf(' user:x '))).toBe('user:x');
  expect(addressOf('  ')).toEqual({});
});

test('times are exchanged as a whole, and words that look like one stay', () => {
  expect(withTime('a since:24h user:x until:2026-11-20', '1h')).toBe('a user:x since:1h');
  expect(withTime('"since:24h" b', undefined, '2026-11-20')).toBe('"since:24h" b until:2026-11-20');
  expect([
    spanOf('a'),
    spanOf('since:24h a'),
    spanOf('since:2h'),
    spanOf('since:1h until:1m'),
    spanOf('"since:1h"'),
  ]).toEqual(['all', '24h', 'other', 'other', 'all']);
  expect([isTimeOnly(''), isTimeOnly('since:1h'), isTimeOnly('a since:1h')]).toEqual([false, true, false]);
});

test('alternatives are put in parentheses before a condition or a time is added', () => {
  expect(withCondition('a OR b', 'actor', 'bob')).toBe('(a OR b) actor:bob');
  expect(withCondition('(a OR b)', 'actor', 'bob')).toBe('(a OR b) actor:bob');
  expect(withTime('a OR b', '24h')).toBe('(a OR b) since:24h');
  expect(withTime('(a OR b) since:24h')).toBe('(a OR b)');
  for (const query of [withTime('a OR b', '24h'), withCondition('a OR b', 'actor', '(x')])
    expect(parseEventQuery(query, 0).kind, query).toBe('query');
});

test('a condition is added once', () => {
  expect(withCondition('a', 'actor', 'bob')).toBe('a actor:bob');
  expect(withCondition('a actor:bob', 'actor', 'bob')).toBe('a actor:bob');
  expect(withCondition('', 'actor', 'two words', true)).toBe('-actor:"two words"');
});

test('suggestions: fields, then values seen, as they are typed', () => {
  const known = new Map([['actor', ['alice', 'al bundy']]]);
  expect(suggestionsFor('act', known).map(({ insert }) => insert)).toEqual(['actor:', 'action:']);
  expect(suggestionsFor('-user', known).map(({ insert }) => insert)).toEqual(['-actor:', '-user_agent:']);
  expect(suggestionsFor('user:al', known).map(({ insert }) => insert)).toEqual(['actor:alice', 'actor:"al bundy"']);
  expect(suggestionsFor('success:', known).map(({ insert }) => insert)).toEqual(['success:true', 'success:false']);
  expect(suggestionsFor('', known)).toEqual([]);
  expect(suggestionsFor('O', known).map(({ insert }) => insert)).toEqual(['OR']);
  expect(suggestionsFor('NO', known).map(({ insert }) => insert)).toEqual(['NOT']);
  expect(wordBefore('a -(us', 6)).toBe('us');
  expect(replaceWord('a us b', 4, 'actor:')).toEqual({ text: 'a actor:b', cursor: 8 });
  expect(replaceWord('(us)', 3, 'actor:')).toEqual({ text: '(actor:)', cursor: 7 });
});

test('what is wrong is said in a sentence', () => {
  expect(problemOf('user:x', 0)).toBeUndefined();
  expect(problemOf('typ:x', 0)).toEqual({
    words: expect.stringMatching(/^There is no field “typ”.*\(at character 1\)\.$/),
    from: 0,
    to: 5,
  });
  expect(problemOf('user:x (a OR b', 0)).toMatchObject({ from: 7, to: 8 });
  expect(problemOf('user:x OR', 0)).toMatchObject({ from: 7, to: 9 });
});
