// Typing a recovery key into its fourteen groups: pasting whole and in pieces, correcting one group, and what is no character of a key.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from '../../../src-main/base/hashes.ts';
import {
  emptyGroups,
  enterGroup,
  keyText,
  pasteIntoGroup,
  readGroups,
} from '../../../src-renderer/app/credentials/recovery-key-groups.ts';
import { formatRecoveryKey } from '../../../src-shared/recovery-key.ts';

const key = formatRecoveryKey(new Uint8Array(32).fill(0x5a), sha256);

test('typed group by group, it moves on when a group is full and ends as the key', () => {
  let groups = emptyGroups;
  for (const [position, group] of key.split('-').slice(1).entries()) {
    expect(readGroups(groups)).toEqual({ kind: 'filling', full: position });
    expect(enterGroup(groups, position, group.slice(0, 3)).focus).toBe(position);
    const entered = enterGroup(groups, position, group.toLowerCase());
    expect(entered.focus).toBe(Math.min(position + 1, 13));
    groups = entered.groups;
  }
  expect(readGroups(groups)).toEqual({ kind: 'key', text: key });
});

test('the whole key pasted anywhere fills all groups, over whatever stood there', () => {
  const begun = enterGroup(emptyGroups, 0, 'ABCD').groups;
  for (const at of [0, 5, 13]) {
    const { groups } = pasteIntoGroup(begun, at, 'A', ` ${key.toLowerCase()}\n`, 'D');
    expect(keyText(groups)).toBe(key);
  }
});

test('a piece goes where the caret is and flows on; its prefix is left out', () => {
  const piece = pasteIntoGroup(emptyGroups, 3, '', 'ab cd-ef12 9', '');
  expect(piece.groups.slice(3, 6)).toEqual(['ABCD', 'EF12', '9']);
  expect(piece.focus).toBe(5);
  expect(pasteIntoGroup(emptyGroups, 0, '', 'GH-ABCD-EF12', '').groups.slice(0, 3)).toEqual(['ABCD', 'EF12', '']);
  expect(pasteIntoGroup(emptyGroups, 4, '', 'GHAB', '').groups[4]).toBe('GHAB');
});

test('one wrong group is a typing mistake, and correcting that group alone makes the key', () => {
  const { groups } = pasteIntoGroup(emptyGroups, 0, '', key, '');
  const wrong = enterGroup(groups, 6, '2222').groups;
  expect(readGroups(wrong)).toEqual({ kind: 'mistyped' });
  expect(readGroups(enterGroup(wrong, 6, groups[6] ?? '').groups)).toEqual({ kind: 'key', text: key });
});

test('characters that no key has are named and left out', () => {
  const { groups, strange } = enterGroup(emptyGroups, 0, 'aU1!');
  expect(groups[0]).toBe('A1');
  expect(strange).toEqual(['U', '!']);
});

test('whatever is pasted, every group keeps its length and its alphabet', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 120 }), fc.nat(13), (text, at) => {
      const { groups, focus } = pasteIntoGroup(emptyGroups, at, '', text, '');
      expect(groups).toHaveLength(14);
      expect(groups.every((group) => /^[0-9A-HJKMNP-TV-Z]{0,4}$/.test(group))).toBe(true);
      expect(focus).toBeGreaterThanOrEqual(0);
      expect(focus).toBeLessThan(14);
    }),
  );
});
