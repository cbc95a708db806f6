// What docs/mirrors.md shows: its settings are taken, and its line is one that the files hold.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { resolveSettings, settingNames } from '../../../src-main/core/settings.ts';
import { activityTypes, mirrorFormats, mirrorStreams } from '../../../src-shared/contract/mirrors.ts';
import { projectRoot } from '../../support/node.ts';

const text = readFileSync(join(projectRoot, 'docs/mirrors.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(([, block = '']) => block);

test('its settings are those that there are, and are taken', () => {
  const shown = new Map<string, unknown>();
  for (const block of blocks('toml')) {
    const { mirrors } = parse(block) as { mirrors: Record<string, unknown> };
    for (const [key, value] of Object.entries(mirrors)) shown.set(`mirrors.${key}`, value);
  }
  expect(() => resolveSettings([{ origin: 'file', values: shown }])).not.toThrow();
  expect([...shown.keys()].sort()).toEqual(settingNames.filter((name) => name.startsWith('mirrors.')).sort());
});

test('its line is JSON with the fields of an entry, and every stream and format is named', () => {
  const [line = ''] = blocks('json');
  expect(JSON.parse(line)).toMatchObject({ stream: 'audit', seq: expect.any(Number), leaf_hash: expect.any(String) });
  for (const word of [...mirrorStreams, ...mirrorFormats]) expect(text).toContain(`\`${word}\``);
  expect(new Set(activityTypes).size).toBe(activityTypes.length);
});
