// A digest as two people compare it by phone: four pairs of words, and the whole number in groups. The same wherever it is shown.

import { encodeHex } from '../../../src-shared/evidence/bytes.ts';
import { fingerprintWords, keyFingerprint } from '../../../src-shared/evidence/fingerprint-words.ts';
import { parseVerifierKey } from '../../../src-shared/evidence/signed-note.ts';
import { noblePrimitives } from '../../lib/evidence-primitives.ts';
import css from './fingerprint.module.css';

export function FingerprintWords({ digest }: { readonly digest: Uint8Array }) {
  return (
    <p className={css.words}>
      {fingerprintWords(digest).map((pair, position) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a pair may come twice, and their order is the point
        <span key={position}>{pair}</span>
      ))}
    </p>
  );
}

export function FingerprintHex({ digest }: { readonly digest: Uint8Array }) {
  return (
    <p className={css.hex}>
      {(encodeHex(digest).match(/.{4}/g) ?? []).map((group, position) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <span key={position}>{group}</span>
      ))}
    </p>
  );
}

/** Of a verifier key as it is written; undefined for what is none. */
export function fingerprintOf(key: string): Uint8Array | undefined {
  try {
    return keyFingerprint(noblePrimitives, parseVerifierKey(noblePrimitives, key));
  } catch {
    return undefined;
  }
}
