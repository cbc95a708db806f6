// Lines new and gone: what stays and what is said to differ make up both texts again, whatever they are.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { diffLines, foldUnchanged } from '../../../src-renderer/lib/line-diff.ts';

it('names the lines that are new and those that are gone', () => {
  const lines = diffLines('title: a\nlevel: low\nid: 1\n', 'title: a\nlevel: high\nid: 1\ntags: []\n');
  expect(lines.map(({ kind, text, before, after }) => [kind, text, before, after])).toEqual([
    ['same', 'title: a', 1, 1],
    ['removed', 'level: low', 2, undefined],
    ['added', 'level: high', undefined, 2],
    ['same', 'id: 1', 3, 3],
    ['added', 'tags: []', undefined, 4],
  ]);
  expect(diffLines('', 'a\nb')).toHaveLength(2);
  expect(diffLines('a\r\n', 'a\n')).toEqual([{ kind: 'same', text: 'a', before: 1, after: 1 }]);
});

it('leaves out what is far from a change', () => {
  const before = Array.from({ length: 40 }, (_, number) => `line ${number}`);
  const after = before.with(20, 'other');
  const shown = foldUnchanged(diffLines(before.join('\n'), after.join('\n')), 2);
  expect(shown.map((line) => (typeof line === 'number' ? line : line.kind))).toEqual([
    18,
    'same',
    'same',
    'removed',
    'added',
    'same',
    'same',
    17,
  ]);
});

it('gives back both texts, with the fewest lines named, for any two', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', '', 'd: 1'), { maxLength: 14 });
  fc.assert(
    fc.property(text, text, (old, next) => {
      const lines = diffLines(old.map((line) => `${line}\n`).join(''), next.map((line) => `${line}\n`).join(''));
      expect(lines.filter(({ kind }) => kind !== 'added').map((line) => line.text)).toEqual(old);
      expect(lines.filter(({ kind }) => kind !== 'removed').map((line) => line.text)).toEqual(next);
      expect(lines.filter(({ kind }) => kind === 'same')).toHaveLength(longestCommon(old, next));
    }),
    { numRuns: 300 },
  );
});

it('shows texts that are too large to compare as one block gone and one new', () => {
  const before = Array.from({ length: 3_000 }, (_, number) => `old ${number}`).join('\n');
  const after = Array.from({ length: 3_000 }, (_, number) => `new ${number}`).join('\n');
  const lines = diffLines(before, after);
  expect(lines.findIndex(({ kind }) => kind === 'added')).toBe(3_000);
  expect(lines).toHaveLength(6_000);
});

function longestCommon(old: readonly string[], next: readonly string[]): number {
  const table = Array<number>(next.length + 1).fill(0);
  for (const line of old) {
    let diagonal = 0;
    for (const [index, other] of next.entries()) {
      const above = table[index + 1] ?? 0;
      table[index + 1] = line === other ? diagonal + 1 : Math.max(above, table[index] ?? 0);
      diagonal = above;
    }
  }
  return table.at(-1) ?? 0;
}
