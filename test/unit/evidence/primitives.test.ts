import { generateKeyPairSync, sign as signEd25519 } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { noblePrimitives } from '../../../src-renderer/lib/evidence-primitives.ts';
import {
  decodeBase64,
  decodeBase64Span,
  decodeBase64Url,
  decodeHex,
  encodeBase64,
  encodeBase64Url,
  encodeHex,
  encodeUtf8,
} from '../../../src-shared/evidence/bytes.ts';
import { havePublicVectors, vectorJson } from './public-vectors.ts';
import { signer } from './sample-log.ts';

const both = [
  ['Node', nodePrimitives],
  ['noble', noblePrimitives],
] as const;

describe.each(both)('primitives of %s', (_, primitives) => {
  it('hash as FIPS 180-4 and authenticate as RFC 4231 print it', () => {
    expect(encodeHex(primitives.sha256(encodeUtf8('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(encodeHex(primitives.hmacSha256(encodeUtf8('Jefe'), encodeUtf8('what do ya want for nothing?')))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
    const longKey = new Uint8Array(131).fill(0xaa);
    const text = encodeUtf8('Test Using Larger Than Block-Size Key - Hash Key First');
    expect(encodeHex(primitives.hmacSha256(longKey, text))).toBe(
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    );
  });

  it('answer false for malformed keys and signatures', () => {
    const message = encodeUtf8('m');
    const { publicKey } = signer.key;
    const signature = signer.sign(message);
    expect(primitives.verifyEd25519(publicKey, message, signature)).toBe(true);
    for (const bad of [signature.subarray(1), new Uint8Array(64), new Uint8Array(64).fill(0xff), new Uint8Array(0)]) {
      expect(primitives.verifyEd25519(publicKey, message, bad)).toBe(false);
    }
    for (const bad of [publicKey.subarray(1), new Uint8Array(32), new Uint8Array(32).fill(0xff)]) {
      expect(primitives.verifyEd25519(bad, message, signature)).toBe(false);
    }
  });
});

describe('the two sets of primitives', () => {
  it('agree on any data', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.uint8Array({ maxLength: 200 }), fc.nat(), (data, key, cut) => {
        expect(noblePrimitives.sha256(data)).toEqual(nodePrimitives.sha256(data));
        expect(noblePrimitives.hmacSha256(key, data)).toEqual(nodePrimitives.hmacSha256(key, data));
        for (const [, primitives] of both) {
          const target = new Uint8Array(40);
          primitives.sha256Into(data, target, 5);
          expect(target.subarray(5, 37)).toEqual(nodePrimitives.sha256(data));
          const stream = primitives.createSha256();
          stream.update(data.subarray(0, cut % (data.length + 1)));
          stream.update(data.subarray(cut % (data.length + 1)));
          expect(stream.digest()).toEqual(nodePrimitives.sha256(data));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('agree on signatures, good and changed', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(511), (message, bit) => {
        const good = new Uint8Array(signEd25519(null, message, privateKey));
        const changed = Uint8Array.from(good);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        for (const [, primitives] of both) {
          expect(primitives.verifyEd25519(raw, message, good)).toBe(true);
          expect(primitives.verifyEd25519(raw, message, changed)).toBe(false);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('base64 and hex', () => {
  it('read back what they write, and agree with Buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(encodeBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
        expect(encodeHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
        expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
        expect(decodeBase64Url(encodeBase64Url(bytes))).toEqual(bytes);
        expect(decodeHex(encodeHex(bytes))).toEqual(bytes);
      }),
    );
  });

  it('refuse every second spelling, in text and in place', () => {
    const texts = fc.array(fc.constantFrom(...'AQgw_-+/= \n€'), { maxLength: 9 }).map((letters) => letters.join(''));
    fc.assert(
      fc.property(texts, (text) => {
        const bytes = decodeBase64Url(text);
        if (bytes !== undefined) expect(encodeBase64Url(bytes)).toBe(text);
        const padded = decodeBase64(text);
        if (padded !== undefined) expect(encodeBase64(padded)).toBe(text);
        const source = encodeUtf8(text);
        const target = new Uint8Array(20);
        const length = decodeBase64Span('url', source, 0, source.length, target, 0);
        expect(length === -1 ? undefined : target.slice(0, length)).toEqual(bytes);
      }),
      { numRuns: 5000 },
    );
    expect(decodeHex('AB')).toBeUndefined();
    expect(decodeHex('abc')).toBeUndefined();
  });
});

describe.runIf(havePublicVectors('wycheproof'))('Wycheproof', () => {
  type Groups<T> = { testGroups: (T & { tests: { [name: string]: string }[] })[] };
  const hex = (text: string | undefined): Uint8Array => new Uint8Array(Buffer.from(text ?? '', 'hex'));

  it.each(both)('Ed25519 by %s', (_, primitives) => {
    const { testGroups } = vectorJson<Groups<{ publicKey: { pk: string } }>>(
      'wycheproof/testvectors_v1/ed25519_test.json',
    );
    let seen = 0;
    for (const { publicKey, tests } of testGroups) {
      for (const { tcId, msg, sig, result } of tests) {
        const verdict = primitives.verifyEd25519(hex(publicKey.pk), hex(msg), hex(sig)) ? 'valid' : 'invalid';
        expect([tcId, verdict]).toEqual([tcId, result]);
        seen++;
      }
    }
    expect(seen).toBeGreaterThan(100);
  });

  it.each(both)('HMAC-SHA256 by %s', (_, primitives) => {
    const { testGroups } = vectorJson<Groups<{ tagSize: number }>>('wycheproof/testvectors_v1/hmac_sha256_test.json');
    for (const { tagSize, tests } of testGroups) {
      for (const { tcId, key, msg, tag, result } of tests) {
        const computed = primitives.hmacSha256(hex(key), hex(msg)).subarray(0, tagSize / 8);
        expect([tcId, encodeHex(computed) === tag ? 'valid' : 'invalid']).toEqual([tcId, result]);
      }
    }
  });
});

describe.runIf(havePublicVectors('ed25519-edge'))('Ed25519 edge cases', () => {
  it('are judged alike by both, all 914', () => {
    const vectors = vectorJson<{ key: string; sig: string; msg: string }[]>('ed25519-edge/ed25519/ed25519vectors.json');
    for (const { key, sig, msg } of vectors) {
      const args = [Buffer.from(key, 'hex'), encodeUtf8(msg), Buffer.from(sig, 'hex')] as const;
      expect(noblePrimitives.verifyEd25519(...args)).toBe(nodePrimitives.verifyEd25519(...args));
    }
    expect(vectors).toHaveLength(914);
  });
});
