// The Verifier in a real browser, in the console and at its locked page: what is covered by the lock, what bundles are held against one
// by one, an entry read line by line, all by keyboard, narrow and wide.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateSync } from 'otplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { admin, projectRoot } from '../support/node.ts';
import { witnessSigner } from '../support/witness-server.ts';
import { SampleLog } from '../unit/evidence/sample-log.ts';
import { accessibilityFaults } from './accessibility.ts';
import { openScreen, type Screen, takePictures } from './screen.ts';

const fixture = (name: string): Buffer => readFileSync(join(projectRoot, 'test/fixtures/evidence', name));
const bundle = { name: 'sample.ghbundle', mimeType: 'application/json', buffer: fixture('sample.ghbundle') };
const key = { name: 'nordkai.vkey', mimeType: 'text/plain', buffer: fixture('sample.vkey') };
let screen: Screen;

beforeAll(async () => {
  screen = await openScreen();
});
afterAll(() => screen?.[Symbol.asyncDispose]());

const show = (hash: string): Promise<void> =>
  screen.page.evaluate((place) => {
    location.hash = place;
  }, hash);
/** Opens the lock by hand. A code counts once: one of a half minute in which none was used yet is waited for. */
async function unlock(): Promise<void> {
  const { page, secret } = screen;
  const frame = page.getByRole('navigation', { name: 'Main' });
  let tried = 0;
  await expect
    .poll(
      async () => {
        const step = Math.floor(Date.now() / 30_000) + 1;
        if (step > tried && (await frame.count()) === 0) {
          tried = step;
          await page.getByLabel('Password', { exact: true }).fill(admin.password);
          await page
            .getByLabel('6-digit code')
            .first()
            .fill(generateSync({ secret, epoch: step * 30 }));
          await page
            .getByRole('button', { name: 'Unlock' })
            .click({ timeout: 2_000 })
            .catch(() => undefined);
        }
        return await frame.count();
      },
      { timeout: 100_000, interval: 1_000 },
    )
    .toBe(1);
}
const verdict = (word: string) => screen.page.getByRole('heading', { name: word, exact: true });
const focused = (): Promise<string> =>
  screen.page.evaluate(() => document.activeElement?.textContent ?? '').then((text) => text.trim());

