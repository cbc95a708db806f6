import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  errorWords,
  parseHealth,
  parseLease,
  parseLookup,
  parseValue,
  UnexpectedAnswer,
} from '../../../src-main/adapters/providers/vault-answers.ts';
import type { VaultResponse } from '../../../src-main/adapters/providers/vault-request.ts';

function answer(body: unknown, status = 200, contentType = 'application/json'): VaultResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, contentType, retryAfter: undefined, body: Buffer.from(text) };
}

const metadata = { version: 1, deletion_time: '', destroyed: false };
const parsers = [parseValue, parseLease, parseLookup, parseHealth];

describe('hostile answers', () => {
  test.each([
    ['no JSON', '<html>'],
    ['half of it', '{"data":{"data":{"value":"x"'],
    ['a number', '5'],
    ['null', 'null'],
    ['an array', '[]'],
    ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['a prototype', '{"__proto__":{"data":{"data":{"value":"x"}},"auth":{"client_token":"t"}}}'],
    ['other types', '{"data":{"data":"value","metadata":[]},"auth":"token"}'],
    ['nothing', ''],
    ['a mark of the byte order and nothing', '\ufeff'],
  ])('%s is refused by every parser with our error', (_, text) => {
    for (const parse of parsers) expect(() => parse(answer(text))).toThrow(UnexpectedAnswer);
  });

  test('bytes that are no UTF-8, and another media type', () => {
    for (const parse of parsers) {
      expect(() => parse({ ...answer(''), body: Buffer.from([0x22, 0xff, 0xfe, 0x22]) })).toThrow(UnexpectedAnswer);
      expect(() => parse(answer('{}', 200, 'text/html'))).toThrow('not JSON (text/html)');
    }
  });

  test.each(['a b', 'a\r\nx-evil: 1', 'ä', '', 'x'.repeat(8_193)])(
    'a token that is no header line is refused',
    (token) => {
      const lease = { auth: { client_token: token, lease_duration: 60, renewable: true } };
      expect(() => parseLease(answer(lease))).toThrow(UnexpectedAnswer);
    },
  );

  test.each([-1, Number.MAX_SAFE_INTEGER, '60', null])('a life of %s is refused', (lease_duration) => {
    const lease = { auth: { client_token: 't', lease_duration, renewable: true } };
    expect(() => parseLease(answer(lease))).toThrow(UnexpectedAnswer);
  });

  test('a value that is inherited is none', () => {
    expect(() =>
      parseValue(answer(`{"data":{"data":{"__proto__":{"value":"x"}},"metadata":${JSON.stringify(metadata)}}}`)),
    ).toThrow('no field named value');
  });

  test('no refusal quotes the answer', () => {
    const canary = 'canary-7f3a';
    const bodies = [
      `{"data":{"data":{"value":"${canary}"}`,
      JSON.stringify({ data: { data: { value: canary }, metadata: { version: canary } } }),
      JSON.stringify({ auth: { client_token: `${canary} ${canary}`, lease_duration: canary, renewable: canary } }),
    ];
    for (const body of bodies) {
      for (const parse of parsers) {
        try {
          parse(answer(body));
          expect.unreachable();
        } catch (error) {
          expect(`${String(error)} ${String((error as Error).cause)} ${(error as Error).stack}`).not.toContain(canary);
        }
      }
    }
  });
});

test('whatever comes: a value, nothing, or our refusal', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.jsonValue().map((data) => JSON.stringify({ data, auth: data, errors: data })),
      ),
      fc.constantFrom(200, 404),
      fc.constantFrom('application/json', 'application/json; charset=utf-8', 'text/plain', ''),
      (text, status, contentType) => {
        for (const parse of parsers) {
          try {
            parse(answer(text, status, contentType));
          } catch (error) {
            expect(error).toBeInstanceOf(UnexpectedAnswer);
          }
        }
        expect(errorWords(answer(text, status, contentType)).length).toBeLessThanOrEqual(300);
      },
    ),
    { numRuns: 500 },
  );
});

test('every value that fits comes back as it was kept', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, unit: 'grapheme' }),
      fc.dictionary(fc.string(), fc.jsonValue()),
      (value, others) => {
        const data = { ...others, value };
        expect(parseValue(answer({ data: { data, metadata }, warnings: null }))).toBe(value);
      },
    ),
  );
});

test('404: nothing there, a deleted version, an unknown mount', () => {
  expect(parseValue(answer({ errors: [] }, 404))).toBeUndefined();
  const gone = { data: { data: null, metadata: { ...metadata, deletion_time: '2026-11-21T10:00:00Z' } } };
  expect(parseValue(answer(gone, 404))).toBeUndefined();
  expect(() => parseValue(answer({ errors: ['no handler for route "x"'] }, 404))).toThrow('no handler for route "x"');
  expect(() => parseValue(answer({}, 404))).toThrow(UnexpectedAnswer);
});

test("Vault's words are one bounded line", () => {
  expect(errorWords(answer({ errors: ['1 error occurred:\n\t* permission denied\n\n', 'second\u001b[31m'] }))).toBe(
    '1 error occurred: * permission denied ; second [31m',
  );
  expect(errorWords(answer({ errors: ['x'.repeat(1_000)] })).length).toBe(300);
  expect(errorWords(answer('<html>', 502, 'text/html'))).toBe('');
});
