// One format, three verifiers: the command line's code, the one-file page in Chromium, and the Python script of the documentation. They
// must say the same of every bundle, and the page must not ask for anything.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodePrimitives } from '../../src-main/base/evidence-primitives.ts';
import { nodeStamps } from '../../src-main/base/stamp-primitives.ts';
import { oneFileVerifier } from '../../src-renderer/verifier-file/one-file.ts';
import { encodeUtf8 } from '../../src-shared/evidence/bytes.ts';
import { erasedName, formatErased } from '../../src-shared/evidence/erased-fields.ts';
import { timeStampRequest } from '../../src-shared/evidence/stamps/time-stamp.ts';
import type { Verdict } from '../../src-shared/evidence/verdict.ts';
import { verifyBundle } from '../../src-shared/evidence/verify-bundle.ts';
import { digestText } from '../../src-shared/evidence/verify-report.ts';
import { createTestConsole } from '../support/console.ts';
import { projectRoot } from '../support/node.ts';
import { tamperedBundles, tamperedEntries } from '../support/tampered-bundles.ts';
import { type AuthorityFiles, makeAuthority } from '../support/time-stamp-authority.ts';
import { witnessSigner } from '../support/witness-server.ts';
import { ORIGIN, SampleLog, sampleBody, testSigner } from '../unit/evidence/sample-log.ts';
import { accessibilityFaults } from './accessibility.ts';
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

type Named = {
  readonly witnesses?: readonly string[];
  readonly authorities?: readonly string[];
  readonly pdf?: Uint8Array;
};

function inNode(bytes: Uint8Array, { witnesses = [], authorities = [], pdf }: Named = {}): Verdict {
  return verifyBundle(nodePrimitives, bytes, {
    trustedKeys: [key],
    witnesses,
    timeStamps: { authorities, primitives: nodeStamps },
    ...(pdf && { pdf: { name: 'printed.pdf', bytes: pdf, carriesBundle: false } }),
  });
}

function inPython(bytes: Uint8Array, { witnesses = [], authorities = [], pdf }: Named = {}) {
  const path = join(folder, 'bundle.ghbundle');
  writeFileSync(path, bytes);
  const files = authorities.map((pem, index) => {
    const file = join(folder, `ca-${index}.pem`);
    writeFileSync(file, pem);
    return ['--tsa-ca', file];
  });
  if (pdf !== undefined) writeFileSync(join(folder, 'printed.pdf'), pdf);
  const flags = [
    ...files.flat(),
    ...witnesses.flatMap((witness) => ['--witness', witness]),
    ...(pdf === undefined ? [] : ['--pdf', join(folder, 'printed.pdf')]),
  ];
  const { status, stdout, stderr } = spawnSync('python3', [join(folder, 'verify.py'), path, key, ...flags], {
    encoding: 'utf8',
  });
  const said = `${stdout}${stderr}`.trim();
  const rows = [...stdout.matchAll(/^ {2}(\w+) +(\S+(?: \S+)*?) {2,}/gm)].map(
    ([, state, title]) => `${title}: ${state}`,
  );
  return { code: status, said, first: said.split('\n', 1)[0], rows };
}

/** What each row says, without its words. */
function rowsOf({ checks }: Verdict): string[] {
  return checks.map(({ title, state }) => `${title}: ${state}`);
}

let turn = 0;
async function inPage(bytes: Uint8Array): Promise<{ verdict: string; rows: string[]; findings: string[] }> {
  turn += 1;
  const name = `${turn}.ghbundle`;
  await page
    .locator('input[data-chooser=bundle]')
    .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(bytes) });
  await page.getByRole('status').filter({ hasText: name }).waitFor();
  return {
    verdict: await page.getByRole('status').getByRole('heading').innerText(),
    rows: await page
      .getByRole('table', { name: 'What was checked' })
      .getByRole('row')
      .evaluateAll((rows) =>
        rows.slice(1).map((row) => {
          const [state = '', title = ''] = [...row.querySelectorAll('td')].map((cell) => cell.textContent);
          return `${title}: ${state.trim().toLowerCase().replace(' ', '_')}`;
        }),
      ),
    findings: await page.locator('section:has(h3:text-matches("finding")) li').allInnerTexts(),
  };
}

