// Searching events in a real browser against a real console: the language with its suggestions and errors, the span chosen by keys, values
// that narrow down, one event in full, saved searches, an export; and each state of the screen by the rules of accessibility.
// GATEHOUSE_TEST_SHOTS names a folder for pictures of it.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientOf, type NodeProcess, runCommand } from '../support/node.ts';
import { accessibilityFaults } from './accessibility.ts';
import { openScreen, type Screen, takePicture } from './screen.ts';

let screen: Screen;
let page: Page;
let node: NodeProcess;
let key = '';

beforeAll(async () => {
  screen = await openScreen();
  ({ page, node } = screen);
  using session = clientOf(node, screen.token);
  ({ key } = await session.call('keys.create', { name: 'events', scopes: ['events.*'] }));
}, 180_000);

afterAll(() => screen?.[Symbol.asyncDispose]());

async function expectAccessible(name: string): Promise<void> {
  expect(await accessibilityFaults(page), name).toEqual([]);
  await takePicture(page, `events-${name}`);
}

const field = () => page.getByRole('combobox', { name: 'Search events' });
const rows = () => page.getByRole('row', { name: /^(login|api_call),/ });
async function ask(query: string): Promise<void> {
  await field().fill(query);
  await field().press('Enter');
}

async function ingest(): Promise<void> {
  using client = clientOf(node, key);
  const now = Date.now();
  const events = Array.from({ length: 120 }, (_, n) => ({
    id: randomUUID(),
    time: new Date(now - n * 60_000).toISOString(),
    source: `web-${n % 3}`,
    event_type: n % 4 === 0 ? 'login' : 'api_call',
    actor: ['alice', 'bob', 'carol'][n % 3] ?? '',
    success: n % 5 !== 0,
    ip_address: `203.0.113.${n % 7}`,
    action: 'GET',
    resource_id: `/orders/${n}`,
    details: { status: n % 5 === 0 ? 500 : 200, message: `request number${n} was answered` },
  }));
  await client.call('events.ingest', { events });
}

test('before anything came, and for a time without events, the screen says so', async () => {
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await field().waitFor();
  await ask('actor:nobody');
  await page.getByText('No event matches the search').waitFor();
  await expectAccessible('none');
  await ask('until:2020-01-01');
  await page.getByText('No event is from this time').waitFor();
});

test('searches by words and fields, with suggestions, and says what is wrong', async () => {
  await ingest();
  await ask('number17');
  await expect.poll(() => rows().count()).toBe(1);
  await ask('type:login -success:true');
  await expect.poll(() => rows().count()).toBe(6);
  await expectAccessible('found');

  await field().fill('');
  await field().pressSequentially('act');
  await page.getByRole('option', { name: /^actor:/ }).waitFor();
  await expectAccessible('suggestions');
  await field().press('ArrowDown');
  await field().press('Enter');
  await field().pressSequentially('al');
  await page.getByRole('option', { name: 'actor:alice' }).waitFor();
  await field().press('ArrowDown');
  await field().press('Enter');
  expect(await field().inputValue()).toBe('actor:alice ');
  await field().press('Enter');
  await page.getByText('40 events, all').waitFor();

  await ask('typ:login');
  await page.getByRole('alert').filter({ hasText: 'did you mean type:? ' }).waitFor();
  await expectAccessible('wrong');

  await ask('actor:alice OR (actor:bob type:login)');
  await page.getByText(/^\d+ events, all$/).waitFor();
  await ask('actor:alice (actor:bob OR');
  await page.getByRole('alert').filter({ hasText: 'Expected something after OR (at character 24).' }).waitFor();
  expect(await page.locator('mark').textContent()).toBe('OR');
  expect(await field().evaluate((input: HTMLInputElement) => [input.selectionStart, input.selectionEnd])).toEqual([
    23, 25,
  ]);
  await expectAccessible('wrong-place');
  await field().fill('(actor:alice O');
  await page.getByRole('option', { name: /^OR/ }).waitFor();
  await field().press('Escape');
});

