// Packs and states of rules in a real browser: a pack taken elsewhere as a signed file, deleted once it is confirmed, and every change of
// a state taken back with one press.
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bigOrder, manyOrders } from '../features/rules/rules-console.ts';
import { clientOf, runCommand } from '../support/node.ts';
import { accessibilityFaults } from './accessibility.ts';
import { openScreen, type Screen, takePictures } from './screen.ts';

let screen: Screen;
let page: Page;

beforeAll(async () => {
  screen = await openScreen(async (node, token) => {
    using client = clientOf(node, token);
    const { id } = await client.call('packs.begin', { pack: 'shop', name: 'Shop rules', version: '3' });
    const files = [
      { path: 'big.yml', text: bigOrder() },
      { path: 'many.yml', text: manyOrders },
    ];
    await client.call('packs.append', { id, files });
    await client.call('packs.finish', { id, write: true, state: 'on' });
  });
  ({ page } = screen);
  await goTo('detections/packs');
}, 180_000);

afterAll(() => screen?.[Symbol.asyncDispose]());

async function goTo(place: string): Promise<void> {
  await page.evaluate((fragment) => {
    window.location.hash = fragment;
  }, `#/${place}`);
}

const undo = () => page.getByRole('button', { name: 'Undo' }).last();

test('a pack is saved as a file that another console takes as signed by this one', async () => {
  await page.getByRole('button', { name: 'More about Shop rules' }).press('Enter');
  const item = page.getByRole('menuitem', { name: /Export signed/ });
  await item.waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await takePictures(page, 'packs-menu');
  const [download] = await Promise.all([page.waitForEvent('download'), item.press('Enter')]);
  expect(download.suggestedFilename()).toBe('shop.ghpack');
  const file = join(screen.profile.home, 'shop.ghpack');
  await download.saveAs(file);
  await page.getByText('2 rule files, signed by this console').first().waitFor();
  const checked = await runCommand(['rules', 'check', file], { PATH: process.env.PATH, HOME: screen.profile.home });
  expect([checked.code, checked.stdout]).toEqual([0, '']);
  expect(await page.getByRole('button', { name: /More about Built-in/ }).count()).toBe(1);
});

test('the state of a pack and of a rule is taken back with one press', async () => {
  using client = clientOf(screen.node, screen.token);
  const stateOfPack = async () => (await client.call('packs.list', {})).items.find(({ id }) => id === 'shop')?.state;
  await page.getByRole('button', { name: /State of Shop rules/ }).press('Enter');
  await page.getByRole('option', { name: /^Off/ }).press('Enter');
  await expect.poll(stateOfPack).toBe('off');
  await undo().press('Enter');
  await expect.poll(stateOfPack).toBe('on');

  const { items } = await client.call('detections.list', {});
  const { rule = '', id = '' } = items.find(({ title }) => title === 'Big order') ?? {};
  const get = () => client.call('rules.get', { id: rule });
  await goTo(`detections/${id}`);
  const pane = page.getByRole('complementary', { name: 'Detector Big order' });
  await pane.getByRole('button', { name: /Severity/ }).press('Enter');
  await page.getByRole('option', { name: 'Low' }).press('Enter');
  await expect.poll(async () => (await get()).severity_override).toBe('low');
  await undo().press('Enter');
  await expect.poll(async () => (await get()).severity_override).toBe(null);
  await page.getByText('Big order: as before').first().waitFor();
});

test('a pack is deleted once it is confirmed, with the number of rules that go', async () => {
  using client = clientOf(screen.node, screen.token);
  await goTo('detections/packs');
  await page.getByRole('button', { name: 'More about Built-in indicators' }).press('Enter');
  await page.getByRole('menuitem', { name: /Export signed/ }).waitFor();
  expect(await page.getByRole('menuitem', { name: /Delete/ }).count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'More about Shop rules' }).press('Enter');
  await page.getByRole('menuitem', { name: /Delete/ }).press('Enter');
  const dialog = page.getByRole('alertdialog');
  await dialog.getByText('Rules that go').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await takePictures(page, 'packs-delete');
  await dialog.getByRole('button', { name: 'Delete pack' }).click();
  await page.getByText('Shop rules deleted').first().waitFor();
  expect((await client.call('packs.list', {})).items.map(({ id }) => id)).toEqual(['built-in', 'own']);
  expect(screen.complaints).toEqual([]);
});
