// Reads canonical JSON (RFC 8785) straight from bytes and refuses every other spelling, so a verifier never builds a value only to
// write it out again and compare. It yields positions, not values: hashes are taken over the very bytes that were read.

import { type BundleSource, SourceCut, sourceOf } from './bundle-source.ts';
import { decodeBase64Span, decodeUtf8Strict } from './bytes.ts';
import { MAXIMUM_DEPTH } from './canonical-json.ts';
import { FormatError } from './format-error.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
// The escapes RFC 8785 section 3.2.2.2 writes: short forms where JSON has them, \u00xx in lower case for other control characters.
const SHORT_ESCAPES = new Set([...'"\\bfnrt'].map((letter) => letter.charCodeAt(0)));
const CONTROLS_WITH_SHORT_ESCAPE = new Set([0x08, 0x09, 0x0a, 0x0c, 0x0d]);

// 1 for the bytes that stand for themselves in a string.
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

// Entries have some hundred bytes: with a window of this size few of them are cut by its end and read twice.
const WINDOW = 4 * 1024 * 1024;
// What is read in one piece without a look at each byte (a hash in base64, a number) reports its start: so far before the window's end
// a refusal may be the window's doing. Nothing of that kind is longer.
const LONGEST_PIECE = 64;

/**
 * A cursor over canonical JSON. Every method throws FormatError at the first byte that cannot stand there, with its place in the file.
 * Over a source only a window of the file is in `bytes`: then whatever is read must be read inside a `step`, after which places in
 * `bytes` from before are void.
 */
export class CanonicalReader {
  /** The file from `base` on; all of it, where it was given as bytes. */
  bytes: Uint8Array;
  base = 0;
  at: number;
  /** Where the last string or key read by `string` stands, without its quotes. */
  stringStart = 0;
  stringEnd = 0;
  /** Whether that string is ASCII without escapes, so that its bytes are its characters. */
  stringIsPlain = true;

  private readonly source: BundleSource;
  private readonly window: number;
  // Where windows are read into; none while the file is in memory as a whole.
  private buffer: Uint8Array | undefined;

  constructor(file: Uint8Array | BundleSource, at = 0) {
    this.at = at;
    if (file instanceof Uint8Array) {
      this.source = sourceOf(file);
      this.window = file.length;
      this.bytes = file;
    } else {
      this.source = file;
      this.window = file.window ?? WINDOW;
      this.bytes = new Uint8Array(0);
      this.load(this.window);
    }
  }

  /** Where the cursor stands in the file. */
  get offset(): number {
    return this.base + this.at;
  }

  /** Does the window reach to the end of the file? */
  get endsFile(): boolean {
    return this.base + this.bytes.length >= this.source.size;
  }

  /**
   * Reads something of unknown length: where the window ends inside it, more of the file is brought in and `read` runs again from the
   * same place, after `undo` took back what it has done besides. Throws what `read` throws.
   */
  step<T>(read: () => T, undo?: () => void): T {
    for (;;) {
      const start = this.at;
      try {
        const result = read();
        // What ends with the window, such as a number, may go on behind it.
        if (this.at < this.bytes.length || this.endsFile) return result;
      } catch (error) {
        const nearEnd = error instanceof FormatError && error.offset + LONGEST_PIECE >= this.base + this.bytes.length;
        if (this.endsFile || !nearEnd) throw error;
      }
      undo?.();
      this.at = start;
      this.load(Math.max(this.window, 2 * (this.bytes.length - start)));
    }
  }

  // Moves the window so that it begins at the cursor and has `length` bytes, or fewer where the file ends.
  private load(length: number): void {
    const kept = this.bytes.subarray(this.at);
    const target = this.buffer !== undefined && this.buffer.length >= length ? this.buffer : new Uint8Array(length);
    target.set(kept);
    this.base += this.at;
    this.at = 0;
    const read = this.source.read(this.base + kept.length, target.subarray(kept.length, length));
    if (read === 0 && !this.endsFile) throw new SourceCut('the file became shorter while it was read');
    this.buffer = target;
    this.bytes = target.subarray(0, kept.length + read);
  }

  /** Consumes exactly this ASCII text. */
  literal(text: string): void {
    const { bytes, at } = this;
    for (let i = 0; i < text.length; i++) {
      if (bytes[at + i] !== text.charCodeAt(i)) throw this.refusal(`expected ${text}`, at + i);
    }
    this.at = at + text.length;
  }

