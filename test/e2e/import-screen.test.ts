// Importing log files in a real browser against a real console: how the first lines would be read is seen before anything is taken in,
// format and time zone are chosen then, and what became of each line is told afterwards.
import { join } from 'node:path';
import { generateSync } from 'otplib';
import type { Browser, Page } from 'playwright';
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

const pictures = process.env.GATEHOUSE_TEST_PICTURES;

let browser: Browser;
let page: Page;
let profile: Profile;
let node: NodeProcess;
let token = '';
const complaints: string[] = [];

beforeAll(async () => {
  buildConsole();
  browser = await launchChromium();
  profile = createProfile({
    GATEHOUSE_ADMIN_USERNAME: admin.username,
    GATEHOUSE_ADMIN_PASSWORD: admin.password,
    GATEHOUSE_RATE_LIMIT_REQUESTS_PER_MINUTE: '10000',
  });
  node = await startNode(profile);
  const enrolled = await enrolAdmin(node);
  token = enrolled.token;
  const context = await openContext(browser);
  context.setDefaultTimeout(60_000);
  page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(node.url);
  await page.getByLabel('User name').fill(admin.username);
  await page.getByLabel('Password', { exact: true }).fill(admin.password);
  await page.keyboard.press('Enter');
  await page.getByLabel(/code/i).first().waitFor();
  // The step of now was used for enrolling; the next one is accepted already.
  await page.keyboard.type(generateSync({ secret: enrolled.secret, epoch: Math.floor(Date.now() / 1000) + 30 }));
  await page.getByRole('navigation').first().waitFor();
});

afterAll(async () => {
  await browser?.close();
  await node?.kill();
  profile?.[Symbol.dispose]();
});

async function go(place: string): Promise<void> {
  await page.evaluate((hash) => {
    window.location.hash = hash;
  }, place);
}

async function accessible(): Promise<void> {
  expect(await accessibilityFaults(page)).toEqual([]);
}

/** In both themes and narrow, where somebody wants to look at them. */
async function picture(name: string): Promise<void> {
  if (pictures === undefined) return;
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== 'running'));
    await page.screenshot({ path: join(pictures, `${name}-${scheme}.png`) });
  }
  await page.setViewportSize({ width: 480, height: 900 });
  await page.screenshot({ path: join(pictures, `${name}-narrow.png`) });
  await page.setViewportSize({ width: 1440, height: 900 });
}

const auth = (
  port: number,
) => `Nov 20 10:00:00 web-1 sshd[1]: Failed password for root from 203.0.113.7 port ${port} ssh2
this is no such line
Nov 20 10:00:02 web-1 sshd[1]: Accepted publickey for alice from 192.0.2.4 port ${port} ssh2
`;

async function choose(name: string, text: string | Buffer): Promise<void> {
  const asked = page.waitForEvent('filechooser');
  await page.keyboard.press('i');
  await (await asked).setFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
}

test('the first lines are shown as they would be read, in the time zone that is chosen, and nothing is taken in before', async () => {
  await go('#/events');
  await page.getByRole('heading', { name: 'Events' }).waitFor();
  await choose('auth.log', auth(22));
  const dialog = page.getByRole('dialog', { name: 'Import auth.log' });
  await dialog.getByText('Recognised as auth.log').waitFor();
  await dialog.getByText('All 3 records: 2 understood, 1 not').waitFor();
  await dialog.getByText('this is no such line').waitFor();
  await dialog.getByText('10:00:00').first().waitFor();
  await accessible();
  await picture('import-preview');
  await dialog.getByLabel('Time zone of lines that name none').fill('Europe/Berlin');
  await dialog.getByText('09:00:00').first().waitFor();
  await dialog.getByLabel('Time zone of lines that name none').fill('Nowhere/Else');
  await dialog.getByText('is not a time zone').waitFor();
  await accessible();
  await picture('import-wrong-zone');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  using client = clientOf(node, token);
  expect((await client.call('events.list', { q: 'user:root' })).items).toEqual([]);
});

test('what is not known is said, and read as told', async () => {
  await choose('odd.txt', 'a b c\nd e f\n');
  const dialog = page.getByRole('dialog', { name: 'Import odd.txt' });
  await dialog.getByText('Not recognised').waitFor();
  await picture('import-unknown');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await choose('people.csv', 'When,Who\n2026-11-20T10:00:00Z,nora\n');
  const csv = page.getByRole('dialog', { name: 'Import people.csv' });
  await csv.getByRole('button', { name: /Format/ }).press('Enter');
  await page.getByRole('option', { name: 'CSV' }).click();
  await csv.getByLabel('Columns').fill('time=When, actor=Who');
  await csv.getByText('by nora').waitFor();
  await accessible();
  await picture('import-csv');
  await csv.getByRole('button', { name: 'Import', exact: true }).press('Enter');
  await page.getByText('1 records: 1 accepted').waitFor();
  using client = clientOf(node, token);
  expect((await client.call('events.list', { q: 'user:nora' })).items).toMatchObject([
    { time: '2026-11-20T10:00:00.000Z' },
  ]);
});

test('imported by keyboard alone, with the lines that were not understood, and again in another time zone', async () => {
  await choose('auth.log', auth(23));
  const dialog = page.getByRole('dialog', { name: 'Import auth.log' });
  await dialog.getByText('Recognised as auth.log').waitFor();
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('3 records: 2 accepted · 0 known already · 1 not understood').waitFor();
  await page.getByRole('button', { name: 'Show lines not understood' }).press('Enter');
  await accessible();
  await picture('import-done');
  using client = clientOf(node, token);
  const { items } = await client.call('events.list', { q: 'user:root' });
  expect(items.map(({ time }) => time.slice(11, 13))).toEqual(['10']);
  expect(complaints).toEqual([]);
});
