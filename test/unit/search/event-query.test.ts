// The search language: what is understood, and that what isn't is refused with its place and in words.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitsPattern } from '../../../src-main/core/features/search/match.ts';
import { type EventQuery, parseEventQuery, writeCondition } from '../../../src-shared/event-query.ts';
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
