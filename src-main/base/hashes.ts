// Hashes and key derivation: SHA-256, HMAC-SHA256 (RFC 2104), HKDF-SHA256 (RFC 5869).
import { createHmac, hash, hkdfSync } from 'node:crypto';

/** SHA-256 of `data`; a string is taken as UTF-8. */
export function sha256(data: Uint8Array | string): Uint8Array {
  return new Uint8Array(hash('sha256', data, 'buffer'));
}

export function sha256Hex(data: Uint8Array | string): string {
  return hash('sha256', data, 'hex');
}

export function hmacSha256(key: Uint8Array, data: Uint8Array | string): Uint8Array {
  return new Uint8Array(createHmac('sha256', key).update(data).digest());
}

/** HKDF-SHA256 with an empty salt; `info` keeps the purposes apart (RFC 5869 section 3.2). */
export function deriveKey(key: Uint8Array, info: string, length = 32): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), info, length));
}
