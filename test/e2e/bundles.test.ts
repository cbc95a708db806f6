// Bundles as an auditor gets them: exported by the command line with files, the report and the verifier in it; exported by the window's
// three steps and stopped on the way; and what is left of one whose console ends while it is sent.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256Hex } from '../../src-main/base/hashes.ts';
import type { Client } from '../../src-main/shells/cli/client.ts';
import { fingerprintWords } from '../../src-shared/evidence/fingerprint-words.ts';
import {
  admin,
  clientOf,
  createProfile,
  enrolAdmin,
  type NodeProcess,
  type Profile,
  runCommand,
  startNode,
} from '../support/node.ts';
import { accessibilityFaults } from './accessibility.ts';
import { buildConsole, launchChromium, openContext } from './browser.ts';
import { signIn } from './screen.ts';

let profile: Profile;
let node: NodeProcess;
let browser: Browser;
let page: Page;
let client: Client;
let secret = '';
let environment: NodeJS.ProcessEnv;
const faults: string[] = [];
const path = (name: string): string => join(profile.home, name);

beforeAll(async () => {
  buildConsole();
  profile = createProfile({ GATEHOUSE_ADMIN_USERNAME: admin.username, GATEHOUSE_ADMIN_PASSWORD: admin.password });
  node = await startNode(profile);
  const enrolled = await enrolAdmin(node);
  secret = enrolled.secret;
  client = clientOf(node, enrolled.token);
  const { key } = await client.call('keys.create', {
    name: 'auditor',
    scopes: ['audit.read', 'audit.export', 'audit.verify'],
  });
  environment = {
    ...profile.environment,
    GATEHOUSE_URL: node.url,
    GATEHOUSE_CA: node.ca,
    GATEHOUSE_API_KEY: key,
  };
  browser = await launchChromium();
  page = await (await openContext(browser, { acceptDownloads: true })).newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => faults.push(error.message));
});

afterAll(async () => {
  await browser?.close();
  client?.[Symbol.dispose]();
  await node?.kill('SIGTERM');
  profile?.[Symbol.dispose]();
});

test('the command line exports files, report, key and verifier in one bundle, and anybody verifies it', async () => {
  writeFileSync(path('scan.txt'), 'port 22 open');
  const out = path('march.ghbundle');
  const exported = await runCommand(
    ['audit', 'export', '--out', out, '--reason', 'review', '--attach', path('scan.txt'), '--pdf', '--with-key'],
    environment,
  );
  expect(exported).toEqual({ code: 0, stdout: '', stderr: '' });
  const key = await runCommand(['audit', 'public-key'], environment);
  writeFileSync(path('console.vkey'), key.stdout);
  const checked = await runCommand(
    ['audit', 'verify', out, '--key', path('console.vkey'), '--json'],
    // Without a console, without a home.
    { PATH: process.env.PATH },
  );
  expect(checked.code).toBe(0);
  expect(JSON.parse(checked.stdout)).toMatchObject({ verdict: 'VERIFIED' });
  const bundle = JSON.parse(readFileSync(out, 'utf8')) as {
    attachments: { name: string; data: string }[];
    dsse: { payload: string };
  };
  const manifest = JSON.parse(Buffer.from(bundle.dsse.payload, 'base64').toString('utf8')) as {
    attachments: { name: string; media_type: string; sha256: string }[];
  };
  const files = Object.fromEntries(bundle.attachments.map(({ name, data }) => [name, Buffer.from(data, 'base64')]));
  expect(Object.keys(files)).toEqual(['scan.txt', 'console.vkey', 'report.pdf']);
  expect(files['report.pdf']?.subarray(0, 5).toString()).toBe('%PDF-');
  expect(files['console.vkey']?.toString()).toBe(key.stdout);
  for (const { name, sha256 } of manifest.attachments) expect(sha256Hex(files[name] ?? Buffer.alloc(0))).toBe(sha256);
  const extract = ['audit', 'extract', out, '--key', path('console.vkey'), '--out', path('files')];
  const taken = await runCommand(extract, { PATH: process.env.PATH });
  expect(taken).toMatchObject({ code: 0, stderr: 'VERIFIED\n' });
  expect(readFileSync(path('files/scan.txt'), 'utf8')).toBe('port 22 open');
  expect(readFileSync(path('files/report.pdf')).equals(files['report.pdf'] ?? Buffer.alloc(0))).toBe(true);
  expect(await runCommand(extract, { PATH: process.env.PATH })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is already there'),
  });
  writeFileSync(
    path('altered.ghbundle'),
    readFileSync(out, 'utf8').replace('"review', '"Review').replace('cG9ydCAy', 'cG9ydCAz'),
  );
  const refused = await runCommand(['audit', 'extract', path('altered.ghbundle'), '--out', path('none')], {
    PATH: process.env.PATH,
  });
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(() => readFileSync(path('none/scan.txt'))).toThrow();
});

