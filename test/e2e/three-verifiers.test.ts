// One format, three verifiers: the command line's code, the one-file page in Chromium, and the Python script of the documentation. They
// must say the same of every bundle, and the page must not ask for anything.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodePrimitives } from '../../src-main/base/evidence-primitives.ts';
import { oneFileVerifier } from '../../src-renderer/verifier-file/one-file.ts';
import type { Verdict } from '../../src-shared/evidence/verdict.ts';
import { verifyBundle } from '../../src-shared/evidence/verify-bundle.ts';
import { projectRoot } from '../support/node.ts';
import { tamperedBundles, tamperedEntries } from '../support/tampered-bundles.ts';
import { ORIGIN, SampleLog, sampleBody, testSigner } from '../unit/evidence/sample-log.ts';
import { launchChromium, openContext } from './browser.ts';

const fixture = (name: string): Buffer => readFileSync(join(projectRoot, 'test/fixtures/evidence', name));
const genuine = new Uint8Array(fixture('sample.ghbundle'));
const key = fixture('sample.vkey').toString('utf8').trim();
const foreign = new SampleLog(5, {
  signer: testSigner('gatehouse/other', 9),
  body: (seq) => ({ ...sampleBody(seq), action: 'other' }),
}).bundle(3, 4);
const tampered = tamperedBundles(genuine, foreign, 40);

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-verifiers-'));
const file = join(folder, 'verify.html');
const requests: string[] = [];
let browser: Browser;
let page: Page;

beforeAll(async () => {
  const { closeBundle } = oneFileVerifier(file, join(projectRoot, 'src-renderer/verifier-file'));
  if (typeof closeBundle !== 'function') throw new Error('the plugin builds nothing');
  await Reflect.apply(closeBundle, undefined, []);
  const script = /```python\n(.*?)```/s.exec(readFileSync(join(projectRoot, 'docs/bundle-format.md'), 'utf8'))?.[1];
  if (script === undefined) throw new Error('the format description holds no Python verifier');
  writeFileSync(join(folder, 'verify.py'), script);
  browser = await launchChromium();
  const context = await openContext(browser);
  // As on a computer without network: whatever it might ask for would fail, and be seen.
  await context.setOffline(true);
  page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.goto(`file://${file}`);
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

function inNode(bytes: Uint8Array): Verdict {
  return verifyBundle(nodePrimitives, bytes, { trustedKeys: [key] });
}

function inPython(bytes: Uint8Array): { code: number | null; said: string } {
  const path = join(folder, 'bundle.ghbundle');
  writeFileSync(path, bytes);
  const { status, stdout, stderr } = spawnSync('python3', [join(folder, 'verify.py'), path, key], { encoding: 'utf8' });
  return { code: status, said: `${stdout}${stderr}`.trim() };
}

let turn = 0;
async function inPage(bytes: Uint8Array): Promise<{ verdict: string; findings: string[] }> {
  turn += 1;
  const name = `${turn}.ghbundle`;
  await page
    .locator('input[type=file]')
    .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(bytes) });
  await page.getByRole('status').filter({ hasText: name }).waitFor();
  return {
    verdict: await page.getByRole('status').getByRole('heading').innerText(),
    findings: await page.locator('section:has(h3:text-matches("finding")) li').allInnerTexts(),
  };
}

test('the genuine bundle: limits without the key, verified once it is pinned, in all three', async () => {
  expect(inNode(genuine).verdict).toBe('VERIFIED');
  expect(inPython(genuine)).toEqual({ code: 0, said: 'VERIFIED' });
  expect(await inPage(genuine)).toEqual({ verdict: 'VERIFIED WITH LIMITS', findings: [] });
  await page.getByRole('button', { name: 'Words match, pin this key' }).click();
  await page.getByRole('heading', { name: 'VERIFIED', exact: true }).waitFor();
  expect(await inPage(genuine)).toEqual({ verdict: 'VERIFIED', findings: [] });
});

