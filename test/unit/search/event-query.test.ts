// The search language: what is understood, and that what isn't is refused with its place and in words.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitsPattern } from '../../../src-main/core/features/search/match.ts';
import { closedQuery, type EventQuery, parseEventQuery, writeCondition } from '../../../src-shared/event-query.ts';
import { holdsWords, wordsOf } from '../../../src-shared/words.ts';

const now = Date.UTC(2026, 10, 21, 14);

function parsed(text: string): EventQuery {
  const outcome = parseEventQuery(text, now);
  if (outcome.kind === 'error') throw new Error(outcome.message);
  return outcome.query;
}

function refused(text: string): [string, number] {
  const outcome = parseEventQuery(text, now);
  if (outcome.kind === 'query') throw new Error(`${text} was understood`);
  return [outcome.message, outcome.at];
}

const field = (name: string, ...values: object[]) => ({ kind: 'field', field: name, values });
const equals = (text: string) => ({ kind: 'equals', text });

test.each([
  ['Failed', [{ not: false, test: { kind: 'words', words: ['failed'], prefix: false } }]],
  ['fail*', [{ not: false, test: { kind: 'words', words: ['fail'], prefix: true } }]],
  ['-"no such user"', [{ not: true, test: { kind: 'words', words: ['no', 'such', 'user'], prefix: false } }]],
  ['alice@example.com', [{ not: false, test: { kind: 'words', words: ['alice', 'example', 'com'], prefix: false } }]],
  ['http://a/b', [{ not: false, test: { kind: 'words', words: ['http', 'a', 'b'], prefix: false } }]],
  ['12:30', [{ not: false, test: { kind: 'words', words: ['12', '30'], prefix: false } }]],
  ['user:root', [{ not: false, test: field('actor', equals('root')) }]],
  ['TYPE:login,"log out"', [{ not: false, test: field('event_type', equals('login'), equals('log out')) }]],
  ['-success:true', [{ not: true, test: field('success', equals('true')) }]],
  ['source:web-*', [{ not: false, test: field('source', { kind: 'pattern', text: 'web-*' }) }]],
  ['source:"web-*"', [{ not: false, test: field('source', equals('web-*')) }]],
  ['actor:*', [{ not: false, test: field('actor', { kind: 'exists' }) }]],
  ['bytes:>=1e6', [{ not: false, test: field('bytes', { kind: 'compare', by: '>=', number: 1e6 }) }]],
  [
    'details.Http.status:<500',
    [{ not: false, test: field('details.Http.status', { kind: 'compare', by: '<', number: 500 }) }],
  ],
  ['ip:10.0.0.0/8', [{ not: false, test: field('ip_address', { kind: 'network', address: '10.0.0.0', bits: 8 }) }]],
  ['details.q:"a \\"b\\" \\\\"', [{ not: false, test: field('details.q', equals('a "b" \\')) }]],
])('%s', (text, terms) => {
  expect(parsed(text).terms).toEqual(terms);
});

const word = (text: string, not = false) => ({ not, test: { kind: 'words', words: [text], prefix: false } });
const any = (of: object[][], not = false) => ({ not, test: { kind: 'any', of } });

test.each([
  ['a b', [word('a'), word('b')]],
  ['a AND b', [word('a'), word('b')]],
  ['a OR b', [any([[word('a')], [word('b')]])]],
  [
    'a b OR c -d',
    [
      any([
        [word('a'), word('b')],
        [word('c'), word('d', true)],
      ]),
    ],
  ],
  ['a (b OR c)', [word('a'), any([[word('b')], [word('c')]])]],
  ['(a b)', [word('a'), word('b')]],
  ['((a))', [word('a')]],
  ['NOT a', [word('a', true)]],
  ['NOT NOT a', [word('a')]],
  ['NOT -a', [word('a')]],
  ['-(a OR b)', [any([[word('a')], [word('b')]], true)]],
  ['NOT (a b)', [any([[word('a'), word('b')]], true)]],
  ['-(a)', [word('a', true)]],
  ['or "OR" Or', [word('or'), word('or'), word('or')]],
  ['ORDER', [word('order')]],
  [
    '(user:a,b OR "x y")',
    [
      any([
        [{ not: false, test: field('actor', equals('a'), equals('b')) }],
        [{ not: false, test: { kind: 'words', words: ['x', 'y'], prefix: false } }],
      ]),
    ],
  ],
  ['f(x)', [{ not: false, test: { kind: 'words', words: ['f', 'x'], prefix: false } }]],
  ['(f(x))', [{ not: false, test: { kind: 'words', words: ['f', 'x'], prefix: false } }]],
])('%s is put together', (text, terms) => {
  expect(parsed(text).terms).toEqual(terms);
});

test('a time holds for the whole search, beside alternatives in parentheses', () => {
  expect(parsed('(a OR b) since:24h')).toEqual({
    terms: [any([[word('a')], [word('b')]])],
    since: now - 86_400_000,
    until: undefined,
  });
});

test.each([
  ['a OR', /after OR/, 2],
  ['OR a', /before OR/, 0],
  ['a OR OR b', /after OR/, 2],
  ['a AND', /after AND/, 2],
  ['AND a', /before AND/, 0],
  ['a OR AND b', /after OR/, 2],
  ['a NOT', /after NOT/, 2],
  ['(NOT) a', /after NOT/, 1],
  ['a (b OR c', /a parenthesis is not closed/, 2],
  ['a b) c', /no parenthesis is open/, 3],
  ['a ()', /between the parentheses/, 2],
  ['a OR b since:1h', /hold for the whole search/, 7],
  ['since:1h a OR b', /hold for the whole search/, 0],
  ['a (b since:1h)', /hold for the whole search/, 5],
  ['NOT since:1h', /can not be excluded/, 4],
  [`${'('.repeat(11)}a${')'.repeat(11)}`, /at most 10 deep/, 10],
  [`(${'a OR '.repeat(40)}b)`, /at most 40/, 201],
])('refuses %s', (text, message, at) => {
  const [said, place] = refused(text);
  expect(said).toMatch(message);
  expect(place).toBe(at);
});

