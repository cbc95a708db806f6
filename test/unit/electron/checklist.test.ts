// The documents say what the shell does about Electron's checklist and its fuses; here both are held to it.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { fuses } from '../../../src-main/shells/electron/fuses.ts';

const root = resolve(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/electron-checklist.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

test('the checklist has 20 items, each with a status and where it is', () => {
  expect(rows.map(([number]) => Number(number))).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  for (const [number, title, status, where] of rows) {
    expect([number, status]).toEqual([number, expect.stringMatching(/^(Done|Partly|Not done)$/)]);
    expect([number, (title ?? '').length > 10, (where ?? '').length > 10]).toEqual([number, true, true]);
  }
});

test('every file that the page names is there', () => {
  const named = [...page.matchAll(/`([a-z-]+\.ts)`/g)].map((match) => match[1] ?? '');
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !existsSync(join(root, 'src-main/shells/electron', name)))).toEqual([]);
  for (const [, path = ''] of page.matchAll(/`(test\/[\w/.-]+)`/g)) {
    expect([path, existsSync(join(root, path))]).toEqual([path, true]);
  }
});

test('the Electron that the page speaks of is the installed one', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  expect(page).toContain(`Electron ${devDependencies.electron}.`);
});

test('the fuses of a package, word for word', () => {
  expect(fuses).toEqual({
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableCookieEncryption: true,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  });
});