test('narrows down by a span chosen with keys, by frequent values and by an event’s fields', async () => {
  await ask('type:api_call source:web-*');
  await page.getByText(/^90 events, \d{4}-/).waitFor();
  const bars = page.getByRole('listbox', { name: /over time/ });
  await bars.focus();
  await bars.press('End');
  for (let n = 0; n < 10; n++) await bars.press('Shift+ArrowLeft');
  await bars.press('Enter');
  await expect.poll(() => field().inputValue()).toMatch(/^type:api_call source:web-\* since:\S+Z until:\S+Z$/);
  await page.getByRole('button', { name: 'Reset' }).click();

  await page.getByRole('button', { name: 'Actor', exact: true }).click();
  await page.getByRole('menuitem', { name: /^bob/ }).click();
  await expect.poll(() => field().inputValue()).toBe('actor:bob');
  await page.getByText('40 events, all').waitFor();

  await rows().first().click();
  const pane = page
    .getByRole('complementary', { name: 'Event' })
    .or(page.getByRole('region', { name: 'Event' }))
    .first();
  await page.getByRole('button', { name: /^Not source web-1/ }).waitFor();
  await expectAccessible('open');
  await page.getByRole('tab', { name: 'JSON' }).click();
  await page.getByText('"sha256":').waitFor();
  await page.getByRole('tab', { name: 'OCSF' }).click();
  await page.getByRole('button', { name: 'Show as OCSF' }).click();
  await page.getByText('"class_uid": ').waitFor();
  await expectAccessible('ocsf');
  await page.getByRole('tab', { name: 'Fields' }).click();
  await page.getByRole('button', { name: /^Not address/ }).click();
  await expect.poll(() => field().inputValue()).toMatch(/^actor:bob -ip_address:203\.0\.113\.\d$/);
  await pane.press('Escape');
});

test('a search is saved, found again and deleted; what it finds is written for other tools', async () => {
  await ask('success:false source:web-*');
  await page
    .getByRole('button', { name: 'Saved searches' })
    .or(page.getByRole('button', { name: 'Saved' }))
    .first()
    .click();
  await page.getByRole('menuitem', { name: /Save this search/ }).click();
  await page.getByLabel('Name', { exact: true }).fill('Failures');
  await page.getByText('Everybody in the workspace').click();
  await expectAccessible('saving');
  await page.getByRole('button', { name: 'Save search' }).click();
  await ask('actor:carol');
  await page.getByRole('button', { name: 'Saved', exact: true }).click();
  await page.getByRole('menuitem', { name: /^Failures/ }).click();
  await expect.poll(() => field().inputValue()).toBe('success:false source:web-*');

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: /^CEF/ }).click();
  const path = await (await download).path();
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  expect(lines).toHaveLength(24);
  expect(lines.every((line) => line.startsWith('CEF:0|Gatehouse|'))).toBe(true);

  await page.getByRole('button', { name: 'Failures' }).click();
  await page.getByRole('menuitem', { name: /^Delete/ }).click();
  await page.getByRole('button', { name: 'Saved', exact: true }).waitFor();
});

test('what was refused is listed with its reasons, on the screen and by the command line', async () => {
  using client = clientOf(node, key);
  const wrong = { id: randomUUID(), time: new Date().toISOString(), source: 'crm', event_type: 'note', sevrity: 1 };
  await client.call('events.ingest', { events: [wrong, null] });
  await page.reload();
  await page.getByRole('button', { name: '2 refused' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Refused events' });
  await dialog.getByText('sevrity: unknown field').waitFor();
  await dialog.getByText('No. 1 of its batch, sent by events').waitFor();
  await dialog.getByText('No. 2 of its batch').waitFor();
  await expectAccessible('refused');
  await page.setViewportSize({ width: 480, height: 800 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectAccessible('refused-narrow-dark');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });

  const listed = await runCommand(['events', 'rejected', '--json', '--limit', '1'], {
    ...screen.profile.environment,
    GATEHOUSE_URL: node.url,
    GATEHOUSE_CA: node.ca,
    GATEHOUSE_API_KEY: key,
  });
  expect(listed).toMatchObject({ code: 0, stderr: expect.stringContaining('2 ever refused, 1 shown') as string });
  expect(JSON.parse(listed.stdout)).toMatchObject({ place: 1, sent_by: 'events', file: null });
});

test('dark, narrow, and with the service gone', async () => {
  await ask('type:login');
  for (const width of [1024, 1200, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    // A column without room of its own would be written over the next one.
    await expect
      .poll(() =>
        page
          .getByRole('grid', { name: 'Events' })
          .getByRole('columnheader')
          .evaluateAll((heads) =>
            heads.filter((head) => head.getBoundingClientRect().width < 48).map((one) => one.textContent),
          ),
      )
      .toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectAccessible('dark');
  await page.setViewportSize({ width: 480, height: 800 });
  await expectAccessible('narrow');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.route('**/api/v1/events?*', (route) =>
    route.fulfill({ status: 500, contentType: 'text/plain', body: 'gone' }),
  );
  await ask('type:logout');
  await page.getByText('The events could not be read').waitFor();
  await expectAccessible('failed');
  await page.unroute('**/api/v1/events?*');
  await page
    .getByRole('button', { name: /try again|retry/i })
    .first()
    .click();
  await page.getByText('No event matches the search').waitFor();
  expect(screen.complaints).toEqual([]);
});