  /** Consumes one ASCII character if it comes next. */
  take(character: string): boolean {
    if (this.bytes[this.at] !== character.charCodeAt(0)) return false;
    this.at++;
    return true;
  }

  /** Consumes a string; its place is in stringStart, stringEnd, stringIsPlain. */
  string(): void {
    const { bytes } = this;
    let at = this.at;
    if (bytes[at] !== QUOTE) throw this.refusal('expected a string', at);
    this.stringStart = ++at;
    let plain = true;
    for (;;) {
      const byte = bytes[at];
      if (byte === undefined) throw this.refusal('a string without its end', at);
      if (PLAIN[byte] === 1) {
        at++;
        continue;
      }
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) {
        plain = false;
        at = this.escape(at);
      } else if (byte < 0x20) {
        throw this.refusal('a control character in a string', at);
      } else {
        plain = false;
        at = this.character(at, byte);
      }
    }
    this.stringEnd = at;
    this.stringIsPlain = plain;
    this.at = at + 1;
  }

  /** The text of the last string read. */
  text(): string {
    return textOfString(this.bytes, this.stringStart, this.stringEnd);
  }

  /** Consumes a string that is the base64url of exactly `length` bytes, into `target` from `offset`. */
  base64Url(length: number, target: Uint8Array, offset: number): void {
    const start = this.at + 1;
    const end = start + Math.ceil((length * 4) / 3);
    if (this.bytes[this.at] !== QUOTE || this.bytes[end] !== QUOTE) {
      throw this.refusal(`expected ${length} bytes in base64url`, this.at);
    }
    if (decodeBase64Span('url', this.bytes, start, end, target, offset) !== length) {
      throw this.refusal(`expected ${length} bytes in base64url`, start);
    }
    this.at = end + 1;
  }

  /** Consumes a whole number from 0 to 2^53-1 and gives it. */
  wholeNumber(): number {
    const start = this.at;
    let value = 0;
    let byte = this.bytes[this.at];
    while (byte !== undefined && byte >= 0x30 && byte <= 0x39) {
      value = value * 10 + (byte - 0x30);
      byte = this.bytes[++this.at];
    }
    const length = this.at - start;
    if (length === 0 || length > 16 || value > Number.MAX_SAFE_INTEGER) throw this.refusal('expected a number', start);
    if (length > 1 && this.bytes[start] === 0x30) throw this.refusal('a number with a leading zero', start);
    return value;
  }

  /** Consumes true or false and gives it. */
  boolean(): boolean {
    if (this.bytes[this.at] === 0x74) {
      this.literal('true');
      return true;
    }
    this.literal('false');
    return false;
  }

  /** Consumes any value; `depth` is that of its container plus one, 0 at the top. */
  value(depth = 0): void {
    const first = this.bytes[this.at];
    if (first === QUOTE) this.string();
    else if (first === 0x7b) this.object(depth);
    else if (first === 0x5b) this.array(depth);
    else if (first === 0x74) this.literal('true');
    else if (first === 0x66) this.literal('false');
    else if (first === 0x6e) this.literal('null');
    else this.number();
  }

  private object(depth: number): void {
    if (depth >= MAXIMUM_DEPTH) throw this.refusal(`nesting deeper than ${MAXIMUM_DEPTH}`, this.at);
    this.at++;
    if (this.take('}')) return;
    const order = new KeyOrder(this);
    for (;;) {
      this.string();
      order.next();
      this.literal(':');
      this.value(depth + 1);
      if (this.take('}')) return;
      this.literal(',');
    }
  }

  private array(depth: number): void {
    if (depth >= MAXIMUM_DEPTH) throw this.refusal(`nesting deeper than ${MAXIMUM_DEPTH}`, this.at);
    this.at++;
    if (this.take(']')) return;
    for (;;) {
      this.value(depth + 1);
      if (this.take(']')) return;
      this.literal(',');
    }
  }

  private number(): void {
    const start = this.at;
    let end = start;
    // Nearly all numbers are short digits, which need no look at their value.
    for (let byte = this.bytes[end]; byte !== undefined && byte >= 0x30 && byte <= 0x39; byte = this.bytes[end]) end++;
    const next = this.bytes[end];
    const digits = end - start;
    if (digits > 0 && digits < 16 && (digits === 1 || this.bytes[start] !== 0x30) && !(next && isNumberByte(next))) {
      this.at = end;
      return;
    }
    for (let byte = next; byte !== undefined && isNumberByte(byte); byte = this.bytes[end]) end++;
    // The longest form ECMAScript gives a finite double has 25 characters; longer ones are not worth a string.
    const literal = end - start > 32 ? '' : String.fromCharCode(...this.bytes.subarray(start, end));
    const value = literal === '' ? Number.NaN : Number(literal);
    if (!Number.isFinite(value) || String(value) !== literal) {
      throw this.refusal(end === start ? 'expected a value' : 'a number that is not in canonical form', start);
    }
    if (Number.isInteger(value) && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
      throw this.refusal('a whole number beyond 2^53-1', start);
    }
    this.at = end;
  }

  private escape(at: number): number {
    const { bytes } = this;
    const letter = bytes[at + 1];
    if (letter !== undefined && SHORT_ESCAPES.has(letter)) return at + 2;
    const code = hexDigit(bytes[at + 4]) * 16 + hexDigit(bytes[at + 5]);
    const canonical =
      letter === 0x75 &&
      bytes[at + 2] === 0x30 &&
      bytes[at + 3] === 0x30 &&
      code < 0x20 &&
      !CONTROLS_WITH_SHORT_ESCAPE.has(code);
    if (!canonical) throw this.refusal('an escape that canonical JSON does not write', at);
    return at + 6;
  }

  // One UTF-8 sequence of two to four bytes, well-formed by table 3-7 of the Unicode standard.
  private character(at: number, first: number): number {
    const { bytes } = this;
    const second = bytes[at + 1] ?? 0;
    let length = 0;
    if (first >= 0xc2 && first <= 0xdf) length = 2;
    else if (first >= 0xe0 && first <= 0xef) {
      if (!(first === 0xe0 && second < 0xa0) && !(first === 0xed && second > 0x9f)) length = 3;
    } else if (first >= 0xf0 && first <= 0xf4) {
      if (!(first === 0xf0 && second < 0x90) && !(first === 0xf4 && second > 0x8f)) length = 4;
    }
    if (length === 0) throw this.refusal('not valid UTF-8', at);
    for (let i = 1; i < length; i++) {
      if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) throw this.refusal('not valid UTF-8', at + i);
    }
    return at + length;
  }

  refusal(reason: string, offset: number): FormatError {
    const found = offset >= this.bytes.length ? ', found the end of the file' : '';
    return new FormatError(`not canonical JSON: ${reason}${found}`, this.base + offset);
  }
}

