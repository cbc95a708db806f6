// The queue in groups, in a real browser against a real console: by keyboard alone, with what the groups say, and triage of a whole group.
// GATEHOUSE_TEST_SHOTS names a folder for pictures of it.
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../../src-main/shells/cli/client.ts';
import { clientOf, type NodeProcess } from '../support/node.ts';
import { accessibilityFaults } from './accessibility.ts';
import { openScreen, type Screen, takePicture, takePictures } from './screen.ts';

let screen: Screen;
let page: Page;
let node: NodeProcess;
let client: Client;

const actors = ['mira', 'jonas', 'tess', 'uwe', 'ines'];

beforeAll(async () => {
  screen = await openScreen(raiseAlerts);
  ({ page, node } = screen);
  page.setDefaultTimeout(20_000);
  client = clientOf(node, screen.token);
}, 180_000);

afterAll(async () => {
  client?.[Symbol.dispose]();
  await screen?.[Symbol.asyncDispose]();
});

async function fail(by: Client, actor: string, at: number): Promise<void> {
  const time = new Date().toISOString();
  const login = { time, source: 'web-1', event_type: 'login', success: false, actor, ip_address: `203.0.113.${at}` };
  await by.call('events.ingest', { events: Array.from({ length: 12 }, () => ({ id: randomUUID(), ...login })) });
}

async function raiseAlerts(of: NodeProcess, token: string): Promise<void> {
  using by = clientOf(of, token);
  for (const [at, actor] of actors.entries()) await fail(by, actor, at + 1);
  const findings = Array.from({ length: 130 }, (_, at) => ({
    rule_id: '11111111-1111-4111-8111-111111111111',
    title: `Encoded command ${at}`,
    level: (['low', 'medium', 'info'] as const)[at % 3] ?? 'low',
    tags: [],
    file: `evidence/host${at}/security.evtx`,
    record: at,
    time: '2026-11-20T10:00:00Z',
    event: { EventID: 1, Channel: 'Microsoft-Windows-Sysmon/Operational', Computer: `host${at}`, CommandLine: 'x' },
  }));
  await by.call('alerts.load', { findings });
}

const openQueue = (query: string) => page.goto(`${node.url}/#/queue?q=${encodeURIComponent(query)}`);
const tree = () => page.getByRole('treegrid', { name: 'Groups of alerts' });
const name = async () => (await current().getAttribute('aria-label'))?.replace(/, SLA.*/, '');
const current = () => tree().locator('[role="row"][aria-current="true"]');

