// Passwords made here: uniformly chosen characters, and where the alphabet has kinds of them, at least one of each.
import type { SecretGenerator } from '../../../../src-shared/contract/secrets.ts';
import type { Randomness } from '../../ports.ts';

const lower = 'abcdefghijklmnopqrstuvwxyz';
const upper = lower.toUpperCase();
const digits = '0123456789';
// Without quotes, backslash, backtick, dollar sign and space: they don't survive every shell and configuration file.
const symbols = '!#%&()*+,-./:;<=>?@[]^_{|}~';

const alphabets: Readonly<Record<SecretGenerator['alphabet'], readonly string[]>> = {
  letters_digits: [lower, upper, digits],
  letters_digits_symbols: [lower, upper, digits, symbols],
  hex: [`${digits}abcdef`],
  base64url: [`${upper}${lower}${digits}-_`],
};

export function generatePassword({ length, alphabet }: SecretGenerator, random: Randomness): string {
  const kinds = alphabets[alphabet];
  const characters = kinds.join('');
  for (;;) {
    const text = choose(characters, length, random);
    // Choosing anew keeps all that remain equally likely; at 12 characters and more it is seldom needed.
    if (kinds.every((kind) => [...text].some((character) => kind.includes(character)))) return text;
  }
}

function choose(characters: string, length: number, random: Randomness): string {
  // Bytes from the last, incomplete round of the alphabet are dropped: taken modulo they would favour its first characters.
  const limit = 256 - (256 % characters.length);
  let text = '';
  while (text.length < length) {
    for (const byte of random.bytes(length - text.length)) {
      if (byte < limit) text += characters[byte % characters.length] ?? '';
    }
  }
  return text;
}