test('keys, checkpoints and witnesses are given one by one or in files, named, and taken away one by one', async () => {
  const { page } = screen;
  await show('#/verify');
  await page.locator('input[data-chooser=bundle]').setInputFiles(bundle);
  await verdict('VERIFIED WITH LIMITS').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.getByRole('tab', { name: /^Held against/ }).click();
  const panel = page.getByRole('tabpanel', { name: /^Held against/ });
  await panel.locator('input[type=file]').setInputFiles(key);
  await verdict('VERIFIED').waitFor();
  const field = panel.getByLabel('Keys, CA or checkpoints');
  const witnesses = [1, 2].map((seed) => witnessSigner(`witness.example/w${seed}`, seed).key.text);
  await field.fill(`# both\n${witnesses.join('\n')}\n`);
  await panel.getByRole('button', { name: 'Add', exact: true }).press('Enter');
  await field.fill(fixture('sample.checkpoint').toString('utf8'));
  await panel.getByRole('button', { name: 'Add', exact: true }).press('Enter');
  await page.getByRole('cell', { name: 'Checkpoint you hold' }).waitFor();
  await expect
    .poll(() => panel.getByRole('listitem').allInnerTexts())
    .toEqual([
      expect.stringContaining('nordkai.vkey'),
      expect.stringContaining('witness.example/w1'),
      expect.stringContaining('witness.example/w2'),
      expect.stringMatching(/Checkpoint[\s\S]*pasted[\s\S]*#\d+ of gatehouse\//),
    ]);
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA');
  await takePictures(page, 'verifier-held');
  expect(await accessibilityFaults(page)).toEqual([]);
  await panel.getByRole('button', { name: /^Remove checkpoint/ }).press('Enter');
  await page.getByRole('cell', { name: 'Checkpoint you hold' }).waitFor({ state: 'detached' });
  expect(await focused()).toMatch(/^Held against/);
  await panel.getByRole('button', { name: /^Remove signer nordkai/ }).press('Enter');
  await verdict('VERIFIED WITH LIMITS').waitFor();
  expect(await panel.getByRole('listitem').count()).toBe(2);
  await field.fill('what is this');
  await panel.getByRole('button', { name: 'Add', exact: true }).press('Enter');
  await panel.getByText('This is none of them.').waitFor();
  expect(await field.inputValue()).toBe('what is this');
  // As an anchor keeps them: many in one file.
  const log = new SampleLog(9);
  const notes = [3, 6, 9].map((size) => log.checkpoint(size)).join('');
  await page.locator('input[data-chooser=bundle]').setInputFiles([
    { name: 'log.ghbundle', mimeType: 'application/json', buffer: Buffer.from(log.bundle(1, 9)) },
    { name: 'gatehouse.checkpoints', mimeType: 'text/plain', buffer: Buffer.from(notes) },
    { name: 'stamp.tsr', mimeType: 'application/octet-stream', buffer: Buffer.of(0x30, 0x03, 0x02, 0x01, 0x00) },
  ]);
  await page.getByText('stamp.tsr is a time stamp').waitFor();
  await page.getByRole('cell', { name: 'Checkpoint you hold' }).waitFor();
  await page.getByRole('tab', { name: /^Held against/ }).click();
  await panel.getByText('3 checkpoints, the last #9').waitFor();
});

test('an entry is read line by line, its bytes as they are, and the manifest is there to read', async () => {
  const { page } = screen;
  // What was given is for as long as the page is open.
  await page.reload();
  await page.locator('input[data-chooser=bundle]').setInputFiles(bundle);
  const list = page.getByRole('grid', { name: 'Entries of the bundle' });
  await list.getByRole('row').nth(1).click();
  await page.keyboard.press('Enter');
  const pane = page.getByRole('complementary', { name: 'Entry of the bundle' });
  await pane.getByRole('heading', { name: 'What happened' }).waitFor();
  expect(await pane.innerText()).toMatch(/Time\s+2026-11-21 \d\d:\d\d:\d\d\.\d{3} UTC · 2026-11-21 \d\d:\d\d:\d\d/);
  expect(await pane.innerText()).toMatch(/Actor\s+user jonas\.weber/);
  await takePictures(page, 'verifier-entry');
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('row');
  await page.getByRole('tab', { name: 'Manifest' }).click();
  await page.getByRole('tabpanel', { name: 'Manifest' }).getByText('Nordkai Console').first().waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
});

test('narrow, nothing is cut off: each button is in the window, each check is read under its result', async () => {
  const { page } = screen;
  for (const width of [1100, 1024, 700, 390]) {
    await page.setViewportSize({ width, height: 844 });
    for (const name of ['Save receipt', 'Open another file', 'Close']) {
      const box = await page.getByRole('button', { name }).boundingBox();
      expect([width, name, box !== null && box.x + box.width <= width]).toEqual([width, name, true]);
    }
  }
  const [title, detail] = await page
    .getByRole('table', { name: 'What was checked' })
    .getByRole('row')
    .nth(3)
    .evaluate((row) => [...row.children].slice(1).map((cell) => cell.getBoundingClientRect()));
  expect(detail && title && detail.top >= title.bottom - 1).toBe(true);
  expect(detail && detail.width > 250).toBe(true);
  expect(await accessibilityFaults(page)).toEqual([]);
  await takePictures(page, 'verifier');
});

test('pinned by keyboard, one reads on at the verdict; closed, the Verifier is as it began', async () => {
  const { page } = screen;
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('Open a bundle').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'They differ' }).press('Enter');
  await page.getByText('Then this is not the file, or not the key').waitFor();
  await page.getByRole('button', { name: 'Words match, pin this key' }).press('Enter');
  await verdict('VERIFIED').waitFor();
  expect(await focused()).toBe('VERIFIED');
  await page.getByRole('button', { name: 'Close' }).press('Enter');
  await page.getByText('Drop a .ghbundle file here').waitFor();
  expect(await focused()).toBe('Verifier');
});

test('locking covers an open bundle, and what is given at the locked page vouches for nothing afterwards', async () => {
  const { page } = screen;
  const chooser = page.locator('input[data-chooser=bundle]');
  await page.getByRole('button', { name: /^Take away pinned key/ }).press('Enter');
  await page.getByText('Nothing yet. Without a key the signer stays unknown.').waitFor();
  await chooser.setInputFiles(bundle);
  await verdict('VERIFIED WITH LIMITS').waitFor();
  await page.keyboard.press('Control+l');
  await page.getByRole('heading', { name: 'Locked' }).waitFor();
  expect(await page.locator('body').innerText()).not.toMatch(/Nordkai|sample\.ghbundle|VERIFIED/);
  await page.getByRole('button', { name: 'Verify a bundle' }).press('Enter');
  await page.getByText('Drop a .ghbundle file here').waitFor();
  await chooser.setInputFiles([bundle, key]);
  await verdict('VERIFIED').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Back' }).press('Enter');
  await page.getByRole('heading', { name: 'Locked' }).waitFor();
  await unlock();
  await verdict('VERIFIED WITH LIMITS').waitFor();
  expect(screen.complaints).toEqual([]);
}, 180_000);
