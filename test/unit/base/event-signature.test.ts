// The form of event signatures: fixed vectors, anything signed verifies after a journey as JSON, and no changed leaf or signature does.
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventSecret, isEventSecret, isSignedWith, signEvent } from '../../../src-main/base/event-signature.ts';
import { parseStrictJson } from '../../../src-shared/evidence/strict-json.ts';

const text = createEventSecret({ bytes: (length) => new Uint8Array(length).fill(7) });
const secret = Buffer.from(text);
const macOf = (canonical: string): string => createHmac('sha256', text).update(canonical).digest('base64');

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** As it comes in: through text and the strict parser. */
function received(event: object): object {
  const parsed = parseStrictJson(JSON.stringify(event));
  if (typeof parsed !== 'object' || parsed === null) throw new Error('expected an object');
  return parsed;
}

/** How many leaves, counting empty lists and objects. */
function leaves(value: Json): number {
  if (typeof value !== 'object' || value === null) return 1;
  const inner = Object.values(value);
  return inner.length === 0 ? 1 : inner.reduce<number>((sum, each) => sum + leaves(each), 0);
}

/** The value with its leaf number `at` replaced by another one. */
function withOtherLeaf(value: Json, at: number): Json {
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
    let before = 0;
    const change = (inner: Json): Json => {
      const from = before;
      before += leaves(inner);
      return at >= from && at < before ? withOtherLeaf(inner, at - from) : inner;
    };
    if (Array.isArray(value)) return value.map(change);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner)]));
  }
  if (typeof value === 'string') return `${value}!`;
  if (typeof value === 'number') return Number.isInteger(value / 2) ? 1.5 : 2;
  if (typeof value === 'boolean') return !value;
  if (value === null) return false;
  return Array.isArray(value) ? {} : [];
}

const unit = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...'abZ09 "\\/\n\t\u0000\u001f\u007fé€\u2028\uffff') },
  { weight: 2, arbitrary: fc.constantFrom('\u{1f600}', '\u{10ffff}', '\ufb33') },
);
const anyText = fc.string({ unit, maxLength: 12 });
/** JSON in digits that a double would change is refused when it is read, whoever signed it. */
const survives = (value: number): boolean =>
  !Number.isInteger(value) || String(value).includes('e') || BigInt(String(value)) === BigInt(value);
const anyNumber = fc
  .oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(0, -0, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 2 ** 53, -(2 ** 63), 0.1 + 0.2),
  )
  .filter(survives);
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc.oneof(anyText, anyNumber, fc.boolean(), fc.constant(null)),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(
      anyText.filter((key) => key !== '__proto__'),
      tie('json'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
}));
const anyEvent = fc.record({ id: fc.uuid(), actor: anyText, success: fc.boolean(), details: json });

