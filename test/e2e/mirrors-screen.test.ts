// Mirrors on the screens of a real console: files alone, all well, and a receiver that refuses. By keyboard, in both schemes, narrow, and
// passing the accessibility rules. GATEHOUSE_TEST_SHOTS names a folder for pictures of each.
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { admin, createProfile, enrolAdmin, type NodeProcess, type Profile, startNode } from '../support/node.ts';
import { createOtlpCollector, type OtlpCollector } from '../support/otlp-collector.ts';
import { createSyslogReceiver, type SyslogReceiver } from '../support/syslog-receiver.ts';
import { accessibilityFaults } from './accessibility.ts';
import { buildConsole, launchChromium, openContext } from './browser.ts';
import { signIn } from './screen.ts';

const pictures = process.env.GATEHOUSE_TEST_SHOTS;
let browser: Browser;
let profile: Profile;
let node: NodeProcess;
let page: Page;
let collector: OtlpCollector;
let siem: SyslogReceiver;
let factor = '';
const faults: string[] = [];

beforeAll(async () => {
  buildConsole();
  browser = await launchChromium();
  collector = await createOtlpCollector();
  siem = await createSyslogReceiver();
  profile = createProfile({ GATEHOUSE_ADMIN_USERNAME: admin.username, GATEHOUSE_ADMIN_PASSWORD: admin.password });
  node = await startNode(profile);
  factor = (await enrolAdmin(node)).secret;
});

afterAll(async () => {
  await browser?.close();
  await node?.kill('SIGTERM');
  await collector?.[Symbol.asyncDispose]();
  await siem?.[Symbol.asyncDispose]();
  profile?.[Symbol.dispose]();
});

async function look(name: string): Promise<void> {
  for (const [scheme, width] of [
    ['light', 1440],
    ['dark', 1440],
    ['dark', 480],
  ] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    expect(await accessibilityFaults(page), `${name} ${scheme}`).toEqual([]);
    const isWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(isWide, `${name} at ${width}`).toBe(false);
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}-${scheme}-${width}.png`) });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}

async function open(extra: NodeJS.ProcessEnv = {}): Promise<void> {
  await page?.context().close();
  await node.kill('SIGTERM');
  node = await startNode(profile, extra);
  page = await (await openContext(browser)).newPage();
  page.on('pageerror', (error) => faults.push(error.message));
  await signIn(page, node.url, factor);
}

async function show(place: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, place);
}

test('files alone: up to date, and that they go down with this computer is said', async () => {
  await open();
  await page.getByRole('button', { name: 'mirrors 2 of 2' }).press('Enter');
  await page.getByText('2 of 2').first().waitFor();
  await page.getByText('Who loses it, or takes it over, loses the log', { exact: false }).waitFor();
  const row = page
    .getByRole('list', { name: 'Mirrors' })
    .getByRole('listitem')
    .filter({ hasText: 'logs/audit.log' })
    .first();
  await row.getByText('Up to date').waitFor();
  await look('files');
});

test('a receiver that refuses is said on every screen, on Home and here; it is tried again at once', async () => {
  collector.fault({ kind: 'status', status: 403 }, 1_000_000);
  await open({
    GATEHOUSE_MIRRORS_OTLP: `${collector.address} streams=audit+alerts+events format=ocsf-1.1.0`,
    GATEHOUSE_MIRRORS_SYSLOG: `tcp://127.0.0.1:${siem.port}`,
  });
  await show('#/home');
  await page
    .getByText(/^The mirror http:\/\/127\.0\.0\.1:\d+ ocsf-1\.1\.0 fails: .* refuses our credentials/)
    .waitFor();
  await page.getByRole('button', { name: 'mirrors 3 of 4' }).waitFor();
  await look('failing-home');
  await page.getByRole('link', { name: 'Open the mirrors' }).press('Enter');
  await page.getByText('Failing').waitFor();
  await page.getByText(/refuses our credentials \(403\); see GATEHOUSE_MIRROR_OTLP_HEADERS/).waitFor();
  await look('failing');
  await collector[Symbol.asyncDispose]();
  await page.getByRole('button', { name: 'Try again now' }).press('Enter');
  await page.getByText(/nothing listens at 127\.0\.0\.1:\d+/).waitFor();
  expect(faults).toEqual([]);
});
