// Finds the values of certain keys of a JSON object in its bytes without making anything of the rest. What is and what isn't an object
// is exactly what JSON.parse says of the same bytes as UTF-8 (RFC 8259; bytes that aren't UTF-8 count as U+FFFD), also in the parts that
// nobody asks for; of equal keys the last one counts. Bytes come from anybody: time is in proportion to their number.
import type { JsonValue } from '../event.ts';

export type ValueKind = 'absent' | 'text' | 'escaped' | 'other';

export interface RecordScanner {
  /** Takes in one object; its values can be asked for until the next one. @returns false when the bytes are not an object. */
  scan(bytes: Uint8Array): boolean;
  /** By number of the key: `text` is a text without escapes, `escaped` one with, `other` any other value. */
  kind(key: number): ValueKind;
  /** Where the value begins and ends in `words`, counted in bytes; of a text what is between the quotes. */
  start(key: number): number;
  end(key: number): number;
  /** The bytes of the object, four at a time. */
  words(): Int32Array;
  value(key: number): JsonValue | undefined;
  /** The whole object. */
  text(): string;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openMap = 0x7b;
const closeMap = 0x7d;
const openList = 0x5b;

const isText = 1;
const isEscaped = 2;
const isOther = 3;
const kinds: readonly ValueKind[] = ['absent', 'text', 'escaped', 'other'];

/** What may follow a backslash; 2 for `u`. */
const escapes = new Uint8Array(256);
for (const char of '"\\/bfnrt') escapes[char.charCodeAt(0)] = 1;
escapes[0x75] = 2;
const hexDigits = new Uint8Array(256);
for (const char of '0123456789abcdefABCDEF') hexDigits[char.charCodeAt(0)] = 1;

export function createRecordScanner(keys: readonly string[]): RecordScanner {
  let buffer = Buffer.alloc(0);
  let bytes = new Uint8Array(0);
  let words = new Int32Array(0);
  let length = 0;
  let epoch = 0;
  let stack = new Uint8Array(64);
  /** Whether the text skipped last has escapes. */
  let escaped = false;
  const table = createKeyTable(keys);
  const epochs = new Int32Array(keys.length);
  const starts = new Int32Array(keys.length);
  const ends = new Int32Array(keys.length);
  const found = new Uint8Array(keys.length);

  /** Copied, so that the search has words to look at and a zero byte after the end, which nothing in JSON goes on over. */
  function hold(source: Uint8Array): void {
    length = source.length;
    if (length + 8 > buffer.length) {
      const size = 2 ** Math.ceil(Math.log2(Math.max(length + 8, 16_384)));
      const memory = new ArrayBuffer(size);
      buffer = Buffer.from(memory);
      bytes = new Uint8Array(memory);
      words = new Int32Array(memory);
    }
    bytes.set(source);
    bytes[length] = 0;
  }

  /** From after the opening quote to after the closing one; -1 when there is none, or something that a text can't hold. */
  function skipText(from: number): number {
    const four = words;
    escaped = false;
    let word = from >> 2;
    // Four bytes at once; those before the text are made harmless.
    let before = ~(-1 << ((from & 3) << 3));
    let x = ((four[word] ?? 0) & ~before) | (0x61616161 & before);
    for (;;) {
      const q = x ^ 0x22222222;
      const b = x ^ 0x5c5c5c5c;
      // The high bit of each byte that is a quote, a backslash or a control character; above the lowest one there may be others.
      const special = (((q - 0x01010101) & ~q) | ((b - 0x01010101) & ~b) | ((x - 0x20202020) & ~x)) & -2139062144;
      if (special === 0) {
        x = four[++word] ?? 0;
        continue;
      }
      let at = (word << 2) + ((31 - Math.clz32(special & -special)) >> 3);
      const byte = bytes[at] ?? 0;
      if (byte === quote) return at + 1;
      if (byte !== backslash) return -1;
      escaped = true;
      at = skipEscape(at);
      if (at < 0) return -1;
      word = at >> 2;
      before = ~(-1 << ((at & 3) << 3));
      x = ((four[word] ?? 0) & ~before) | (0x61616161 & before);
    }
  }

  function skipEscape(at: number): number {
    const kind = escapes[bytes[at + 1] ?? 0] ?? 0;
    if (kind === 1) return at + 2;
    if (kind === 0) return -1;
    for (let digit = at + 2; digit < at + 6; digit++) if (hexDigits[bytes[digit] ?? 0] === 0) return -1;
    return at + 6;
  }

  function skipBlanks(from: number): number {
    let at = from;
    for (;;) {
      const byte = bytes[at] ?? 0;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
      at++;
    }
  }

  function skipDigits(from: number): number {
    let at = from;
    for (;;) {
      const byte = bytes[at] ?? 0;
      if (byte < 0x30 || byte > 0x39) return at === from ? -1 : at;
      at++;
    }
  }

  function skipNumber(from: number): number {
    let at = bytes[from] === 0x2d ? from + 1 : from;
    at = bytes[at] === 0x30 ? at + 1 : skipDigits(at);
    if (at > 0 && bytes[at] === 0x2e) at = skipDigits(at + 1);
    if (at > 0 && ((bytes[at] ?? 0) | 0x20) === 0x65) {
      at++;
      if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++;
      at = skipDigits(at);
    }
    return at;
  }

  function skipWord(from: number, word: string): number {
    for (let at = 0; at < word.length; at++) if (bytes[from + at] !== word.charCodeAt(at)) return -1;
    return from + word.length;
  }

  /** A value that holds no others. */
  function skipScalar(at: number): number {
    switch (bytes[at]) {
      case quote:
        return skipText(at + 1);
      case 0x74:
        return skipWord(at, 'true');
      case 0x66:
        return skipWord(at, 'false');
      case 0x6e:
        return skipWord(at, 'null');
      default:
        return skipNumber(at);
    }
  }

  /** From a key to its value. */
  function skipKey(from: number): number {
    if (bytes[from] !== quote) return -1;
    const end = skipText(from + 1);
    return end < 0 ? -1 : skipColon(end);
  }

  function skipColon(from: number): number {
    const at = skipBlanks(from);
    return bytes[at] === colon ? skipBlanks(at + 1) : -1;
  }

  /** A list or a map; without recursion, because its depth is up to whoever wrote it. */
  function skipContainer(from: number): number {
    let depth = 0;
    let at = from;
    while (at >= 0) {
      const byte = bytes[at] ?? 0;
      if (byte === openMap || byte === openList) {
        if (depth === stack.length) {
          const larger = new Uint8Array(depth * 2);
          larger.set(stack);
          stack = larger;
        }
        stack[depth++] = byte;
        at = skipBlanks(at + 1);
        // The closing bracket is the opening one's code plus two.
        if (bytes[at] !== byte + 2) {
          if (byte === openMap) at = skipKey(at);
          continue;
        }
      } else {
        at = skipScalar(at);
        if (at < 0) return -1;
        at = skipBlanks(at);
      }
      for (;;) {
        const open = stack[depth - 1] ?? 0;
        const next = bytes[at] ?? 0;
        if (next === open + 2) {
          at++;
          depth--;
          if (depth === 0) return at;
          at = skipBlanks(at);
        } else if (next === comma) {
          at = skipBlanks(at + 1);
          if (open === openMap) at = skipKey(at);
          break;
        } else return -1;
      }
    }
    return -1;
  }

  /** The number of the key between two places, or -1. */
  function keyAt(from: number, to: number, isEscapedKey: boolean): number {
    if (!isEscapedKey) {
      const number = table.find(bytes, from, to);
      if (number >= 0 || !table.isLossy) return number;
    }
    const name = JSON.parse(`"${buffer.toString('utf8', from, to)}"`) as string;
    return table.names.get(name) ?? -1;
  }

  function scanObject(): boolean {
    let at = skipBlanks(0);
    if (bytes[at] !== openMap) return false;
    at = skipBlanks(at + 1);
    if (bytes[at] === closeMap) return skipBlanks(at + 1) === length;
    for (;;) {
      if (bytes[at] !== quote) return false;
      const keyEnd = skipText(at + 1);
      if (keyEnd < 0) return false;
      const key = keyAt(at + 1, keyEnd - 1, escaped);
      at = bytes[keyEnd] === colon && (bytes[keyEnd + 1] ?? 0) > 0x20 ? keyEnd + 1 : skipColon(keyEnd);
      if (at < 0) return false;
      const start = at;
      const first = bytes[at] ?? 0;
      let kind = isOther;
      if (first === quote) {
        at = skipText(at + 1);
        kind = escaped ? isEscaped : isText;
      } else at = first === openMap || first === openList ? skipContainer(at) : skipScalar(at);
      if (at < 0) return false;
      if (key >= 0) {
        epochs[key] = epoch;
        found[key] = kind;
        starts[key] = kind === isOther ? start : start + 1;
        ends[key] = kind === isOther ? at : at - 1;
      }
      let next = bytes[at] ?? 0;
      if (next <= 0x20) {
        at = skipBlanks(at);
        next = bytes[at] ?? 0;
      }
      at++;
      if (next === comma) at = (bytes[at] ?? 0) > 0x20 ? at : skipBlanks(at);
      else return next === closeMap && skipBlanks(at) === length;
    }
  }

  return {
    scan(source) {
      hold(source);
      epoch++;
      if (epoch === 2 ** 30) {
        epoch = 1;
        epochs.fill(0);
      }
      const whole = scanObject();
      // Of half an object nothing is told.
      if (!whole) epoch++;
      return whole;
    },
    kind: (key) => (epochs[key] === epoch ? (kinds[found[key] ?? 0] ?? 'absent') : 'absent'),
    start: (key) => starts[key] ?? 0,
    end: (key) => ends[key] ?? 0,
    words: () => words,
    value(key) {
      if (epochs[key] !== epoch) return undefined;
      const start = starts[key] ?? 0;
      const end = ends[key] ?? 0;
      const kind = found[key];
      if (kind === isText) return buffer.toString('utf8', start, end);
      if (kind === isEscaped) return JSON.parse(`"${buffer.toString('utf8', start, end)}"`) as string;
      return smallNumber(bytes, start, end) ?? (JSON.parse(buffer.toString('utf8', start, end)) as JsonValue);
    },
    text: () => buffer.toString('utf8', 0, length),
  };
}

/** A number of up to nine digits and nothing else: most that there are. */
function smallNumber(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end - start > 9) return undefined;
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return number;
}

