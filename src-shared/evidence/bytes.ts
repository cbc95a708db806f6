// Bytes and their text forms, the same in Node and browsers: strict UTF-8, hex, base64 in its one canonical spelling.
// Everything that decodes refuses a second spelling of the same bytes, because signatures cover bytes and people compare text.

import { FormatError } from './format-error.ts';

// This layer is compiled without the types of Node and of the DOM; both worlds have these two.
declare const TextEncoder: new () => {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { written: number };
};
declare const TextDecoder: new (
  label: string,
  options: { fatal: boolean; ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

const encoder = new TextEncoder();
// ignoreBOM keeps a byte order mark in the text, so that parsers see and refuse it.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 bytes of a text; the text must be well formed (a lone surrogate would become U+FFFD). */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Text of strictly valid UTF-8; throws FormatError for any other bytes. A byte order mark stays in the text. */
export function decodeUtf8Strict(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new FormatError('not valid UTF-8', 0);
  }
}

/** Whether two byte strings are equal. Not constant in time: for public values. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether two byte strings of public length are equal, looking at every byte whatever the first difference. */
export function equalBytesConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/**
 * Collects texts and bytes in one buffer that is used again and again, for hashing many short messages: an array of its own for each
 * costs more than the hash. `written` is a view that the next `clear` invalidates.
 */
export class ByteScratch {
  private buffer = new Uint8Array(1024);
  private length = 0;

  clear(): this {
    this.length = 0;
    return this;
  }

  text(text: string): this {
    this.reserve(3 * text.length);
    this.length += encoder.encodeInto(text, this.buffer.subarray(this.length)).written;
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  byte(value: number): this {
    this.reserve(1);
    this.buffer[this.length++] = value;
    return this;
  }

  get written(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return;
    const larger = new Uint8Array(2 * (this.length + more));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}

export function concatBytes(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Lower-case hex. */
export function encodeHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += (byte < 16 ? '0' : '') + byte.toString(16);
  return text;
}

/** Bytes of lower-case hex; undefined for anything else. */
export function decodeHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
// Marks characters outside an alphabet; a bit that no value of six bits has.
const FOREIGN = 0x80;
const standardValues = valuesOf(STANDARD);
const urlSafeValues = valuesOf(URL_SAFE);

/** Standard alphabet with padding (RFC 4648 section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  const text = encodeWith(STANDARD, bytes);
  return text + '='.repeat((4 - (text.length % 4)) % 4);
}

/** URL-safe alphabet without padding (RFC 4648 section 5). */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encodeWith(URL_SAFE, bytes);
}

/** Bytes of standard base64 with its padding; undefined for anything but the one canonical spelling. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return decodeAscii(standardValues, text, text.length - padding);
}

/** Bytes of unpadded URL-safe base64; undefined for anything but the one canonical spelling. */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  return decodeAscii(urlSafeValues, text, text.length);
}

/**
 * Decodes base64 that stands as ASCII in `source` from `start` to `end` (padding excluded) into `target` from `at`.
 * Answers the number of bytes written, or -1 when a character is foreign, the length impossible or the unused last bits are
 * not zero. For hot paths that must not build strings.
 */
export function decodeBase64Span(
  alphabet: 'standard' | 'url',
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): number {
  const values = alphabet === 'url' ? urlSafeValues : standardValues;
  const tail = (end - start) % 4;
  if (tail === 1 || end > source.length) return -1;
  let written = at;
  let i = start;
  let seen = 0;
  for (const quadsEnd = end - tail; i < quadsEnd; i += 4) {
    const a = values[source[i] ?? 0] ?? FOREIGN;
    const b = values[source[i + 1] ?? 0] ?? FOREIGN;
    const c = values[source[i + 2] ?? 0] ?? FOREIGN;
    const d = values[source[i + 3] ?? 0] ?? FOREIGN;
    seen |= a | b | c | d;
    target[written++] = (a << 2) | (b >> 4);
    target[written++] = (b << 4) | (c >> 2);
    target[written++] = (c << 6) | d;
  }
  if (tail > 0) {
    const a = values[source[i] ?? 0] ?? FOREIGN;
    const b = values[source[i + 1] ?? 0] ?? FOREIGN;
    const c = tail === 3 ? (values[source[i + 2] ?? 0] ?? FOREIGN) : 0;
    seen |= a | b | c;
    target[written++] = (a << 2) | (b >> 4);
    if (tail === 3) target[written++] = (b << 4) | (c >> 2);
    if (((tail === 3 ? c << 6 : b << 4) & 0xff) !== 0) return -1;
  }
  return (seen & FOREIGN) === 0 ? written - at : -1;
}

/**
 * The same for standard base64 with its padding: decodes [start, end) of `source` into `target` from its beginning. Answers the number
 * of bytes written, or -1 for anything but the one canonical spelling.
 */
export function decodePaddedSpan(source: Uint8Array, start: number, end: number, target: Uint8Array): number {
  if ((end - start) % 4 !== 0) return -1;
  let last = end;
  while (last > start && end - last < 2 && source[last - 1] === 0x3d) last--;
  return decodeBase64Span('standard', source, start, last, target, 0);
}

function decodeAscii(values: Uint8Array, text: string, length: number): Uint8Array<ArrayBuffer> | undefined {
  if (length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let written = 0;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    const value = code < 128 ? (values[code] ?? FOREIGN) : FOREIGN;
    if (value === FOREIGN) return undefined;
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[written++] = bits >> held;
    }
  }
  return (bits & ((1 << held) - 1)) === 0 ? bytes : undefined;
}

function encodeWith(alphabet: string, bytes: Uint8Array): string {
  let text = '';
  let i = 0;
  for (; i + 2 < bytes.length; i += 3) {
    const three = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text +=
      alphabet.charAt(three >> 18) +
      alphabet.charAt((three >> 12) & 63) +
      alphabet.charAt((three >> 6) & 63) +
      alphabet.charAt(three & 63);
  }
  if (i + 1 === bytes.length) {
    const one = bytes[i] ?? 0;
    text += alphabet.charAt(one >> 2) + alphabet.charAt((one << 4) & 63);
  } else if (i + 2 === bytes.length) {
    const two = ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
    text += alphabet.charAt(two >> 10) + alphabet.charAt((two >> 4) & 63) + alphabet.charAt((two << 2) & 63);
  }
  return text;
}

function valuesOf(alphabet: string): Uint8Array {
  const values = new Uint8Array(256).fill(FOREIGN);
  for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i;
  return values;
}
