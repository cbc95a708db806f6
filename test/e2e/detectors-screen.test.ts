// The Detectors screen in a real browser against a real console: packs brought in from the window with a look at what they change, versions
// of a rule side by side, look-backs that are cancelled, and exceptions with their ends.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bigOrder, manyOrders } from '../features/rules/rules-console.ts';
import { coreFolders, hasDetectionData, sigmaRules } from '../support/detection-data.ts';
import { clientOf, type NodeProcess, runCommand } from '../support/node.ts';
import { zipOf } from '../support/zip-file.ts';
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

async function compiled(): Promise<void> {
  using client = clientOf(node, token);
  await expect.poll(async () => (await client.call('detections.list', {})).compiling, { timeout: 30_000 }).toBe(false);
}

function zipped(files: Readonly<Record<string, string>>): Buffer {
  return zipOf(Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text) })));
}

const pack = (name: string, bytes: Buffer) => ({ name, mimeType: 'application/octet-stream', buffer: bytes });

test('a zip is chosen, compared, refused rules are named, and the rest is applied', async () => {
  await go('#/detections/packs');
  await page.getByRole('button', { name: 'Import a pack' }).waitFor();
  await accessible();
  await takePictures(page, 'packs-empty');
  await page.getByRole('button', { name: 'Import a pack' }).press('Enter');
  const dialog = page.getByRole('dialog');
  const files = { 'orders/big.yml': bigOrder(), 'bad.yml': 'title: bad\n', 'README.md': 'no rule' };
  await dialog.locator('input[data-chooser=pack]').setInputFiles(pack('shop-rules.zip', zipped(files)));
  expect(await dialog.getByLabel('Pack').inputValue()).toBe('shop-rules');
  await dialog.getByLabel('Version').fill('1');
  await accessible();
  await dialog.getByRole('button', { name: 'Check and compare' }).press('Enter');
  await dialog.getByText('2 new, 0 changed, 0 removed').waitFor();
  await dialog.getByText('not signed').waitFor();
  await dialog.getByText('expected either detection').waitFor();
  await dialog.getByRole('button', { name: 'Show orders/big.yml' }).press('Enter');
  await dialog.getByText('title: Big order', { exact: true }).waitFor();
  await accessible();
  await takePictures(page, 'pack-preview');
  using client = clientOf(node, token);
  expect((await client.call('packs.list', {})).items.map(({ id }) => id)).toEqual(['built-in', 'own']);
  await dialog.getByRole('button', { name: 'Import 2 rule files' }).press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('link', { name: /shop-rules/ }).waitFor();
  await compiled();
  expect((await client.call('packs.list', {})).items.at(-1)).toMatchObject({
    id: 'shop-rules',
    version: '1',
    state: 'simulated',
    rules: 2,
    refused: 1,
  });
  await accessible();
  await takePictures(page, 'packs');
});

test('an update shows what changes before it is applied, and can be left', async () => {
  await page.getByRole('button', { name: 'Import a pack' }).press('Enter');
  const dialog = page.getByRole('dialog');
  const next = zipped({ 'orders/big.yml': bigOrder().replace('gte: 100', 'gte: 900'), 'orders/many.yml': manyOrders });
  await dialog.locator('input[data-chooser=pack]').setInputFiles(pack('shop-rules.zip', next));
  await dialog.getByText('Installed: version 1, 2 rules.').waitFor();
  await dialog.getByRole('button', { name: 'Check and compare' }).press('Enter');
  await dialog.getByText('1 new, 1 changed, 1 removed').waitFor();
  await dialog.getByRole('button', { name: 'Show orders/big.yml' }).press('Enter');
  await dialog.getByText('1 line new, 1 gone').waitFor();
  await takePictures(page, 'pack-update');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  using client = clientOf(node, token);
  expect((await client.call('packs.list', {})).items.at(-1)).toMatchObject({ version: '1', rules: 2 });
});