test('the genuine bundle: limits without the key, verified once it is pinned, in all three', async () => {
  expect(inNode(genuine).verdict).toBe('VERIFIED');
  expect(inPython(genuine)).toMatchObject({ code: 0, first: 'VERIFIED', rows: rowsOf(inNode(genuine)) });
  expect(await inPage(genuine)).toMatchObject({ verdict: 'VERIFIED WITH LIMITS', findings: [] });
  await page.getByRole('button', { name: 'Words match, pin this key' }).click();
  await page.getByRole('heading', { name: 'VERIFIED', exact: true }).waitFor();
  expect(await inPage(genuine)).toEqual({ verdict: 'VERIFIED', rows: rowsOf(inNode(genuine)), findings: [] });
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
    if (verdict.verdict === 'CANNOT CHECK')
      expect(python, name).toMatchObject({ code: 2, said: expect.stringContaining('CANNOT CHECK') });
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

test('what others said of the time, erased fields and reports are judged alike by all three, row by row', async () => {
  const log = new SampleLog(14);
  const other = new SampleLog(14, { body: (seq) => ({ ...sampleBody(seq), action: 'other' }) });
  const authority = makeAuthority(folder, 'clock');
  const stranger = makeAuthority(folder, 'stranger');
  const witness = witnessSigner('witness.example/w1', 1);
  const named: Named = { witnesses: [witness.key.text], authorities: [authority.ca] };
  const note = log.checkpoint(12);
  const textOf = (whole: string): string => whole.slice(0, whole.indexOf('\n\n') + 1);
  const cosigned = (whole: string, of = whole): string => whole + witness.line(textOf(of), 1_795_000_000);
  const stamp = (by: AuthorityFiles, text = textOf(note)): Uint8Array =>
    Uint8Array.from(by.reply(timeStampRequest(nodePrimitives.sha256(encodeUtf8(text)), Uint8Array.of(7))));
  const report = (digest: string): Uint8Array => encodeUtf8(`%PDF-1.7\n8 0 obj\n(${digestText(digest)})\nendobj\n`);
  const digest = inNode(log.bundle(2, 11)).manifest?.content_digest.value ?? '';
  const made = (files: { [name: string]: string | Uint8Array }, to = 11): Uint8Array =>
    log.bundle(2, to, {
      consistency: [log.consistency(12)],
      disclose: (path) => path !== 'actor',
      attachments: Object.entries(files).map(([name, data]) => ({
        name,
        media_type: 'application/octet-stream',
        data: typeof data === 'string' ? encodeUtf8(data) : Uint8Array.from(data),
      })),
    });
  const kept = inNode(made({})).manifest?.content_digest.value ?? '';
  expect(kept).not.toBe(digest);
  const noteName = 'anchored-checkpoint-12.note';
  const stampName = 'anchored-checkpoint-12.tsr';
  const cases: [string, Verdict['verdict'], Uint8Array, Named][] = [
    ['nobody named', 'VERIFIED', made({ [noteName]: cosigned(note), [stampName]: stamp(authority) }), {}],
    ['both genuine', 'VERIFIED', made({ [noteName]: cosigned(note), [stampName]: stamp(authority) }), named],
    ['a stamp alone', 'VERIFIED', made({ [noteName]: note, [stampName]: stamp(authority) }), named],
    ['nothing attached', 'VERIFIED WITH LIMITS', made({}), named],
    ['a stranger', 'VERIFIED WITH LIMITS', made({ [noteName]: note, [stampName]: stamp(stranger) }), named],
    ['too early', 'VERIFIED WITH LIMITS', made({ [noteName]: cosigned(note) }, 13), named],
    ['another text cosigned', 'NOT VERIFIED', made({ [noteName]: cosigned(note, log.checkpoint(11)) }), named],
    ['another tree', 'NOT VERIFIED', made({ [noteName]: cosigned(other.checkpoint(12)) }), named],
    ['another size', 'NOT VERIFIED', made({ [noteName]: cosigned(log.checkpoint(11)) }), named],
    [
      'another text stamped',
      'NOT VERIFIED',
      made({ [noteName]: note, [stampName]: stamp(authority, textOf(log.checkpoint(11))) }),
      named,
    ],
    ['no stamp', 'NOT VERIFIED', made({ [noteName]: note, [stampName]: 'hello' }), named],
    ['fields erased', 'VERIFIED', made({ [erasedName]: formatErased(new Map([[3, ['actor']]])) }), {}],
    ['fields not erased', 'NOT VERIFIED', made({ [erasedName]: formatErased(new Map([[3, ['resource']]])) }), {}],
    ['erased elsewhere', 'NOT VERIFIED', made({ [erasedName]: formatErased(new Map([[13, ['actor']]])) }), {}],
    ['its own report', 'VERIFIED', made({ 'report.pdf': report(kept) }), {}],
    ["another's report", 'NOT VERIFIED', made({ 'report.pdf': report(digest) }), {}],
    ['the report beside it', 'VERIFIED', made({ 'report.pdf': report(kept) }), { pdf: report(kept) }],
    ['a PDF that nobody signed', 'VERIFIED WITH LIMITS', made({}), { pdf: report(kept) }],
    ["another's PDF beside it", 'NOT VERIFIED', made({}), { pdf: report(digest) }],
  ];
  const chooser = page.locator('input[data-chooser=bundle]');
  const removers = page.getByRole('button', { name: /^Remove (witness|authority)/ });
  for (const [name, word, bytes, held] of cases) {
    const verdict = inNode(bytes, held);
    expect([name, verdict.verdict]).toEqual([name, word]);
    const python = inPython(bytes, held);
    expect([name, python.code]).toEqual([name, word === 'NOT VERIFIED' ? 1 : 0]);
    if (word !== 'NOT VERIFIED') expect([name, ...python.rows]).toEqual([name, ...rowsOf(verdict)]);
    for (const text of [...(held.witnesses ?? []), ...(held.authorities ?? [])]) {
      await chooser.setInputFiles({ name: 'trust.txt', mimeType: 'text/plain', buffer: Buffer.from(text) });
      await page.getByRole('tab', { name: /^Held against/ }).click();
      await removers.first().waitFor();
    }
    turn += 1;
    const files = [
      { name: `${turn}.ghbundle`, mimeType: 'application/json', buffer: Buffer.from(bytes) },
      ...(held.pdf === undefined
        ? []
        : [{ name: 'printed.pdf', mimeType: 'application/pdf', buffer: Buffer.from(held.pdf) }]),
    ];
    await chooser.setInputFiles(files);
    await page
      .getByRole('status')
      .filter({ hasText: files[0]?.name ?? '' })
      .waitFor();
    const states = page.getByRole('table', { name: 'What was checked' }).getByRole('row');
    const shown = () =>
      states.evaluateAll((rows) =>
        rows.slice(1).map((row) => {
          const [state = '', title = ''] = [...row.querySelectorAll('td')].map((cell) => cell.textContent);
          return `${title}: ${state.trim().toLowerCase().replace(' ', '_')}`;
        }),
      );
    // What is trusted was changed just before: the file may be judged anew while its rows are looked at.
    await expect.poll(shown, { timeout: 15_000, message: name }).toEqual(rowsOf(verdict));
    await page.getByRole('tab', { name: /^Held against/ }).click();
    for (let left = (held.witnesses?.length ?? 0) + (held.authorities?.length ?? 0); left > 0; left--) {
      await expect.poll(() => removers.count(), { timeout: 15_000, message: name }).toBe(left);
      await removers.first().click();
    }
  }
}, 180_000);

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
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
});

test('a bundle of a console that keeps people back verifies in all three', { timeout: 120_000 }, async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  await console.createKey(['events.read'], session);
  const { verifier_key } = await console.call('audit.public_key', {}, session);
  const text = await console.call('audit.export', { redact: 'people', reason: 'for the auditor' }, session);
  const bytes = encodeUtf8(text);
  expect(verifyBundle(nodePrimitives, bytes, { trustedKeys: [verifier_key] }).verdict).toBe('VERIFIED');
  const path = join(folder, 'people.ghbundle');
  writeFileSync(path, bytes);
  const python = spawnSync('python3', [join(folder, 'verify.py'), path, verifier_key], { encoding: 'utf8' });
  expect([python.status, python.stdout.split('\n', 1)[0]]).toEqual([0, 'VERIFIED']);
  // Opened anew: nobody pinned this console's key in it, and the key pinned before is another's.
  await page.reload();
  expect(await inPage(bytes)).toMatchObject({ verdict: 'VERIFIED WITH LIMITS', findings: [] });
});
