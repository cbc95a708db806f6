// Generated passwords: of the asked length and alphabet, each kind of character there, none favoured.
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { generatePassword } from '../../../src-main/core/features/secrets/generate.ts';

const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };
const forms = {
  letters_digits: [/^[A-Za-z0-9]+$/, /[a-z]/, /[A-Z]/, /[0-9]/],
  letters_digits_symbols: [/^[!-~]+$/, /[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/, /^[^"'\\`$]+$/],
  hex: [/^[0-9a-f]+$/],
  base64url: [/^[A-Za-z0-9_-]+$/],
} as const;

test('every length and alphabet gives what it says', () => {
  const alphabet = fc.constantFrom(...(Object.keys(forms) as (keyof typeof forms)[]));
  fc.assert(
    fc.property(fc.integer({ min: 12, max: 256 }), alphabet, (length, name) => {
      const text = generatePassword({ length, alphabet: name }, random);
      expect(text).toHaveLength(length);
      for (const form of forms[name]) expect(text).toMatch(form);
    }),
  );
});

test('bytes beyond the last whole round of the alphabet are dropped, not folded onto its first characters', () => {
  // 62 characters: 248 to 255 would come out as the first eight.
  const bytes = [255, 250, 249, 248, 247, 0, 26, 52, ...Array.from({ length: 40 }, (_, at) => at)];
  let at = 0;
  const scripted = {
    bytes: (length: number) => Uint8Array.from({ length }, () => bytes[at++] ?? 1),
  };
  expect(generatePassword({ length: 12, alphabet: 'letters_digits' }, scripted)).toBe('9aA0abcdefgh');
});

test('no character is favoured', () => {
  const counts = new Map<string, number>();
  const text = Array.from({ length: 400 }, () => generatePassword({ length: 256, alphabet: 'letters_digits' }, random));
  for (const character of text.join('')) counts.set(character, (counts.get(character) ?? 0) + 1);
  const expected = (400 * 256) / 62;
  const chi = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  expect(counts.size).toBe(62);
  // 61 degrees of freedom: above 130 once in a million runs. Taken modulo, the eight favoured ones would give some 1 900.
  expect(chi).toBeLessThan(130);
});
