// What a person holds a bundle against: keys of consoles and witnesses, CAs of time-stamp authorities, checkpoints from elsewhere. Pasted
// or dropped as text, it says itself what it is.

import { parseWitnessKey } from '../../../src-shared/evidence/cosignature.ts';
import { parseNote, parseVerifierKey } from '../../../src-shared/evidence/signed-note.ts';
import { readAuthorities } from '../../../src-shared/evidence/stamps/time-stamp.ts';
import { noblePrimitives } from '../../lib/evidence-primitives.ts';
import type { Trust } from './verify-messages.ts';

export const noTrust: Trust = { trustedKeys: [], pinnedKeys: [], checkpoints: [], witnesses: [], authorities: [] };

/** What somebody can add; what is pinned in the console is the console's. */
export type TrustKind = Exclude<keyof Trust, 'pinnedKeys'>;

export const trustWords: Readonly<Record<TrustKind, string>> = {
  trustedKeys: 'Signer',
  witnesses: 'Witness',
  authorities: 'Authority',
  checkpoints: 'Checkpoint',
};

/** Larger is none of these. */
export const largestTrustFile = 64 * 1024;

const kinds: readonly (readonly [TrustKind, (text: string) => unknown])[] = [
  ['trustedKeys', (text) => parseVerifierKey(noblePrimitives, text)],
  ['witnesses', (text) => parseWitnessKey(noblePrimitives, text)],
  ['authorities', readAuthorities],
  ['checkpoints', parseNote],
];

/** What a text is, and how it is handed on; undefined when it is none of them. */
export function readTrust(pasted: string): { readonly kind: TrustKind; readonly text: string } | undefined {
  for (const [kind, parse] of kinds) {
    // A note ends with a line break, which is easily lost when copied; everything else may have more around it.
    const text = kind === 'checkpoints' ? `${pasted.trim().replace(/\r\n/g, '\n')}\n` : pasted.trim();
    try {
      parse(text);
      return { kind, text };
    } catch {
      // Not that one.
    }
  }
  return undefined;
}

/** One line for people. */
export function trustLine(kind: TrustKind, text: string): string {
  if (kind === 'authorities')
    return readAuthorities(text)
      .map(({ name }) => name)
      .join(', ');
  if (kind === 'checkpoints') {
    const [origin = '', size = ''] = text.split('\n');
    return `#${size} of ${origin}`;
  }
  return text;
}
