// Most records of a log match nothing, and the matcher can tell so from their bytes. Where that is certain they are never made into
// events; anything that might be otherwise is read and matched in full, so that the result is the same.
import type { RuleSource } from '../../engine/rules/rule-info.ts';

/** Fields that events have beside those of the record, which the bytes therefore don't show. */
const derived = [
  'event_type',
  'actor',
  'success',
  'ip_address',
  'user_agent',
  'resource_type',
  'resource_id',
  'action',
  'session_id',
  'trace_id',
  'bytes',
  'source',
  'command',
  'target',
  'details',
  'signals',
].join('|');
const asksDerived = new RegExp(
  `^\\s+(?:- ?)*['"]?(?:${derived})(?:\\.[\\w.]+)?(?:\\|\\w+)*['"]?\\s*:|[{,]\\s*['"]?(?:${derived})(?:\\.[\\w.]+)?(?:\\|\\w+)*['"]?\\s*:`,
  'm',
);
const mapsToDerived = new RegExp(
  `:\\s*['"]?(?:${derived})['"]?\\s*$|[-[,]\\s*['"]?(?:${derived})['"]?\\s*(?:$|[\\],])`,
  'm',
);

/**
 * May Windows records be told by their bytes? Not when a rule that applies to them asks for a field that only events have. Rules of
 * other products need what Windows records don't carry.
 */
export function canPassOver(sources: readonly RuleSource[], mapping: string | undefined): boolean {
  if (mapping !== undefined && /fieldmappings/.test(mapping) && mapsToDerived.test(mapping)) return false;
  return sources.every(({ text }) => {
    const products = [...text.matchAll(/product\s*:\s*['"]?([\w-]+)/g)].map(([, product]) => product?.toLowerCase());
    if (products.includes('gatehouse')) return false;
    return (products.length > 0 && !products.includes('windows')) || !asksDerived.test(text);
  });
}

const quote = 0x22;
const backslash = 0x5c;
const blank = 0x20;
const comma = 0x2c;
const closing = 0x7d;

/** An object inside: what looks like the event id may be one of its fields. */
const inner = ['":{', '": {', '[{', '[ {'];

/**
 * Is this a flat Windows record as readers take it: an event id that is a number, a channel, and no field name that is also known
 * without its blanks? A text that looks like such a name only costs the longer way.
 */
export function isPlainWindowsRecord(record: Uint8Array): boolean {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  const id = bytes.indexOf('"EventID":');
  // Of two the last counts.
  if (id < 0 || bytes.indexOf('"EventID":', id + 1) >= 0) return false;
  if (bytes.indexOf('"Channel":') < 0 || bytes.indexOf(0) >= 0) return false;
  return isShortNumber(bytes, id + 10) && inner.every((start) => bytes.indexOf(start) < 0) && !hasBlankName(bytes);
}

/** Up to four digits, in quotes or not; more may be more than an event id can be. */
function isShortNumber(bytes: Buffer, from: number): boolean {
  let at = bytes[from] === blank ? from + 1 : from;
  const quoted = bytes[at] === quote;
  if (quoted) at++;
  const start = at;
  while (isDigit(bytes[at])) at++;
  const end = bytes[at];
  return at > start && at - start <= 4 && (quoted ? end === quote : end === comma || end === closing);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function hasBlankName(bytes: Buffer): boolean {
  for (let at = bytes.indexOf('":'); at >= 0; at = bytes.indexOf('":', at + 2)) {
    for (let back = at - 1; back >= 0 && bytes[back] !== quote; back--) {
      // A blank may be written as an escape.
      if (bytes[back] === blank || bytes[back] === backslash) return true;
    }
  }
  // `" :` is JSON too, and the names before it were not looked at.
  return bytes.indexOf('" :') >= 0;
}