describe('what is signed', () => {
  it.each([
    [
      'order of keys by UTF-16 units',
      { '\ufb33': 1, '\u{1f602}': 2, a: 3, B: 4, '': 5 },
      '{"":5,"B":4,"a":3,"\u{1f602}":2,"\ufb33":1}',
    ],
    ['unicode as it is', { text: 'é€\u2028\u007f\u{1f600}' }, '{"text":"é€\u2028\u007f😀"}'],
    ['escapes', { text: '"\\\b\f\n\r\t\u0000\u001f/' }, '{"text":"\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f/"}'],
    ['no normalising', { text: 'e\u0301' }, '{"text":"e\u0301"}'],
    ['numbers', { n: [-0, 1.0, 1e21, 1e-7, 1e20, 0.1] }, '{"n":[0,1,1e+21,1e-7,100000000000000000000,0.1]}'],
    ['nesting', { b: { d: [{}, []], c: null }, a: true }, '{"a":true,"b":{"c":null,"d":[{},[]]}}'],
  ])('%s', (_, event, canonical) => {
    expect(signEvent(event, secret)).toEqual({ alg: 'HMAC-SHA256', canon: 'v2', value: macOf(canonical) });
    expect(isSignedWith(secret, received(event), signEvent(event, secret))).toBe(true);
  });

  it.each([
    ['1.0 and 1', '{"n":1.0}', '{"n":1}'],
    ['1e3 and 1000', '{"n":1e3}', '{"n":1000}'],
    ['-0 and 0', '{"n":-0}', '{"n":0}'],
    ['an escape and its character', '{"t":"\\u00e9"}', '{"t":"é"}'],
    ['order of keys', '{"b":1,"a":2}', '{"a":2,"b":1}'],
    ['blanks', '{ "a" : [ 1 , 2 ] }\n', '{"a":[1,2]}'],
  ])('%s are the same event', (_, sent, canonical) => {
    const event = parseStrictJson(sent);
    expect(isSignedWith(secret, Object(event), { alg: 'HMAC-SHA256', canon: 'v2', value: macOf(canonical) })).toBe(
      true,
    );
  });

  it('verifies whatever was signed, after a journey as text', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        expect(isSignedWith(secret, received(event), signEvent(event, secret))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses it with any leaf changed, any member added, left out or renamed', () => {
    fc.assert(
      fc.property(anyEvent, fc.nat(), anyText, (event, choice, name) => {
        const signature = signEvent(event, secret);
        const other = withOtherLeaf(event, choice % leaves(event));
        expect(isSignedWith(secret, received(Object(other)), signature)).toBe(false);
        const { actor, ...without } = event;
        expect(isSignedWith(secret, received(without), signature)).toBe(false);
        expect(isSignedWith(secret, received({ ...event, [`+${name}`]: null }), signature)).toBe(false);
        expect(isSignedWith(secret, received({ ...without, [`+${name}`]: actor }), signature)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what is no signature', () => {
  const event = { id: 'x', details: { amount: 12.5 } };
  const good = signEvent(event, secret);
  const { alg, canon, value } = good;
  const bytes = Buffer.from(value, 'base64');
  const lastDigit = (by: number): string => {
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    return `${value.slice(0, 42)}${digits[digits.indexOf(value[42] ?? '') + by]}=`;
  };

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['its value alone', value],
    ['a list', [alg, canon, value]],
    ['an empty object', {}],
    ['no version', { alg, value }],
    ['version 1', { ...good, canon: 'v1' }],
    ['version 2 otherwise', { ...good, canon: 'V2' }],
    ['a number as version', { ...good, canon: 2 }],
    ['another algorithm', { ...good, alg: 'HMAC-SHA1' }],
    ['the algorithm otherwise', { ...good, alg: 'hmac-sha256' }],
    ['none', { ...good, alg: 'none' }],
    ['one member more', { ...good, kid: 'x' }],
    ['a list of values', { ...good, value: [value] }],
    ['an object that says it is a text', { ...good, value: { toString: value, length: 44 } }],
    ['no value', { ...good, value: '' }],
    ['hex', { ...good, value: bytes.toString('hex') }],
    ['base64url', { ...good, value: `${bytes.toString('base64url')}` }],
    ['no padding', { ...good, value: value.slice(0, -1) }],
    ['two paddings', { ...good, value: `${value}=` }],
    ['a blank', { ...good, value: ` ${value}` }],
    ['a line end', { ...good, value: `${value}\n` }],
    ['unused bits set', { ...good, value: lastDigit(1) }],
    ['a megabyte', { ...good, value: 'A'.repeat(1_048_576) }],
  ])('%s', (_, signature) => {
    expect(isSignedWith(secret, event, signature)).toBe(false);
  });

  it('differs in one bit', () => {
    for (let bit = 0; bit < 256; bit += 1) {
      const other = Uint8Array.from(bytes);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(isSignedWith(secret, event, { ...good, value: Buffer.from(other).toString('base64') })).toBe(false);
    }
  });

  it('is whatever anybody can think of', () => {
    const parts = fc.record(
      {
        alg: fc.oneof(json, fc.constant(alg)),
        canon: fc.oneof(json, fc.constant(canon)),
        value: fc.oneof(json, fc.base64String()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(json, parts), (signature) => {
        expect(isSignedWith(secret, event, signature)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('signs an event that has no canonical form', () => {
    for (const strange of [{ n: Number.NaN }, { t: '\ud800' }, { at: new Date(0) }, { f: undefined }]) {
      expect(isSignedWith(secret, strange, good)).toBe(false);
      expect(() => signEvent(strange, secret)).toThrow(/canonical JSON cannot hold/);
    }
  });

  it('is made with another secret', () => {
    const other = Buffer.from(createEventSecret({ bytes: (length) => new Uint8Array(length).fill(8) }));
    expect(isSignedWith(other, event, good)).toBe(false);
    expect(isSignedWith(new Uint8Array(0), event, good)).toBe(false);
    expect(isSignedWith(secret.subarray(0, 46), event, good)).toBe(false);
  });
});

it('secrets are told by their form', () => {
  expect(isEventSecret(text)).toBe(true);
  for (const wrong of ['', 'ghm_', `${text}A`, text.slice(1), `${text.slice(0, -1)}+`, ` ${text}`, `${text}\n`])
    expect(isEventSecret(wrong), wrong).toBe(false);
});