test('every tampering is refused by all three, and the page names what the command line names', async () => {
  for (const { name, bytes } of tampered) {
    const verdict = inNode(bytes);
    const expected = verdict.findings.slice(0, 20).map(({ detail }) => detail);
    expect(expected, name).not.toEqual([]);
    const shown = await inPage(bytes);
    expect(shown.verdict, name).toBe(verdict.verdict);
    expect(shown.findings.length, name).toBe(expected.length);
    for (const [index, detail] of expected.entries()) expect(shown.findings[index], name).toContain(detail);
    const python = inPython(bytes);
    // A changed version is a file that none of them knows; that is said as such.
    if (verdict.verdict === 'CANNOT CHECK') expect(python.said, name).toContain('CANNOT CHECK');
    else
      expect({ name, verdict: verdict.verdict, python }).toMatchObject({
        name,
        verdict: 'NOT VERIFIED',
        python: { code: 1 },
      });
  }
  expect(tampered.length).toBeGreaterThan(60);
});

test('entries taken out, given twice or exchanged, each by itself and in rows, are named by all that name entries', async () => {
  const log = new SampleLog(14);
  expect(log.signer.key.text).toBe(key);
  const whole = log.bundle(2, 11);
  expect(inNode(whole).verdict).toBe('VERIFIED');
  expect(inPython(whole).code).toBe(0);
  expect((await inPage(whole)).verdict).toBe('VERIFIED');
  const changed = tamperedEntries(whole, log.bundle(3, 13));
  for (const { name, bytes, code, seq } of changed) {
    const { verdict, findings } = inNode(bytes);
    expect({ name, verdict, codes: findings.map((each) => [each.code, each.seq]) }).toEqual({
      name,
      verdict: 'NOT VERIFIED',
      codes: expect.arrayContaining([[code, seq]]),
    });
    const shown = await inPage(bytes);
    expect([name, shown.verdict, shown.findings.length]).toEqual([name, 'NOT VERIFIED', findings.length]);
    expect({ name, ...inPython(bytes) }).toMatchObject({ code: 1, said: expect.stringContaining('NOT VERIFIED') });
  }
  expect(changed.length).toBeGreaterThan(30);
});

test('a log forged under the same name is refused with the genuine key, and without any its signer is not known', async () => {
  const forged = new SampleLog(14, { signer: testSigner(ORIGIN, 8) }).bundle(2, 11);
  expect(inNode(forged)).toMatchObject({ verdict: 'NOT VERIFIED' });
  expect((await inPage(forged)).verdict).toBe('NOT VERIFIED');
  expect(inPython(forged)).toMatchObject({ code: 1, said: expect.stringContaining('signed by another key') });
  const unpinned = verifyBundle(nodePrimitives, forged, { trustedKeys: [] });
  expect(unpinned).toMatchObject({
    verdict: 'VERIFIED WITH LIMITS',
    headline: expect.stringContaining('signer not known'),
  });
});

test('a fork and a rollback are found against a checkpoint that is held', () => {
  const log = new SampleLog(14);
  const fork = new SampleLog(14, {
    body: (seq) => (seq < 9 ? sampleBody(seq) : { ...sampleBody(seq), success: false }),
  });
  const shorter = new SampleLog(12);
  const held = { trustedKeys: [key], checkpoints: [log.checkpoint()] };
  expect(verifyBundle(nodePrimitives, log.bundle(2, 11), held).verdict).toBe('VERIFIED');
  expect(verifyBundle(nodePrimitives, fork.bundle(2, 14), held)).toMatchObject({
    verdict: 'NOT VERIFIED',
    findings: [expect.objectContaining({ code: 'held-checkpoint-fork' })],
  });
  expect(verifyBundle(nodePrimitives, shorter.bundle(2, 11), held)).toMatchObject({
    verdict: 'NOT VERIFIED',
    findings: [expect.objectContaining({ code: 'held-checkpoint-rollback' })],
  });
});

test('the page asks for nothing but itself, also when it could', async () => {
  await page.context().setOffline(false);
  await inPage(genuine);
  expect(requests.filter((url) => !url.startsWith('blob:'))).toEqual([`file://${file}`]);
  // Its policy holds even against itself.
  const outcome = await page.evaluate(() =>
    fetch('https://example.org/').then(
      () => 'let out',
      () => 'held back',
    ),
  );
  expect(outcome).toBe('held back');
});

test('the page meets WCAG 2.2 AA and can be used by keyboard', async () => {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
});
