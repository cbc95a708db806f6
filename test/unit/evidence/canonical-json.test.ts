import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import { canonicalize } from '../../../src-shared/evidence/canonical-json.ts';
import { CanonicalReader } from '../../../src-shared/evidence/canonical-reader.ts';
import { FormatError } from '../../../src-shared/evidence/format-error.ts';
import { parseStrictJson } from '../../../src-shared/evidence/strict-json.ts';
import { havePublicVectors, vectorBytes, vectorJson } from './public-vectors.ts';

function refusalOf(value: unknown): { reason: string; pointer: string } {
  try {
    canonicalize(value);
  } catch (error) {
    if (error instanceof FormatError) return { reason: error.reason, pointer: error.pointer };
    throw error;
  }
  throw new Error('was accepted');
}

function isCanonical(text: string | Uint8Array): boolean {
  const bytes = typeof text === 'string' ? encodeUtf8(text) : text;
  const reader = new CanonicalReader(bytes);
  try {
    reader.value();
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
  return reader.at === bytes.length;
}

const safeJson = fc.jsonValue({ maxDepth: 5 }).filter((value) => {
  let safe = true;
  const text = JSON.stringify(value, (_, inner: unknown) => {
    if (Number.isInteger(inner) && !Number.isSafeInteger(inner)) safe = false;
    return inner;
  });
  return safe && !text.includes('\\ud') && !text.includes('__proto__');
});

describe('canonical form', () => {
  it('orders keys by UTF-16 units at every depth and writes no space', () => {
    expect(canonicalize({ b: [1, { z: null, a: true }], a: 'é\n', '\ufb33': 1, '\u{1f602}': 2 })).toBe(
      '{"a":"é\\n","b":[1,{"a":true,"z":null}],"\u{1f602}":2,"\ufb33":1}',
    );
  });

  it.each([
    [-0, '0'],
    [1e21, undefined],
    [9007199254740991, '9007199254740991'],
    [0.1 + 0.2, '0.30000000000000004'],
    [5e-324, '5e-324'],
  ])('writes %d as ECMAScript does, or refuses it', (value, text) => {
    if (text === undefined) expect(() => canonicalize(value)).toThrow(FormatError);
    else expect(canonicalize(value)).toBe(text);
  });

  it('names what it refuses and where', () => {
    expect(refusalOf({ a: [1, Number.NaN] })).toEqual({
      reason: 'canonical JSON cannot hold a number that is not finite',
      pointer: '/a/1',
    });
    expect(refusalOf({ 'a/b': { '~': undefined } }).pointer).toBe('/a~1b/~0');
    expect(refusalOf([9007199254740992]).pointer).toBe('/0');
    expect(refusalOf('\ud800').reason).toContain('lone surrogate');
    expect(refusalOf({ '\udc00': 1 }).reason).toContain('lone surrogate');
    expect(refusalOf(JSON.parse('{"__proto__":1}')).reason).toContain('__proto__');
    expect(refusalOf({ at: new Date(0) }).reason).toContain('not plain');
    expect(refusalOf({ at: new Map() }).reason).toContain('not plain');
    expect(refusalOf({ f: () => 1 }).reason).toContain('function');
    expect(refusalOf(10n).reason).toContain('bigint');
    expect(refusalOf([undefined, 1]).pointer).toBe('/0');
  });

  it('refuses nesting deeper than 64 and accepts 64', () => {
    let value: unknown = 1;
    for (let i = 0; i < 64; i++) value = [value];
    expect(canonicalize(value)).toHaveLength(129);
    expect(refusalOf([value]).reason).toContain('deeper than 64');
  });

  it('is the fixed point of parsing and writing again', () => {
    fc.assert(
      fc.property(safeJson, (value) => {
        const text = canonicalize(value);
        expect(canonicalize(parseStrictJson(text))).toBe(text);
        expect(isCanonical(text)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('reader of canonical bytes', () => {
  it('accepts a JSON text exactly when it is its own canonical form', () => {
    const spellings = fc.constantFrom(0, 2);
    fc.assert(
      fc.property(safeJson, spellings, (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(isCanonical(text)).toBe(canonicalize(value) === text);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['{"a":1,"a":1}'],
    ['{"b":1,"a":1}'],
    ['{"\u{1f602}":2,"\ufb33":1,"z":1}'],
    ['"\\u000A"'],
    ['"\\u0041"'],
    ['"\\/"'],
    ['"\\u001F"'],
    ['1.0'],
    ['1E3'],
    ['1e3'],
    ['-0'],
    ['01'],
    ['+1'],
    ['-'],
    [''],
    ['9007199254740993'],
    ['1e999'],
    [' 1'],
    ['[1, 2]'],
    ['{"__proto__":1}'],
    ['\ufeff1'],
    ['"\u0001"'],
    ['"open'],
    ['{"a"'],
    ['[1'],
    ['nul'],
  ])('refuses %s', (text) => {
    expect(isCanonical(text)).toBe(false);
  });

  it.each([
    [[0x22, 0xc0, 0x80, 0x22]],
    [[0x22, 0xed, 0xa0, 0x80, 0x22]],
    [[0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]],
    [[0x22, 0xe2, 0x82, 0x22]],
    [[0x22, 0xff, 0x22]],
    [[0x22, 0x80, 0x22]],
    [[0x22, 0xf0, 0x8f, 0xbf, 0xbf, 0x22]],
  ])('refuses bytes that are not UTF-8: %j', (bytes) => {
    expect(isCanonical(Uint8Array.from(bytes))).toBe(false);
  });

  it('agrees with the strict decoder on every sequence of up to four bytes it is shown', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0x80, max: 0xff }), { minLength: 1, maxLength: 4 }), (inside) => {
        const bytes = Uint8Array.from([0x22, ...inside, 0x22]);
        let valid = true;
        try {
          decoder.decode(bytes);
        } catch {
          valid = false;
        }
        expect(isCanonical(bytes)).toBe(valid);
      }),
      { numRuns: 3000 },
    );
  });
});

describe.runIf(havePublicVectors('jcs'))('RFC 8785 vectors', () => {
  it.each(['arrays', 'french', 'structures', 'unicode', 'values', 'weird'])('%s', (name) => {
    const value: unknown = JSON.parse(vectorBytes(`jcs/testdata/input/${name}.json`).toString());
    const expected = vectorBytes(`jcs/testdata/output/${name}.json`);
    expect(Buffer.from(canonicalize(value, { integers: 'any' }))).toEqual(expected);
  });

  it('writes the first 100,000 numbers of the ES6 stream', () => {
    const { staticU64s, hashes } = vectorJson<{
      staticU64s: string[];
      hashes: { [lines: string]: { sha256: string } };
    }>('jcs/es6-number-stream.json');
    const digest = createHash('sha256');
    const view = new DataView(new ArrayBuffer(8));
    let lines = 0;
    for (const bits of numberStream(staticU64s)) {
      view.setBigUint64(0, bits);
      digest.update(`${bits.toString(16)},${canonicalize(view.getFloat64(0), { integers: 'any' })}\n`);
      if (++lines === 100_000) break;
    }
    expect(digest.digest('hex')).toBe(hashes['100000']?.sha256);
  });
});

function* numberStream(first: string[]): Generator<bigint> {
  for (const bits of first) yield BigInt(`0x${bits}`);
  for (let i = 0n; i < 2000n; i++) yield 0x0010000000000000n + i;
  let block = Buffer.alloc(32);
  for (;;) {
    block = createHash('sha256').update(block).digest();
    for (let i = 0; i < 32; i += 8) {
      const bits = block.readBigUInt64LE(i);
      const value = block.readDoubleLE(i);
      if (value !== 0 && Number.isFinite(value)) yield bits;
    }
  }
}
