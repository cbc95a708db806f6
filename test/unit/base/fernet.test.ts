// Fernet against the vectors that its specification publishes (generate.json, verify.json, invalid.json of the key cw_0x…), and bytes that
// are no tokens.
import { createCipheriv, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FernetError, openFernet, parseFernetKey } from '../../../src-main/base/fernet.ts';

const key = parseFernetKey('cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=');
const good = 'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==';

const base64Url = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes).toString('base64url');
  return text + '='.repeat((4 - (text.length % 4)) % 4);
};

/** Writes a token as the specification says, from parts of any kind. */
function write(plain: Uint8Array, { iv = Buffer.alloc(16, 7), seconds = 499_162_800n, version = 0x80 } = {}): string {
  const cipher = createCipheriv('aes-128-cbc', key.subarray(16), iv);
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(seconds);
  const body = Buffer.concat([Buffer.of(version), time, iv, cipher.update(plain), cipher.final()]);
  return base64Url(Buffer.concat([body, createHmac('sha256', key.subarray(0, 16)).update(body).digest()]));
}

test('opens the published token and tells its time', () => {
  const opened = openFernet(key, good);
  expect(Buffer.from(opened.plain).toString()).toBe('hello');
  expect(new Date(opened.timeMs)).toEqual(new Date('1985-10-26T01:20:00-07:00'));
  expect(write(Buffer.from('hello'), { iv: Buffer.from(Array.from({ length: 16 }, (_, at) => at)) })).toBe(good);
});

test.each([
  [
    'incorrect mac',
    'gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykQUFBQUFBQUFBQQ==',
    /key is not the one/,
  ],
  ['too short', 'gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA==', /cut off/],
  [
    'invalid base64',
    '%%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==',
    /base64url/,
  ],
  [
    'payload size not multiple of block size',
    'gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9uGib28Xe5vz6oxq5nmxbx_v7mrfyudzUm',
    /cut off/,
  ],
  [
    'payload padding error',
    'gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYRLQ3RtXatOYREu2FWke6CnJNYIbkuKNqOhw==',
    /padded/,
  ],
  [
    'incorrect IV (causes padding error)',
    'gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAkLhFLHpGtDBRLRTZeUfWgHSv49TF2AUEZ1TIvcZjK1zQ==',
    /padded/,
  ],
])('refuses the published invalid token: %s', (_, token, why) => {
  expect(() => openFernet(key, token)).toThrow(FernetError);
  expect(() => openFernet(key, token)).toThrow(why);
});

// The two published tokens that are invalid for their age alone: what is imported may be old, so the time is told and not judged.
test.each([
  [
    'far-future',
    'gAAAAAAdwStRAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAnja1xKYyhd-Y6mSkTOyTGJmw2Xc2a6kBd-iX9b_qXQcw==',
    '1985-10-26T18:20:01.000Z',
  ],
  [
    'expired',
    'gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==',
    '1985-10-26T08:20:01.000Z',
  ],
])('opens the published %s token and tells its time', (_, token, time) => {
  const opened = openFernet(key, token);
  expect(opened.plain.byteLength).toBe(0);
  expect(new Date(opened.timeMs).toISOString()).toBe(time);
});

test('refuses every other spelling and every change of a good token', () => {
  const bytes = Buffer.from(good, 'base64url');
  for (const wrong of [
    '',
    `${good}=`,
    good.slice(0, -2),
    `${good} `,
    good.replaceAll('_', '/'),
    `${good}${good}`,
    base64Url(Buffer.concat([bytes, Buffer.alloc(16)])),
    base64Url(bytes.subarray(0, -1)),
    write(Buffer.from('hello'), { version: 0x81 }),
  ]) {
    expect(() => openFernet(key, wrong), wrong).toThrow(FernetError);
  }
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => openFernet(key, base64Url(changed)), `byte ${at}`).toThrow(FernetError);
  }
});

test('a key is 32 bytes in one spelling', () => {
  for (const wrong of [
    '',
    'short',
    base64Url(Buffer.alloc(31)),
    base64Url(Buffer.alloc(33)),
    'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4',
    'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e5=',
  ]) {
    expect(() => parseFernetKey(wrong), wrong).toThrow(FernetError);
  }
});

test('whatever is written by the specification is opened, and what is not never is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.bigInt({ min: 0n, max: 253_402_300_799n }), (plain, seconds) => {
      const opened = openFernet(key, write(plain, { seconds }));
      expect(Buffer.from(opened.plain)).toEqual(Buffer.from(plain));
      expect(opened.timeMs).toBe(Number(seconds) * 1000);
    }),
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.uint8Array({ maxLength: 300 }).map(base64Url)), (text) => {
      expect(() => openFernet(key, text)).toThrow(FernetError);
    }),
  );
});
