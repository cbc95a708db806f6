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
  /** Of the owner's second factor, for signing in again. */
  readonly secret: string;
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
  await signIn(page, node.url, secret);
  const all = begun.move();
  return { page, node, profile, token, secret, complaints, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Signs the owner in by hand, from any page. */
export async function signIn(page: Page, url: string, secret: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('User name').fill(admin.username);
  await page.getByLabel('Password', { exact: true }).fill(admin.password);
  await page.getByLabel('Password', { exact: true }).press('Enter');
  const field = page.getByLabel('6-digit code').first();
  const frame = page.getByRole('navigation', { name: 'Main' });
  await field.waitFor();
  let tried = 0;
  for (const end = Date.now() + 100_000; Date.now() < end; ) {
    // A code counts once, and few wrong ones are let pass: each is tried once. That of the next half minute is accepted already.
    const step = Math.floor(Date.now() / 30_000) + 1;
    if (step > tried) {
      tried = step;
      // The field is gone where the code before was taken after all: a busy machine shows the console later than it is waited for.
      await field.fill(generateSync({ secret, epoch: step * 30 }), { timeout: 2_000 }).catch(() => undefined);
    }
    const isIn = await frame.waitFor({ timeout: 1_000 }).then(
      () => true,
      () => false,
    );
    if (isIn) return;
  }
  throw new Error('no code was taken');
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
