// How hard a value that the console makes is to guess. Making it is the console's: the new value never passes through this page.

import type { SecretGenerator } from '../../../src-shared/contract/secrets.ts';

export type Alphabet = SecretGenerator['alphabet'];

/** How many characters each has to choose from, as the console's generator does. */
const sizes: Readonly<Record<Alphabet, number>> = {
  letters_digits: 62,
  letters_digits_symbols: 89,
  hex: 16,
  base64url: 64,
};

export const alphabetOptions: readonly { readonly id: Alphabet; readonly label: string }[] = [
  { id: 'letters_digits_symbols', label: 'Letters, digits and symbols' },
  { id: 'letters_digits', label: 'Letters and digits' },
  { id: 'base64url', label: 'Base64, safe in addresses' },
  { id: 'hex', label: 'Hexadecimal' },
];

export const generatedLength = { least: 12, most: 256, usual: 32 } as const;

/** Bits an attacker has to guess who knows how the value was made. */
export function generatedBits({ alphabet, length }: SecretGenerator): number {
  return Math.floor(length * Math.log2(sizes[alphabet]));
}

/** 0 to 4 as the password meter draws it, and why. */
export function generatedStrength(generator: SecretGenerator): { readonly score: number; readonly words: string } {
  const bits = generatedBits(generator);
  if (bits >= 128) return { score: 4, words: `${bits} bits: out of reach of any guessing` };
  if (bits >= 80) return { score: 3, words: `${bits} bits: out of reach of guessing today` };
  return { score: 2, words: `${bits} bits: withstands guessing over a network; make it longer` };
}
