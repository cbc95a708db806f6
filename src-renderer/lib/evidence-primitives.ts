// The evidence code's primitives where there is no node:crypto and WebCrypto is asynchronous: windows and the one-file verifier.

import { ed25519 } from '@noble/curves/ed25519.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import type { Primitives } from '../../src-shared/evidence/primitives.ts';

export const noblePrimitives: Primitives = {
  sha256: (data) => sha256(data),
  sha256Into(data, target, offset) {
    target.set(sha256(data), offset);
  },
  createSha256() {
    const running = sha256.create();
    return {
      update(data) {
        running.update(data);
      },
      digest: () => running.digest(),
    };
  },
  verifyEd25519(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    try {
      return (
        ed25519.verify(signature, message, publicKey, { zip215: false }) && hasNoResidue(publicKey, message, signature)
      );
    } catch {
      return false;
    }
  },
  hmacSha256: (key, data) => hmac(sha256, key, data),
};

// SECURITY: noble checks the equation times the cofactor 8, OpenSSL without it. A hostile signer can make signatures that only the
// first accepts; a bundle must not be genuine in the window and forged on the command line, so the stricter rule holds in both:
// R is no point of small order, and S·B − k·A is exactly R.
function hasNoResidue(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const { Point } = ed25519;
  const r = Point.fromBytes(signature.subarray(0, 32));
  if (r.isSmallOrder()) return false;
  const challenge = sha512.create().update(signature.subarray(0, 32)).update(publicKey).update(message).digest();
  const k = littleEndian(challenge) % Point.Fn.ORDER;
  const s = littleEndian(signature.subarray(32));
  const a = Point.fromBytes(publicKey);
  return Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k)).equals(r);
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
}
