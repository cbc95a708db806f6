import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { FIRST_WORDS, SECOND_WORDS } from '../../../src-shared/evidence/fingerprint-word-list.ts';
import { fingerprintWords, keyFingerprint } from '../../../src-shared/evidence/fingerprint-words.ts';
import { signer } from './sample-log.ts';

describe('fingerprint words', () => {
  it('spell each byte by the list of its place', () => {
    expect(fingerprintWords(Uint8Array.of(0, 186, 171, 59, 221, 6, 227, 253, 9))).toEqual([
      'acid-otter',
      'lunar-cedar',
      'quiet-anvil',
      'river-tulip',
    ]);
    expect(fingerprintWords(Uint8Array.of(255, 255), 1)).toEqual(['steady-violin']);
    expect(() => fingerprintWords(new Uint8Array(7))).toThrow(RangeError);
  });

  it('come from lists of 256 distinct words that are frozen', () => {
    const words = [...FIRST_WORDS, ...SECOND_WORDS];
    expect([FIRST_WORDS.length, SECOND_WORDS.length, new Set(words).size]).toEqual([256, 256, 512]);
    expect(words.every((word) => /^[a-z]{3,9}$/.test(word))).toBe(true);
    expect(createHash('sha256').update(words.join(' ')).digest('hex')).toBe(
      '7622a16a9a8fd2447c2602b83b413d8f5fd17524f1f64b1012afb6c13e81449f',
    );
  });

  it('of a key do not depend on its name', () => {
    const renamed = { ...signer.key, name: 'other' };
    expect(keyFingerprint(nodePrimitives, renamed)).toEqual(nodePrimitives.sha256(signer.key.publicKey));
  });
});
