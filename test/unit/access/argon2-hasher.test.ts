import { argon2i, hash, verify } from 'argon2';
import { expect, test } from 'vitest';
import { createArgon2Hasher } from '../../../src-main/adapters/passwords/argon2-hasher.ts';

const hasher = createArgon2Hasher();

test('a hash names Argon2id 0x13 with 19,456 KiB, two passes, one lane, a 16-byte salt and 32 bytes of output', async () => {
  const stored = await hasher.hash('Correct-Horse-9');
  const match = stored.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$([^$]+)\$([^$]+)$/);
  expect(Buffer.from(match?.[1] ?? '', 'base64')).toHaveLength(16);
  expect(Buffer.from(match?.[2] ?? '', 'base64')).toHaveLength(32);
});

test('the library itself verifies what was written', async () => {
  expect(await verify(await hasher.hash('Correct-Horse-9'), 'Correct-Horse-9')).toBe(true);
});

// github.com/P-H-C/phc-winner-argon2, src/test.c, version 0x13.
test.each([
  ['$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'],
  ['$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA'],
])('verifies a hash of the reference implementation, whose salt is short: %s', async (stored) => {
  expect(await hasher.verify(stored, 'password')).toEqual({ right: true, rehash: true });
  expect(await hasher.verify(stored, 'Password')).toEqual({ right: false, rehash: false });
});

test('the same password is salted anew, verifies, and another does not', async () => {
  const [first, second] = await Promise.all([hasher.hash('Correct-Horse-9'), hasher.hash('Correct-Horse-9')]);
  expect(first).not.toBe(second);
  expect(await hasher.verify(first ?? '', 'Correct-Horse-9')).toEqual({ right: true, rehash: false });
  expect(await hasher.verify(first ?? '', 'Correct-Horse-8')).toEqual({ right: false, rehash: false });
});

test('composed and decomposed spellings are the same password', async () => {
  const stored = await hasher.hash('Caf\u00e9-Society-9');
  expect((await hasher.verify(stored, 'Cafe\u0301-Society-9')).right).toBe(true);
});

test('nothing is cut off: the 256th character counts', async () => {
  const long = `Aa1!${'x'.repeat(252)}`;
  const stored = await hasher.hash(long);
  expect((await hasher.verify(stored, long.slice(0, -1))).right).toBe(false);
});

test.each([
  ['less memory', { memoryCost: 8192, timeCost: 2, parallelism: 1 }],
  ['fewer passes', { memoryCost: 19_456, timeCost: 1, parallelism: 1 }],
  ['another variant', { memoryCost: 19_456, timeCost: 2, parallelism: 1, type: argon2i } as const],
  ['a shorter output', { memoryCost: 19_456, timeCost: 2, parallelism: 1, hashLength: 16 }],
])('asks for a rewrite of a hash with %s, and only when the password was right', async (_, options) => {
  const stored = await hash('Correct-Horse-9', options);
  expect(await hasher.verify(stored, 'Correct-Horse-9')).toEqual({ right: true, rehash: true });
  expect(await hasher.verify(stored, 'wrong')).toEqual({ right: false, rehash: false });
});

test('stronger parameters than today’s are left alone', async () => {
  const stored = await hash('Correct-Horse-9', { memoryCost: 32_768, timeCost: 3, parallelism: 1 });
  expect(await hasher.verify(stored, 'Correct-Horse-9')).toEqual({ right: true, rehash: false });
});

test.each([
  '',
  'plain text',
  '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW',
  '$argon2id$v=19$m=4294967295,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  '$argon2id$v=19$m=19456,m=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  `$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$${'A'.repeat(440)}`,
  '$argon2id$v=19$m=19456,t=99999,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
])('refuses the stored form %j without repeating it', async (stored) => {
  await expect(hasher.verify(stored, 'x')).rejects.toThrow(
    'expected a stored password hash in the PHC form of Argon2, within limits',
  );
});
