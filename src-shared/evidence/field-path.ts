// Which fields an entry can commit to: the paths that docs/bundle-format.md lists. Another path would be a field that no reader knows.

import { encodeUtf8 } from './bytes.ts';

const DETAILS = encodeUtf8('details.');
const NAMES = ['actor', 'data_accessed', 'ip_address', 'resource', 'session_id', 'trace_id', 'user_agent'].map(
  encodeUtf8,
);
const byLength = Array.from({ length: 16 }, (_, length) => NAMES.filter((name) => name.length === length));

/** Whether the path of a field stands at [start, end) of `bytes`, as the inside of a JSON string in its canonical spelling. */
export function isFieldPathAt(bytes: Uint8Array, start: number, end: number): boolean {
  // No other name begins with these two.
  if (bytes[start] === DETAILS[0] && bytes[start + 1] === DETAILS[1]) {
    return end - start >= DETAILS.length && isAt(DETAILS, bytes, start);
  }
  const candidates = byLength[end - start];
  if (candidates === undefined) return false;
  for (const name of candidates) if (isAt(name, bytes, start)) return true;
  return false;
}

function isAt(name: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}
