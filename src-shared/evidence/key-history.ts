// How a verifier that pinned an older key comes to know the present one: each rotation is a signed note in which the old key names
// the new one. A chain is only as good as its first link, so it always starts at a key that the verifier was given.

import { FormatError } from './format-error.ts';
import type { Primitives } from './primitives.ts';
import { formatNote, openNote, parseVerifierKey, type VerifierKey } from './signed-note.ts';

const LABEL = 'gatehouse/key-rotation/v1';

/** The rotation from `oldKey` to `newKey`, signed by `sign`, a signer of the old key. */
export function rotationNote(
  oldKey: VerifierKey,
  newKey: VerifierKey,
  sign: (message: Uint8Array) => Uint8Array,
): string {
  return formatNote(`${LABEL}\n${oldKey.name}\n${newKey.text}\n`, oldKey, sign);
}

/**
 * The keys that `trusted` vouch for by following `history` in order, besides themselves. Notes that no key known so far has signed
 * are passed over: they lead to keys that stay unknown. Throws FormatError for a note that is malformed.
 */
export function followRotations(
  primitives: Primitives,
  trusted: readonly VerifierKey[],
  history: readonly string[],
): VerifierKey[] {
  const learnt: VerifierKey[] = [];
  for (const note of history) {
    const opened = openNote(primitives, note, [...trusted, ...learnt]);
    const lines = opened.text.split('\n');
    const [label, name, vkey] = lines;
    if (label !== LABEL || lines.length !== 4 || name === undefined || vkey === undefined) {
      throw new FormatError('malformed key rotation: expected the label, the name and the new key', 0);
    }
    const next = parseVerifierKey(primitives, vkey);
    const sameName = next.name === name && opened.verifiedBy.some((key) => key.name === name);
    if (sameName && opened.wrong.length === 0) learnt.push(next);
  }
  return learnt;
}
