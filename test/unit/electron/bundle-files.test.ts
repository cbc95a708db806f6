// Bundles that the system hands over: which argument is one, and which files are read.
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { bundleAmong, largestBundle, readBundleFile } from '../../../src-main/shells/electron/bundle-files.ts';
import { temporaryFolder } from '../../support/stores.ts';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  [['/usr/bin/gatehouse'], undefined],
  [['/usr/bin/gatehouse', 'a.ghbundle'], '/home/mira/a.ghbundle'],
  [['electron', '/program', '/x/A.GHBUNDLE'], '/x/A.GHBUNDLE'],
  [['gatehouse', 'a.ghbundle', 'b.ghbundle'], '/home/mira/b.ghbundle'],
  [['gatehouse', '--flag=a.ghbundle'], undefined],
  [['gatehouse', 'a.ghbundle.exe', 'ghbundle'], undefined],
  [['program.ghbundle'], undefined],
])('of the arguments %j the bundle is %j', (argv, path) => {
  expect(bundleAmong(argv, '/home/mira')).toBe(path);
});

test('reads a file, and refuses what is none or too large', async () => {
  const file = join(folder, 'a.ghbundle');
  writeFileSync(file, '{"a":1}');
  expect(new TextDecoder().decode(await readBundleFile(file))).toBe('{"a":1}');
  await expect(readBundleFile(join(folder, 'none.ghbundle'))).rejects.toThrow(/^cannot read .*none\.ghbundle/);
  mkdirSync(join(folder, 'folder.ghbundle'));
  await expect(readBundleFile(join(folder, 'folder.ghbundle'))).rejects.toThrow('is not a file');
  const large = join(folder, 'large.ghbundle');
  writeFileSync(large, '');
  truncateSync(large, largestBundle + 1);
  await expect(readBundleFile(large)).rejects.toThrow('gatehouse audit verify');
});
