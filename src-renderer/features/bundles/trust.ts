// What a person holds a bundle against: keys of consoles and witnesses, CAs of time-stamp authorities, checkpoints from elsewhere. Pasted
// or given as files, it says itself what it is.

import { parseCheckpoint } from '../../../src-shared/evidence/checkpoint.ts';
import { parseWitnessKey } from '../../../src-shared/evidence/cosignature.ts';
import { splitNotes } from '../../../src-shared/evidence/note-file.ts';
import { parseNote, parseVerifierKey } from '../../../src-shared/evidence/signed-note.ts';
import { readAuthorities } from '../../../src-shared/evidence/stamps/time-stamp.ts';
import { printable } from '../../../src-shared/evidence/verdict.ts';
import { noblePrimitives } from '../../lib/evidence-primitives.ts';
import { formatCount } from '../../lib/numbers.ts';
import type { Trust } from './verify-messages.ts';

export const noTrust: Trust = { trustedKeys: [], pinnedKeys: [], checkpoints: [], witnesses: [], authorities: [] };

/** What somebody can give; what is pinned in the console is the console's. */
export type TrustKind = Exclude<keyof Trust, 'pinnedKeys'>;

/** One thing that somebody gave, to be taken away by itself again. */
export interface Given {
  readonly kind: TrustKind;
  readonly text: string;
  /** The file it came from, or how else. */
  readonly name: string;
}

export const trustWords: Readonly<Record<TrustKind, string>> = {
  trustedKeys: 'Signer',
  witnesses: 'Witness',
  authorities: 'Authority',
  checkpoints: 'Checkpoint',
};

/** Of a file that is larger, as that of an anchor gets with the years, the end is read: there the newest checkpoints are. */
export const largestTrustFile = 4 * 1024 * 1024;
/** Of what is pasted. */
export const longestPasted = 1024 * 1024;
const mostKeys = 100;

type Piece = Pick<Given, 'kind' | 'text'>;

export function trustOf(given: readonly Given[], pinnedKeys: readonly string[]): Trust {
  const of = (kind: TrustKind) => given.filter((each) => each.kind === kind).map(({ text }) => text);
  return {
    trustedKeys: of('trustedKeys'),
    pinnedKeys,
    checkpoints: of('checkpoints'),
    witnesses: of('witnesses'),
    authorities: of('authorities'),
  };
}

/** What a text holds, and how each is handed on: one of them, a file of several checkpoints, or keys line by line. Empty: none of it. */
export function readTrust(pasted: string): readonly Piece[] {
  // Line breaks of another system, and the last one, which is easily lost when copied.
  const text = `${pasted.trim().replace(/\r\n/g, '\n')}\n`;
  const one = readOne(text);
  if (one !== undefined) return [one];
  if (text.includes('\n\n')) return readNotes(text);
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (lines.length > mostKeys) return [];
  const keys = lines.map(readOne);
  return keys.every((key) => key !== undefined) ? keys : [];
}

const kinds: readonly (readonly [TrustKind, (text: string) => unknown])[] = [
  ['trustedKeys', (text) => parseVerifierKey(noblePrimitives, text)],
  ['witnesses', (text) => parseWitnessKey(noblePrimitives, text)],
  ['authorities', readAuthorities],
  ['checkpoints', (text) => parseCheckpoint(parseNote(text).text)],
];

function readOne(given: string): Piece | undefined {
  for (const [kind, parse] of kinds) {
    const text = kind === 'checkpoints' ? given : given.trim();
    try {
      parse(text);
      return { kind, text };
    } catch {
      // Not that one.
    }
  }
  return undefined;
}

/** Checkpoints one after another, of which the first and the last may be cut. */
function readNotes(text: string): readonly Piece[] {
  const { notes } = splitNotes(text);
  // There may be tens of thousands; those before the last are judged with the bundle.
  const last = readOne(notes.at(-1) ?? '');
  if (last === undefined) return [];
  return [notes.length === 1 ? last : { kind: 'checkpoints', text }];
}

/** One line for people. */
export function trustLine({ kind, text }: Piece): string {
  switch (kind) {
    case 'authorities':
      return printable(
        readAuthorities(text)
          .map(({ name }) => name)
          .join(', '),
      );
    case 'checkpoints': {
      const { notes } = splitNotes(text);
      const [origin = '', size = ''] = (notes.at(-1) ?? text).split('\n');
      const last = `#${formatCount(Number(size))} of ${printable(origin)}`;
      return notes.length < 2 ? last : `${formatCount(notes.length)} checkpoints, the last ${last}`;
    }
    case 'trustedKeys':
    case 'witnesses':
      return text;
  }
}
