// The evidence code's primitives in Node: node:crypto, spelled in the way that is fastest for many short inputs.

import { createHash, createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import type { Primitives, Sha256Stream } from '../../src-shared/evidence/primitives.ts';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
// Two new arrays would cost as much as a hash; both calls are synchronous.
const innerScratch = new Uint8Array(1024);
const outerScratch = new Uint8Array(BLOCK_BYTES + DIGEST_BYTES);
// DER head of a SubjectPublicKeyInfo with an Ed25519 key (RFC 8410 section 4); the 32 bytes of the key follow.
const ED25519_SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

export const nodePrimitives: Primitives = { sha256, sha256Into, createSha256, verifyEd25519, hmacSha256 };

function sha256(data: Uint8Array): Uint8Array {
  const digest = new Uint8Array(DIGEST_BYTES);
  sha256Into(data, digest, 0);
  return digest;
}

// Taking the digest as a byte-per-character text and copying it costs half of what asking for a Buffer costs (0.55 against 1.1 µs).
function sha256Into(data: Uint8Array, target: Uint8Array, offset: number): void {
  const text = hash('sha256', data, 'binary');
  for (let i = 0; i < DIGEST_BYTES; i++) target[offset + i] = text.charCodeAt(i);
}

function createSha256(): Sha256Stream {
  const running = createHash('sha256');
  return {
    update(data) {
      running.update(data);
    },
    digest: () => new Uint8Array(running.digest()),
  };
}

function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.concat([ED25519_SPKI_HEAD, publicKey]), format: 'der', type: 'spki' });
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
}

// RFC 2104 over two one-shot hashes: createHmac costs 16 µs a call here, this 1.2 µs, and an audit entry needs several.
function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
  const block = key.length > BLOCK_BYTES ? sha256(key) : key;
  const length = BLOCK_BYTES + data.length;
  const inner = length <= innerScratch.length ? innerScratch : new Uint8Array(length);
  for (let i = 0; i < BLOCK_BYTES; i++) {
    const byte = i < block.length ? (block[i] ?? 0) : 0;
    inner[i] = byte ^ 0x36;
    outerScratch[i] = byte ^ 0x5c;
  }
  inner.set(data, BLOCK_BYTES);
  sha256Into(inner.subarray(0, length), outerScratch, BLOCK_BYTES);
  const mac = sha256(outerScratch);
  // Nothing of the key stays behind.
  inner.fill(0, 0, length);
  outerScratch.fill(0);
  return mac;
}
