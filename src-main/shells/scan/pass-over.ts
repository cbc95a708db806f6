// Most records of a log match nothing, and the matcher can tell so from their bytes. Where that is certain they are never made into
// events; anything that might be otherwise is read and matched in full, so that the result is the same.
import { eventFields } from '../../engine/field.ts';
import type { Asked } from '../../engine/rules/asked.ts';

/** Fields that events have beside those of the record, which the bytes therefore don't show. */
const derived: ReadonlySet<string> = new Set([...eventFields, 'time', 'command', 'target', 'signals']);

/**
 * May Windows records be told by their bytes? Not when a rule that applies to them asks for a field that only events have. Rules of
 * other products need what Windows records don't carry, and so do those that wait for events which declare their log source.
 */
export function canPassOver(asked: readonly Asked[]): boolean {
  return asked.every(({ logSource, declared, fields }) => {
    const product = logSource.product?.toLowerCase();
    if (product === 'gatehouse') return false;
    if (declared || (product !== undefined && product !== 'windows')) return true;
    for (const field of fields) if (field !== null && isDerived(field)) return false;
    return true;
  });
}

function isDerived(field: string): boolean {
  const [first = ''] = field.split('.');
  return derived.has(first);
}

const quote = 0x22;
const backslash = 0x5c;
const blank = 0x20;
const colon = 0x3a;
const brace = 0x7b;
const eventId = Buffer.from('EventID');
const channel = Buffer.from('Channel');
const logSource = Buffer.from('logsource');

/**
 * Is this a flat Windows record as readers take it: an event id that is a number, a channel, no object inside, and no field name that is
 * also known without its blanks, nor one that declares a log source? Whether it is valid JSON is for the matcher to say.
 */
export function isPlainWindowsRecord(record: Uint8Array): boolean {
  if (record[0] !== brace) return false;
  let ids = 0;
  let hasChannel = false;
  for (let at = 1; at < record.length; at++) {
    const byte = record[at];
    if (byte === brace) return false;
    if (byte !== quote) continue;
    const start = at + 1;
    let odd = false;
    for (at = start; at < record.length && record[at] !== quote; at++) {
      const inner = record[at];
      if (inner === backslash) at++;
      // A blank may be written as an escape.
      if (inner === backslash || inner === blank) odd = true;
    }
    let next = at + 1;
    while (record[next] === blank) next++;
    if (record[next] !== colon) continue;
    if (odd || (at - start > logSource.length && isAt(record, start, logSource, lowerCase))) return false;
    if (at - start !== eventId.length) continue;
    if (isAt(record, start, channel)) hasChannel = true;
    else if (isAt(record, start, eventId)) {
      // Of two the last counts.
      if (++ids > 1 || !isShortNumber(record, next + 1)) return false;
    }
  }
  return ids === 1 && hasChannel;
}

const lowerCase = 0x20;

/** @param also bits that are set in each byte of the record before it is compared. */
function isAt(record: Uint8Array, start: number, name: Uint8Array, also = 0): boolean {
  for (let at = 0; at < name.length; at++) if (((record[start + at] ?? 0) | also) !== name[at]) return false;
  return true;
}

/** Up to four digits, in quotes or not; more may be more than an event id can be. */
function isShortNumber(record: Uint8Array, from: number): boolean {
  let at = from;
  while (record[at] === blank) at++;
  const quoted = record[at] === quote;
  if (quoted) at++;
  const start = at;
  while (isDigit(record[at])) at++;
  const end = record[at];
  // What goes on after the digits, such as 4E25, is another number.
  return at > start && at - start <= 4 && (quoted ? end === quote : end === 0x2c || end === 0x7d);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
