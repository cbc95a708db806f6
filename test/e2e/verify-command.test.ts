// `gatehouse verify` as scripts use it: bundles, PDFs and receipts from a pipe, and what it says to a machine.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { projectRoot, runCommand } from '../support/node.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-verify-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bundle = join(projectRoot, 'test/fixtures/evidence/sample.ghbundle');
const key = readFileSync(join(projectRoot, 'test/fixtures/evidence/sample.vkey'), 'utf8').trim();
const environment = { PATH: process.env.PATH, HOME: folder };
const bin = join(projectRoot, 'src-main/shells/cli/bin.mjs');
const gatehouse = (...args: string[]) => runCommand(args, environment);

/** The file comes through a pipe, which can be read once and has no length before its end. */
function piped(file: string, ...args: string[]) {
  const run = spawnSync('bash', ['-c', 'cat "$0" | "$@"', file, process.execPath, bin, ...args], {
    encoding: 'utf8',
    env: environment,
  });
  return { code: run.status, stdout: run.stdout, stderr: run.stderr };
}

test('a bundle, a PDF that carries one, and a receipt say the same from a pipe as from a file', async () => {
  const pdf = join(folder, 'report.pdf');
  const receipt = join(folder, 'receipt.json');
  expect(await gatehouse('audit', 'render', bundle, '--key', key, '--out', pdf)).toMatchObject({ code: 0 });
  expect(piped(bundle, 'verify', '/dev/stdin', '--key', key, '--receipt', receipt)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^VERIFIED\n/) as string,
  });
  expect((await gatehouse('verify', receipt, '--of', bundle)).stdout).toMatch(/^CANNOT CHECK\nNobody signed/);
  for (const file of [bundle, pdf, receipt]) {
    const whole = await gatehouse('verify', file, '--key', key);
    expect(piped(file, 'verify', '/dev/stdin', '--key', key), file).toMatchObject({
      code: whole.code,
      stdout: whole.stdout,
    });
  }
  expect(
    piped(bundle, 'audit', 'render', '/dev/stdin', '--key', key, '--out', join(folder, 'piped.pdf')),
  ).toMatchObject({ code: 0, stderr: 'VERIFIED\n' });
  expect(piped(bundle, 'audit', 'extract', '/dev/stdin', '--key', key, '--out', folder)).toMatchObject({ code: 0 });
  expect(readFileSync(join(folder, 'note.txt'), 'utf8')).toBe('Seen by two people.\n');
});

test('--json says which file it was, and what the bundle says of itself, with the same members whatever happens', async () => {
  const good = await gatehouse('verify', bundle, '--key', key, '--json');
  const said = JSON.parse(good.stdout) as Record<string, unknown>;
  expect(said).toMatchObject({
    verdict: 'VERIFIED',
    findings: [],
    findings_left_out: 0,
    file: { name: 'sample.ghbundle', size: readFileSync(bundle).length },
    bundle: { origin: 'gatehouse/0198a3f2', range: { from: 3, to: 4 }, tree_size: 5, entries: 2, signer: key },
    in_pdf: false,
  });
  const damaged = join(folder, 'damaged.ghbundle');
  writeFileSync(damaged, readFileSync(bundle).subarray(0, 1000));
  const plain = join(folder, 'plain.pdf');
  writeFileSync(plain, '%PDF-1.7\n');
  for (const [args, code, verdict] of [
    [[damaged], 1, 'NOT VERIFIED'],
    [[plain], 2, 'CANNOT CHECK'],
    [[join(folder, 'missing')], 2, 'CANNOT CHECK'],
    [[bundle, '--key', 'missing'], 2, 'CANNOT CHECK'],
  ] as const) {
    const bad = await gatehouse('verify', ...args, '--json');
    const answer = JSON.parse(bad.stdout) as Record<string, unknown>;
    expect([args, bad.code, answer.verdict, answer.bundle]).toEqual([args, code, verdict, null]);
    expect(Object.keys(answer).sort()).toEqual(Object.keys(said).sort());
  }
  expect((await gatehouse('verify', plain)).stderr).toBe(
    `gatehouse: cannot read ${plain}: this PDF carries no bundle\n`,
  );
});

test('what two people read out to each other stands under a genuine bundle, and under no other', async () => {
  const words =
    /\nCompare with the sender by phone:\n {2}root {2}([a-z]+-[a-z]+ {2}){4}\([0-9a-f]{64}\)\n {2}key {3}([a-z]+-[a-z]+ {2}){4}\([0-9a-f]{64}\)\n$/;
  expect((await gatehouse('verify', bundle)).stdout).toMatch(words);
  const changed = join(folder, 'changed.ghbundle');
  writeFileSync(
    changed,
    readFileSync(bundle, 'utf8').replace('"Nordkai', '"Nordkaj').replace('"success":true', '"success":false'),
  );
  const refused = await gatehouse('verify', changed);
  expect(refused.stdout).toMatch(/^NOT VERIFIED\n/);
  expect(refused.stdout).not.toContain('by phone');
});