test('a signed pack says whose it is, one that was changed is refused, and so is a stranger', async () => {
  const signed = join(screen.profile.home, 'shop.ghpack');
  const rules = ['rules', 'export', 'shop-rules', '--out', signed, '--url', node.url, '--ca', node.ca];
  const exported = await runCommand(rules, { ...screen.profile.environment, GATEHOUSE_API_KEY: token });
  expect(exported.code).toBe(0);
  await page.getByRole('button', { name: 'Import a pack' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('input[data-chooser=pack]').setInputFiles(signed);
  await dialog.getByLabel('Pack').fill('shop-copy');
  await dialog.getByRole('button', { name: 'Check and compare' }).click();
  await dialog.getByText('signed by this console').waitFor();
  await dialog
    .getByLabel('Signer that it must be of')
    .fill('other+7f4d3a21+AVGf8cQ9cTBG7GDVgFRyMyGDmkJtzRcqzSeLSKxuBvAB');
  await dialog.getByRole('button', { name: 'Check and compare' }).click();
  await dialog.getByRole('alert').waitFor();
  await accessible();
  await takePictures(page, 'pack-refused');
  await dialog.locator('input[data-chooser=pack]').setInputFiles(pack('notes.ghpack', Buffer.from('{}')));
  await dialog.getByText('notes.ghpack is no rule pack that a console wrote').waitFor();
  await dialog.locator('input[data-chooser=pack]').setInputFiles(pack('notes.txt', Buffer.from('hello')));
  await dialog.getByRole('button', { name: 'Check and compare' }).click();
  await dialog.getByText('is no rule file (.yml)').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
});

test('a folder is chosen as it is, and a pack is dropped on the screen', async () => {
  const folder = join(screen.profile.home, 'folder-rules');
  mkdirSync(join(folder, 'inner'), { recursive: true });
  writeFileSync(join(folder, 'inner/many.yml'), manyOrders);
  await page.getByRole('button', { name: 'Import a pack' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('input[data-chooser=folder]').setInputFiles(folder);
  await dialog.getByText('1 rule files').waitFor();
  expect(await dialog.getByLabel('Pack').inputValue()).toBe('folder-rules');
  await dialog.getByRole('button', { name: 'Check and compare' }).click();
  await dialog.getByText('inner/many.yml').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
  const drop = await page.evaluateHandle((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], 'dropped.yml'));
    return data;
  }, bigOrder());
  const target = page.getByText('By command line');
  for (const kind of ['dragenter', 'dragover', 'drop']) await target.dispatchEvent(kind, { dataTransfer: drop });
  await page.getByRole('dialog').getByText('dropped.yml').waitFor();
  await page.keyboard.press('Escape');
});

test('versions are compared, and an older one is taken back', async () => {
  using client = clientOf(node, token);
  const first = await client.call('rules.create', { source: manyOrders });
  await client.call('rules.update', {
    id: first.id,
    source: manyOrders.replace('level: high', 'level: low'),
    note: 'too many of them',
  });
  await compiled();
  await go(`#/detections/${first.detectors[0]?.id}`);
  await page.getByRole('link', { name: 'Compare 2' }).press('Enter');
  await page.getByText('runs now').waitFor();
  await page.getByText('1 line new, 1 gone').waitFor();
  await accessible();
  await takePictures(page, 'versions');
  await page.getByRole('button', { name: 'Take version 1 into the editor' }).press('Enter');
  await page.getByText('No line differs.').waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('version 3 saved').first().waitFor();
  const now = await client.call('rules.get', { id: first.id });
  expect([now.number, now.source, now.versions[0]?.note]).toEqual([3, manyOrders, 'back to version 1']);
});

test('a look back over many events shows how far it is and is cancelled, then runs to its end', async () => {
  using client = clientOf(node, token);
  for (let round = 0; round < 12; round++) {
    await client.call('events.ingest', {
      events: Array.from({ length: 1_000 }, (_, index) => ({
        id: crypto.randomUUID(),
        time: new Date(Date.now() - 3_600_000 + round * 1000 + index).toISOString(),
        source: 'shop',
        event_type: 'view',
        details: { text: 'a'.repeat(400) },
      })),
    });
  }
  await page
    .getByRole('button', { name: 'Try and test' })
    .or(page.getByRole('button', { name: 'Edit' }))
    .first()
    .click();
  await page.getByRole('tab', { name: 'What if' }).click();
  // As soon as it is there: how long a look takes is the machine's affair.
  const cancelled = page.evaluate(
    () =>
      new Promise<string | null>((resolve) => {
        const observer = new MutationObserver(() => {
          const cancel = [...document.querySelectorAll('button')].find((one) => one.textContent === 'Cancel');
          if (cancel === undefined) return;
          observer.disconnect();
          const bar = document.querySelector('[role=progressbar]');
          cancel.click();
          resolve(document.getElementById(bar?.getAttribute('aria-labelledby') ?? '')?.textContent ?? null);
        });
        observer.observe(document.body, { childList: true, subtree: true });
      }),
  );
  await page.getByRole('button', { name: 'What if', exact: true }).click();
  expect(await cancelled).toMatch(/Compiling the rules|Counting the events|Looking at the events/);
  await page.getByRole('progressbar').waitFor({ state: 'detached' });
  expect(await page.getByText(/\d → \d+ alerts?/).count()).toBe(0);
  await page.getByRole('button', { name: 'What if', exact: true }).click();
  await page.getByText(/\d → \d+ alerts?/).waitFor();
  await accessible();
  expect(screen.complaints).toEqual([]);
});

test('an exception reminds a week before its end, says what it saved, and is extended', async () => {
  using client = clientOf(node, token);
  const { items } = await client.call('detections.list', {});
  const rule = items.find(({ title }) => title === 'Many orders from one address')?.rule ?? '';
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  await go('#/detections/exceptions');
  await page.getByText('No exceptions').waitFor();
  await accessible();
  const conditions = [{ field: 'ip_address', value: '198.51.100.7' }];
  await client.call('exceptions.create', { rule, conditions, reason: 'the tills of shop 7', expires_at: inDays(4) });
  await client.call('exceptions.create', {
    rule: null,
    conditions: [{ field: 'actor', value: 'scanner' }],
    reason: 'the yearly scan',
    expires_at: inDays(90),
  });
  await client.call('events.ingest', {
    events: Array.from({ length: 6 }, (_, index) => ({
      id: crypto.randomUUID(),
      time: new Date(Date.now() - 1000 * index).toISOString(),
      source: 'shop',
      event_type: 'order',
      ip_address: '198.51.100.7',
    })),
  });
  await page.getByText('1 exception ends within 7 days.').waitFor();
  await page.getByText('kept 6 matches away').waitFor();
  await accessible();
  await takePictures(page, 'exceptions');
  await page
    .getByRole('button', { name: /^How many alerts did it save\? The exception for ip_address/ })
    .press('Enter');
  await page.getByText('Saved you 1 alert').waitFor();
  await go('#/home');
  await page.getByText('An exception from detection ends within 7 days').waitFor();
  await accessible();
  await takePictures(page, 'home-exception');
  await page.getByRole('link', { name: 'Review it' }).press('Enter');
  await page.getByRole('button', { name: /^Extend the exception for ip_address/ }).press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Why it is still needed').fill('the tills stay until spring');
  await accessible();
  await takePictures(page, 'exception-extend');
  await page.keyboard.press('Tab');
  await dialog.getByRole('button', { name: 'Extend' }).press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('the tills stay until spring').waitFor();
  await page.getByText('ends within 7 days').waitFor({ state: 'detached' });

  await page.getByRole('button', { name: /^Hand over the exception for ip_address/ }).press('Enter');
  await dialog.getByLabel('Owner').fill('the till team');
  await accessible();
  await takePictures(page, 'exception-owner');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await page.getByText(/^the till team, since/).waitFor();
});

test.runIf(hasDetectionData)(
  'thousands of rules come in with their progress, and an import is given up on the way',
  async () => {
    const rules = sigmaRules(...coreFolders);
    const zip = zipped(Object.fromEntries(rules.map(({ name, text }) => [name, text])));
    await go('#/detections/packs');
    await page.getByRole('button', { name: 'Import a pack' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.locator('input[data-chooser=pack]').setInputFiles(pack('sigma-core.zip', zip));
    await dialog.getByRole('button', { name: 'Check and compare' }).press('Enter');
    await dialog.getByRole('progressbar', { name: 'Checking the rules' }).waitFor();
    await takePictures(page, 'pack-checking');
    await dialog.getByRole('button', { name: 'Cancel' }).first().press('Enter');
    await dialog.getByRole('progressbar').waitFor({ state: 'detached' });
    await dialog.getByRole('button', { name: 'Check and compare' }).press('Enter');
    await dialog.getByText('3,757 new, 0 changed, 0 removed').waitFor();
    await dialog.getByText('The first 500 of 3,757.').waitFor();
    await takePictures(page, 'pack-many');
    await dialog.getByRole('button', { name: 'Import 3,757 rule files' }).press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: /sigma-core/ }).waitFor();
    using client = clientOf(node, token);
    expect((await client.call('packs.list', {})).items.find(({ id }) => id === 'sigma-core')).toMatchObject({
      state: 'simulated',
      sha256: expect.any(String),
    });
  },
);

test('the command line looks back too', async () => {
  const file = join(screen.profile.home, 'many.yml');
  writeFileSync(file, manyOrders.replace('5b002', '5b009').replaceAll('any_order', 'each_order'));
  const target = ['--url', node.url, '--ca', node.ca];
  const keyed = { ...screen.profile.environment, GATEHOUSE_API_KEY: token };
  const dry = await runCommand(['rules', 'dry-run', file, '--since', '7d', ...target], keyed);
  expect([dry.code, dry.stdout]).toEqual([0, expect.stringMatching(/^1 alert from 6 events; 1\d{4} events from /)]);
  const rule = /^id: (.*)$/m.exec(manyOrders)?.[1] ?? '';
  const what = await runCommand(['rules', 'what-if', rule, '--set', 'limit=1', '--json', ...target], keyed);
  expect(what.code).toBe(0);
  expect(JSON.parse(what.stdout)).toMatchObject({ before: 0, after: 0, hidden_true_positives: 0 });
  const conditions = ['--if', 'ip_address=203.0.113.9', '--if', 'actor=till-*'];
  const made = await runCommand(
    ['rules', 'except', rule, ...conditions, '--reason', 'tills', '--days', '3', ...target],
    keyed,
  );
  expect([made.code, made.stdout]).toEqual([0, expect.stringContaining('ip_address = 203.0.113.9 and actor = till-*')]);
  const id = made.stdout.split(' ')[0] ?? '';
  expect((await runCommand(['rules', 'extend', id, '--days', '60', ...target], keyed)).code).toBe(0);
  const listed = await runCommand(['rules', 'exceptions', '--json', ...target], keyed);
  const kept = listed.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .find((one) => one.id === id);
  expect(kept).toMatchObject({ reason: 'tills', hits: 0, expired: false });
  expect((Date.parse(kept.expires_at) - Date.now()) / 86_400_000).toBeGreaterThan(59);
  expect((await runCommand(['rules', 'transfer', id, 'the till team', ...target], keyed)).code).toBe(0);
  const table = await runCommand(['rules', 'exceptions', ...target], keyed);
  expect(table.stdout).toContain('the till team');
  const preview = await runCommand(['rules', 'except', 'all', ...conditions, '--preview', '--json', ...target], keyed);
  expect([preview.code, preview.stderr]).toEqual([0, '']);
  expect(JSON.parse(preview.stdout)).toMatchObject({ hidden: [], added: [] });
  const unsaid = await runCommand(['rules', 'except', rule, ...conditions, ...target], keyed);
  expect([unsaid.code, unsaid.stderr]).toEqual([1, expect.stringContaining('say why')]);
  expect((await runCommand(['rules', 'end', id, ...target], keyed)).code).toBe(0);
  expect((await runCommand(['rules', 'extend', id, '--days', '400', ...target], keyed)).stderr).toContain('1 to 365');
  const nothing = await runCommand(['rules', 'what-if', rule, ...target], keyed);
  expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('say what would change')]);
});