test('a filter that fits nothing, a file that is not there and a bad flag are said, and nothing is written', async () => {
  const out = path('none.ghbundle');
  for (const [flags, code, said] of [
    [['--actor', 'nobody'], 1, 'no entries match; widen the range or the filter'],
    [['--attach', path('missing.txt')], 2, 'cannot read'],
    [['--about', 'a/b/c'], 2, 'expected a type'],
    [['--about', 'alert', '--incident', '7'], 2, 'leave out --about'],
    [['--incident', '7'], 1, 'no entries match'],
    [['--control', 'CC6.1'], 2, 'of which framework?'],
    [['--framework', 'soc3'], 1, 'did you mean soc2?'],
    [['--framework', 'soc2', '--control', 'CC61'], 1, 'did you mean CC6.1?'],
    [['--framework', 'soc2', '--control', 'CC1.1'], 1, 'attach the policy, minutes or decision to a bundle as a file'],
  ] as const) {
    const result = await runCommand(['audit', 'export', '--out', out, ...flags], environment);
    expect(result).toMatchObject({ code, stderr: expect.stringContaining(said) });
    expect(() => readFileSync(out)).toThrow();
    expect(() => readFileSync(`${out}.new`)).toThrow();
  }
});

test('the command line exports the evidence of a control, and lists what can be asked for', async () => {
  const out = path('cc6-2.ghbundle');
  const asked = ['--framework', 'soc2', '--control', 'cc6.2', '--reason', 'yearly audit'];
  expect(await runCommand(['audit', 'export', '--out', out, ...asked], environment)).toMatchObject({
    code: 0,
    stderr: '',
  });
  const bundle = JSON.parse(readFileSync(out, 'utf8')) as {
    dsse: { payload: string };
    entries: { leaf: { event_type: string } }[];
  };
  const { filter } = JSON.parse(Buffer.from(bundle.dsse.payload, 'base64').toString('utf8')) as {
    filter: { event_types: string[] };
  };
  expect(filter).toMatchObject({ framework: 'soc2', control: 'CC6.2', catalogue_version: 1 });
  const types = new Set(bundle.entries.map(({ leaf }) => leaf.event_type));
  expect(types).toContain('key_create');
  expect([...types].filter((type) => !filter.event_types.includes(type))).toEqual([]);
  const { stdout: key } = await runCommand(['audit', 'public-key'], environment);
  const checked = await runCommand(['audit', 'verify', out, '--key', key.trim(), '--json'], { PATH: process.env.PATH });
  expect(checked.code).toBe(0);
  expect(JSON.parse(checked.stdout)).toMatchObject({ verdict: 'VERIFIED WITH LIMITS' });

  const list = await runCommand(['audit', 'frameworks'], environment);
  expect(list.stdout).toMatch(/^soc2 +61 +32 +SOC 2 Trust Services Criteria/m);
  const soc2 = await runCommand(['audit', 'frameworks', 'soc2'], environment);
  expect(soc2.stdout).toMatch(/^ {2}CC6\.2 +Users are registered.* accounts, second_factor, sign_in$/m);
  expect(soc2.stdout).toMatch(/^ {2}CC1\.1 +Integrity.* none: it is shown by what the organisation has decided/m);
  const json = await runCommand(['audit', 'frameworks', 'soc2', '--json'], environment);
  expect(JSON.parse(json.stdout)).toMatchObject({ catalogue_version: 1, frameworks: [{ id: 'soc2' }] });
});

