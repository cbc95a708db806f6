// The elements of a JSON array as it stands in bytes, one at a time, so that a large one need not be parsed in one go. Where an element
// ends is all that is decided here; each of them is then parsed strictly, and together they are what the array as a whole would be.
import { FormatError } from '../../../src-shared/evidence/format-error.ts';

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function skipBlanks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isBlank(bytes[at])) at++;
  return at;
}

/** Undefined when the bytes are no array. Reading on throws FormatError where they can't be one. */
export function arrayElements(bytes: Uint8Array): Iterable<Uint8Array> | undefined {
  const start = skipBlanks(bytes, 0);
  return bytes[start] === openBracket ? elementsFrom(bytes, start + 1) : undefined;
}

function* elementsFrom(bytes: Uint8Array, first: number): Generator<Uint8Array, void> {
  let start = skipBlanks(bytes, first);
  let end = start;
  if (bytes[start] === closeBracket) end = start;
  else {
    for (;;) {
      end = endOfElement(bytes, start);
      yield bytes.subarray(start, end);
      if (bytes[end] === closeBracket) break;
      start = skipBlanks(bytes, end + 1);
    }
  }
  if (skipBlanks(bytes, end + 1) < bytes.length) throw new FormatError('text after the end of the array', end + 1);
}

/** Where the comma or bracket stands that ends the element. */
function endOfElement(bytes: Uint8Array, start: number): number {
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) {
      for (at++; at < bytes.length && bytes[at] !== quote; at++) if (bytes[at] === backslash) at++;
    } else if (depth === 0 && (byte === comma || byte === closeBracket)) return at;
    // 0x5b and 0x7b open, 0x5d and 0x7d close.
    else if ((byte | 0x20) === 0x7b) depth++;
    else if ((byte | 0x20) === 0x7d) depth--;
  }
  throw new FormatError('the array does not end', bytes.length);
}
