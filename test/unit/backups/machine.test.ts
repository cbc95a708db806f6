// Folders and files of backups on a disk that others put things on.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBackupMachine } from '../../../src-main/adapters/backups/machine.ts';
import type { BackupMachine } from '../../../src-main/core/features/backups/ports.ts';
import { temporaryFolder } from '../../support/stores.ts';

let folder: string;
let machine: BackupMachine;

beforeEach(() => {
  folder = temporaryFolder();
  machine = createBackupMachine({
    folder: () => folder,
    storePath: () => join(folder, 'store.db'),
    pin: () => undefined,
    thread: new URL('file:///not-started.ts'),
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what a start empties is no place for backups, by whatever name it is called', () => {
  for (const name of ['backups', 'scratch']) mkdirSync(join(folder, name));
  symlinkSync('scratch', join(folder, 'link'));
  for (const path of ['scratch', 'scratch/mine', 'backups/../scratch', 'link', 'incoming-20261121T120000Z']) {
    expect(() => machine.prepareFolder(`${folder}/${path}`), path).toThrow('each start empties this folder');
  }
  for (const path of ['backups', 'scratched', '.']) machine.prepareFolder(`${folder}/${path}`);
});

test.skipIf(process.platform === 'win32')('a pipe among the backups holds nobody up', () => {
  execFileSync('mkfifo', [join(folder, 'pipe.ghbackup')]);
  writeFileSync(join(folder, 'short.ghbackup'), 'x');
  expect(machine.list(folder)).toHaveLength(2);
  expect(() => machine.inspect(join(folder, 'pipe.ghbackup'))).toThrow('this is not a file');
  expect(() => machine.inspect(folder)).toThrow('this is not a file');
});
