// The vault in a real browser against a real console: kept by keyboard, revealed behind the second factor for half a minute, copied without
// showing, rotated, deleted and brought back, imported; and what a lock leaves in the page.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { generateSync } from 'otplib';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  admin,
  clientOf,
  createProfile,
  enrolAdmin,
  type NodeProcess,
  type Profile,
  startNode,
} from '../support/node.ts';
import { accessibilityFaults } from './accessibility.ts';
import { buildConsole, launchChromium, openContext } from './browser.ts';

const value = 'vT7-quartz!Lane04_mOss';
const minuteMs = 60_000;
/** The console's clock runs ahead by so much, so that the second factor shown at signing in is no longer fresh. */
let aheadMs = 0;

let browser: Browser;
let context: BrowserContext;
let page: Page;
let profile: Profile;
let node: NodeProcess;
let factor = '';
let lastStep = 0;
const complaints: string[] = [];

beforeAll(async () => {
  buildConsole();
  browser = await launchChromium();
  profile = createProfile({
    GATEHOUSE_ADMIN_USERNAME: admin.username,
    GATEHOUSE_ADMIN_PASSWORD: admin.password,
    // The same address after a restart: the page and its cookie stay.
    GATEHOUSE_PORT: String(await freePort()),
  });
  node = await startNode(profile);
  factor = (await enrolAdmin(node)).secret;
  lastStep = stepNow();
  context = await openContext(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' && message.text().includes('Content Security Policy'))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
});

afterAll(async () => {
  await browser?.close();
  await node?.kill();
  profile?.[Symbol.dispose]();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return address.port;
}

const stepNow = () => Math.floor((Date.now() + aheadMs) / 30_000);

/** A code that was not used yet: no step is taken twice, and the next one is accepted already. */
async function nextCode(): Promise<string> {
  while (lastStep >= stepNow() + 1) await new Promise((resolve) => setTimeout(resolve, 500));
  lastStep = Math.max(lastStep + 1, stepNow());
  return generateSync({ secret: factor, epoch: lastStep * 30 });
}

async function restartAhead(ms: number): Promise<void> {
  aheadMs += ms;
  await node.kill('SIGTERM');
  const shift = `const now = Date.now; Date.now = () => now() + ${aheadMs};`;
  node = await startNode(profile, { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(shift)}` });
}

async function expectAccessible(name: string): Promise<void> {
  expect(await accessibilityFaults(page), name).toEqual([]);
}

const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
const row = (name: string) => page.getByRole('row', { name: new RegExp(`^${name},`) });
const shown = () => page.getByRole('group', { name: 'Value' });
/** Drawn, and read out besides. */
const said = (words: string | RegExp) => page.getByText(words).first();
const holdsValue = async (text: string) => (await page.content()).includes(text);

test('the empty vault says what to do, and a secret is kept without a pointer', async () => {
  // Runs as always until a test moves it on; one of the half minutes is waited for as it is.
  await page.clock.install();
  await page.goto(`${node.url}/`);
  await page.getByLabel('User name').fill(admin.username);
  await page.getByLabel('Password', { exact: true }).fill(admin.password);
  await page.getByLabel('Password', { exact: true }).press('Enter');
  await page
    .getByLabel('6-digit code')
    .first()
    .fill(await nextCode());
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.getByText('No secret is kept yet').waitFor();
  await expectAccessible('empty');

  await page.keyboard.press('n');
  await page.getByLabel('Name', { exact: true }).waitFor();
  await page.keyboard.type('db/orders/password');
  await page.getByRole('radio', { name: 'Generate it' }).press('ArrowRight');
  await page.getByRole('textbox', { name: 'The value' }).fill(value);
  await page.getByLabel('Rotate every').fill('90');
  await expectAccessible('new secret');
  await page.getByLabel('Rotate every').press('Enter');
  await row('db/orders/password').waitFor();
  expect(await page.getByRole('treeitem', { name: /^db/ }).innerText()).toMatch(/^db[\s,]*1$/);
  expect(await holdsValue(value)).toBe(false);
});

test('a value asks for the second factor, shows for half a minute, and goes', async () => {
  await restartAhead(6 * minuteMs);
  await page.reload();
  await row('db/orders/password').waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Reveal', exact: true }).waitFor();
  await page.keyboard.press('r');
  const question = page.getByRole('dialog', { name: 'Show your second factor again' });
  await question.waitFor();
  expect(await holdsValue(value)).toBe(false);
  await question.getByLabel('6-digit code').fill(await nextCode());
  await shown().waitFor();
  const from = performance.now();
  expect(await shown().innerText()).toBe(value);
  await page.getByText(/^Hides in (30|29|28) s\./).waitFor();
  await expectAccessible('value shown');
  await page.getByText(/^Hides in 2[0-5] s\./).waitFor();
  await shown().waitFor({ state: 'detached', timeout: 40_000 });
  expect(performance.now() - from).toBeGreaterThan(25_000);
  expect(await holdsValue(value)).toBe(false);
});

test('Escape, another row and another tab hide it at once; the pane closes only afterwards', async () => {
  const reveal = async () => {
    await page.keyboard.press('r');
    await shown().waitFor();
  };
  await reveal();
  await page.keyboard.press('Escape');
  await shown().waitFor({ state: 'detached' });
  expect(await page.getByRole('complementary', { name: 'Secret db/orders/password' }).isVisible()).toBe(true);
  await reveal();
  await page.getByRole('button', { name: 'Hide', exact: true }).focus();
  await row('db/orders/password').focus();
  await shown().waitFor({ state: 'detached' });
  await reveal();
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
    Reflect.deleteProperty(document, 'visibilityState');
  });
  await shown().waitFor({ state: 'detached' });
  expect(await holdsValue(value)).toBe(false);
});

test('copying shows nothing, and the clipboard is cleared although the console was locked meanwhile', async () => {
  await page.keyboard.press('c');
  await said(/^password copied\. The clipboard is cleared after 30 s if it still holds the value/).waitFor();
  expect(await clipboard()).toBe(value);
  expect(await holdsValue(value)).toBe(false);
  await page.keyboard.press('r');
  await shown().waitFor();
  await page.keyboard.press('Control+l');
  await page.getByText('Locked').first().waitFor();
  expect(await holdsValue(value)).toBe(false);
  expect(await holdsValue('db/orders')).toBe(false);
  expect(await clipboard()).toBe(value);
  await page.clock.fastForward(31_000);
  await expect.poll(clipboard, { timeout: 10_000 }).toBe('');
  await page.getByLabel('Password', { exact: true }).fill(admin.password);
  await page.getByLabel('6-digit code').fill(await nextCode());
  await page.getByLabel('6-digit code').press('Enter');
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
});

test('what was copied since stays', async () => {
  await page.getByRole('button', { name: 'Reveal', exact: true }).waitFor();
  await page.keyboard.press('c');
  await said(/^password copied/).waitFor();
  await page.evaluate(() => navigator.clipboard.writeText('notes of mine'));
  await page.clock.fastForward(31_000);
  // Whatever the page does at the end of the half minute has had its turn.
  await page.waitForTimeout(1_000);
  expect(await clipboard()).toBe('notes of mine');
});

test('rotation says who reads it, sets a version, and shows that it changed but not to what', async () => {
  await page.keyboard.press('Shift+R');
  const dialog = page.getByRole('dialog', { name: 'Rotate db/orders/password' });
  await dialog.getByRole('button', { name: 'Next' }).press('Enter');
  await dialog.getByText('These read it in the last 30 days').waitFor();
  await dialog.getByText('Version 2 answers at once').waitFor();
  await expectAccessible('rotation');
  await dialog.getByRole('button', { name: 'Rotate' }).press('Enter');
  await said('db/orders/password rotated to version 2').waitFor();
  await page.getByText('value changed').waitFor();
  using client = clientOf(node, await toolKey());
  expect(await client.call('secrets.reveal', { name: 'db/orders/password', version: 1 })).toMatchObject({ value });
  const { value: now } = await client.call('secrets.reveal', { name: 'db/orders/password' });
  expect(now).toHaveLength(32);
  expect(await holdsValue(now ?? '')).toBe(false);
});

let key = '';
async function toolKey(): Promise<string> {
  if (key !== '') return key;
  using client = clientOf(node);
  const first = await client.call('auth.login', admin);
  if (!('mfa_required' in first)) throw new Error('expected the second factor to be asked for');
  const done = await client.call('auth.mfa_verify', { token: first.token, code: await nextCode() });
  if (!('user' in done) || done.token === undefined) throw new Error('expected a session');
  using signedIn = clientOf(node, done.token);
  key = (await signedIn.call('keys.create', { name: 'tool', scopes: ['secrets.read', 'secrets.reveal'] })).key;
  return key;
}

test('a deleted secret comes back by undo; shredding asks for its name', async () => {
  const more = page.getByRole('button', { name: 'More actions' });
  const remove = async () => {
    await more.click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('alertdialog').getByText('Read it in the last 30 days').waitFor();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await row('db/orders/password').waitFor({ state: 'detached' });
  };
  await remove();
  await page.keyboard.press('z');
  await row('db/orders/password').waitFor();
  await row('db/orders/password').click();
  await more.waitFor();
  await remove();
  await page.getByRole('button', { name: /^Deleted/ }).click();
  await row('db/orders/password').click();
  await page.getByRole('button', { name: 'Shred' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByLabel(/^Type db/).fill('db/orders');
  expect(await dialog.getByRole('button', { name: 'Shred' }).isDisabled()).toBe(true);
  await dialog.getByLabel(/^Type db/).fill('db/orders/password');
  await dialog.getByRole('button', { name: 'Shred' }).click();
  await page.getByText('Shredded: the key of all its versions').waitFor();
});

test('a file is previewed by its names and then imported, all of it or nothing', async () => {
  const good = join(profile.home, 'service.env');
  writeFileSync(good, 'APP_TOKEN=first-value-of-it\nAPP_SEED="second value of it"\n');
  const bad = join(profile.home, 'broken.env');
  writeFileSync(bad, 'FINE=1\nnot an assignment\n');
  await page.goto(`${node.url}/#/secrets`);
  await page.keyboard.press('i');
  const dialog = page.getByRole('dialog', { name: 'Import secrets' });
  const choose = async (path: string) => {
    await dialog.locator('input[type=file]').setInputFiles(path);
    await dialog.getByRole('button', { name: 'Preview' }).click();
  };
  await dialog.getByLabel('Put before each name').fill('imported/');
  await choose(bad);
  await dialog
    .getByRole('alert')
    .getByText(/^Line 2/)
    .waitFor();
  await choose(good);
  await dialog.getByText('2 new.').waitFor();
  expect(await dialog.innerText()).toMatch(/imported\/APP_TOKEN/);
  expect(await holdsValue('value of it')).toBe(false);
  await expectAccessible('import');
  await dialog.getByRole('button', { name: 'Import 2' }).click();
  await row('imported/APP_TOKEN').waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('seed');
  await row('imported/APP_TOKEN').waitFor({ state: 'detached' });
  await row('imported/APP_SEED').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByRole('menuitem', { name: 'Certificate' }).click();
  await page.getByText('The filter hides 2').waitFor();
  await expectAccessible('filtered');
  expect(complaints).toEqual([]);
});
