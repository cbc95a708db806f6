// The cryptography of time-stamp authorities in a page: WebCrypto is asynchronous, and the verifier is not.

import { p256, p384, p521 } from '@noble/curves/nist.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, equalBytes } from '../../src-shared/evidence/bytes.ts';
import type { StampDigest, StampPrimitives } from '../../src-shared/evidence/stamps/stamp-primitives.ts';

const hashes = { sha1, sha256, sha384, sha512 } as const;
const curves = { 'P-256': p256, 'P-384': p384, 'P-521': p521 } as const;

/** DER of the DigestInfo up to the digest itself (RFC 8017 section 9.2, note 1). */
const digestInfos: Readonly<Record<StampDigest, string>> = {
  sha1: '3021300906052b0e03021a05000414',
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

export const nobleStamps: StampPrimitives = {
  digest: (name, data) => hashes[name](data),
  verifySignature(key, _spki, digest, message, signature) {
    const hash = hashes[digest](message);
    if (key.kind === 'rsa') return verifiesRsa(key.modulus, key.exponent, digest, hash, signature);
    try {
      return curves[key.curve].verify(signature, hash, key.point, { prehash: false, format: 'der', lowS: false });
    } catch {
      return false;
    }
  },
};

/** PKCS #1 v1.5: the one encoding that this digest may have is compared, nothing is parsed out of the signature. */
function verifiesRsa(
  modulus: Uint8Array,
  exponent: Uint8Array,
  digest: StampDigest,
  hash: Uint8Array,
  signature: Uint8Array,
): boolean {
  const n = integerOf(modulus);
  const s = integerOf(signature);
  if (signature.length !== modulus.length || s >= n || (n & 1n) === 0n) return false;
  const tail = concatBytes(bytesOf(digestInfos[digest]), hash);
  const padding = modulus.length - 3 - tail.length;
  if (padding < 8) return false;
  const expected = concatBytes(Uint8Array.of(0, 1), new Uint8Array(padding).fill(0xff), Uint8Array.of(0), tail);
  const found = power(s, integerOf(exponent), n)
    .toString(16)
    .padStart(2 * modulus.length, '0');
  return equalBytes(bytesOf(found), expected);
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function integerOf(bytes: Uint8Array): bigint {
  let text = '0x0';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return BigInt(text);
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}