test('a console that ends while it sends leaves no file that looks whole', async () => {
  const { id } = await client.call('bundles.start', {});
  await client.call('bundles.attach', { id, name: 'large.bin', offset: 0, data: new Uint8Array(1024 * 1024) });
  await client.call('bundles.seal', { id });
  while ((await client.call('bundles.state', { id })).state !== 'ready')
    await new Promise((done) => setTimeout(done, 50));
  const { size, parts } = await client.download('bundles.fetch', { id }, new AbortController().signal);
  expect(size).toBeGreaterThan(1_398_000);
  let read = 0;
  const reading = (async () => {
    for await (const part of parts) {
      read += part.length;
      if (read === part.length) await client.call('bundles.discard', { id });
    }
  })();
  // Small enough to be on its way already, or cut: never longer than announced, and never silently short.
  await reading.catch((error: unknown) => expect(String(error)).toContain('broke off'));
  expect(read).toBeLessThanOrEqual(size);
});

async function expectAccessible(name: string): Promise<void> {
  expect(await accessibilityFaults(page), name).toEqual([]);
}

test('the window exports in three steps by keyboard, and its summary can be read out', async () => {
  await signIn(page, node.url, secret);
  await page.goto(`${node.url}/#/audit`);
  await page.getByRole('heading', { name: 'Audit log' }).waitFor();
  await page.keyboard.press('e');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Step 1 of 3').waitFor();
  await expectAccessible('entries');
  await dialog.getByRole('button', { name: 'Next' }).press('Enter');
  await dialog.getByText('Step 2 of 3').waitFor();
  await dialog.getByLabel('Report for people (PDF)').check();
  await dialog
    .locator('input[type=file]')
    .setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('seen by two') });
  await dialog.getByText('notes.txt').waitFor();
  await expectAccessible('contents');
  await dialog.getByRole('button', { name: 'Next' }).press('Enter');
  await dialog.getByLabel('Reason, and who gets it').fill('external audit, Nordwind GmbH');
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  await dialog.getByRole('heading', { name: 'Bundle exported' }).waitFor();
  const file = path('window.ghbundle');
  await download.saveAs(file);
  await dialog.getByText('VERIFIED', { exact: true }).waitFor();
  await expectAccessible('summary');
  const again = dialog.getByRole('button', { name: 'Save it again' });
  const [second] = await Promise.all([page.waitForEvent('download'), again.click()]);
  await second.saveAs(path('again.ghbundle'));
  expect(readFileSync(path('again.ghbundle'))).toEqual(readFileSync(file));
  const words = await dialog.innerText();
  const checked = await runCommand(['audit', 'verify', file, '--key', path('console.vkey')], {
    PATH: process.env.PATH,
  });
  expect(checked.code).toBe(0);
  const { items } = await client.call('audit.entries', { event_type: 'audit_export', limit: 1 });
  expect(items[0]?.details).toMatchObject({
    reason: 'external audit, Nordwind GmbH',
    attachments: [{ name: 'notes.txt' }, { name: 'console.vkey' }, { name: 'report.pdf' }],
  });
  expect(words).toContain(String(items[0]?.details.root_hash));
  await dialog.getByRole('button', { name: 'Done' }).press('Enter');
});

test('the bundles that were exported are listed beside the verifier, with the words that were read out', async () => {
  await page.goto(`${node.url}/#/verify`);
  const row = page.getByRole('row').filter({ hasText: 'external audit, Nordwind GmbH' });
  await row.waitFor();
  const { items } = await client.call('audit.entries', { event_type: 'audit_export', limit: 1 });
  const root = Buffer.from(String(items[0]?.details.root_hash), 'hex');
  expect(await row.innerText()).toContain(fingerprintWords(root).join(' '));
  await expectAccessible('exported');
  await page.setViewportSize({ width: 420, height: 900 });
  await expectAccessible('exported, narrow');
  await page.setViewportSize({ width: 1440, height: 900 });
});

