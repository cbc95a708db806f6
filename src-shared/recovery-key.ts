// The recovery key as text: 256 bits in Crockford's base32 in groups of four with a check group, read back forgivingly. The console
// reads and writes it, and forms check it before anything is sent, with a SHA-256 of their own.

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const keyLength = 32;
const checkLength = 3;

export const recoveryKeyPrefix = 'GH';
/** Groups after the prefix, and characters in a group: 32 bytes of key and 3 bytes of checksum. */
export const recoveryKeyGroups = 14;
export const recoveryKeyGroupLength = 4;
const keyCharacters = recoveryKeyGroups * recoveryKeyGroupLength;

type Sha256 = (data: Uint8Array) => Uint8Array;

export type RecoveryKeyReading =
  | { readonly kind: 'key'; readonly key: Uint8Array }
  /** Characters are missing, too many, or none that a recovery key has. */
  | { readonly kind: 'incomplete' }
  /** The check group does not fit: at least one character is another one. */
  | { readonly kind: 'mistyped' };

/** `GH` and 14 groups of four characters. */
export function formatRecoveryKey(key: Uint8Array, sha256: Sha256): string {
  const body = encode(new Uint8Array([...key, ...sha256(key).subarray(0, checkLength)]));
  return [recoveryKeyPrefix, ...(body.match(/.{4}/g) ?? [])].join('-');
}

/**
 * The characters of a recovery key in what people type or paste: any case, spaces or dashes, O for 0, I and L for 1. What is no
 * character of it stays, so that a reader can say so.
 */
export function recoveryKeyCharacters(text: string): string {
  return text
    .toUpperCase()
    .replace(/[\s\p{Pd}]/gu, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
}

/** As {@link recoveryKeyCharacters}, for a text that may begin with the prefix. */
export function plainRecoveryKey(text: string): string {
  const given = recoveryKeyCharacters(text);
  // One key in a thousand begins with the prefix's letters itself; written without the prefix it is exactly as long as a key.
  return given.length !== keyCharacters && given.startsWith(recoveryKeyPrefix)
    ? given.slice(recoveryKeyPrefix.length)
    : given;
}

export function readRecoveryKey(text: string, sha256: Sha256): RecoveryKeyReading {
  const plain = plainRecoveryKey(text);
  const bytes = plain.length === keyCharacters ? decode(plain) : undefined;
  if (bytes === undefined) return { kind: 'incomplete' };
  const key = bytes.slice(0, keyLength);
  const expected = sha256(key);
  const fits = bytes.subarray(keyLength).every((byte, index) => byte === expected[index]);
  return fits ? { kind: 'key', key } : { kind: 'mistyped' };
}

/** Is this a character of a recovery key, after {@link recoveryKeyCharacters}? */
export function isRecoveryKeyCharacter(character: string): boolean {
  return character.length === 1 && alphabet.includes(character);
}

function encode(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(value >>> bits) & 31];
      value &= (1 << bits) - 1;
    }
  }
  return text;
}

function decode(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const character of text) {
    const digit = alphabet.indexOf(character);
    if (digit < 0) return undefined;
    value = (value << 5) | digit;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >>> bits) & 255);
      value &= (1 << bits) - 1;
    }
  }
  return new Uint8Array(bytes);
}
