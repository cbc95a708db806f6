// The fourteen groups of a recovery key while they are typed: pure moves of characters between fields, so that typing, pasting and
// correcting in the middle all give the same key.

import {
  isRecoveryKeyCharacter,
  plainRecoveryKey,
  readRecoveryKey,
  recoveryKeyCharacters,
  recoveryKeyGroupLength,
  recoveryKeyGroups,
  recoveryKeyPrefix,
} from '../../../src-shared/recovery-key.ts';
import { noblePrimitives } from '../../lib/evidence-primitives.ts';

export type KeyGroups = readonly string[];

export const emptyGroups: KeyGroups = Array.from({ length: recoveryKeyGroups }, () => '');

export interface Entered {
  readonly groups: KeyGroups;
  /** The group where typing goes on. */
  readonly focus: number;
  /** Characters that no recovery key has, as they were typed. */
  readonly strange: readonly string[];
}

/** `text` now stands in group `at`: what does not fit flows into the groups after it. */
export function enterGroup(groups: KeyGroups, at: number, text: string): Entered {
  const plain = recoveryKeyCharacters(text);
  const next = [...groups];
  let group = at;
  let rest = [...plain].filter(isRecoveryKeyCharacter).join('');
  do {
    next[group] = rest.slice(0, recoveryKeyGroupLength);
    rest = rest.slice(recoveryKeyGroupLength);
    group += 1;
  } while (rest !== '' && group < recoveryKeyGroups);
  const last = group - 1;
  const isFull = next[last]?.length === recoveryKeyGroupLength;
  return {
    groups: next,
    focus: isFull ? Math.min(group, recoveryKeyGroups - 1) : last,
    strange: [...new Set(plain)].filter((character) => !isRecoveryKeyCharacter(character)),
  };
}

/** A whole key fills all groups, wherever it is pasted; a piece goes where the caret is, between `before` and `after`. */
export function pasteIntoGroup(groups: KeyGroups, at: number, before: string, pasted: string, after: string): Entered {
  const key = plainRecoveryKey(pasted);
  if (key.length >= recoveryKeyGroups * recoveryKeyGroupLength) return enterGroup(groups, 0, key);
  const hasPrefix = /^\s*GH[\s\p{Pd}]/iu.test(pasted);
  return enterGroup(groups, at, before + (hasPrefix ? key : pasted) + after);
}

export function keyText(groups: KeyGroups): string {
  return [recoveryKeyPrefix, ...groups].join('-');
}

export type GroupsReading =
  | { readonly kind: 'filling'; readonly full: number }
  | { readonly kind: 'mistyped' }
  | { readonly kind: 'key'; readonly text: string };

export function readGroups(groups: KeyGroups): GroupsReading {
  const full = groups.filter((group) => group.length === recoveryKeyGroupLength).length;
  if (full < recoveryKeyGroups) return { kind: 'filling', full };
  const text = keyText(groups);
  return readRecoveryKey(text, noblePrimitives.sha256).kind === 'key' ? { kind: 'key', text } : { kind: 'mistyped' };
}
