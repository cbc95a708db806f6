// JSON from people and programs we do not trust: what JSON.parse accepts, minus everything that two parsers could read differently.
// The fast path lets the engine's own parser build the value and then proves, by counting, that it dropped nothing; whatever looks
// odd goes through the hand-written parser in strict-json-exact.ts, which decides and says where the fault is.

import { decodeUtf8Strict } from './bytes.ts';
import { type JsonValue, MAXIMUM_DEPTH } from './canonical-json.ts';
import { parseExact } from './strict-json-exact.ts';

export type JsonLimits = {
  /** How deep arrays and objects may nest; 64 where not given. */
  maximumDepth?: number;
  /**
   * `exact` (the default) refuses whole numbers written in digits that a double cannot hold exactly; `safe` refuses every whole
   * number beyond 2^53-1 in whatever spelling, so that the value can be canonicalised.
   */
  integers?: 'exact' | 'safe';
};

/**
 * Parses RFC 8259 JSON strictly. Refuses, by FormatError with offset (UTF-16 units), reason and pointer: syntax errors, trailing
 * text, a byte order mark, duplicate keys, keys named `__proto__`, too deep nesting, lone surrogates (raw or escaped), numbers out
 * of range and whole numbers that would change value. Where it accepts, the value equals JSON.parse's.
 */
export function parseStrictJson(text: string, limits: JsonLimits = {}): JsonValue {
  const maximumDepth = limits.maximumDepth ?? MAXIMUM_DEPTH;
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    return parseExact(text, maximumDepth, limits.integers === 'safe');
  }
  const escapes = text.includes('\\');
  const quotes = escapes ? countQuotesBesideEscapes(text) : countQuotes(text);
  // Every string and key has two quotes. A duplicate key has overwritten its predecessor, so the value then holds fewer strings.
  const undoubtful = quotes >= 0 && text.isWellFormed() && countStrings(value, maximumDepth) === quotes / 2;
  return undoubtful ? value : parseExact(text, maximumDepth, limits.integers === 'safe');
}

/** As parseStrictJson, from bytes that must be valid UTF-8; offsets in errors still count UTF-16 units. */
export function parseStrictJsonBytes(bytes: Uint8Array, limits: JsonLimits = {}): JsonValue {
  return parseStrictJson(decodeUtf8Strict(bytes), limits);
}

function countQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count++;
  return count;
}

// In valid JSON backslashes stand in strings only, so skipping what follows one is enough. -1: an escape that may be half a
// surrogate pair, which needs the exact parser's eye.
function countQuotesBesideEscapes(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) count++;
    else if (code === 0x5c) {
      i++;
      if (text.charCodeAt(i) === 0x75 && (text.charCodeAt(i + 1) | 0x20) === 0x64) return -1;
    }
  }
  return count;
}

// Strings and keys in a value, or NaN (which equals nothing) where the exact parser has to look.
function countStrings(value: JsonValue, depthLeft: number): number {
  if (typeof value === 'string') return 1;
  if (typeof value === 'number') {
    return value > Number.MAX_SAFE_INTEGER || value < -Number.MAX_SAFE_INTEGER ? Number.NaN : 0;
  }
  if (typeof value !== 'object' || value === null) return 0;
  if (depthLeft === 0) return Number.NaN;
  let count = 0;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) count += countStrings(value[i] ?? null, depthLeft - 1);
    return count;
  }
  for (const key in value) {
    if (key === '__proto__') return Number.NaN;
    count += 1 + countStrings(value[key] ?? null, depthLeft - 1);
  }
  return count;
}
