// The recovery key: 256 bits on paper. Written in Crockford's base32 in groups of four with a check group, read back forgivingly.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { sha256 } from '../../../base/hashes.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const keyLength = 32;
const checkLength = 3;

/** `GH` and 14 groups of four characters: 32 bytes of key and 3 bytes of checksum. */
export function formatRecoveryKey(key: Uint8Array): string {
  const body = encode(new Uint8Array([...key, ...sha256(key).subarray(0, checkLength)]));
  return ['GH', ...(body.match(/.{4}/g) ?? [])].join('-');
}

/**
 * Reads a recovery key as people type it: any case, spaces or dashes, O for 0, I and L for 1.
 * @throws ProblemError request/invalid when characters are missing or the check group doesn't fit.
 */
export function parseRecoveryKey(text: string): Uint8Array {
  const plain = text.toUpperCase().replace(/[\s-]/g, '').replace(/^GH/, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  const bytes = decode(plain);
  const key = bytes?.subarray(0, keyLength);
  const check = bytes?.subarray(keyLength);
  if (key === undefined || check === undefined || bytes?.byteLength !== keyLength + checkLength) {
    throw new ProblemError(
      'request/invalid',
      'the recovery key has 14 groups of four characters after GH; some are missing or wrong',
    );
  }
  const expected = sha256(key).subarray(0, checkLength);
  if (expected.some((byte, index) => byte !== check[index])) {
    throw new ProblemError('request/invalid', 'the recovery key has a typing mistake: its check group does not fit');
  }
  return key.slice();
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
  if (text.length % 8 !== 0) return undefined;
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
