// Rules of the page that a machine can check: no schemas in the bundle, licences as the packages state them, scopes, small words.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnchorRow } from '../../../src-renderer/app/anchor-tally.ts';
import { chainState, frameStatus } from '../../../src-renderer/app/console-status.ts';
import { curlLine } from '../../../src-renderer/app/curl-line.ts';
import { fileNamePart } from '../../../src-renderer/app/save-file.ts';
import { deviceWords } from '../../../src-renderer/features/access/device-words.ts';
import { givenPermissions, isWithin, scopeGroups, toggleScope } from '../../../src-renderer/features/access/scopes.ts';
import { licences } from '../../../src-renderer/features/settings/licences.ts';
import { isPermissionPattern, namedOnly, permissionNames } from '../../../src-shared/permissions.ts';

const root = join(import.meta.dirname, '../../..');

test('the renderer takes types from the contract and nothing else, so that no schema is in the page', () => {
  const found: string[] = [];
  let looked = 0;
  for (const entry of readdirSync(join(root, 'src-renderer'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.tsx?$/.test(entry.name)) continue;
    const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
    for (const [statement] of text.matchAll(/^(?:import|export)\b[^;]*?from '[^']*\/contract\/[^']*';/gms)) {
      looked += 1;
      if (!/^(?:import|export) type\b/.test(statement)) found.push(`${entry.name}: ${statement}`);
    }
    expect(text, entry.name).not.toMatch(/from 'zod'/);
  }
  expect(looked).toBeGreaterThan(10);
  expect(found).toEqual([]);
});

test('licences are those that the packages state', () => {
  for (const { name, licence } of licences) {
    const stated = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as {
      license: string;
    };
    expect([name, stated.license]).toEqual([name, licence]);
  }
});

describe('scopes', () => {
  const scope = fc.constantFrom('*', '*.read', 'alerts.*', 'events.*', 'secrets.*', ...permissionNames);

  test('picking and dropping scopes keeps them valid, and a wildcard never loses a permission', () => {
    fc.assert(
      fc.property(fc.array(scope, { maxLength: 12 }), scope, (picks, last) => {
        const before = picks.reduce<readonly string[]>((scopes, pick) => toggleScope(scopes, pick), []);
        const after = toggleScope(before, last);
        expect(after.every(isPermissionPattern)).toBe(true);
        expect(new Set(after).size).toBe(after.length);
        if (!before.includes(last)) {
          const given = new Set(givenPermissions(after));
          expect(givenPermissions(before).every((name) => given.has(name))).toBe(true);
        }
      }),
    );
  });

  test('what wildcards never give has to be named', () => {
    expect(givenPermissions(['*']).some((name) => namedOnly.has(name))).toBe(false);
    expect(givenPermissions(['audit.*', 'audit.export'])).toContain('audit.export');
  });

  test('nothing is offered that its maker does not hold', () => {
    const held = ['events.write', 'events.read', 'alerts.read'];
    expect(
      scopeGroups(held)
        .flatMap((group) => group.permissions.map(({ name }) => name))
        .toSorted(),
    ).toEqual(held.toSorted());
    expect([isWithin(['events.*'], held), isWithin(['*.read'], held), isWithin(['alerts.*'], held)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('words', () => {
  test.each([
    [
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
      'Chrome 131 on Linux',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0',
      'Edge 131 on Windows',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
      'Safari 18 on macOS',
    ],
    ['curl/8.5.0', 'curl 8.5.0'],
    [null, 'unknown'],
  ])('%s is %s', (userAgent, words) => {
    expect(deviceWords(userAgent)).toBe(words);
  });

  test('a path with a blank is quoted in a command line', () => {
    expect(curlLine({ url: 'https://x', caPath: "/home/o'neil/my ca.pem" })).toContain(
      `--cacert '/home/o'\\''neil/my ca.pem'`,
    );
  });

  test.each([
    ['Nordkai Console', 'nordkai-console'],
    ['Ærøskøbing / #1', 'r-sk-bing-1'],
    ['../../etc', 'etc'],
    ['東京', 'gatehouse'],
  ])('%s becomes the file name %s', (name, part) => {
    expect(fileNamePart(name)).toBe(part);
  });
});

describe('the frame', () => {
  const chain = (state: 'checking' | 'intact' | 'broken', firstBad: number | null = null) => ({
    size: 12,
    checkpoint: null,
    check: { state, checked_to: 12, at: null, first_bad_seq: firstBad, detail: '' },
    anchors: [],
    origin: 'o',
    verifier_key: 'k',
  });

  test('never calls a chain intact that was not checked', () => {
    expect(chainState(undefined)).toEqual({ kind: 'unknown' });
    expect(chainState(chain('checking'))).toEqual({ kind: 'unknown' });
    expect(chainState(chain('intact'))).toEqual({ kind: 'intact', size: 12 });
    expect(chainState(chain('broken', 7))).toEqual({ kind: 'broken', at: 7 });
    expect(chainState(chain('broken'))).toEqual({ kind: 'broken', at: null });
  });

  test('counts anchors that hold what they should, and says when one does not', () => {
    const anchor = (state: AnchorRow['state'], at: string | null = '2026-11-21T14:00:00.000Z'): AnchorRow => ({
      name: 'a',
      kind: 'file',
      state,
      anchored_size: 12,
      behind: 0,
      at,
      error: null,
    });
    const framed = (...anchors: AnchorRow[]) =>
      frameStatus({ status: undefined, chain: { ...chain('intact'), anchors }, alerts: undefined, answers: true })
        .anchors;
    expect(framed()).toBeUndefined();
    expect(framed(anchor('anchored'), anchor('waiting'), anchor('waiting', null))).toEqual({
      seen: 2,
      of: 3,
      isTroubled: false,
    });
    expect(framed(anchor('anchored'), anchor('failing'))).toEqual({ seen: 1, of: 2, isTroubled: true });
    expect(framed(anchor('contradicts'))).toEqual({ seen: 0, of: 1, isTroubled: true });
  });

  test('says when the service does not answer', () => {
    expect(frameStatus({ status: undefined, chain: undefined, alerts: undefined, answers: false })).toMatchObject({
      service: { ok: false },
      api: { serving: false },
    });
  });
});
