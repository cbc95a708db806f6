// Finding literals: the scanner against plain searches, and the literals that patterns are said to require against the patterns.
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { datePartOf } from '../../../src-main/engine/plan/date-part.ts';
import { createLiteralScanner, type Literal } from '../../../src-main/engine/plan/literal-scanner.ts';
import { requiredOfRegex } from '../../../src-main/engine/plan/required-text.ts';
import { foldCase } from '../../../src-main/engine/rules/fold.ts';

const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\\', '.', 'é', '𝒳', '\u0161'), maxLength: 9 });
const literal: fc.Arbitrary<Literal> = fc.record({
  text: letters.filter((text) => text !== ''),
  placement: fc.constantFrom('contains', 'startswith', 'endswith'),
});

function plainly({ text, placement }: Literal, within: string): boolean {
  if (placement === 'contains') return within.includes(text);
  return placement === 'startswith' ? within.startsWith(text) : within.endsWith(text);
}

describe('the scanner', () => {
  it('finds exactly what plain searches find', () => {
    fc.assert(
      fc.property(fc.array(literal, { maxLength: 60 }), letters, letters, (literals, before, after) => {
        const middle = literals[0]?.text ?? '';
        const text = before + middle + after;
        const found = new Set<number>();
        createLiteralScanner(literals).scan(text, (index) => {
          found.add(index);
          return false;
        });
        expect([...found].sort((a, b) => a - b)).toEqual(
          literals.flatMap((one, index) => (plainly(one, text) ? [index] : [])),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('stops when it is told to', () => {
    const literals = ['aaaa', 'bbbb', 'cccc', 'dddd'].map((text) => ({ text, placement: 'contains' as const }));
    let calls = 0;
    expect(createLiteralScanner(literals).scan('aaaabbbbcccc', () => ++calls === 2)).toBe(true);
    expect(calls).toBe(2);
  });
});

describe('literals that a regular expression requires', () => {
  it.each([
    ['abc', ['abc']],
    ['a+bcd', ['bcd']],
    ['(?i)PowerShell.*-enc', ['powershell']],
    ['(foo|bar)baz', ['foobaz', 'barbaz']],
    ['(foo|b*)', undefined],
    ['x?yy', ['yy']],
    ['[0-9]{3}\\.tmp$', ['.tmp']],
    ['a{0}bc', ['bc']],
    ['[[:alpha:]]xyz', ['xyz']],
    ['[]a]xyz', ['xyz']],
    ['\\Qa.b\\E', undefined],
    ['a|', undefined],
    ['.*', undefined],
    ['[Ii][Ee][Xx]', ['iex']],
  ])('of %s are %j', (pattern, expected) => {
    expect(requiredOfRegex(pattern)).toEqual(expected);
  });

  const atom = fc.constantFrom(
    'a',
    'b',
    'K',
    '.',
    '[ab]',
    '[^a]',
    '\\.',
    '\\d',
    '^',
    '$',
    '\\b',
    '[Bb]',
    'é',
    '[[:digit:]]',
    '\\x41',
    '(?i)',
    '{',
    '1',
  );
  const pattern = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc
        .tuple(atom, fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{0,1}', '+?', '{0}'))
        .map((parts) => parts.join('')),
      fc.array(tie('tree'), { maxLength: 4 }).map((parts) => parts.join('')),
      fc.tuple(tie('tree'), tie('tree')).map(([one, two]) => `(${one}|${two})`),
      fc.tuple(tie('tree'), fc.constantFrom('*', '?', '+', '')).map(([one, repeat]) => `(?:${one})${repeat}`),
    ),
  })).tree;

  it('stand in every text that it fits', () => {
    fc.assert(
      fc.property(
        pattern,
        fc.array(
          fc.string({ unit: fc.constantFrom('a', 'b', 'B', 'k', '\u212a', '1', '.', 'é', 'É', '\n'), maxLength: 8 }),
          { maxLength: 8 },
        ),
        (source, texts) => {
          let compiled: RE2JS;
          try {
            compiled = RE2JS.compile(source);
          } catch {
            return;
          }
          const required = requiredOfRegex(source);
          if (required === undefined) return;
          for (const text of texts) {
            if (compiled.test(text)) expect(required.some((one) => foldCase(text).includes(one))).toBe(true);
          }
        },
      ),
      { numRuns: 5000 },
    );
  });
});

describe('parts of dates', () => {
  it.each([
    ['2026-01-01T00:00:00Z', 'week', 1],
    ['2027-01-01', 'week', 53],
    ['2024-12-30 10:00', 'week', 1],
    ['2021-01-03T23:59:59+02:00', 'week', 53],
    ['2026-11-21T07:50:12.123Z', 'hour', 7],
    ['2026-11-21 07:50:12,123 +0200', 'minute', 50],
    ['2026-11-21', 'day', 21],
    ['2026-11-21', 'month', 11],
    ['2026-11-21', 'year', 2026],
    ['2026-11-21', 'hour', Number.NaN],
    ['2026-02-30', 'day', Number.NaN],
    ['21/11/2026', 'day', Number.NaN],
    ['2026-11-21T24:00:00', 'hour', Number.NaN],
  ] as const)('%s: %s is %d', (text, part, expected) => {
    expect(datePartOf(text, part)).toBe(expected);
  });
});
