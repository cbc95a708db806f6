import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createApiKey, readApiKey } from '../../../src-main/core/features/access/api-key.ts';

const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };
const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

test('a key is gh_, 12 characters of id, 43 of secret, 6 of checksum, and is read back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const { id, key, hash } = createApiKey({ bytes: (length) => bytes.slice(0, length) });
      expect(key).toMatch(/^gh_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
      expect(readApiKey(key)).toEqual({ id, hash });
    }),
  );
});

test('known answer: the extremes of the secret, with their CRC-32 in base62', () => {
  const zero = createApiKey({ bytes: (length) => new Uint8Array(length) });
  expect(zero.key.slice(0, -6)).toBe(`gh_${'0'.repeat(12)}_${'0'.repeat(43)}`);
  const full = createApiKey({ bytes: (length) => new Uint8Array(length).fill(255) });
  // 2^256 - 1 in base62 has 43 digits: nothing is dropped.
  expect(full.key.slice(16, 59)).toBe(toBase62(2n ** 256n - 1n));
  expect(full.key.slice(16, 59)).toHaveLength(43);
});

test('a key in which one character was changed is never read', () => {
  const alphabet = `${base62}_-+/= `;
  fc.assert(
    fc.property(fc.nat(61), fc.nat(alphabet.length - 1), (at, to) => {
      const { key } = createApiKey(random);
      const changed = key.slice(0, at) + alphabet[to] + key.slice(at + 1);
      fc.pre(changed !== key);
      expect(readApiKey(changed)).toBeUndefined();
    }),
    { numRuns: 2000 },
  );
});

test('two neighbours swapped, a character lost or added: never read', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), (at) => {
      const { key } = createApiKey(random);
      const swapped = key.slice(0, at) + (key[at + 1] ?? '') + key[at] + key.slice(at + 2);
      if (swapped !== key) expect(readApiKey(swapped)).toBeUndefined();
      expect(readApiKey(key.slice(0, at) + key.slice(at + 1))).toBeUndefined();
      expect(readApiKey(`${key.slice(0, at)}x${key.slice(at)}`)).toBeUndefined();
      expect(readApiKey(`${key}\n`)).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test('any text at all is either a key or undefined, never an error', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `gh_${text}`),
      ),
      (text) => {
        expect(readApiKey(text)).toBeUndefined();
      },
    ),
  );
});

function toBase62(number: bigint): string {
  return number === 0n ? '' : toBase62(number / 62n) + base62[Number(number % 62n)];
}
