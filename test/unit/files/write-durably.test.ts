// Writing files that must be whole and ours: what lies in the way, and what happens when the disk ends in the middle.
import { spawnSync } from 'node:child_process';
import { lstatSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeDurably } from '../../../src-main/adapters/files/key-file-store.ts';
import { temporaryFolder } from '../../support/stores.ts';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a link that somebody laid in the way is not followed', () => {
  const victim = join(folder, 'victim');
  const path = join(folder, 'bundle');
  writeFileSync(victim, 'precious');
  symlinkSync(victim, `${path}.new`);
  writeDurably(path, 'evidence');
  expect(readFileSync(victim, 'utf8')).toBe('precious');
  expect(readFileSync(path, 'utf8')).toBe('evidence');
  expect(lstatSync(path).isSymbolicLink()).toBe(false);
});

test('a file that lies in the way lends neither its mode nor its rest', () => {
  const path = join(folder, 'keys.json');
  writeFileSync(`${path}.new`, 'something much longer than what follows', { mode: 0o666 });
  writeDurably(path, 'keys');
  expect(readFileSync(path, 'utf8')).toBe('keys');
  if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
});

test.skipIf(process.platform === 'win32')('a write that the disk cuts short throws and leaves the old file', () => {
  const path = join(folder, 'keys.json');
  writeDurably(path, 'old');
  const module = resolve(import.meta.dirname, '../../../src-main/adapters/files/key-file-store.ts');
  const script = `
    const { writeDurably } = await import(${JSON.stringify(module)});
    try { writeDurably(${JSON.stringify(path)}, 'x'.repeat(10_000)); console.log('written'); }
    catch (error) { console.log(error.code); }`;
  // A limit of 2 KiB on files stands in for a full disk: the first write takes a part, the next fails.
  const limited = `trap '' XFSZ; ulimit -f 2; exec "$0" --input-type=module -e "$1"`;
  const ran = spawnSync('bash', ['-c', limited, process.execPath, script], { encoding: 'utf8' });
  expect(ran.stdout.trim()).toBe('EFBIG');
  expect(readFileSync(path, 'utf8')).toBe('old');
});
