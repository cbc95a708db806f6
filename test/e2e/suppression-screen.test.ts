// Suppression in a real browser against a real console, by keyboard: tried on the past, set, seen at the alert that keeps others quiet, and
// ended when that one is closed. And the same by command line.
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bigOrder, bigOrderId } from '../features/rules/rules-console.ts';
import { clientOf, type NodeProcess, runCommand } from '../support/node.ts';
import { accessibilityFaults } from './accessibility.ts';
import { openScreen, type Screen, takePictures } from './screen.ts';

let screen: Screen;
let page: Page;
let node: NodeProcess;
let token = '';

beforeAll(async () => {
  screen = await openScreen();
  ({ page, node, token } = screen);
}, 180_000);

afterAll(() => screen?.[Symbol.asyncDispose]());

async function go(place: string): Promise<void> {
  await page.evaluate((hash) => {
    window.location.hash = hash;
  }, place);
}

async function accessible(): Promise<void> {
  expect(await accessibilityFaults(page)).toEqual([]);
}

async function order(actors: readonly string[], minutesAgo: number): Promise<void> {
  using client = clientOf(node, token);
  const events = actors.map((actor, index) => ({
    id: crypto.randomUUID(),
    time: new Date(Date.now() - minutesAgo * 60_000 + index * 1000).toISOString(),
    source: 'shop',
    event_type: 'order',
    actor,
    ip_address: '203.0.113.7',
    details: { amount: 250 },
  }));
  expect((await client.call('events.ingest', { events })).accepted).toBe(events.length);
}

const settled = async (): Promise<void> => {
  using client = clientOf(node, token);
  await expect.poll(async () => (await client.call('detections.list', {})).compiling, { timeout: 60_000 }).toBe(false);
};

test('a detector is suppressed by keyboard, after a look at what that would have made of the past', async () => {
  using client = clientOf(node, token);
  await client.call('rules.create', { source: bigOrder('  dedup: {fields: [actor], window: 24h}\n') });
  await settled();
  await order(['ada', 'bob', 'cy', 'dan'], 300);
  await go(`#/detections/${bigOrderId}`);
  await page.getByRole('button', { name: 'Suppress repeats' }).press('Enter');
  await page.getByLabel('Same values in').fill('ip_address, ip_address');
  await page.getByText('names a field twice').waitFor();
  await page.getByLabel('Same values in').fill('ip_address');
  await page.getByRole('button', { name: 'What if', exact: true }).press('Enter');
  await page.getByText('4 → 1 alert').waitFor();
  await accessible();
  await takePictures(page, 'suppression-form');
  await page.getByRole('button', { name: /If a field is missing/ }).press('Enter');
  await page.getByRole('option', { name: /Group it as missing/ }).press('Enter');
  await page.getByRole('button', { name: 'Save suppression' }).press('Enter');
  await page.getByText('One alert in 1 hour of the same ip_address; others are counted at it.').waitFor();
  await settled();
  await accessible();
  await takePictures(page, 'suppression-set');
  expect(screen.complaints).toEqual([]);
});

test('an alert shows what it keeps quiet with its events, and closing it can let the next one through', async () => {
  using client = clientOf(node, token);
  await order(['eve', 'fay', 'gil'], 30);
  const { items } = await client.call('alerts.list', { detector: bigOrderId, user: 'eve' });
  const [alert] = items;
  expect(alert?.suppressed).toBe(2);
  await go('#/queue');
  await page.getByRole('button', { name: /^Open, last 24 h/ }).click();
  await page.getByRole('menuitem', { name: /^Suppressed/ }).click();
  const row = page.getByRole('grid', { name: 'Alerts' }).getByRole('row', { name: /, 2 suppressed, / });
  await row.waitFor();
  await accessible();
  await takePictures(page, 'suppressed-view');
  await go('#/queue?q=status%3Aopen%2Cack');
  await row.getByRole('button', { name: 'Show the 2 suppressed' }).click();
  await page.getByRole('list', { name: 'Suppressed alerts' }).waitFor();
  await go('#/queue');
  // Outside of that view they are shown when somebody asks for them.
  await go(`#/queue/${alert?.id}?q=status%3Aopen%2Cack`);
  await page.getByRole('button', { name: 'Show suppressed alerts' }).press('Enter');
  const list = page.getByRole('list', { name: 'Suppressed alerts' });
  await list.locator('summary').first().press('Enter');
  await list.getByText('203.0.113.7').first().waitFor();
  expect(await list.getByRole('listitem').count()).toBe(2);
  await accessible();
  await takePictures(page, 'suppressed');
  await page.keyboard.press('c');
  const dialog = page.getByRole('dialog');
  const box = dialog.getByRole('checkbox', { name: /Raise the next one again \(2 suppressed\)/ });
  expect(await box.isChecked()).toBe(false);
  await dialog.getByRole('radio', { name: /Benign/ }).press('Space');
  await box.press('Space');
  await accessible();
  await takePictures(page, 'close-suppressed');
  await page.keyboard.press('Control+Enter');
  await dialog.waitFor({ state: 'detached' });
  await order(['hal'], 29);
  await expect.poll(async () => (await client.call('alerts.list', { user: 'hal' })).items.length).toBe(1);
  await page.getByText('the next one is raised, as somebody asked when closing this one').waitFor();
  expect(screen.complaints).toEqual([]);
});

test('the command line suppresses, previews and lists', async () => {
  const target = ['--url', node.url, '--ca', node.ca];
  const keyed = { ...screen.profile.environment, GATEHOUSE_API_KEY: token };
  const run = (...words: string[]) => runCommand([...words, ...target], keyed);
  expect(await run('rules', 'suppress', bigOrderId)).toMatchObject({
    code: 0,
    stdout: 'one alert in 60 minutes of the same ip_address; those without it: a group of their own\n',
  });
  const preview = await run('rules', 'suppress', bigOrderId, '--by', 'ip_address', '--for', '7d', '--preview');
  expect([preview.code, preview.stdout]).toEqual([0, expect.stringMatching(/^2 -> 1 alerts; /)]);
  const set = await run('rules', 'suppress', bigOrderId, '--by', 'actor', '--by', 'source', '--for', '4h', '--json');
  expect(JSON.parse(set.stdout)).toEqual({ fields: ['actor', 'source'], minutes: 240, missing: 'not_suppressed' });
  expect((await run('rules', 'suppress', bigOrderId, '--by', 'actor', '--for', '8d')).stderr).toContain('1m to 7d');
  const both = await run('rules', 'suppress', bigOrderId, '--by', 'actor', '--off');
  expect([both.code, both.stderr]).toEqual([1, expect.stringContaining('contradict')]);
  expect((await run('rules', 'suppress', bigOrderId, '--off')).stdout).toBe('not suppressed: every alert is raised\n');
  using client = clientOf(node, token);
  const { items } = await client.call('alerts.list', { status: ['closed'], user: 'eve' });
  const listed = await run('alerts', 'suppressed', items[0]?.id ?? '');
  expect(
    listed.stdout
      .trim()
      .split('\n')
      .map((line) => /Big order by \w+ {2}x \d+$/.exec(line)?.[0]),
  ).toEqual(['Big order by gil  x 1', 'Big order by fay  x 1']);
});