test('a key is pinned in the console, what was checked is saved as a receipt that it signs, and files are given out', async () => {
  const bundle = path('window.ghbundle');
  const choose = page.locator('input[data-chooser=bundle]');
  await choose.setInputFiles(bundle);
  await page.getByRole('heading', { name: 'VERIFIED WITH LIMITS' }).waitFor();
  await page.getByRole('cell', { name: /^first seen, key/ }).waitFor();
  // What one has at hand stays where it is while the file is judged anew.
  const stays = page.locator('[role=tablist], [role=grid]').filter({ hasText: /Held against|^Seq/ });
  await expect.poll(() => stays.count()).toBe(2);
  await stays.evaluateAll((elements) => elements.map((element) => element.setAttribute('data-seen-before', '')));
  await page.getByRole('button', { name: 'Words match, pin this key' }).press('Enter');
  await page.getByRole('heading', { name: 'VERIFIED', exact: true }).waitFor();
  expect(await page.locator('[data-seen-before]').count()).toBe(2);
  await expectAccessible('pinned');
  // Kept for everybody here, not for this window alone.
  const { items: pins } = await client.call('bundles.pins', {});
  expect(pins.map(({ pinned_by, verifier_key }) => [pinned_by, verifier_key])).toEqual([
    [admin.username, readFileSync(path('console.vkey'), 'utf8').trim()],
  ]);
  await page.reload();
  await page.getByText('Pinned', { exact: true }).waitFor();
  await choose.setInputFiles(bundle);
  await page.getByRole('heading', { name: 'VERIFIED', exact: true }).waitFor();

  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('s')]);
  const receipt = path('window.receipt');
  await download.saveAs(receipt);
  await page.getByRole('main').getByText('Receipt saved, signed by this console').waitFor();
  const checked = await runCommand(['verify', receipt, '--key', path('console.vkey'), '--of', bundle], {
    PATH: process.env.PATH,
  });
  expect(checked).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^VERIFIED\nThis receipt is what was signed\. mira /),
  });
  await choose.setInputFiles(receipt);
  await page.getByText('a receipt of a verification').waitFor();
  await expectAccessible('receipt');
  await page.setViewportSize({ width: 420, height: 900 });
  await expectAccessible('receipt, narrow');
  await page.setViewportSize({ width: 1440, height: 900 });

  await choose.setInputFiles(bundle);
  await page.getByRole('tab', { name: /^Files/ }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save notes.txt' }).press('Enter'),
  ]);
  await file.saveAs(path('notes.txt'));
  expect(readFileSync(path('notes.txt'), 'utf8')).toBe('seen by two');
  expect(await openedBeside('Open report.pdf beside')).toBe('application/pdf');
  await page.getByRole('tab', { name: /^Held against/ }).click();
  await page.getByRole('button', { name: /^Take away pinned key/ }).press('Enter');
  await page.getByRole('heading', { name: 'VERIFIED WITH LIMITS' }).waitFor();
  expect(await client.call('bundles.pins', {})).toEqual({ items: [] });
});

