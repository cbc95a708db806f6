// The menu of a value in the queue, in a real browser against a real console: by pointer, by keyboard, in the pane and narrow, and what it
// makes of the query. GATEHOUSE_TEST_SHOTS names a folder for pictures of it.
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientOf, type NodeProcess } from '../support/node.ts';
import { accessibilityFaults } from './accessibility.ts';
import { openScreen, type Screen, takePicture, takePictures } from './screen.ts';

let screen: Screen;
let page: Page;
let node: NodeProcess;

const actors = ['mira', 'jonas', 'doe, jane'];

beforeAll(async () => {
  screen = await openScreen(raiseAlerts);
  ({ page, node } = screen);
  page.setDefaultTimeout(20_000);
}, 180_000);

afterAll(() => screen?.[Symbol.asyncDispose]());

async function raiseAlerts(of: NodeProcess, token: string): Promise<void> {
  using by = clientOf(of, token);
  for (const [at, actor] of actors.entries()) {
    const time = new Date().toISOString();
    const login = {
      time,
      source: 'web-1',
      event_type: 'login',
      success: false,
      actor,
      ip_address: `203.0.113.${at + 1}`,
    };
    await by.call('events.ingest', { events: Array.from({ length: 12 }, () => ({ id: randomUUID(), ...login })) });
  }
}

const openQueue = async (query: string) => {
  await page.goto(`${node.url}/#/queue?q=${encodeURIComponent(query)}`);
  await list().getByRole('row').nth(1).waitFor();
};
const list = () => page.getByRole('grid', { name: 'Alerts' });
const menu = () => page.getByRole('menu');
const take = (name: string) => menu().getByRole('menuitem', { name, exact: true }).click();
const asked = () => new URLSearchParams(new URL(page.url()).hash.split('?')[1] ?? '').get('q');
const focused = () =>
  page.evaluate(() => document.activeElement?.getAttribute('aria-label')?.replace(/, [^,]* old.*/, ''));

test('by pointer: a value is looked for, left out, alone, grouped by, copied', { timeout: 120_000 }, async () => {
  await openQueue('status:open,ack');
  await list().getByRole('button', { name: 'User mira' }).first().click();
  await menu().waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  for (const item of await menu().getByRole('menuitem').all()) {
    const box = await item.boundingBox();
    expect([box?.width ?? 0, box?.height ?? 0].every((size) => size >= 24)).toBe(true);
  }
  await takePictures(page, 'value-menu');
  await take('Include');
  await expect.poll(asked).toBe('status:open,ack user:mira');
  await expect
    .poll(() =>
      list()
        .getByRole('button', { name: /^User (?!mira)/ })
        .count(),
    )
    .toBe(0);

  await openQueue('status:open,ack user:mira');
  await list().getByRole('button', { name: 'User mira' }).first().click({ button: 'right' });
  expect(await menu().getByRole('menuitem', { name: 'Include', exact: true }).count()).toBe(0);
  await take('Exclude');
  await expect.poll(asked).toBe('status:open,ack -user:mira');
  await expect.poll(() => list().getByRole('button', { name: 'User mira' }).count()).toBe(0);
  await list().getByRole('button', { name: 'User doe, jane' }).first().click();
  await take('Exclude');
  await expect.poll(asked).toBe('status:open,ack -user:mira -user:"doe, jane"');
  await expect.poll(() => list().getByRole('button', { name: /^User/ }).allTextContents()).toContain('jonas');
  await expect
    .poll(() =>
      list()
        .getByRole('button', { name: /^User (mira|doe)/ })
        .count(),
    )
    .toBe(0);
  await takePictures(page, 'value-excluded');

  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await list().getByRole('button', { name: 'Address 203.0.113.2' }).first().click();
  await take('Copy');
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('203.0.113.2');
  await list().getByRole('button', { name: 'Address 203.0.113.2' }).first().click();
  await take('Only this');
  await expect.poll(asked).toBe('status:open,ack ip:203.0.113.2');
  await list().getByRole('button', { name: 'Address 203.0.113.2' }).first().click();
  await take('Group by address');
  await expect.poll(asked).toBe('status:open,ack ip:203.0.113.2 group:ip');
  const group = page.getByRole('treegrid').getByRole('row', { name: /^Address 203\.0\.113\.2,/ });
  await group.click({ button: 'right' });
  await take('Exclude');
  await expect.poll(asked).toBe('status:open,ack -ip:203.0.113.2 group:ip');
  expect(screen.complaints).toEqual([]);
});

test('by keyboard: from a row, over its values, and back to it', { timeout: 120_000 }, async () => {
  await openQueue('status:open,ack user:"doe, jane" ip:203.0.113.3');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await list().locator('[role="row"][aria-current="true"]').focus();
  const row = await focused();
  for (const keys of ['Shift+F10', 'ContextMenu', 'f']) {
    await page.keyboard.press(keys);
    await menu().waitFor();
    expect(await menu().getAttribute('aria-label')).toBe('Address 203.0.113.3');
    await page.keyboard.press('Escape');
    await menu().waitFor({ state: 'detached' });
    await expect.poll(focused).toBe(row);
  }
  await page.keyboard.press('f');
  await menu().waitFor();
  await menu()
    .getByRole('menuitem', { name: /^doe, jane/ })
    .press('Enter');
  await expect.poll(() => menu().getAttribute('aria-label')).toBe('User doe, jane');
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain('Exclude');
  await page.keyboard.press('Enter');
  await expect.poll(asked).toBe('status:open,ack ip:203.0.113.3 -user:"doe, jane"');
  await page.getByText(/The filter hides/).waitFor();
  await expect.poll(focused).toBe('Filter alerts');

  await openQueue('status:open,ack');
  await list().getByRole('row').nth(1).focus();
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('Filter by a value of it: its menu').first().waitFor();
  await page.keyboard.press('Escape');
  expect(screen.complaints).toEqual([]);
});

test('in the pane and at 390 pixels, and to the events and the audit log', { timeout: 120_000 }, async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openQueue('status:open,ack user:mira');
  await list().getByRole('row').nth(1).click();
  const pane = page.locator('[data-region="detail"]');
  await pane.getByRole('button', { name: /^mira/ }).click();
  await menu().waitFor();
  const box = await menu().boundingBox();
  expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 999) <= 390).toBe(true);
  expect(await accessibilityFaults(page)).toEqual([]);
  await takePicture(page, 'value-menu-390');
  await page.keyboard.press('Escape');
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain('mira');
  await page.keyboard.press('Enter');
  await take('Search events for it');
  await page.waitForURL(/#\/events\?q=actor%3Amira/);
  await page.goBack();
  await pane.getByRole('button', { name: /^mira/ }).click();
  await take('Search audit log for it');
  await page.waitForURL(/#\/audit\?actor=mira/);
  await page.setViewportSize({ width: 1440, height: 900 });
  expect(screen.complaints).toEqual([]);
});
