import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generateSync } from 'otplib';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src-main/base/bytes.ts';
import {
  createRecoveryCode,
  describeEnrolment,
  hashRecoveryCode,
  readRecoveryCode,
  stepOfCode,
} from '../../../src-main/core/features/access/codes.ts';

const seed = utf8('12345678901234567890');

/** RFC 6238 appendix B, SHA-1: the last six of the eight digits are the six-digit code of the same moment (RFC 4226 section 5.3). */
const own = [
  { time: 59, SHA1: '94287082' },
  { time: 1111111109, SHA1: '07081804' },
  { time: 1111111111, SHA1: '14050471' },
  { time: 1234567890, SHA1: '89005924' },
  { time: 2000000000, SHA1: '69279037' },
  { time: 20000000000, SHA1: '65353130' },
];

test.each(own)('RFC 6238: the code of second $time is found at its step', ({ time, SHA1 }) => {
  expect(stepOfCode(seed, SHA1.slice(-6), time * 1000)).toBe(Math.floor(time / 30));
});

test('a code is found one step early and late, not two, and at the very edges of its step', () => {
  const time = 1111111111;
  const step = Math.floor(time / 30);
  const code = generateSync({ secret: seed, epoch: time });
  const at = (offset: number) => stepOfCode(seed, code, (step + offset) * 30_000);
  expect([-2, -1, 0, 1, 2].map(at)).toEqual([undefined, step, step, step, undefined]);
  expect(stepOfCode(seed, code, (step + 2) * 30_000 - 1)).toBe(step);
  expect(stepOfCode(seed, code, (step - 1) * 30_000 - 1)).toBeUndefined();
});

test.each(['', '12345', '1234567', '12345a', '１２３４５６', '-12345', '1e5', ' 28708'])('%j is no code', (code) => {
  expect(stepOfCode(seed, code, 59_000)).toBeUndefined();
});

test('at the beginning of time there is no step before the first', () => {
  expect(stepOfCode(seed, generateSync({ secret: seed, epoch: 0 }), 0)).toBe(0);
});

test('the enrolment names console and account, and its URI can be parsed', () => {
  const { secret, uri, issuer } = describeEnrolment(seed, 'ada@example.org', 'night: shift & co');
  expect(secret).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
  expect(issuer).toBe('Gatehouse night  shift & co');
  const parsed = new URL(uri);
  expect(decodeURIComponent(parsed.pathname)).toContain(`${issuer}:ada@example.org`);
  expect(Object.fromEntries(parsed.searchParams)).toEqual({ secret, issuer });
});

test('a recovery code is 50 bits in ten characters, and is read however it was typed', () => {
  let next = 0;
  const code = createRecoveryCode({ bytes: (length) => Uint8Array.from({ length }, () => next++) });
  expect(code).toBe('01234-56789');
  for (const typed of ['01234-56789', '0123456789', ' O1234 56789 ', 'oI234-56789', 'ol234\t56789']) {
    expect(readRecoveryCode(typed)).toBe('0123456789');
  }
});

test.each(['', '123456', '01234-5678', '01234-567890', '01234-5678u', '01234_56789', 'ööööö-ööööö'])(
  '%j is no recovery code',
  (typed) => {
    expect(readRecoveryCode(typed)).toBeUndefined();
  },
);

test('the kept form of a recovery code depends on the key and on every character', () => {
  const hashes = [
    hashRecoveryCode(new Uint8Array(32), '0123456789'),
    hashRecoveryCode(new Uint8Array(32).fill(1), '0123456789'),
    hashRecoveryCode(new Uint8Array(32), '0123456788'),
  ].map((hash) => Buffer.from(hash).toString('hex'));
  expect(new Set(hashes).size).toBe(3);
});

const folder = fileURLToPath(new URL('../../../../shared/data/vectors/otp/', import.meta.url));
const missing = !existsSync(folder);
if (missing) process.stderr.write(`one-time code vectors not run: ${folder} is not there\n`);

describe.skipIf(missing)('published vectors', () => {
  test('RFC 4226 appendix D, as steps', () => {
    const { secret, hotp } = JSON.parse(readFileSync(`${folder}rfc4226.json`, 'utf8')) as {
      secret: string;
      hotp: string[];
    };
    expect(hotp.map((code, step) => stepOfCode(utf8(secret), code, step * 30_000))).toEqual([...hotp.keys()]);
  });

  test('RFC 6238 appendix B', () => {
    const { seeds, vectors } = JSON.parse(readFileSync(`${folder}rfc6238.json`, 'utf8')) as {
      seeds: { SHA1: string };
      vectors: { time: number; SHA1: string }[];
    };
    for (const { time, SHA1 } of vectors) {
      expect(stepOfCode(utf8(seeds.SHA1), SHA1.slice(-6), time * 1000)).toBe(Math.floor(time / 30));
    }
    expect(vectors.map(({ time, SHA1 }) => ({ time, SHA1 }))).toEqual(own);
  });
});
