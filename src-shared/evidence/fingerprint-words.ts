// A hash in words that two people can compare by phone: `acid-otter lunar-cedar quiet-anvil river-tulip`.

import { FIRST_WORDS, SECOND_WORDS } from './fingerprint-word-list.ts';
import type { Primitives } from './primitives.ts';
import type { VerifierKey } from './signed-note.ts';

/** Four pairs are 64 bits: nobody can make a second key with the same words in any time that matters. */
export const FINGERPRINT_PAIRS = 4;

/**
 * The first bytes of a digest as word pairs: in each pair the first word stands for one byte, the second for the next, by the lists in
 * fingerprint-word-list.ts. Two lists, so that exchanged or skipped words are heard. Throws RangeError for a digest too short.
 */
export function fingerprintWords(digest: Uint8Array, pairs: number = FINGERPRINT_PAIRS): string[] {
  if (digest.length < 2 * pairs) throw new RangeError(`expected ${2 * pairs} bytes, found ${digest.length}`);
  return Array.from({ length: pairs }, (_, i) => {
    return `${FIRST_WORDS[digest[2 * i] ?? 0]}-${SECOND_WORDS[digest[2 * i + 1] ?? 0]}`;
  });
}

/** What the words and the hex of a signing key are made of: SHA-256 of its 32 public bytes, whatever the key is called. */
export function keyFingerprint(primitives: Primitives, key: VerifierKey): Uint8Array {
  return primitives.sha256(key.publicKey);
}