/** Sees to it that the keys of one object come in ascending order of UTF-16 units, which also means once each. */
export class KeyOrder {
  private readonly reader: CanonicalReader;
  private start = -1;
  private end = -1;
  private plain = true;

  constructor(reader: CanonicalReader) {
    this.reader = reader;
  }

  /** To be called after each key was read as a string; throws FormatError. */
  next(): void {
    const { reader } = this;
    if (this.start !== -1 && !this.isBefore()) {
      throw reader.refusal('keys that are not in order, or one that stands twice', reader.stringStart - 1);
    }
    if (reader.stringEnd - reader.stringStart === 9 && reader.text() === '__proto__') {
      throw reader.refusal('a key named __proto__', reader.stringStart - 1);
    }
    this.start = reader.stringStart;
    this.end = reader.stringEnd;
    this.plain = reader.stringIsPlain;
  }

  private isBefore(): boolean {
    const { reader, start, end } = this;
    if (!this.plain || !reader.stringIsPlain) return textOfString(reader.bytes, start, end) < reader.text();
    const { bytes, stringStart, stringEnd } = reader;
    const shorter = Math.min(end - start, stringEnd - stringStart);
    for (let i = 0; i < shorter; i++) {
      const difference = (bytes[start + i] ?? 0) - (bytes[stringStart + i] ?? 0);
      if (difference !== 0) return difference < 0;
    }
    return end - start < stringEnd - stringStart;
  }
}

/** The text of a JSON string whose inside stands at [start, end) and was read before. */
export function textOfString(bytes: Uint8Array, start: number, end: number): string {
  return JSON.parse(`"${decodeUtf8Strict(bytes.subarray(start, end))}"`);
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return Number.NaN;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : Number.NaN;
}

function isNumberByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2e || byte === 0x2b || byte === 0x65;
}
