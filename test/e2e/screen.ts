// A console in a real browser with its owner signed in: what the story of one screen begins with.
import { join } from 'node:path';
import { generateSync } from 'otplib';
import type { Page } from 'playwright';
import { admin, createProfile, enrolAdmin, type NodeProcess, type Profile, startNode } from '../support/node.ts';
import { buildConsole, launchChromium, openContext } from './browser.ts';

export type Screen = AsyncDisposable & {
  readonly page: Page;
  readonly node: NodeProcess;
  readonly profile: Profile;
  /** The owner's session of the API, beside the one of the browser. */
  readonly token: string;
  /** Errors of the page itself. */
  readonly complaints: string[];
};

/** @param prepare what there shall be before the browser signs in */
export async function openScreen(prepare?: (node: NodeProcess, token: string) => Promise<void>): Promise<Screen> {
  buildConsole();
  await using begun = new AsyncDisposableStack();
  const profile = begun.use(
    createProfile({
      GATEHOUSE_ADMIN_USERNAME: admin.username,
      GATEHOUSE_ADMIN_PASSWORD: admin.password,
      GATEHOUSE_RATE_LIMIT_REQUESTS_PER_MINUTE: '10000',
    }),
  );
  const node = await startNode(profile);
  begun.defer(() => node.kill());
  const { token, secret } = await enrolAdmin(node);
  await prepare?.(node, token);
  const browser = await launchChromium();
  begun.defer(() => browser.close());
  const context = await openContext(browser, { acceptDownloads: true });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${node.url}/`);
  await page.getByLabel('User name').fill(admin.username);
  await page.getByLabel('Password', { exact: true }).fill(admin.password);
  await page.getByLabel('Password', { exact: true }).press('Enter');
  // The step of the enrolment was used; the one after it is accepted already.
  const code = generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + 30 });
  await page.getByLabel('6-digit code').first().fill(code);
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  const all = begun.move();
  return { page, node, profile, token, complaints, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** A picture of the page in the folder that GATEHOUSE_TEST_SHOTS names, for somebody to look at. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env.GATEHOUSE_TEST_SHOTS;
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** In both themes and narrow. */
export async function takePictures(page: Page, name: string): Promise<void> {
  if (process.env.GATEHOUSE_TEST_SHOTS === undefined) return;
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== 'running'));
    await takePicture(page, `${name}-${scheme}`);
  }
  await page.setViewportSize({ width: 480, height: 900 });
  await takePicture(page, `${name}-narrow`);
  await page.setViewportSize({ width: 1440, height: 900 });
}
