// Identity of imported records: the same record of the same file always gets the same id, so that importing twice adds nothing,
// a grown file adds only its new lines, and truly repeated lines stay apart by their offset.
import { utf8 } from '../base/bytes.ts';
import { sha256 } from '../base/hashes.ts';
import { uuidFromHash } from '../base/ids.ts';

/** SHA-256 of the file's first line that isn't empty, without its line end. A renamed, rotated or grown file keeps it. */
export function fileIdentity(firstLine: Uint8Array | string): Uint8Array {
  const bytes = typeof firstLine === 'string' ? utf8(firstLine) : firstLine;
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 10 || bytes[end - 1] === 13)) end--;
  return sha256(bytes.subarray(0, end));
}

/**
 * UUID version 8 from SHA-256(file identity ‖ offset ‖ repeat ‖ record bytes).
 * @param offset of the record's first byte in the (unpacked) file.
 * @param repeat counts the events that one record stands for ("message repeated 3 times"), from 0.
 */
export function recordId(file: Uint8Array, offset: number, record: Uint8Array, repeat = 0): string {
  const input = new Uint8Array(file.length + 12 + record.length);
  const view = new DataView(input.buffer);
  input.set(file, 0);
  view.setUint32(file.length, Math.floor(offset / 0x1_0000_0000));
  view.setUint32(file.length + 4, offset % 0x1_0000_0000);
  view.setUint32(file.length + 8, repeat);
  input.set(record, file.length + 12);
  return uuidFromHash(sha256(input));
}
