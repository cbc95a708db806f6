// What `gatehouse audit export` refuses by itself: nothing is asked of a console, and so no bundle is sealed that nobody gets.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type ExportFlags, exportBundle } from '../../../src-main/shells/cli/export.ts';
import { temporaryFolder } from '../../support/stores.ts';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

mkdirSync(join(folder, 'a'));
mkdirSync(join(folder, 'b'));
for (const name of ['there.ghbundle', 'a/note.txt', 'b/note.txt']) writeFileSync(join(folder, name), 'x');
const out = join(folder, 'new.ghbundle');

const refused: [string, Partial<ExportFlags>, string][] = [
  ['a file that is there', { out: join(folder, 'there.ghbundle') }, 'there.ghbundle exists already'],
  ['a folder, also with --force', { out: join(folder, 'a'), force: true }, '/a is a folder; name a file'],
  ['a place that is not there', { out: join(folder, 'c/x') }, '/c: it does not exist; check the path'],
  ['an end before the beginning', { from: 9, to: 3 }, '--from 9 comes after --to 3'],
  [
    'two files of one name',
    { attach: [join(folder, 'a/note.txt'), join(folder, 'b/note.txt')] },
    'note.txt is attached twice; files stand in a bundle under their names alone: rename one',
  ],
  ['no thing before an id', { about: '/0199a3' }, '--about /0199a3: expected a type'],
];
test.each(refused)('%s', async (_what, flags, message) => {
  // Nothing answers there: whatever is asked of it would be another failure.
  const target = { url: 'https://127.0.0.1:9', apiKey: 'gh_none' };
  await expect(exportBundle({ out, attach: [], ...target, ...flags })).rejects.toMatchObject({
    name: 'CommandFailure',
    exitCode: 2,
    message: expect.stringContaining(message) as string,
  });
  expect(existsSync(out)).toBe(false);
});
