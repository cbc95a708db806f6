// A mapping of log sources of one's own: written on the Detectors screen of a real console in a real browser, shown, checked, set and removed
// by the command line. GATEHOUSE_TEST_SHOTS names a folder for pictures of it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientOf, type NodeProcess, runCommand } from '../support/node.ts';
import { accessibilityFaults } from './accessibility.ts';
import { openScreen, type Screen, takePicture } from './screen.ts';

let screen: Screen;
let page: Page;
let node: NodeProcess;
let environment: NodeJS.ProcessEnv = {};

beforeAll(async () => {
  screen = await openScreen();
  ({ page, node } = screen);
  using client = clientOf(node, screen.token);
  const { key } = await client.call('keys.create', { name: 'rules', scopes: ['detections.*'] });
  environment = {
    ...screen.profile.environment,
    GATEHOUSE_URL: node.url,
    GATEHOUSE_CA: node.ca,
    GATEHOUSE_API_KEY: key,
  };
}, 180_000);

afterAll(() => screen?.[Symbol.asyncDispose]());

async function look(name: string): Promise<void> {
  expect(await accessibilityFaults(page), name).toEqual([]);
  await takePicture(page, `log-sources-${name}`);
}

test('a mapping is written on the screen, refused with its line, set, and removed', { timeout: 120_000 }, async () => {
  await page.goto(`${node.url}/#/detections/log-sources`);
  await page.getByText('The standard log sources apply').waitFor();
  await look('none');
  await page.getByRole('button', { name: 'Write a mapping' }).click();
  const field = page.getByRole('textbox', { name: 'Mapping of log sources' });
  await page.getByText('It can be used.').waitFor();
  await page.getByRole('gridcell', { name: 'acme / firewall' }).or(page.getByText('acme / firewall')).first().waitFor();

  await field.fill('logsources:\n  a:\n    product: [x]\n');
  await page.getByText('product, category and service are texts').waitFor();
  expect(await page.getByRole('button', { name: 'Set', exact: true }).isDisabled()).toBe(true);
  await look('wrong');

  await field.fill(
    'logsources:\n  shop:\n    product: shop\n    conditions: {source: shop}\n    fieldmappings: {Item: details.item}\n',
  );
  await page.getByText('It can be used.').waitFor();
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  await page.getByText(/^Set by mira/).waitFor();
  await look('set');
  const shown = await runCommand(['rules', 'mapping', 'show'], environment);
  expect(shown).toMatchObject({ code: 0, stderr: expect.stringMatching(/^set .* by mira: 1 log source\n$/) });
  expect(shown.stdout).toContain('fieldmappings: {Item: details.item}');

  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('button', { name: 'Remove the mapping' }).click();
  await page.getByText('The standard log sources apply').waitFor();
  expect(await runCommand(['rules', 'mapping', 'show'], environment)).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'there is none: the standard log sources alone apply\n',
  });
  expect(screen.complaints).toEqual([]);
});

test('a mapping that somebody else set meanwhile is not overwritten unseen', async () => {
  using client = clientOf(screen.node, screen.token);
  const textOf = (name: string) => `logsources:\n  ${name}: {product: ${name}, conditions: {source: ${name}}}`;
  await client.call('mappings.set', { text: textOf('first') });
  await page.evaluate(() => {
    window.location.hash = '#/detections/log-sources';
  });
  const field = page.getByRole('textbox', { name: 'Mapping of log sources' });
  await expect.poll(() => field.inputValue()).toBe(textOf('first'));
  await client.call('mappings.set', { text: textOf('second') });
  // Who has written nothing sees what is there now.
  await expect.poll(() => field.inputValue()).toBe(textOf('second'));
  await field.fill(textOf('mine'));
  await client.call('mappings.set', { text: textOf('third') });
  await page.getByText('set another mapping after you began').waitFor();
  expect(await field.inputValue()).toBe(textOf('mine'));
  expect(await page.getByRole('button', { name: 'Set', exact: true }).isDisabled()).toBe(true);
  expect(await accessibilityFaults(page)).toEqual([]);
  await takePicture(page, 'mapping-overtaken');
  await page.getByRole('button', { name: 'Go on with mine' }).click();
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  await expect.poll(async () => (await client.call('mappings.get', {})).mapping?.text).toBe(textOf('mine'));
  await client.call('mappings.remove', {});
  await page.getByText('The standard log sources apply').waitFor();
});

test('gatehouse rules mapping checks without a console, sets and removes', { timeout: 60_000 }, async () => {
  const good = join(screen.profile.home, 'good.yml');
  const bad = join(screen.profile.home, 'bad.yml');
  writeFileSync(good, 'logsources:\n  a: {product: acme, conditions: {source: a}}\n  b: {product: acme, service: b}\n');
  writeFileSync(bad, 'logsources:\n  a: nothing\n');
  const nowhere = { ...environment, GATEHOUSE_URL: 'https://127.0.0.1:9' };
  const mapping = (args: string[], where = environment) => runCommand(['rules', 'mapping', ...args], where);
  expect(await mapping(['check', good], nowhere)).toEqual({ code: 0, stdout: '', stderr: `${good}: 2 log sources\n` });
  expect(await mapping(['check', bad], nowhere)).toMatchObject({
    code: 1,
    stdout: 'bad.yml: logsources.a is not a map\n',
  });
  expect(await mapping(['check', join(screen.profile.home, 'none.yml')], nowhere)).toMatchObject({ code: 2 });
  expect(await mapping(['set', bad])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('logsources.a is not a map'),
  });
  expect(await mapping(['set', good, '--note', 'new firewall'])).toMatchObject({
    code: 0,
    stderr: '2 log sources; the rules are being compiled with them\n',
  });
  expect((await mapping(['show'])).stdout).toContain('product: acme');
  expect(await mapping(['remove'])).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(await mapping(['remove'])).toMatchObject({ code: 1, stderr: expect.stringContaining('no mapping') });
});
