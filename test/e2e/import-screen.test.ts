// Importing log files in a real browser against a real console: how the first lines would be read is seen before anything is taken in,
// format and time zone are chosen then, and what became of each line is told afterwards.
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientOf, type NodeProcess, startNode } from '../support/node.ts';
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

const auth = (
  port: number,
) => `Nov 20 10:00:00 web-1 sshd[1]: Failed password for root from 203.0.113.7 port ${port} ssh2
this is no such line
Nov 20 10:00:02 web-1 sshd[1]: Accepted publickey for alice from 192.0.2.4 port ${port} ssh2
`;

async function choose(name: string, text: string | Buffer): Promise<void> {
  const asked = page.waitForEvent('filechooser');
  // A file chooser opens only where somebody did something, as which keys sent from outside do not count; this does.
  await page.evaluate(() => undefined);
  await page.keyboard.press('i');
  await (await asked).setFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
}

test('the first lines are shown as they would be read, in the time zone that is chosen, and nothing is taken in before', async () => {
  await go('#/events');
  await page.getByRole('heading', { name: 'Events' }).waitFor();
  await choose('auth.log', auth(22));
  const dialog = page.getByRole('dialog', { name: 'Import auth.log' });
  await dialog.getByText('Recognised as auth.log').waitFor();
  await dialog.getByText('All 3 records: 2 understood, 1 not').waitFor();
  await dialog.getByText('this is no such line').waitFor();
  await dialog.getByText('10:00:00').first().waitFor();
  await accessible();
  await takePictures(page, 'import-preview');
  await dialog.getByLabel('Time zone of lines that name none').fill('Europe/Berlin');
  await dialog.getByText('09:00:00').first().waitFor();
  await dialog.getByLabel('Time zone of lines that name none').fill('Nowhere/Else');
  await dialog.getByText('is not a time zone').waitFor();
  await accessible();
  await takePictures(page, 'import-wrong-zone');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  using client = clientOf(node, token);
  expect((await client.call('events.list', { q: 'user:root' })).items).toEqual([]);
});

test('what is not known is said, and read as told', async () => {
  await choose('odd.txt', 'a b c\nd e f\n');
  const dialog = page.getByRole('dialog', { name: 'Import odd.txt' });
  await dialog.getByText('Not recognised').waitFor();
  await takePictures(page, 'import-unknown');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await choose('people.csv', 'When,Who\n2026-11-20T10:00:00Z,nora\n');
  const csv = page.getByRole('dialog', { name: 'Import people.csv' });
  await csv.getByRole('button', { name: /Format/ }).press('Enter');
  await page.getByRole('option', { name: 'CSV' }).click();
  await csv.getByLabel('Columns').fill('time=When, actor=Who');
  await csv.getByText('by nora').waitFor();
  await accessible();
  await takePictures(page, 'import-csv');
  await csv.getByRole('button', { name: 'Import', exact: true }).press('Enter');
  await page.getByText('1 record: 1 accepted').waitFor();
  using client = clientOf(node, token);
  expect((await client.call('events.list', { q: 'user:nora' })).items).toMatchObject([
    { time: '2026-11-20T10:00:00.000Z' },
  ]);
});

test('imported by keyboard alone, with the lines that were not understood, and again in another time zone', async () => {
  await choose('auth.log', auth(23));
  const dialog = page.getByRole('dialog', { name: 'Import auth.log' });
  await dialog.getByText('Recognised as auth.log').waitFor();
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('3 records: 2 accepted · 0 known already · 1 not understood').waitFor();
  await page.getByRole('button', { name: 'Show lines not understood' }).press('Enter');
  await accessible();
  await takePictures(page, 'import-done');
  using client = clientOf(node, token);
  const { items } = await client.call('events.list', { q: 'user:root' });
  expect(items.map(({ time }) => time.slice(11, 13))).toEqual(['10']);
  expect(screen.complaints).toEqual([]);
});

test('an import goes on when the console was killed and started anew, and takes in no line twice', {
  timeout: 300_000,
}, async () => {
  const lines = 40_000;
  const second = (line: number) => new Date(Date.UTC(2026, 10, 19) + line * 1_000).toISOString().slice(11, 19);
  const text = Array.from(
    { length: lines },
    (_, line) =>
      `Nov 19 ${second(line)} web-2 sshd[${line}]: Accepted publickey for carol from 192.0.2.77 port 22 ssh2\n`,
  ).join('');
  await choose('long.log', text);
  const dialog = page.getByRole('dialog', { name: 'Import long.log' });
  await dialog.getByText('Recognised as auth.log').waitFor();
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  const running = page.getByRole('listitem').filter({ hasText: 'Reading long.log' });
  await running.getByText(/[1-9][\d,]* accepted/).waitFor();
  await node.kill();
  await page.getByText('The console does not answer. The import goes on').waitFor();
  await accessible();
  await takePictures(page, 'import-interrupted');
  await using again = new AsyncDisposableStack();
  const restarted = await startNode(screen.profile, { GATEHOUSE_PORT: new URL(node.url).port });
  again.defer(() => restarted.kill());
  await page.getByText('The console was started anew meanwhile').waitFor({ timeout: 200_000 });
  using client = clientOf(restarted, token);
  await expect
    .poll(async () => (await client.call('events.summary', { q: 'user:carol' })).total, { timeout: 60_000 })
    .toBe(lines);
  await accessible();
  await takePictures(page, 'import-resumed');
});
