// Sealing: AES-256-GCM with a random 96-bit nonce; the context is authenticated so that a sealed value can't be moved.
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concatBytes, utf8 } from './bytes.ts';

const nonceLength = 12;
const tagLength = 16;

/**
 * Seals `plain` under a 32-byte `key`: nonce ‖ ciphertext ‖ tag.
 * @param context what the value is and where it stands ("users/totp/<id>"): opening under another context fails.
 * @param nonce 12 bytes from a random source, never used twice with the same key (NIST SP 800-38D 8.2.2).
 */
export function seal(key: Uint8Array, plain: Uint8Array, context: string, nonce: Uint8Array): Uint8Array {
  if (nonce.byteLength !== nonceLength) throw new Error(`expected a nonce of ${nonceLength} bytes`);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(utf8(context));
  return concatBytes(nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag());
}

/** Opens what `seal` made. @throws Error when the key, the context or any byte is not the one it was sealed with. */
export function unseal(key: Uint8Array, sealed: Uint8Array, context: string): Uint8Array {
  if (sealed.byteLength < nonceLength + tagLength) throw new Error('the sealed value is too short');
  const end = sealed.byteLength - tagLength;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceLength));
  decipher.setAAD(utf8(context));
  decipher.setAuthTag(sealed.subarray(end));
  // In GCM `final` adds no byte, it only judges. The bytes are handed on as they lie: another copy is one that nobody can zero.
  const plain = decipher.update(sealed.subarray(nonceLength, end));
  try {
    decipher.final();
  } catch (error) {
    plain.fill(0);
    throw error;
  }
  return new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength);
}