test('groups say what is in them, open within each other, and look right', { timeout: 120_000 }, async () => {
  await openQueue('status:open,ack');
  await page.getByRole('grid', { name: 'Alerts' }).getByRole('row').nth(1).waitFor();
  await page.getByRole('button', { name: 'Group by', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Detector' }).waitFor();
  await takePicture(page, 'groups-menu');
  await page.getByRole('menuitem', { name: 'Detector' }).click();
  await tree().waitFor();
  await page.getByRole('button', { name: 'Group by', exact: true }).click();
  await page.getByRole('menuitem', { name: 'User' }).click();
  await page.waitForURL(/group%3Adetector%2Cuser/);

  const { groups, matching } = await client.call('alerts.groups', { by: 'detector' });
  await page.getByText(`${matching} alerts in ${groups} groups by detector.`).waitFor();
  const logins = tree()
    .getByRole('row', { name: /^Detector .*failed logins.*, 5 alerts/i })
    .first();
  await logins.getByRole('button').click();
  await tree().locator('[aria-level="2"]').first().waitFor();
  await tree()
    .getByRole('row', { name: /^User jonas, 1 alert/ })
    .getByRole('button')
    .click();
  await tree().locator('[aria-level="3"]').getByText(/jonas/).waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await takePictures(page, 'groups');
  expect(screen.complaints).toEqual([]);
});

test('the keyboard alone opens, closes, shows and selects', { timeout: 120_000 }, async () => {
  await openQueue('status:open,ack group:user,detector');
  await tree()
    .getByRole('row', { name: /^User mira/ })
    .waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  const first = await name();
  await page.keyboard.press('ArrowRight');
  await tree().locator('[aria-level="2"]').first().waitFor();
  expect(await current().getAttribute('aria-expanded')).toBe('true');
  await page.keyboard.press('ArrowRight');
  expect(await current().getAttribute('aria-level')).toBe('2');
  await page.keyboard.press('Enter');
  await tree()
    .locator('[aria-level="3"]')
    .getByText(/failed logins/)
    .first()
    .waitFor();
  await page.keyboard.press('j');
  expect(await current().getAttribute('aria-level')).toBe('3');
  await page.keyboard.press('Enter');
  await page.locator('[data-region="detail"] h2').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await takePicture(page, 'groups-pane');
  await page.keyboard.press('Escape');
  await page.locator('[data-region="detail"]').waitFor({ state: 'detached' });
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  expect(await tree().locator('[aria-level="3"]').count()).toBe(0);
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  expect(await name()).toBe(first);
  expect(await current().getAttribute('aria-expanded')).toBe('false');
  await page.keyboard.press('x');
  await page.getByRole('toolbar', { name: 'Selected alerts' }).getByText(/^All/).waitFor();
  await takePicture(page, 'groups-selected');
  await page.keyboard.press('Escape');
  expect(await page.getByRole('toolbar', { name: 'Selected alerts' }).count()).toBe(0);
  expect(screen.complaints).toEqual([]);
});

test('a whole group is acknowledged with its count, closed only by typing it, and taken back', {
  timeout: 180_000,
}, async () => {
  await openQueue('status:open,ack group:detector');
  const loaded = tree().getByRole('row', { name: /130 alerts/ });
  await loaded.waitFor();
  await loaded.click();
  await page.keyboard.press('c');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('130 alerts of the group').waitFor();
  await dialog.getByText(/^and 125 more$/).waitFor();
  await page.keyboard.press('2');
  const send = dialog.getByRole('button', { name: /^Close 130/ });
  expect(await send.isDisabled()).toBe(true);
  await dialog.getByLabel('Type 130 to confirm the number of alerts').fill('130');
  expect(await accessibilityFaults(page)).toEqual([]);
  await takePictures(page, 'groups-close');
  await page.keyboard.press('Control+Enter');
  await page.getByText('130 closed as Benign').first().waitFor();
  await tree()
    .getByRole('row', { name: /0 alerts, risk up to/ })
    .waitFor();
  await page.getByText(/^16 alerts in \d+ groups by detector/).waitFor();
  await takePicture(page, 'groups-emptied');
  expect((await client.call('alerts.summary', { origin: 'scan' })).matching).toBe(0);
  await page.getByRole('button', { name: /Undo/ }).first().click();
  await page.getByText('130 changes taken back').first().waitFor();
  expect((await client.call('alerts.summary', { origin: 'scan' })).matching).toBe(130);
  expect(screen.complaints).toEqual([]);
});

test('what is raised meanwhile waits, and a group that is another by now is not changed', {
  timeout: 180_000,
}, async () => {
  await openQueue('status:open,ack group:user');
  const jonas = tree().getByRole('row', { name: /^User jonas/ });
  await jonas.waitFor();
  const labels = () =>
    tree()
      .locator('[role="row"][data-index]')
      .evaluateAll((rows) => rows.map((row) => row.ariaLabel?.replace(/, SLA.*/, '')));
  const before = await labels();
  await fail(client, 'anna', 77);
  await page.getByRole('button', { name: /^\d+ new/ }).waitFor();
  expect(await labels()).toEqual(before);

  const { items } = await client.call('alerts.list', { user: 'jonas' });
  await jonas.click();
  await page.keyboard.press('a');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Acknowledge' }).waitFor();
  await client.call('alerts.acknowledge', { id: items[0]?.id ?? '' });
  await page.keyboard.press('Control+Enter');
  await dialog.getByText(/alerts? match(es)? now, \d+ (was|were) expected/i).waitFor();
  await takePicture(page, 'groups-changed');
  await page.keyboard.press('Escape');

  await page.keyboard.press('.');
  await tree()
    .getByRole('row', { name: /^User anna/ })
    .waitFor();
  expect(screen.complaints).toEqual([]);
});

test('empty and failing groups say why', { timeout: 120_000 }, async () => {
  await openQueue('status:open,ack user:nobody group:user');
  await page.getByText(/The filter hides/).waitFor();
  await takePicture(page, 'groups-empty');
  await page.route('**/alerts/groups**', (route) => route.abort());
  await openQueue('status:open,ack group:host');
  await page.getByText('The alerts could not be read').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await takePicture(page, 'groups-error');
  await page.unroute('**/alerts/groups**');
  await page.getByRole('button', { name: /Try again|Retry/ }).click();
  await tree().waitFor();
  expect(screen.complaints).toEqual([]);
});
