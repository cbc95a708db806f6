// Ed25519 (RFC 8032) from a 32-byte seed, through node:crypto.
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { concatBytes } from './bytes.ts';

// RFC 8410: the fixed head of a PKCS#8 private key and its place for the seed.
const pkcs8Head = new Uint8Array(Buffer.from('302e020100300506032b657004220420', 'hex'));
const publicKeyLength = 32;

export type SigningKey = {
  /** 32 raw bytes. */
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
};

/** @param seed 32 random bytes. */
export function signingKeyFromSeed(seed: Uint8Array): SigningKey {
  const der = concatBytes(pkcs8Head, seed);
  const key: KeyObject = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
  der.fill(0);
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(spki.subarray(spki.byteLength - publicKeyLength)),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  };
}
