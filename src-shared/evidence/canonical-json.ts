// The canonical form of JSON values (RFC 8785, JCS): what is hashed, signed and compared. It refuses whatever JSON.stringify would
// silently change or drop, because a signature over a changed value proves the wrong thing. Parsing is strict-json.ts.

import { FormatError, pointerStep } from './format-error.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/** How deep values may nest; a value of nothing but a string has depth 0. */
export const MAXIMUM_DEPTH = 64;

// Printable ASCII without the two characters that need an escape: written as it is.
const PLAIN_TEXT = /^[ !#-[\]-~]*$/;

export type CanonicalOptions = {
  /**
   * `safe` (the default) refuses whole numbers beyond 2^53-1, which other languages read as different numbers; `any` writes them
   * as RFC 8785 does, for checking what somebody else has signed.
   */
  integers?: 'safe' | 'any';
};

/**
 * The RFC 8785 form of a value. Throws FormatError (offset 0, with pointer) for NaN and infinities, undefined, functions, symbols,
 * bigints, lone surrogates, unsafe whole numbers, objects that are not plain, a `__proto__` key, and depth over 64.
 *
 * @example canonicalize({ b: 1e3, a: ['é'] }) === '{"a":["é"],"b":1000}'
 */
export function canonicalize(value: unknown, options: CanonicalOptions = {}): string {
  return write(value, options.integers === 'any' ? Number.MAX_VALUE : Number.MAX_SAFE_INTEGER, 0, '', undefined);
}

// The path is kept as links to the parents and only spelled out when something is refused: building it always costs a third.
type Trail = { parent: Trail; step: string | number } | undefined;

function write(value: unknown, largestInteger: number, depth: number, step: string | number, parent: Trail): string {
  switch (typeof value) {
    case 'string':
      if (PLAIN_TEXT.test(value)) return `"${value}"`;
      if (!value.isWellFormed()) throw refusal('a lone surrogate', parent, step);
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw refusal('a number that is not finite', parent, step);
      if ((value > largestInteger || value < -largestInteger) && Number.isInteger(value)) {
        throw refusal('a whole number beyond 2^53-1', parent, step);
      }
      // RFC 8785 section 3.2.2.3 takes ECMAScript's number form as it is; -0 gives "0".
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth >= MAXIMUM_DEPTH) throw refusal(`nesting deeper than ${MAXIMUM_DEPTH}`, parent, step);
      return Array.isArray(value)
        ? writeArray(value, largestInteger, depth, step, parent)
        : writeObject(value, largestInteger, depth, step, parent);
    default:
      throw refusal(`a value of type ${typeof value}`, parent, step);
  }
}

function writeArray(
  value: unknown[],
  largestInteger: number,
  depth: number,
  step: string | number,
  parent: Trail,
): string {
  const here: Trail = { parent, step };
  let text = '[';
  for (let i = 0; i < value.length; i++) {
    if (i > 0) text += ',';
    text += write(value[i], largestInteger, depth + 1, i, here);
  }
  return `${text}]`;
}

function writeObject(
  value: object,
  largestInteger: number,
  depth: number,
  step: string | number,
  parent: Trail,
): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw refusal('an object that is not plain', parent, step);
  }
  const here: Trail = { parent, step };
  const members = value as { [key: string]: unknown };
  const keys = sorted(Object.keys(members));
  let text = '{';
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? '';
    if (key === '__proto__') throw refusal('a key named __proto__', here, key);
    const quoted = PLAIN_TEXT.test(key) ? `"${key}"` : JSON.stringify(key);
    if (!key.isWellFormed()) throw refusal('a lone surrogate in a key', here, key);
    text += `${i > 0 ? ',' : ''}${quoted}:${write(members[key], largestInteger, depth + 1, key, here)}`;
  }
  return `${text}}`;
}

// Default string order is by UTF-16 units, as section 3.2.3 asks. Most of our objects are written in order already.
function sorted(keys: string[]): string[] {
  for (let i = 1; i < keys.length; i++) if ((keys[i - 1] ?? '') > (keys[i] ?? '')) return keys.sort();
  return keys;
}

function refusal(what: string, parent: Trail, step: string | number): FormatError {
  const steps: (string | number)[] = [];
  for (let link: Trail = { parent, step }; link?.parent !== undefined; link = link.parent) steps.unshift(link.step);
  return new FormatError(
    `canonical JSON cannot hold ${what}`,
    0,
    steps.reduce<string>((pointer, next) => pointerStep(pointer, next), ''),
  );
}
