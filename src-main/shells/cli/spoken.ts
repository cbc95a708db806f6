// Digests as two people compare them by phone: four pairs of words, as every screen and report shows them, and the hex for whoever insists.
import { decodeHex, encodeHex } from '../../../src-shared/evidence/bytes.ts';
import { fingerprintWords, keyFingerprint } from '../../../src-shared/evidence/fingerprint-words.ts';
import { parseVerifierKey } from '../../../src-shared/evidence/signed-note.ts';
import { nodePrimitives } from '../../base/evidence-primitives.ts';

/** @param digest bytes or hex */
export function spokenDigest(digest: Uint8Array | string): string {
  const bytes = typeof digest === 'string' ? (decodeHex(digest) ?? new Uint8Array()) : digest;
  return `${fingerprintWords(bytes).join('  ')}  (${encodeHex(bytes)})`;
}

/** @param key a verifier key that was read before */
export function spokenKey(key: string): string {
  return spokenDigest(keyFingerprint(nodePrimitives, parseVerifierKey(nodePrimitives, key)));
}
