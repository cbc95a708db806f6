// The columns of the queue's views in a real browser against a real console: chosen and moved by keyboard, kept at the console, and there
// again in another browser with the view that was used last. GATEHOUSE_TEST_SHOTS names a folder for pictures of it.
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientOf, type NodeProcess } from '../support/node.ts';
import { accessibilityFaults } from './accessibility.ts';
import { openScreen, type Screen, takePicture, takePictures } from './screen.ts';

let screen: Screen;
let page: Page;

beforeAll(async () => {
  screen = await openScreen(raiseAlerts);
  page = screen.page;
  page.setDefaultTimeout(20_000);
}, 180_000);

afterAll(() => screen?.[Symbol.asyncDispose]());

async function raiseAlerts(of: NodeProcess, token: string): Promise<void> {
  using by = clientOf(of, token);
  for (const [at, actor] of ['mira', 'jonas', 'tess'].entries()) {
    const login = { source: 'web-1', event_type: 'login', success: false, actor, ip_address: `203.0.113.${at + 1}` };
    const events = Array.from({ length: 12 }, () => ({ id: randomUUID(), time: new Date().toISOString(), ...login }));
    await by.call('events.ingest', { events });
  }
}

const list = () => page.getByRole('grid', { name: 'Alerts' });
const heads = async () => (await list().getByRole('columnheader').allTextContents()).filter((title) => title !== '');
const usual = [
  'Severity',
  'Risk',
  'Alert',
  'Entities',
  'ATT&CK',
  'Count',
  'Age',
  'SLA left',
  'Who',
  'Status',
  'Actions',
];

test('columns are chosen and moved by keyboard, a view’s own, and kept at the console', {
  timeout: 120_000,
}, async () => {
  await page.goto(`${screen.node.url}/#/queue`);
  await list().getByRole('row').nth(1).waitFor();
  expect(await heads()).toEqual(usual);
  const open = page.getByRole('button', { name: 'Columns', exact: true });
  await open.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Columns of “Open, last 24 h”' });
  await dialog.getByRole('checkbox', { name: 'Number' }).press('Space');
  await dialog.getByRole('checkbox', { name: 'Entities' }).press('Space');
  const left = dialog.getByRole('button', { name: 'Move Number to the left' });
  for (let step = 0; step < 9; step += 1) await left.press('Enter');
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
    .toBe('Move Number to the right');
  expect(await dialog.getByRole('checkbox', { name: /^Alert/ }).count()).toBe(0);
  await dialog.getByRole('radio', { name: 'Comfortable' }).press('Space');
  expect(await accessibilityFaults(page)).toEqual([]);
  await takePictures(page, 'columns-dialog');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await expect.poll(heads).toEqual(['Number', ...usual.filter((title) => title !== 'Entities')]);
  const height = () =>
    list()
      .getByRole('row')
      .nth(1)
      .evaluate((row) => row.clientHeight);
  expect(await height()).toBeGreaterThan(35);
  await takePictures(page, 'columns-list');

  await list().getByRole('button', { name: 'Age' }).click();
  await expect
    .poll(() => list().getByRole('columnheader', { name: 'Age' }).getAttribute('aria-sort'))
    .toBe('ascending');
  using client = clientOf(screen.node, screen.token);
  const newest = await client.call('alerts.list', { sort: 'newest' });
  const titles = () => list().locator('.row-title').allTextContents();
  await expect.poll(titles).toEqual(newest.items.map((row) => row.title));

  await page.getByRole('button', { name: /^Open, last 24 h/ }).click();
  await page.getByRole('menuitem', { name: /^Unassigned/ }).click();
  await expect.poll(heads).toEqual(usual);
  await expect.poll(height).toBeLessThan(35);
  await expect.poll(async () => (await client.call('alert_views.list', {})).last_view).toBe('unassigned');

  // Nothing of it is the browser's: a new page has it from the console.
  await page.evaluate(() => localStorage.clear());
  await page.goto('about:blank');
  await page.goto(`${screen.node.url}/#/queue`);
  await page.getByRole('button', { name: /^Unassigned/ }).waitFor();
  await list().getByRole('row').nth(1).waitFor();
  await page.getByRole('button', { name: /^Unassigned/ }).click();
  await page.getByRole('menuitem', { name: /^Open, last 24 h/ }).click();
  await expect.poll(heads).toEqual(['Number', ...usual.filter((title) => title !== 'Entities')]);
  await expect.poll(titles).toEqual(newest.items.map((row) => row.title));

  await page.setViewportSize({ width: 390, height: 844 });
  await takePicture(page, 'columns-390');
  await page.getByRole('button', { name: 'Columns', exact: true }).click();
  await dialog.waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await takePicture(page, 'columns-dialog-390');
  await page.setViewportSize({ width: 1440, height: 900 });
  await dialog.getByRole('button', { name: 'As usual' }).click();
  await page.keyboard.press('Escape');
  await expect.poll(heads).toEqual(usual);
  expect(screen.complaints).toEqual([]);
});
