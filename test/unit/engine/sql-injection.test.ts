// The SQL injection detector against attacks and look-alikes; and how it behaves on text that was made to slow it down.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { detectSqlInjection } from '../../../src-main/engine/indicators/sql-injection.ts';

function lines(name: string): string[] {
  const text = readFileSync(new URL(`../../fixtures/events/${name}`, import.meta.url), 'utf8');
  return text.split('\n').filter((line) => line !== '');
}

const attacks = lines('sql-attacks.txt');
const harmless = lines('sql-harmless.txt');

it('has enough of both kinds to say anything', () => {
  expect(attacks.length).toBeGreaterThanOrEqual(60);
  expect(harmless.length).toBeGreaterThanOrEqual(60);
});

it('finds every attack of the collection (recall 1)', () => {
  expect(attacks.filter((text) => detectSqlInjection(text) === undefined)).toEqual([]);
});

it('accuses no look-alike of the collection (precision 1)', () => {
  expect(harmless.filter((text) => detectSqlInjection(text) !== undefined)).toEqual([]);
});

it.each([
  ["1' UNION SELECT 1,2--", 'union select'],
  ["'; DROP TABLE users;--", 'stacked statement'],
  ["1' AND SLEEP(5)#", 'time delay'],
  ["admin'--", 'comment cut-off'],
  ["' OR 1=1--", 'always-true condition'],
  ["' and password like 'a%", 'blind condition'],
  ["' ORDER BY 10--", 'column probe'],
])('names the kind of %s', (text, kind) => {
  expect(detectSqlInjection(text)).toBe(kind);
});

it('still finds attacks after padding in front of the quote', () => {
  for (const attack of attacks.filter((text) => text.startsWith("'"))) {
    expect(detectSqlInjection(`some ordinary words${attack}`), attack).toBeDefined();
  }
});

it('takes any text, in bounded time', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom(
          "'",
          '"',
          '(',
          ')',
          ' or ',
          ' and ',
          '1',
          '=',
          '--',
          '/*',
          '*/',
          ';',
          'select ',
          'union ',
          '%27',
          '\\',
        ),
        maxLength: 400,
      }),
      (text) => {
        detectSqlInjection(text);
      },
    ),
    { numRuns: 500 },
  );
  for (const unit of ["'", '"\\', "' or ", '/*', '(', '%27', "') ", "'a'='a' and "])
    detectSqlInjection(unit.repeat(100_000));
});