test('a condition put behind a closed query holds with all of it', () => {
  expect(closedQuery('a OR b')).toBe('(a OR b)');
  for (const text of ['(a OR b)', 'a b', '"a OR b"', 'a (b', '']) expect(closedQuery(text)).toBe(text);
});

test.each([
  ['since:24h', now - 86_400_000, undefined],
  ['until:2026-11-20', undefined, Date.UTC(2026, 10, 21) - 1],
  [
    'since:2026-11-20T10:00+02:00 until:2026-11-20T10:00Z',
    Date.UTC(2026, 10, 20, 8),
    Date.UTC(2026, 10, 20, 10, 1) - 1,
  ],
  ['until:2026-11-20T10:00:00.250Z', undefined, Date.UTC(2026, 10, 20, 10) + 250],
  ['since:7d since:1h', now - 3_600_000, undefined],
])('%s', (text, since, until) => {
  expect(parsed(text)).toEqual({ terms: [], since, until });
});

test.each([
  ['typ:x', /did you mean type:/, 0],
  ['a foo:b', /no field “foo”/, 2],
  ['zzzzzz:b', /names such as details\.status\. Words/, 0],
  ['evnt_type:login', /did you mean event_type:\? Words/, 0],
  ['sorce:x', /did you mean source:/, 0],
  ['soruce:x', /did you mean source:/, 0],
  ['userr:x', /did you mean user:/, 0],
  ['a "b c', /not closed/, 2],
  ['actor:', /expected a value/, 0],
  ['success:maybe', /true or false/, 0],
  ['bytes:many', /a number/, 0],
  ['bytes:>', /a number behind >/, 0],
  ['actor:>5', /holds no numbers/, 0],
  ['ip:10.0.0/8', /network such as/, 0],
  ['ip:10.0.0.0/33', /network such as/, 0],
  ['*min', /at the end only/, 0],
  ['-', /no word/, 0],
  ['-since:1h', /can not be excluded/, 0],
  ['until:2026-02-30', /expected 24h/, 0],
  ['since:yesterday', /expected 24h/, 0],
  [`${'a '.repeat(41)}`, /at most 40/, 80],
  ['x'.repeat(2_001), /at most 2000/, 0],
])('refuses %s', (text, message, at) => {
  const [said, place] = refused(text);
  expect(said).toMatch(message);
  expect(place).toBe(at);
});

test('whatever is typed is understood or refused, never more', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '-',
      '"',
      ':',
      ',',
      '*',
      ' ',
      '\\',
      '(',
      ')',
      ' OR ',
      ' AND ',
      'NOT ',
      'actor:',
      'ip:',
      'details.',
      'since:',
      '>',
      '10.0.0.0/8',
      '\0',
      '漢',
    ),
    fc.string({ unit: 'grapheme', maxLength: 6 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const outcome = parseEventQuery(pieces.join(''), now);
      if (outcome.kind === 'error') {
        expect(outcome.message).not.toBe('');
        expect(outcome.at).toBeLessThanOrEqual(pieces.join('').length);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a condition that is written is read as the value it was written for', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), fc.boolean(), (value, not) => {
      const { terms } = parsed(writeCondition('actor', value, not));
      expect(terms).toEqual([{ not, test: field('actor', equals(value)) }]);
    }),
  );
});

test('words: addresses and UUIDs stay whole, scripts without spaces are cut, compatible forms are one', () => {
  expect(wordsOf('Failed password for root from 203.0.113.7 port 22 (ssh2).')).toEqual([
    'failed',
    'password',
    'for',
    'root',
    'from',
    '203.0.113.7',
    'port',
    '22',
    'ssh2',
  ]);
  expect(wordsOf('1.2.3.4.5 10.0.0.1.')).toEqual(['1', '2.3.4.5', '10.0.0.1']);
  expect(wordsOf('id=0A1B2C3D-0000-4000-8000-00000000000F')).toEqual(['id', '0a1b2c3d-0000-4000-8000-00000000000f']);
  expect(wordsOf('ログイン失敗 Ｆｕｌｌ Straße')).toEqual([...'ログイン失敗', 'full', 'straße']);
  expect(wordsOf('!!! --')).toEqual([]);
});

test('ASCII and other text are cut alike', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 60 }), (text) => {
      // One other letter makes the whole text take the other way.
      expect(wordsOf(`${text} é`)).toEqual([...wordsOf(text), 'é']);
    }),
  );
});

test('a word that is in a text is found there, and a phrase only in its order', () => {
  expect(holdsWords('GET /orders/4999?page=2', ['orders', '4999'], false)).toBe(true);
  expect(holdsWords('GET /orders/4999?page=2', ['4999', 'orders'], false)).toBe(false);
  expect(holdsWords('GET /orders/4999', ['orders', '49'], true)).toBe(true);
  expect(holdsWords('GET /orders/4999', ['orders', '49'], false)).toBe(false);
});

test('patterns agree with regular expressions, and hostile ones cost nothing', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', '*') }),
      fc.string({ unit: fc.constantFrom('a', 'b') }),
      (pattern, text) => {
        expect(fitsPattern(text, pattern.split('*'))).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text));
      },
    ),
  );
  const started = process.cpuUsage();
  fitsPattern('a'.repeat(1_000_000), '*a'.repeat(500).concat('b').split('*'));
  expect(process.cpuUsage(started).user).toBeLessThan(1_000_000);
});
