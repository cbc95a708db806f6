// Anchors on the screens of a real console: none set, all well, one that fails, and yesterday's profile put back under the eyes of one.
// By keyboard, in both schemes, and passing the accessibility rules. GATEHOUSE_TEST_SHOTS names a folder for pictures of each.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { generateSync } from 'otplib';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { admin, createProfile, type NodeProcess, type Profile, startNode } from '../support/node.ts';
import { createWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { accessibilityFaults } from './accessibility.ts';
import { buildConsole, launchChromium, openContext } from './browser.ts';

const pictures = process.env.GATEHOUSE_TEST_SHOTS;
let browser: Browser;
let profile: Profile;
let node: NodeProcess;
let page: Page;
let receiver: WebhookReceiver;
let file = '';

beforeAll(async () => {
  buildConsole();
  browser = await launchChromium();
  receiver = await createWebhookReceiver();
  profile = createProfile({
    GATEHOUSE_ADMIN_USERNAME: admin.username,
    GATEHOUSE_ADMIN_PASSWORD: admin.password,
    GATEHOUSE_AUDIT_CHECKPOINT_INTERVAL_SECONDS: '1',
    GATEHOUSE_ANCHOR_WEBHOOK_SECRET: receiver.secret,
  });
  mkdirSync(join(profile.home, 'volume'));
  file = join(profile.home, 'volume', 'anchors.log');
  node = await startNode(profile);
  page = await (await openContext(browser)).newPage();
});

afterAll(async () => {
  await browser?.close();
  await node?.kill('SIGTERM');
  await receiver?.[Symbol.asyncDispose]();
  profile?.[Symbol.dispose]();
});

async function look(name: string): Promise<void> {
  for (const [scheme, width] of [
    ['light', 1440],
    ['dark', 1440],
    ['dark', 720],
  ] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    expect(await accessibilityFaults(page), `${name} ${scheme}`).toEqual([]);
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}-${scheme}-${width}.png`) });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}

async function signIn(): Promise<void> {
  await page.getByLabel('User name').fill(admin.username);
  await page.getByLabel('Password', { exact: true }).fill(admin.password);
  await page.getByLabel('Password', { exact: true }).press('Enter');
  await page.getByText('Type this key').waitFor();
  const words = await page.locator('main').innerText();
  const secret = /Type this key\s+([A-Z2-7\s]+?)Copy/.exec(words)?.[1]?.replace(/\s/g, '') ?? '';
  await page.getByLabel('6-digit code').first().fill(generateSync({ secret }));
  const codes = page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
  await page.getByLabel('Type one of them to confirm').fill((await codes.first().innerText()).trim());
  await page.getByRole('button', { name: 'Continue' }).press('Enter');
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
}

/** The session outlives the stop. */
async function restart(): Promise<void> {
  await node.kill('SIGTERM');
  node = await startNode(profile);
  await page.goto(`${node.url}/#/audit`);
  await page.getByRole('heading', { name: 'Audit log' }).waitFor();
}

const anchors = (name: RegExp) => page.getByRole('main').getByRole('button', { name });

test('without anchors the bar says so, and what that means', async () => {
  await page.goto(`${node.url}/#/audit`);
  await signIn();
  await page.goto(`${node.url}/#/audit`);
  await anchors(/^no anchors/).focus();
  await page.keyboard.press('Enter');
  await page.getByText('could put an older log in the place of this one').waitFor();
  await look('none');
});

test('anchors that are well are counted, and listed with what they hold', async () => {
  profile.environment.GATEHOUSE_AUDIT_ANCHOR_FILE = file;
  profile.environment.GATEHOUSE_AUDIT_ANCHOR_WEBHOOK = `${receiver.address}/checkpoints`;
  await restart();
  await anchors(/^anchors 2 of 2/).press('Enter');
  const list = page.getByRole('region', { name: 'Anchors' });
  await expect
    .poll(() => list.getByRole('listitem').first().innerText(), { timeout: 20_000 })
    .toMatch(/anchors\.log[\s\S]*Anchored[\s\S]*holds #\d+/);
  await page.getByRole('contentinfo').getByText('anchors 2 of 2').waitFor();
  await look('well');
});

test('one that fails says why, on the list, in the bar and on Home; a checkpoint that is asked for tries again at once', async () => {
  receiver.fault({ kind: 'status', status: 503 }, 8);
  await page.getByRole('button', { name: 'Sign and anchor now' }).press('Enter');
  await page
    .getByText(/on its way to the anchors/)
    .first()
    .waitFor();
  const list = page.getByRole('region', { name: 'Anchors' });
  await list.getByText(/answered with status 503/).waitFor();
  await anchors(/^anchors 1 of 2, 1 failing/).waitFor();
  await look('failing');
  await page.goto(`${node.url}/#/home`);
  await page.getByText(/^The anchor webhook .* fails: .* answered with status 503/).waitFor();
  await look('failing-home');
  await page.goto(`${node.url}/#/audit`);
  await expect
    .poll(
      async () => {
        await page.getByRole('button', { name: 'Sign and anchor now' }).press('Enter');
        return page.getByRole('contentinfo').innerText();
      },
      { timeout: 30_000, interval: 1_000 },
    )
    .toContain('anchors 2 of 2');
});

test("yesterday's profile put back is said on every screen", async () => {
  const folder = join(profile.home, 'profile');
  const copy = join(profile.home, 'copy');
  await node.kill('SIGTERM');
  cpSync(folder, copy, { recursive: true });
  node = await startNode(profile);
  await page.goto(`${node.url}/#/audit`);
  await anchors(/^anchors 2 of 2/).waitFor();
  await node.kill('SIGTERM');
  rmSync(folder, { recursive: true });
  cpSync(copy, folder, { recursive: true });
  node = await startNode(profile);
  await page.goto(`${node.url}/#/audit`);
  await page
    .getByText(/the anchor .* holds a checkpoint for/)
    .first()
    .waitFor();
  await anchors(/^anchors \d of 2, \d contradict/).press('Enter');
  await look('contradicting');
  await page.goto(`${node.url}/#/home`);
  await page.getByText(/^The audit log does not check/).waitFor();
  await page.getByText('The audit log is damaged').first().waitFor();
  await page
    .getByRole('contentinfo')
    .getByText(/^chain broken/)
    .waitFor();
  await look('contradicting-home');
});
