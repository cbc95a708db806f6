// The recovery key's text form: whatever people do to it while typing is read, and what is wrong with it is told apart.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from '../../../src-main/base/hashes.ts';
import { noblePrimitives } from '../../../src-renderer/lib/evidence-primitives.ts';
import { formatRecoveryKey, plainRecoveryKey, readRecoveryKey } from '../../../src-shared/recovery-key.ts';

const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 });

test('what is written is read back, by the page as by the console', () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      const text = formatRecoveryKey(key, sha256);
      expect(text).toMatch(/^GH(-[0-9A-HJKMNP-TV-Z]{4}){14}$/);
      expect(readRecoveryKey(text, sha256)).toEqual({ kind: 'key', key });
      expect(readRecoveryKey(text, noblePrimitives.sha256)).toEqual({ kind: 'key', key });
    }),
  );
});

test('case, spaces, dashes of any kind and look-alikes do not matter; neither does the prefix', () => {
  fc.assert(
    fc.property(anyKey, fc.constantFrom('', ' ', ' - ', '–', '\n'), fc.boolean(), (key, between, hasPrefix) => {
      const groups = formatRecoveryKey(key, sha256)
        .split('-')
        .slice(hasPrefix ? 0 : 1);
      const typed = groups.join(between).toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l');
      expect(readRecoveryKey(typed, sha256)).toEqual({ kind: 'key', key });
    }),
  );
});

test('a key whose own characters begin like the prefix is read without the prefix too', () => {
  const key = new Uint8Array(32).fill(0x84, 0, 1).fill(0x40, 1, 2);
  const text = formatRecoveryKey(key, sha256);
  expect(text.startsWith('GH-GH')).toBe(true);
  expect(readRecoveryKey(text.slice(3), sha256)).toEqual({ kind: 'key', key });
  expect(readRecoveryKey(text, sha256)).toEqual({ kind: 'key', key });
});

test('one changed character is a typing mistake, a missing one is not', () => {
  const text = formatRecoveryKey(new Uint8Array(32).fill(7), sha256);
  for (let position = 3; position < text.length; position += 1) {
    if (text[position] === '-') continue;
    const other = text[position] === 'X' ? 'Y' : 'X';
    const changed = text.slice(0, position) + other + text.slice(position + 1);
    expect(readRecoveryKey(changed, sha256).kind, changed).toBe('mistyped');
    expect(readRecoveryKey(text.slice(0, position) + text.slice(position + 1), sha256).kind).toBe('incomplete');
  }
});

test('any other text is incomplete and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      if (plainRecoveryKey(text).length === 56) return;
      expect(readRecoveryKey(text, sha256)).toEqual({ kind: 'incomplete' });
    }),
  );
  expect(readRecoveryKey(`GH-${'UUUU-'.repeat(14)}`, sha256)).toEqual({ kind: 'incomplete' });
});
