// Bytes: texts to bytes and back, base64url, hex, comparison in constant time, joining.
import { timingSafeEqual } from 'node:crypto';

const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/** @throws Error when `text` holds anything but the base64url alphabet without padding. */
export function fromBase64Url(text: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new Error('expected base64url without padding');
  return decodeBase64(text);
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** @throws Error when `text` isn't canonical padded base64. */
export function fromBase64(text: string): Uint8Array {
  const bytes = decodeBase64(text);
  if (toBase64(bytes) !== text) throw new Error('expected canonical base64 with padding');
  return bytes;
}

/**
 * What is base64 in `text`, standard or URL-safe, leniently; see fromBase64 for the strict form.
 * SECURITY: written into memory of its own. `Buffer.from(text)` uses Node's shared pool, where a key would stay after it was zeroed.
 */
export function decodeBase64(text: string): Uint8Array {
  const room = new Uint8Array(new ArrayBuffer(Buffer.byteLength(text, 'base64')));
  const length = Buffer.from(room.buffer).write(text, 'base64');
  return length === room.byteLength ? room : room.subarray(0, length);
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Equal content, in time that depends on the lengths alone. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.byteLength;
  }
  return joined;
}
