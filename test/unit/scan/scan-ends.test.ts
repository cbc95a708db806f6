// `gatehouse scan` where its output goes wrong: a full disk, a terminal that shows results and progress at once, narrow ones.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { progressLine } from '../../../src-main/shells/scan/progress.ts';

const program = resolve(import.meta.dirname, '../../../src-main/shells/cli/bin.mjs');
const isLinux = process.platform === 'linux';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-scan-ends-'));
  writeFileSync(
    join(folder, 'rule.yml'),
    'title: Failed logon\nid: r-1\nlogsource: {product: windows, service: security}\ndetection: {s: {EventID: 4625}, condition: s}\n',
  );
  const record = { EventID: 4625, Channel: 'Security', TimeCreated: '2026-11-21T08:00:00Z' };
  writeFileSync(join(folder, 'a.ndjson'), `${JSON.stringify(record)}\n`.repeat(5000));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the output', { timeout: 60_000 }, () => {
  it.runIf(isLinux).each(['table', 'ndjson', 'sarif', 'html'])(
    'as %s on a full disk is no finding, and said',
    (output) => {
      const ran = spawnSync(
        process.execPath,
        [program, 'scan', 'a.ndjson', '--rules', 'rule.yml', '--output', output],
        {
          cwd: folder,
          stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
          encoding: 'utf8',
        },
      );
      expect(ran.stderr).toBe('gatehouse: the output could not be written: the disk is full; free some space\n');
      expect(ran.status).toBe(2);
    },
  );

  it.runIf(isLinux)('is whole where nothing can be said beside it', () => {
    const ran = spawnSync(
      process.execPath,
      [program, 'scan', 'a.ndjson', '--rules', 'rule.yml', '--output', 'ndjson'],
      {
        cwd: folder,
        stdio: ['ignore', 'pipe', openSync('/dev/full', 'w')],
        encoding: 'utf8',
        maxBuffer: 1e8,
      },
    );
    expect(ran.stdout.trim().split('\n')).toHaveLength(5000);
    expect(ran.status).toBe(0);
  });

  it.runIf(isLinux)('and the bar share a terminal: each row begins a line, and none is written over', () => {
    const command = `stty cols 70; exec "${process.execPath}" "${program}" scan a.ndjson gone.log --rules rule.yml`;
    const ran = spawnSync('script', ['-qec', command, '/dev/null'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
      maxBuffer: 1e8,
    });
    // Nothing but returning to the line's beginning and erasing what follows.
    expect(ran.stdout.replaceAll('\u001b[K', '')).not.toContain('\u001b');
    // What a terminal keeps of each line: whatever was written since it was last erased.
    const rows = ran.stdout.split('\n').map((row) => (row.split('\r\u001b[K').at(-1) ?? '').replace(/\r$/, ''));
    expect(
      rows.filter((row) => /^medium {9}2026-11-21T08:00:00\.000Z {2}Failed logon {54}a\.ndjson:\d+$/.test(row)),
    ).toHaveLength(5000);
    expect(rows[0]).toBe('gone.log: it does not exist; check the path');
    expect(rows.at(-2)).toMatch(/^1 file, 5,000 records, 1 rule: 5,000 matches in /);
  });
});

it('rules that say expand are given values', { timeout: 60_000 }, () => {
  writeFileSync(
    join(folder, 'expand.yml'),
    "title: E\nid: e-1\nlogsource: {product: windows, service: security}\ndetection: {s: {User|expand: '%Admins%'}, condition: s}\n",
  );
  writeFileSync(
    join(folder, 'users.ndjson'),
    ['adm_1', 'root', 'bob'].map((User) => `${JSON.stringify({ EventID: 1, Channel: 'Security', User })}\n`).join(''),
  );
  const run = (...flags: string[]) =>
    spawnSync(
      process.execPath,
      [program, 'scan', 'users.ndjson', '--rules', 'expand.yml', '--output', 'ndjson', ...flags],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    );
  const records = (out: string) => [...out.matchAll(/"record":(\d+)/g)].map(([, record]) => record);
  const without = run();
  expect([records(without.stdout), without.stderr]).toEqual([[], expect.stringContaining('%Admins% has no values')]);
  expect(records(run('--var', 'Admins=adm_*', '--var', 'Admins=root').stdout)).toEqual(['0', '1']);
  const wrong = run('--var', 'Admins');
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('expected name=value')]);
});

it('a rule that takes long is named, and what it finds counts', { timeout: 120_000 }, () => {
  const patterns = Array.from({ length: 500 }, (_, n) => `'*a?b*${n}*c?d*'`).join(', ');
  writeFileSync(
    join(folder, 'slow.yml'),
    `title: Slow\nid: s-1\nlogsource: {product: windows, service: security}\ndetection: {s: {F: [${patterns}, '*end']}, condition: s}\n`,
  );
  const record = JSON.stringify({ EventID: 1, Channel: 'Security', F: `${'a'.repeat(150_000)}end` });
  writeFileSync(join(folder, 'slow.ndjson'), `${record}\n`.repeat(4));
  const ran = spawnSync(process.execPath, [program, 'scan', 'slow.ndjson', '--rules', 'slow.yml'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(ran.stderr).toContain('rule Slow (s-1) takes long at these records');
  expect(ran.stdout.match(/^medium/gm)).toHaveLength(4);
});

describe('the line of progress', () => {
  const figures = { bytes: 250, totalBytes: 1000, records: 5000, found: 12_345, seconds: 10 };

  it('says how far it is, how fast, what was found and how long it will take', () => {
    expect(progressLine(figures, 100)).toBe(
      `${'█'.repeat(10)}${'░'.repeat(30)} 25 %  500 records/s  12,345 matches  30 s left`,
    );
    expect(progressLine({ ...figures, seconds: 1000 }, 200)).toMatch(/50 min 0 s left$/);
    expect(progressLine({ ...figures, seconds: 100_000 }, 200)).toMatch(/83 h 20 min left$/);
  });

  it('keeps within any width, the figures before the bar', () => {
    for (let columns = 1; columns < 120; columns++) expect(progressLine(figures, columns).length).toBeLessThan(columns);
    expect(progressLine(figures, 50)).toBe('25 %  500 records/s  12,345 matches  30 s left');
    // A terminal that does not tell.
    expect(progressLine(figures, 0).length).toBe(79);
  });

  it('claims nothing of what has not begun', () => {
    expect(progressLine({ bytes: 0, totalBytes: 0, records: 0, found: 0, seconds: 0 }, 200)).toMatch(
      / 0 % {2}0 records\/s {2}0 matches$/,
    );
    expect(progressLine({ ...figures, bytes: 2000 }, 200)).toMatch(/ 100 % .* 0 s left$/);
  });
});
