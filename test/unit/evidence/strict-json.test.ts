import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import { FormatError } from '../../../src-shared/evidence/format-error.ts';
import { type JsonLimits, parseStrictJson, parseStrictJsonBytes } from '../../../src-shared/evidence/strict-json.ts';
import { parseExact } from '../../../src-shared/evidence/strict-json-exact.ts';

type Outcome = { value: unknown } | { refused: string; offset: number; pointer: string };

function outcome(parse: () => unknown): Outcome {
  try {
    return { value: parse() };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { refused: error.reason, offset: error.offset, pointer: error.pointer };
  }
}

function parse(text: string, limits?: JsonLimits): Outcome {
  return outcome(() => parseStrictJson(text, limits));
}

describe('strict JSON', () => {
  it.each([
    ['{"a":1,"b":{"a":2,"a":3}}', 'a key that stands twice in one object', 18, '/b/a'],
    ['{"a":1,"\\u0061":2}', 'a key that stands twice in one object', 7, '/a'],
    ['{"x":"{\\"a\\":1}","x":1}', 'a key that stands twice in one object', 17, '/x'],
    ['[{"__proto__":{}}]', 'a key named __proto__', 2, '/0/__proto__'],
    ['{"\\u005f_proto__":1}', 'a key named __proto__', 1, '/__proto__'],
    ['{"a":"\\ud800"}', 'a lone surrogate in a string', 5, '/a'],
    ['{"a":"\ud800"}', 'a lone surrogate in a string', 5, '/a'],
    ['{"\\udc00\\ud800":1}', 'a lone surrogate in a string', 1, ''],
    ['[9007199254740993]', 'a whole number that a double cannot hold exactly', 1, '/0'],
    ['[1e400]', 'a number out of range', 1, '/0'],
    ['1 2', 'expected the end of the text', 2, ''],
    ['{} x', 'expected the end of the text', 3, ''],
    ['\ufeff{}', 'a byte order mark', 0, ''],
    ['{"a":[1,]}', 'expected a value', 8, '/a/1'],
    ['{"a" 1}', 'expected a colon after the key', 5, '/a'],
    ['{a:1}', 'expected a key in quotes', 1, ''],
    ["{'a':1}", 'expected a key in quotes', 1, ''],
    ['[1 2]', 'expected a comma or the end of the array', 3, ''],
    ['{"a":1', 'expected a comma or the end of the object', 6, ''],
    ['"a', 'a string without its end', 2, ''],
    ['"a\u0000b"', 'a control character in a string', 2, ''],
    ['"\\x41"', 'an escape that JSON does not know', 1, ''],
    ['"\\u00g0"', 'expected four hex digits after \\u', 1, ''],
    ['01', 'expected the end of the text', 1, ''],
    ['.5', 'expected a value', 0, ''],
    ['-', 'expected a number', 0, ''],
    ['NaN', 'expected a value', 0, ''],
    ['[1,\u00a02]', 'expected a value', 3, '/1'],
    ['', 'expected a value, found the end of the text', 0, ''],
  ])('refuses %s', (text, refused, offset, pointer) => {
    expect(parse(text)).toEqual({ refused, offset, pointer });
  });

  it('takes whole numbers that a double holds exactly, and refuses them where values must be canonical', () => {
    expect(parse('[-9223372036854775808,1e30]')).toEqual({ value: [-(2 ** 63), 1e30] });
    for (const text of ['9007199254740992', '-9223372036854775808', '1e30', '9007199254740993.0']) {
      expect(parse(text, { integers: 'safe' })).toMatchObject({ refused: 'a whole number beyond 2^53-1' });
    }
    expect(parse('9007199254740991', { integers: 'safe' })).toEqual({ value: 9007199254740991 });
  });

  it('refuses a megabyte of digits, and a long number that a double rounds', () => {
    expect(parse(`[${'1'.repeat(1_000_000)}]`)).toMatchObject({ refused: 'a number out of range' });
    expect(parse('9'.repeat(300))).toMatchObject({ refused: 'a whole number that a double cannot hold exactly' });
  });

  it('counts depth as nested arrays and objects', () => {
    expect(parse('[[1]]', { maximumDepth: 2 })).toEqual({ value: [[1]] });
    expect(parse('[[{}]]', { maximumDepth: 2 })).toMatchObject({ refused: 'nesting deeper than 2', pointer: '/0/0' });
    expect(parse('['.repeat(100_000))).toMatchObject({ refused: 'nesting deeper than 64' });
    expect(parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toMatchObject({ refused: 'nesting deeper than 64' });
  });

  it('accepts surrogate pairs in escapes, and all white space that JSON has', () => {
    expect(parse(' \t\r\n{"a" : "\\ud83d\\ude02" }\n')).toEqual({ value: { a: '\u{1f602}' } });
  });

  it('refuses bytes that are not UTF-8, and a byte order mark', () => {
    expect(outcome(() => parseStrictJsonBytes(Uint8Array.of(0x22, 0xff, 0x22)))).toMatchObject({
      refused: 'not valid UTF-8',
    });
    expect(outcome(() => parseStrictJsonBytes(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31)))).toMatchObject({
      refused: 'a byte order mark',
    });
    expect(parseStrictJsonBytes(encodeUtf8('{"ü":1}'))).toEqual({ ü: 1 });
  });

  it('equals JSON.parse wherever it accepts, and the fast and the exact way agree on every text', () => {
    const text = fc.oneof(
      fc.json({ maxDepth: 4 }),
      // Texts that are nearly JSON: a valid one with a piece repeated, cut out or replaced.
      fc
        .tuple(
          fc.json({ maxDepth: 3 }),
          fc.nat(),
          fc.nat(12),
          fc.constantFrom('', '"', '\\', '{', '}', '"a":1,', ',', '9'.repeat(20)),
        )
        .map(([json, at, length, piece]) => {
          const start = at % (json.length + 1);
          return json.slice(0, start) + piece + json.slice(start + (length % 5));
        }),
      fc
        .array(fc.constantFrom('"a":1', '"b":2', '"a":{}', '"\\u0061":3', '"c":"\\ud800"', '"d":9007199254740993'))
        .map((members) => `{${members.join(',')}}`),
    );
    fc.assert(
      fc.property(text, (candidate) => {
        const fast = parse(candidate);
        expect(fast).toEqual(outcome(() => parseExact(candidate, 64, false)));
        if ('value' in fast) expect(fast.value).toEqual(JSON.parse(candidate));
      }),
      { numRuns: 3000 },
    );
  });
});
