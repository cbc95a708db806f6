// Writing a rule in a real browser: what is not saved survives leaving, reloading and signing out; two windows on one rule don't
// overwrite each other; what was looked up stays while one looks elsewhere.
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { manyOrders } from '../features/rules/rules-console.ts';
import { clientOf } from '../support/node.ts';
import { accessibilityFaults } from './accessibility.ts';
import { openScreen, type Screen, signIn, takePictures } from './screen.ts';

let screen: Screen;
let page: Page;

beforeAll(async () => {
  screen = await openScreen();
  ({ page } = screen);
}, 180_000);

afterAll(() => screen?.[Symbol.asyncDispose]());

const text = (on: Page = page) => on.getByLabel('Rule as YAML');

async function goTo(place: string, on: Page = page): Promise<void> {
  await on.evaluate((fragment) => {
    window.location.hash = fragment;
  }, `#/${place}`);
}

const unfinished = 'title: Half a rule\nid: 0a0a0a0a-0000-4000-8000-000000000001\ndetection:\n  selection:\n    acto';

test('what was not saved is there again after leaving, reloading and signing in anew', async () => {
  await goTo('detections/new');
  await text().fill(unfinished);
  await page.getByText('not saved, kept as a draft').waitFor();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Events' }).click();
  await page.getByRole('heading', { name: 'Events' }).waitFor();
  await page.goBack();
  await page.getByText('and did not save it').waitFor();
  expect(await text().inputValue()).toBe(unfinished);
  expect(await accessibilityFaults(page)).toEqual([]);
  await takePictures(page, 'rule-draft');

  await page.reload();
  await page.getByText('and did not save it').waitFor();
  expect(await text().inputValue()).toBe(unfinished);

  await page.keyboard.press('Control+l');
  await page.getByRole('button', { name: /Unlock/ }).waitFor();
  expect(await page.content()).not.toContain('Half a rule');
  const { secret } = screen;
  await page.context().clearCookies();
  await signIn(page, screen.node.url, secret);
  await goTo('detections/new');
  await page.getByText('and did not save it').waitFor();
  expect(await text().inputValue()).toBe(unfinished);
}, 240_000);

test('a text is thrown away on purpose only, and can be had back', async () => {
  await page.getByRole('button', { name: 'Begin anew' }).click();
  await expect.poll(() => text().inputValue()).toContain('event_type: login');
  await page.getByRole('button', { name: 'Undo' }).first().click();
  expect(await text().inputValue()).toBe(unfinished);
  await page.getByRole('button', { name: 'Discard' }).click();
  await page.getByText('Your text was thrown away', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await page.getByText('and did not save it').waitFor();
  expect(await text().inputValue()).toBe(unfinished);
  await page.getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('button', { name: 'New rule' }).waitFor();
  await goTo('detections/new');
  await expect.poll(() => text().inputValue()).toContain('event_type: login');
});

test('a rule that another window saved is not overwritten unseen', async () => {
  using client = clientOf(screen.node, screen.token);
  const { id } = await client.call('rules.create', { source: manyOrders });
  await goTo(`detections/edit/${id}`);
  await text().waitFor();
  const mine = manyOrders.replace('level: high', 'level: low');
  await text().fill(mine);
  const theirs = manyOrders.replace('level: high', 'level: critical');
  await client.call('rules.update', { id, source: theirs });
  await page.getByText('saved version 2').waitFor();
  expect(await text().inputValue()).toBe(mine);
  expect(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await page.getByRole('group', { name: 'From version 2 to the text in the editor' }).waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await takePictures(page, 'rule-overtaken');
  await page.getByRole('button', { name: 'Take version 2', exact: true }).click();
  expect(await text().inputValue()).toBe(theirs);
  await page.getByRole('button', { name: 'Undo' }).last().click();
  expect(await text().inputValue()).toBe(mine);
  await page.getByRole('button', { name: 'Go on with mine' }).click();
  // Only its state is changed meanwhile: that is no other text.
  await client.call('rules.update', { id, state: 'simulated' });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('version 3 saved').first().waitFor();
  await page.getByRole('button', { name: 'Edit', exact: true }).waitFor();
  expect(await client.call('rules.get', { id })).toMatchObject({ source: mine, number: 3, state: 'simulated' });
});

test('a rule that is deleted while it is written on is saved as a new one', async () => {
  using client = clientOf(screen.node, screen.token);
  const { items } = await client.call('detections.list', {});
  const rule = items.find(({ pack }) => pack === 'own')?.rule ?? '';
  await goTo(`detections/edit/${rule}`);
  await text().waitFor();
  await text().fill(manyOrders);
  await client.call('rules.delete', { id: rule });
  await page.getByText('Saving your text makes it a new rule').waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('version 1 saved').first().waitFor();
  await page.getByRole('button', { name: 'Edit', exact: true }).waitFor();
});

test('what a dry run found stays while one looks at the problems, and is marked once the text is another', async () => {
  await goTo('detections/new');
  await text().fill(manyOrders.replace(/^id: .*$/m, 'id: 0a0a0a0a-0000-4000-8000-000000000002'));
  await page.getByRole('tab', { name: 'Dry run' }).click();
  await page.getByRole('button', { name: 'Run over stored events' }).click();
  await page.getByText('would have been raised').waitFor();
  await page.getByRole('tab', { name: 'Check' }).click();
  await page.getByRole('tab', { name: 'Dry run' }).click();
  await page.getByText('would have been raised').waitFor();
  await text().press('End');
  await page.keyboard.type(' ');
  await page.getByText('(before your last change)').waitFor();
  expect(screen.complaints).toEqual([]);
});