test('receipts of the command line: by nobody, or signed by a running console; and a PDF that came with its bundle', async () => {
  const bundle = path('window.ghbundle');
  const nowhere = { PATH: process.env.PATH };
  const key = ['--key', path('console.vkey')];
  const own = await runCommand(['audit', 'verify', bundle, ...key, '--receipt', path('own.receipt')], nowhere);
  expect(own).toMatchObject({ code: 0, stderr: expect.stringContaining('nobody signed it, and it says so') });
  expect(await runCommand(['verify', path('own.receipt'), ...key], nowhere)).toMatchObject({
    code: 2,
    stdout: expect.stringMatching(
      /^CANNOT CHECK\nNobody signed this receipt\. It says that window\.ghbundle was VERIFIED/,
    ),
  });
  const again = await runCommand(['verify', bundle, ...key, '--receipt', path('own.receipt')], nowhere);
  expect(again).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('is already there') });
  const signed = await runCommand(['verify', bundle, ...key, '--receipt', path('s.receipt'), '--sign'], environment);
  expect(signed).toMatchObject({ code: 0, stderr: expect.stringContaining('signed receipt in') });
  for (const [flags, code] of [
    [[...key, '--of', bundle], 0],
    [[...key, '--of', path('console.vkey')], 1],
    [['--strict'], 3],
    [['--of', bundle, '--json'], 0],
  ] as const) {
    expect(await runCommand(['verify', path('s.receipt'), ...flags], nowhere)).toMatchObject({ code, stderr: '' });
  }
  const { items } = await client.call('audit.entries', { event_type: 'bundle_receipt', limit: 1 });
  expect(items[0]).toMatchObject({ actor: { kind: 'key' }, details: { verdict: 'VERIFIED', file: 'window.ghbundle' } });
  const misused = await runCommand(['verify', bundle, '--sign'], nowhere);
  expect(misused).toMatchObject({ code: 2, stderr: expect.stringContaining('--receipt') });

  await runCommand(['audit', 'extract', bundle, ...key, '--out', path('beside')], nowhere);
  const beside = ['verify', bundle, ...key, '--pdf'];
  expect(await runCommand([...beside, path('beside/report.pdf')], nowhere)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^VERIFIED\n[\s\S]*proven +PDF matches data +report\.pdf is byte for byte the attached/,
    ),
  });
  writeFileSync(path('printed.pdf'), Buffer.concat([readFileSync(path('beside/report.pdf')), Buffer.from('\n')]));
  expect(await runCommand([...beside, path('printed.pdf')], nowhere)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^VERIFIED WITH LIMITS\n/),
  });
});

/** What the browser takes the window for that a button opens; in front of it the bundle stays as it was. */
async function openedBeside(button: string): Promise<string> {
  const [beside] = await Promise.all([page.waitForEvent('popup'), page.getByRole('button', { name: button }).click()]);
  const type = await beside.evaluate(() => document.contentType);
  expect(await beside.evaluate(() => window.opener)).toBeNull();
  await beside.close();
  await page.getByRole('tab', { name: /^Files/, selected: true }).waitFor();
  return type;
}

test('a PDF with its bundle is verified where it is dropped, and one without is named', async () => {
  const out = path('window.pdf');
  const bundle = path('window.ghbundle');
  await runCommand(['audit', 'render', bundle, '--out', out], { PATH: process.env.PATH });
  const choose = page.locator('input[data-chooser=bundle]');
  await choose.setInputFiles(out);
  await page.getByText('the printed pages around the bundle are signed by nobody, and not compared').waitFor();
  await page.getByRole('heading', { name: 'VERIFIED WITH LIMITS' }).waitFor();
  await page.getByRole('tab', { name: /^Files/ }).click();
  await page.getByText('The entries were inside this PDF').waitFor();
  expect(await openedBeside('Open it beside')).toBe('application/pdf');
  await runCommand(['audit', 'render', bundle, '--out', out, '--force', '--no-bundle'], { PATH: process.env.PATH });
  await choose.setInputFiles(out);
  await page.getByText('this PDF carries no bundle').waitFor();
  await page.goto(`${node.url}/#/audit`);
  await page.getByRole('heading', { name: 'Audit log' }).waitFor();
});

test('what cannot be exported is said in the dialog, and what was typed stays', async () => {
  await page.keyboard.press('e');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Actor').fill('nobody');
  await dialog.getByRole('button', { name: 'Next' }).press('Enter');
  await dialog.getByText('People', { exact: true }).click();
  await dialog.getByRole('alert').filter({ hasText: 'would name whom you keep back' }).waitFor();
  await dialog.getByText('Nothing', { exact: true }).click();
  await dialog.getByRole('button', { name: 'Next' }).press('Enter');
  await dialog.getByLabel('Reason, and who gets it').fill('nothing to see');
  await page.keyboard.press('Enter');
  await dialog.getByRole('alert').filter({ hasText: 'no entries match' }).waitFor();
  expect(await dialog.getByLabel('Reason, and who gets it').inputValue()).toBe('nothing to see');
  await expectAccessible('failed');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(faults).toEqual([]);
  rmSync(path('march.ghbundle'), { force: true });
});
