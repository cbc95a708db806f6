// The form of API keys (spec 01): `gh_<id>_<43 characters><6-character CRC-32>`, all base62. Making, reading, hashing; rows are in keys-table.ts.
import { crc32 } from 'node:zlib';
import { sha256 } from '../../../base/hashes.ts';
import type { Randomness } from '../../ports.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const idLength = 12;
const secretLength = 43;
const checksumLength = 6;

const form = /^gh_([0-9A-Za-z]{12})_[0-9A-Za-z]{49}$/;

/** `hash` is what may be stored; `key` is shown once and forgotten. */
export function createApiKey(random: Randomness): { id: string; key: string; hash: Uint8Array } {
  // 128 bits folded into the 71 of the id: the bias is below 2^-56, and ids are no secret.
  const id = base62(random.bytes(16), idLength);
  const body = `gh_${id}_${base62(random.bytes(32), secretLength)}`;
  const key = body + checksum(body);
  return { id, key, hash: sha256(key) };
}

/**
 * Id and hash of a well-formed key, undefined for any other text. The CRC-32 is no protection: it lets secret scanners tell a key from
 * noise and spares the store a look-up for typing errors. It finds every change of up to 32 neighbouring bits.
 */
export function readApiKey(text: string): { id: string; hash: Uint8Array } | undefined {
  const id = text.match(form)?.[1];
  if (id === undefined) return undefined;
  const body = text.slice(0, -checksumLength);
  return checksum(body) === text.slice(-checksumLength) ? { id, hash: sha256(text) } : undefined;
}

function checksum(body: string): string {
  const digits = new Uint8Array(4);
  new DataView(digits.buffer).setUint32(0, crc32(body));
  return base62(digits, checksumLength);
}

/** The number in `bytes`, big-endian, as exactly `length` base62 digits; higher digits are dropped. 32 bytes fit into 43 digits. */
function base62(bytes: Uint8Array, length: number): string {
  let rest = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let text = '';
  for (let at = 0; at < length; at += 1) {
    text = (alphabet[Number(rest % 62n)] ?? '') + text;
    rest /= 62n;
  }
  return text;
}
