// Evidence for a control, exported from the window: a framework is chosen, a control found by typing, what matches counted before anything
// is sealed, and what has no evidence refused with its reason. All by keyboard.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessibilityFaults } from './accessibility.ts';
import { openScreen, type Screen, takePicture, takePictures } from './screen.ts';

let screen: Screen;

beforeAll(async () => {
  screen = await openScreen();
});
afterAll(() => screen[Symbol.asyncDispose]());

test('the wizard exports what is evidence for a control', async () => {
  const { page, node, profile, complaints } = screen;
  await page.goto(`${node.url}/#/audit`);
  await page.getByRole('heading', { name: 'Audit log' }).waitFor();
  await page.keyboard.press('e');
  const dialog = page.getByRole('dialog');
  const count = dialog.getByRole('status');
  await count.filter({ hasText: /^\d+ entries match, from #1 to #\d+\.$/ }).waitFor();
  expect(await dialog.getByRole('combobox', { name: 'Control' }).isDisabled()).toBe(true);

  await dialog.getByRole('button', { name: /Framework/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('option', { name: /^SOC 2/ }).waitFor();
  await takePicture(page, 'frameworks-list');
  await page.keyboard.press('s');
  await page.keyboard.press('Enter');
  const control = dialog.getByRole('combobox', { name: 'Control' });
  await control.focus();
  await page.getByRole('option', { name: /^CC6 .*All of it; evidence for 6 of 8/ }).waitFor();
  await takePictures(page, 'frameworks-open');
  await page.keyboard.type('registered users');
  await page.getByRole('option', { name: /^CC6\.2 Users are registered/ }).waitFor();
  expect(await page.getByRole('option').count()).toBe(1);
  expect(await accessibilityFaults(page)).toEqual([]);
  await takePictures(page, 'frameworks-found');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await dialog.getByText(/^Evidence: Signing in and out, .* Users and API keys made and revoked\.$/).waitFor();
  await count.filter({ hasText: /match/ }).waitFor();
  const words = await count.innerText();
  expect(await accessibilityFaults(page)).toEqual([]);
  await takePictures(page, 'frameworks-chosen');

  await control.fill('');
  await page.keyboard.type('CC1.1');
  await page.getByRole('option', { name: /^CC1\.1 .*Nothing in the log bears on it/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await dialog.getByRole('alert').filter({ hasText: 'attach the policy, minutes or decision to a bundle' }).waitFor();
  expect(await dialog.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
  expect(await count.innerText()).toBe('');
  expect(await accessibilityFaults(page)).toEqual([]);
  await takePictures(page, 'frameworks-without');

  await control.fill('');
  await page.keyboard.type('nothing of the kind');
  await page.getByText('Nothing has these words in it.').waitFor();
  await control.fill('cc6.2');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await count.filter({ hasText: words }).waitFor();
  await dialog.getByRole('button', { name: 'Next' }).press('Enter');
  await dialog.getByText('Step 2 of 3').waitFor();
  await dialog.getByRole('button', { name: 'Next' }).press('Enter');
  await dialog.getByLabel('Reason, and who gets it').fill('yearly audit');
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  await dialog.getByRole('heading', { name: 'Bundle exported' }).waitFor();
  const path = join(profile.home, 'cc6-2.ghbundle');
  await download.saveAs(path);
  const bundle = JSON.parse(readFileSync(path, 'utf8')) as {
    dsse: { payload: string };
    entries: { leaf: { event_type: string } }[];
  };
  const { filter } = JSON.parse(Buffer.from(bundle.dsse.payload, 'base64').toString('utf8')) as {
    filter: { event_types: string[] };
  };
  expect(filter).toMatchObject({ framework: 'soc2', control: 'CC6.2' });
  expect(bundle.entries.filter(({ leaf }) => !filter.event_types.includes(leaf.event_type))).toEqual([]);
  expect(bundle.entries.length).toBeGreaterThan(0);
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('v');
  await page.getByText(/, for soc2 CC6\.2/).waitFor();
  expect(complaints).toEqual([]);
});
