// The hand-written JSON parser behind strict-json.ts: slower than the engine's, but it sees every character, so it finds duplicate
// keys and numbers that would change, and can say where. The grammar is RFC 8259's, nothing more.

import type { JsonObject, JsonValue } from './canonical-json.ts';
import { FormatError, pointerStep } from './format-error.ts';

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const SIMPLE_ESCAPES: { [letter: string]: string } = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** See parseStrictJson; `safeIntegers` refuses every whole number beyond 2^53-1. */
export function parseExact(text: string, maximumDepth: number, safeIntegers: boolean): JsonValue {
  const parser = new ExactParser(text, maximumDepth, safeIntegers);
  return parser.document();
}

class ExactParser {
  private readonly text: string;
  private readonly maximumDepth: number;
  private readonly safeIntegers: boolean;
  private at = 0;

  constructor(text: string, maximumDepth: number, safeIntegers: boolean) {
    this.text = text;
    this.maximumDepth = maximumDepth;
    this.safeIntegers = safeIntegers;
  }

  document(): JsonValue {
    if (this.text.charCodeAt(0) === 0xfeff) throw this.refusal('a byte order mark', '');
    const value = this.value('', 0);
    this.space();
    if (this.at < this.text.length) throw this.refusal('expected the end of the text', '');
    return value;
  }

  private value(pointer: string, depth: number): JsonValue {
    this.space();
    const first = this.text.charAt(this.at);
    if (first === '{' || first === '[') {
      if (depth >= this.maximumDepth) throw this.refusal(`nesting deeper than ${this.maximumDepth}`, pointer);
      return first === '{' ? this.object(pointer, depth) : this.array(pointer, depth);
    }
    if (first === '"') return this.string(pointer);
    if (first === '-' || (first >= '0' && first <= '9')) return this.number(pointer);
    for (const [word, meaning] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return meaning;
      }
    }
    throw this.refusal(first === '' ? 'expected a value, found the end of the text' : 'expected a value', pointer);
  }

  private object(pointer: string, depth: number): JsonObject {
    const members: JsonObject = {};
    this.at++;
    this.space();
    if (this.take('}')) return members;
    for (;;) {
      this.space();
      const keyAt = this.at;
      if (this.text.charAt(this.at) !== '"') throw this.refusal('expected a key in quotes', pointer);
      const key = this.string(pointer);
      const here = pointerStep(pointer, key);
      if (key === '__proto__') throw new FormatError('a key named __proto__', keyAt, here);
      if (Object.hasOwn(members, key)) throw new FormatError('a key that stands twice in one object', keyAt, here);
      this.space();
      if (!this.take(':')) throw this.refusal('expected a colon after the key', here);
      members[key] = this.value(here, depth + 1);
      this.space();
      if (this.take('}')) return members;
      if (!this.take(',')) throw this.refusal('expected a comma or the end of the object', pointer);
    }
  }

  private array(pointer: string, depth: number): JsonValue[] {
    const items: JsonValue[] = [];
    this.at++;
    this.space();
    if (this.take(']')) return items;
    for (;;) {
      items.push(this.value(pointerStep(pointer, items.length), depth + 1));
      this.space();
      if (this.take(']')) return items;
      if (!this.take(',')) throw this.refusal('expected a comma or the end of the array', pointer);
    }
  }

  private string(pointer: string): string {
    const start = this.at++;
    let result = '';
    let plainFrom = this.at;
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (Number.isNaN(code)) throw this.refusal('a string without its end', pointer);
      if (code < 0x20) throw this.refusal('a control character in a string', pointer);
      if (code === 0x22) break;
      if (code !== 0x5c) {
        this.at++;
        continue;
      }
      result += this.text.slice(plainFrom, this.at) + this.escape(pointer);
      plainFrom = this.at;
    }
    result += this.text.slice(plainFrom, this.at++);
    if (!result.isWellFormed()) throw new FormatError('a lone surrogate in a string', start, pointer);
    return result;
  }

  private escape(pointer: string): string {
    const letter = this.text.charAt(this.at + 1);
    if (letter === 'u') {
      const digits = this.text.slice(this.at + 2, this.at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.refusal('expected four hex digits after \\u', pointer);
      this.at += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const meaning = SIMPLE_ESCAPES[letter];
    if (meaning === undefined) throw this.refusal('an escape that JSON does not know', pointer);
    this.at += 2;
    return meaning;
  }

  private number(pointer: string): number {
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (match === null) throw this.refusal('expected a number', pointer);
    const [literal, fraction, exponent] = match;
    const value = Number(literal);
    if (!Number.isFinite(value)) throw this.refusal('a number out of range', pointer);
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER && Number.isInteger(value)) {
      if (this.safeIntegers) throw this.refusal('a whole number beyond 2^53-1', pointer);
      const digitsOnly = fraction === undefined && exponent === undefined;
      // The length bound keeps BigInt from doing quadratic work on a megabyte of digits; a finite double has at most 309.
      if (digitsOnly && (literal.length > 310 || BigInt(literal) !== BigInt(value))) {
        throw this.refusal('a whole number that a double cannot hold exactly', pointer);
      }
    }
    this.at += literal.length;
    return value;
  }

  private space(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at++;
    }
  }

  private take(character: string): boolean {
    if (this.text.charAt(this.at) !== character) return false;
    this.at++;
    return true;
  }

  private refusal(reason: string, pointer: string): FormatError {
    return new FormatError(reason, this.at, pointer);
  }
}
