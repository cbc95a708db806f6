// Identifiers: UUID version 7 (time-ordered, RFC 9562 section 5.7) and version 8 made from a hash (section 5.8).
import { toHex } from './bytes.ts';

/** @param random at least 10 random bytes. */
export function uuidV7(nowMs: number, random: Uint8Array): string {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(nowMs / 0x1_0000_0000));
  view.setUint32(2, nowMs % 0x1_0000_0000);
  bytes.set(random.subarray(0, 10), 6);
  return format(bytes, 0x70);
}

/** The first 16 bytes of `digest` as a version 8 UUID: the same digest gives the same id. */
export function uuidFromHash(digest: Uint8Array): string {
  return format(digest.slice(0, 16), 0x80);
}

function format(bytes: Uint8Array, version: number): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | version;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = toHex(bytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
