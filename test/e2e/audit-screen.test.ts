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
