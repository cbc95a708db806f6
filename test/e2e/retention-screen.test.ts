// Retention in a real browser, more than a year after the first sign-in: what has expired is said, a legal hold keeps it, and once that
// is released it is deleted while the chain stays intact.
import { generateSync } from 'otplib';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { admin, createProfile, enrolAdmin, type NodeProcess, type Profile, startNode } from '../support/node.ts';
import { accessibilityFaults } from './accessibility.ts';
import { buildConsole, launchChromium, openContext } from './browser.ts';

const aheadMs = 400 * 86_400_000;

let browser: Browser;
let profile: Profile;
let node: NodeProcess;
let page: Page;
let factor = '';
const faults: string[] = [];

beforeAll(async () => {
  buildConsole();
  browser = await launchChromium();
  profile = createProfile({ GATEHOUSE_ADMIN_USERNAME: admin.username, GATEHOUSE_ADMIN_PASSWORD: admin.password });
  node = await startNode(profile);
  factor = (await enrolAdmin(node)).secret;
  await node.kill('SIGTERM');
  const shift = `const now = Date.now; Date.now = () => now() + ${aheadMs};`;
  node = await startNode(profile, { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(shift)}` });
  page = await (await openContext(browser)).newPage();
  page.on('pageerror', (error) => faults.push(error.message));
});

afterAll(async () => {
  await browser?.close();
  await node?.kill('SIGTERM');
  profile?.[Symbol.dispose]();
});

async function expectAccessible(name: string): Promise<void> {
  expect(await accessibilityFaults(page), name).toEqual([]);
}

const security = () => page.getByRole('row', { name: /^Security events/ });

/** Expired and on hold, as the row of security events says. */
async function counts(): Promise<{ expired: number; held: number }> {
  const cells = await security().getByRole('cell').allInnerTexts();
  const [expired = '', held = ''] = cells.slice(-2);
  return { expired: Number(expired), held: Number(held) };
}

test('what has expired is said by category', async () => {
  await page.goto(node.url);
  await page.getByLabel('User name').fill(admin.username);
  await page.getByLabel('Password', { exact: true }).fill(admin.password);
  await page.keyboard.press('Enter');
  const code = page.getByLabel('6-digit code').first();
  await code.fill(generateSync({ secret: factor, epoch: (Date.now() + aheadMs) / 1000 }));
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  await page.evaluate(() => {
    location.hash = '#/settings/retention';
  });
  await security().waitFor();
  const { expired, held } = await counts();
  expect(expired).toBeGreaterThan(0);
  expect(held).toBe(0);
  await page.getByText('Nothing is deleted by itself').waitFor();
  await expectAccessible('retention');
});

test('a legal hold keeps it until it is released', async () => {
  const { expired } = await counts();
  await page.getByRole('button', { name: 'Place a legal hold' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Place a legal hold' });
  await dialog.getByLabel('Case or reason').fill('Case 7');
  await dialog.getByLabel('Until (UTC)').fill('soon');
  await dialog.getByText('a day, such as 2026-11-21').waitFor();
  expect(await dialog.getByRole('button', { name: 'Place hold' }).isDisabled()).toBe(true);
  await dialog.getByLabel('Until (UTC)').fill('');
  await expectAccessible('hold');
  await dialog.getByLabel('Case or reason').press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await expect.poll(counts).toEqual({ expired: 0, held: expired });
  expect(await page.getByRole('button', { name: 'Delete expired' }).isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Release', exact: true }).press('Enter');
  await page.getByRole('dialog', { name: 'Release this legal hold' }).getByText('everything').waitFor();
  await page.keyboard.press('Enter');
  await expect.poll(counts).toEqual({ expired, held: 0 });
});

test('the expired is deleted, and the chain is intact', async () => {
  const { expired } = await counts();
  await page.getByRole('button', { name: 'Delete expired' }).press('Enter');
  const dialog = page.getByRole('alertdialog', { name: 'Delete expired entries' });
  await dialog.getByLabel('Type delete to confirm').fill('delete');
  await expectAccessible('delete');
  await dialog.getByRole('button', { name: 'Delete', exact: true }).press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await expect.poll(counts).toEqual({ expired: 0, held: 0 });
  await page.getByText(`${expired} entries deleted so far`).waitFor();
  await page.evaluate(() => {
    location.hash = '#/audit';
  });
  await page.getByText(/^Chain intact to #/).waitFor();
  expect(faults).toEqual([]);
});
