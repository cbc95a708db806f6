// The queue's export, and alerts that were loaded from a scan, in a real browser against a real console: the file holds what the filter finds, in the list's order.
// GATEHOUSE_TEST_SHOTS names a folder for pictures of it.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientOf, type NodeProcess } from '../support/node.ts';
import { accessibilityFaults } from './accessibility.ts';
import { openScreen, type Screen, takePicture } from './screen.ts';

let screen: Screen;
let page: Page;
let node: NodeProcess;

beforeAll(async () => {
  screen = await openScreen(raiseAlerts);
  ({ page, node } = screen);
}, 180_000);

afterAll(() => screen?.[Symbol.asyncDispose]());

async function raiseAlerts(of: NodeProcess, token: string): Promise<void> {
  using client = clientOf(of, token);
  const time = new Date().toISOString();
  const failures = ['=mira', 'jonas'].flatMap((actor, at) =>
    Array.from({ length: 12 }, () => ({ actor, ip_address: `203.0.113.${at}` })),
  );
  const login = { time, source: 'web-1', event_type: 'login', success: false };
  await client.call('events.ingest', { events: failures.map((each) => ({ id: randomUUID(), ...login, ...each })) });
  await client.call('alerts.load', {
    findings: [
      {
        rule_id: '11111111-1111-4111-8111-111111111111',
        title: 'Mimikatz on a domain controller',
        level: 'critical',
        tags: ['attack.t1003.001'],
        file: 'evidence/dc01/security.evtx',
        record: 41,
        time: '2026-11-20T10:00:00Z',
        event: {
          EventID: 1,
          Channel: 'Microsoft-Windows-Sysmon/Operational',
          Computer: 'dc01',
          User: 'CORP\\svc',
          CommandLine: 'mimikatz.exe',
        },
      },
    ],
  });
}

async function saved(format: string): Promise<string[]> {
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: new RegExp(`^${format}`) }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^gatehouse-alerts-\d{8}T\d{6}Z\.(csv|jsonl)$/);
  return readFileSync(await file.path(), 'utf8')
    .trim()
    .split('\n');
}

test('the file holds what the filter finds, and no spreadsheet gets a formula', { timeout: 90_000 }, async () => {
  await page.goto(`${node.url}/#/queue?q=${encodeURIComponent('status:open user:=mira')}`);
  const rows = page.getByRole('row', { name: /failed logins/ });
  await rows.first().waitFor();
  const shown = await rows.count();

  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await page.getByRole('menuitem', { name: 'CSV' }).waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await takePicture(page, 'queue-export');
  await page.keyboard.press('Escape');

  const csv = await saved('CSV');
  expect(csv).toHaveLength(shown + 1);
  expect(csv.join('\n')).not.toMatch(/(^|,)"?[=+@-]/m);
  const lines = (await saved('JSON lines')).map((line) => JSON.parse(line) as { risk: number; title: string });
  expect(lines.map(({ risk }) => risk)).toEqual(lines.map(({ risk }) => risk).toSorted((one, other) => other - one));
  expect(lines).toHaveLength(shown);
  const titles = lines.map(({ title }) => title);
  expect(titles).toContain('12 failed logins for =mira');
  expect(titles).not.toContain('12 failed logins for jonas');
  expect(screen.complaints).toEqual([]);
});

test('an alert of a scan says so in the list and in full', { timeout: 90_000 }, async () => {
  await page.goto(`${node.url}/#/queue?q=${encodeURIComponent('status:open origin:scan')}`);
  const row = page.getByRole('row', { name: /Mimikatz/ });
  await row.getByText('scan', { exact: true }).waitFor();
  expect(await page.getByRole('row', { name: /failed logins/ }).count()).toBe(0);
  await row.click();
  const pane = page.locator('[data-region="detail"]');
  await pane.getByText('loaded from a scan of log files').waitFor();
  await pane.getByText('Found by a scan in evidence/dc01/security.evtx, record 41.').waitFor();
  expect(await pane.getByRole('button', { name: 'Replay' }).count()).toBe(0);
  expect(await accessibilityFaults(page)).toEqual([]);
  await takePicture(page, 'queue-scan');
  expect(screen.complaints).toEqual([]);
});