/** Keys filed under their length and four of their bytes. Those in events are up to anybody, but not how many are filed together. */
function createKeyTable(keys: readonly string[]) {
  const mask = 2 ** Math.ceil(Math.log2(Math.max(16, keys.length * 4))) - 1;
  const heads = new Int32Array(mask + 1).fill(-1);
  const following = new Int32Array(keys.length).fill(-1);
  const names = new Map<string, number>();
  const codes = keys.map((key) => Buffer.from(key));
  keys.forEach((key, number) => {
    names.set(key, number);
    const code = codes[number] ?? Buffer.alloc(0);
    // Half a surrogate pair can only be written with escapes.
    if (code.toString() !== key) return;
    const place = placeOf(code, 0, code.length);
    following[number] = heads[place] ?? -1;
    heads[place] = number;
  });

  function placeOf(bytes: Uint8Array, from: number, to: number): number {
    const size = to - from;
    if (size === 0) return 0;
    const first = bytes[from] ?? 0;
    const last = bytes[to - 1] ?? 0;
    const middle = bytes[from + (size >> 1)] ?? 0;
    const third = bytes[from + (size >> 2)] ?? 0;
    return (first + Math.imul(last, 7) + Math.imul(middle, 31) + Math.imul(third, 101) + Math.imul(size, 57)) & mask;
  }

  return {
    names,
    /** Can bytes that are no UTF-8 be one of the keys? */
    isLossy: keys.some((key) => key.includes('\ufffd')),
    find(bytes: Uint8Array, from: number, to: number): number {
      for (let number = heads[placeOf(bytes, from, to)] ?? -1; number >= 0; number = following[number] ?? -1) {
        const code = codes[number];
        if (code === undefined || code.length !== to - from) continue;
        let same = 0;
        while (same < code.length && code[same] === bytes[from + same]) same++;
        if (same === code.length) return number;
      }
      return -1;
    },
  };
}
