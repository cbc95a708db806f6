// The audit log in a real browser: from day to day, wide, narrow and with what checkpoints cover.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessibilityFaults } from './accessibility.ts';
import { openScreen, type Screen, takePictures } from './screen.ts';

let screen: Screen;

beforeAll(async () => {
  screen = await openScreen();
});
afterAll(() => screen?.[Symbol.asyncDispose]());

const show = (hash: string): Promise<void> =>
  screen.page.evaluate((place) => {
    location.hash = place;
  }, hash);

test('days are typed, wrong ones are named, and the list holds what is of them', async () => {
  const { page } = screen;
  await show('#/audit');
  const list = page.getByRole('grid', { name: 'Audit entries' });
  await list.getByRole('row').nth(3).waitFor();
  await page.getByRole('button', { name: /All time/ }).click();
  await page.getByRole('option', { name: 'From day to day' }).click();
  await page.getByLabel('First day (UTC)').fill('2026-13-01');
  await page.getByText('A day, such as 2026-11-21.').waitFor();
  await page.getByLabel('First day (UTC)').fill('2001-01-01');
  await page.getByLabel('Last day (UTC)').fill('2001-12-31');
  await page.getByLabel('Last day (UTC)').press('Enter');
  await page.getByText('No entry matches the filter').waitFor();
  await page.getByLabel('Last day (UTC)').fill('2099-12-31');
  await page.getByLabel('Last day (UTC)').press('Enter');
  await list.getByRole('row').nth(3).waitFor();
  expect(page.url()).toContain('since=2001-01-01');
  await takePictures(page, 'audit-days');
  await page.getByRole('button', { name: 'Reset' }).click();
});

test('entries under a checkpoint say so; narrow, each still says when', async () => {
  const { page } = screen;
  await show('#/audit');
  await page
    .getByRole('button', { name: /checkpoint/i })
    .first()
    .waitFor();
  await takePictures(page, 'audit');
  await page.setViewportSize({ width: 700, height: 900 });
  const row = page.getByRole('grid', { name: 'Audit entries' }).getByRole('row').nth(1);
  await expect.poll(() => row.innerText()).toMatch(/\d{4}-\d{2}-\d{2} \d{2}:\d{2}/);
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.setViewportSize({ width: 1440, height: 900 });
  expect(screen.complaints).toEqual([]);
});

test('a local time with its offset fits its column', async () => {
  const { page } = screen;
  await show('#/audit');
  const row = page.getByRole('grid', { name: 'Audit entries' }).getByRole('row').nth(1);
  await row.waitFor();
  await page.getByRole('button', { name: /Show times in local time/ }).click();
  await expect.poll(() => row.innerText()).toMatch(/\d\d:\d\d:\d\d \+00:00/);
  const [time, actor] = await row
    .getByRole('gridcell')
    .evaluateAll((cells) => [cells[1]?.querySelector('time'), cells[2]].map((one) => one?.getBoundingClientRect()));
  expect(time && actor && time.right <= actor.left).toBe(true);
  await page.getByRole('button', { name: /Show times in UTC/ }).click();
});

test('a type is found by typing, an unknown one is named, and an entry is opened by its address alone', async () => {
  const { page } = screen;
  await show('#/audit');
  const list = page.getByRole('grid', { name: 'Audit entries' });
  await list.getByRole('row').nth(3).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('mfa_e');
  await page.getByRole('option', { name: /^mfa_enable/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.url()).toContain('type=mfa_enable');
  await expect.poll(() => list.getByRole('row').count()).toBe(2);
  await show('#/audit?type=nonsense');
  await page.getByText('There is no type of entry called nonsense').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Show all types' }).press('Enter');
  await list.getByRole('row').nth(3).waitFor();
  // Not of the conditions of the list, and far down in a long one.
  await show('#/audit/1?type=login');
  const pane = page.getByRole('complementary', { name: 'Entry #1' });
  await pane.getByText('Hash matches').waitFor();
  expect(await pane.innerText()).toMatch(/Time\s+\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC · /);
  await show('#/audit/99999');
  await page.getByText('The log that you may see holds no entry #99,999.').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await show('#/audit/3');
  await page.getByRole('button', { name: 'Only entries of this actor' }).press('Enter');
  await expect.poll(() => page.url()).toContain('actor=mira');
});

test('the export keeps what was typed when it is closed by the way, and its summary has the words of root and key', async () => {
  const { page } = screen;
  await show('#/audit');
  await page.getByRole('grid', { name: 'Audit entries' }).getByRole('row').nth(3).waitFor();
  await page.keyboard.press('e');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Actor').fill('mira');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.keyboard.press('e');
  expect(await dialog.getByLabel('Actor').inputValue()).toBe('mira');
  await dialog.getByRole('button', { name: 'Next' }).press('Enter');
  await dialog.getByRole('button', { name: 'Next' }).press('Enter');
  await dialog.getByLabel('Reason, and who gets it').fill('for the auditor');
  await dialog.getByRole('button', { name: 'Copy as CLI' }).waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await dialog.getByRole('heading', { name: 'Bundle exported' }).waitFor();
  await dialog.getByText('And, the first time, those of this console’s key').waitFor();
  const pairs = /[a-z]+-[a-z]+/g;
  const read = await dialog.locator('section').last().innerText();
  await takePictures(page, 'export-done');
  expect(await accessibilityFaults(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Open in the Verifier' }).press('Enter');
  await page.getByText('Compare with the sender by phone').waitFor();
  const shown = await page.getByRole('main').innerText();
  const words = read.match(pairs) ?? [];
  expect(words.length).toBe(8);
  for (const word of words) expect(shown).toContain(word);
  expect(screen.complaints).toEqual([]);
});
