// The whole story through the real interfaces: set-up with a second factor, a key, a real log by the command line and events over the
// API, the alert in the queue within a second, triage by keyboard, a signed bundle, its verification, and one changed value found.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateSync } from 'otplib';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../src-main/shells/cli/client.ts';
import { createProfile, type Profile, projectRoot, runCommand } from '../support/node.ts';
import { accessibilityFaults } from './accessibility.ts';
import { buildConsole, launchChromium, openContext } from './browser.ts';

const owner = { username: 'mira.solberg', password: 'Correct-horse9battery' };

let browser: Browser;
let profile: Profile;
let node: { link: string; url: string; ca: string; stop(): Promise<void> };
let page: Page;
const violations: string[] = [];

beforeAll(async () => {
  buildConsole();
  browser = await launchChromium();
  profile = createProfile();
  node = await startUnclaimed(profile);
  page = await (await openContext(browser)).newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' && message.text().includes('Content Security Policy'))
      violations.push(message.text());
  });
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
  profile?.[Symbol.dispose]();
});

async function startUnclaimed({ environment }: Profile) {
  const child = spawn(process.execPath, [join(projectRoot, 'src-main/shells/cli/bin.mjs'), 'serve'], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let printed = '';
  const link = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const found = /https:\/\/localhost:\d+\/setup#\S+/.exec(printed);
      if (found !== null) resolve(found[0]);
    });
    child.once('exit', () => reject(new Error(`the node ended:\n${printed}`)));
  });
  return {
    link,
    url: `https://127.0.0.1:${new URL(link).port}`,
    ca: join(environment.GATEHOUSE_HOME ?? '', 'ca.pem'),
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

async function expectAccessible(name: string): Promise<void> {
  expect(await accessibilityFaults(page), name).toEqual([]);
}

let key = '';
let environment: NodeJS.ProcessEnv = {};

test('the set-up link works once, and its holder sets the console up without a pointer', async () => {
  await page.goto(node.link);
  await page.getByRole('button', { name: 'Begin' }).waitFor();
  expect(page.url()).not.toContain('#');
  const second = await (await openContext(browser)).newPage();
  await second.goto(node.link);
  await second
    .getByText(/used already|not valid|printed/)
    .first()
    .waitFor();
  await second.context().close();

  await expectAccessible('start');
  await page.getByRole('button', { name: 'Begin' }).press('Enter');
  await page.getByRole('button', { name: /^(Make|Continue|Create)/ }).press('Enter');

  await page.getByLabel('User name').fill(owner.username);
  await page.getByLabel('Password', { exact: true }).fill('too-short');
  await page.getByLabel('Password', { exact: true }).press('Enter');
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Owner account');
  await page.getByLabel('Password', { exact: true }).fill(owner.password);
  await page.getByRole('button', { name: 'Create the account' }).press('Enter');

  await page.getByText('Type this key').waitFor();
  const secret =
    /Type this key\s+([A-Z2-7\s]+?)Copy/.exec(await page.locator('main').innerText())?.[1]?.replace(/\s/g, '') ?? '';
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  await expectAccessible('second factor');
  await page.getByLabel('6-digit code').first().fill(generateSync({ secret }));

  await page.getByText('Recovery key').first().waitFor();
  const kit = await page.locator('main').innerText();
  const codes = kit.match(/\b[a-z0-9]{5}-[a-z0-9]{5}\b/g) ?? [];
  expect(new Set(codes).size).toBe(10);
  expect(kit).toMatch(/GH(-[0-9A-Z]{4}){14}/);
  await page
    .getByRole('textbox')
    .first()
    .fill(codes[3] ?? '');
  await page.getByRole('button', { name: 'Confirm' }).press('Enter');

  await page.getByRole('heading', { name: 'Trust the certificate' }).waitFor();
  await page.getByText(`curl --cacert ${node.ca}`).first().waitFor();
  await page.getByRole('button', { name: /^Continue/ }).press('Enter');
  await page.getByRole('heading', { name: 'First source' }).waitFor();
  await page.getByRole('button', { name: /^Continue/ }).press('Enter');
  await page.getByRole('button', { name: /^Sign in/ }).press('Enter');
  await page.getByRole('navigation').first().waitFor();
});

test('a key made on screen is shown once and lets a tool in', async () => {
  await page.getByRole('link', { name: 'Access' }).click();
  await page.getByRole('button', { name: 'New key' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/Name/).first().fill('siem');
  for (const scope of ['events.write', 'alerts.read', 'audit.export'])
    await dialog
      .getByRole('checkbox', { name: new RegExp(scope.replace('.', '\\.')) })
      .first()
      .check({ force: true });
  await dialog.getByRole('button', { name: /^(Create|Make)/ }).click();
  await dialog.getByText(/gh_/).first().waitFor();
  key = /gh_[0-9A-Za-z]+_[0-9A-Za-z]{49}/.exec(await dialog.innerText())?.[0] ?? '';
  expect(key).not.toBe('');
  await page.keyboard.press('Escape');
  environment = { ...profile.environment, GATEHOUSE_URL: node.url, GATEHOUSE_CA: node.ca, GATEHOUSE_API_KEY: key };
});

function authLog(): string {
  const start = Date.now() - 3_600_000;
  const lines = Array.from({ length: 24 }, (_, index) => {
    // Thu, 01 Jan 1970 00:00:00 GMT
    const [, day, month, , time] = new Date(start + index * 6_000).toUTCString().split(' ');
    return `${month} ${String(Number(day)).padStart(2, ' ')} ${time} bastion-1 sshd[${2200 + index}]: Failed password for alice from 203.0.113.7 port ${40_000 + index} ssh2`;
  });
  return `${lines.join('\n')}\nnot a log line at all\n`;
}

test('a brute force in a real log is an alert, by the command line and over the API', async () => {
  await page.getByRole('link', { name: /^Queue/ }).click();
  await page.getByText('Nothing open').waitFor();
  const log = join(profile.home, 'auth.log');
  writeFileSync(log, authLog());
  const first = await runCommand(['import', log], environment);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toContain('auth, 25 records: 24 accepted, 0 duplicate, 1 rejected');
  expect(first.stdout).toContain('line 25:');
  const again = await runCommand(['import', log, '--json'], environment);
  expect(JSON.parse(again.stdout)).toMatchObject({ accepted: 0, duplicates: 24, rejected: 1, alerts: 0 });
  await page.getByText('24 failed logins from 203.0.113.7').first().waitFor();

  using client = createClient({ url: node.url, ca: readFileSync(node.ca, 'utf8'), token: key });
  const now = Date.now();
  const sent = await client.call('events.ingest', {
    events: Array.from({ length: 15 }, (_, index) => ({
      id: crypto.randomUUID(),
      time: new Date(now - 60_000 + index * 1_000).toISOString(),
      source: 'vpn-2',
      event_type: 'login',
      actor: 'bob',
      success: false,
      ip_address: '198.51.100.9',
    })),
  });
  const committed = performance.now();
  expect(sent).toMatchObject({ accepted: 15, duplicates: 0, rejected: 0 });
  // New rows wait behind the pill so that the list never moves under the reader; one key shows them.
  const row = page.getByText('15 failed logins from 198.51.100.9').first();
  await page.getByRole('button', { name: /\d+ new/ }).waitFor();
  while (!(await row.isVisible())) {
    await page.keyboard.press('.');
    expect(performance.now() - committed).toBeLessThan(1_000);
  }
  await expectAccessible('queue');
});

test('an alert is read, acknowledged and closed by keyboard alone', async () => {
  await page.keyboard.press('g');
  await page.keyboard.press('q');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByText('Why it fired').waitFor();
  await expectAccessible('alert');
  await page.keyboard.press('a');
  await page
    .getByText(/acknowledged/i)
    .first()
    .waitFor();
  await page.keyboard.press('c');
  await page.getByRole('dialog').waitFor();
  await expectAccessible('close dialog');
  await page.keyboard.press('1');
  await page.keyboard.type('Scanner from outside, address blocked at the edge');
  await page.keyboard.press('Control+Enter');
  await page
    .getByText(/closed as True positive/)
    .first()
    .waitFor();
});

test('the bundle verifies with the key, and one changed value inside one entry is named', async () => {
  const vkey = (await runCommand(['audit', 'public-key'], environment)).stdout;
  const keyFile = join(profile.home, 'console.vkey');
  writeFileSync(keyFile, vkey);
  const bundle = join(profile.home, 'story.ghbundle');
  expect(await runCommand(['audit', 'export', '--out', bundle, '--reason', 'end of shift'], environment)).toMatchObject(
    { code: 0, stderr: '' },
  );
  const offline = { PATH: process.env.PATH };
  const verified = await runCommand(['audit', 'verify', bundle, '--key', keyFile], offline);
  expect(verified.stdout.split('\n')[0]).toBe('VERIFIED');
  expect(verified.code).toBe(0);
  const unknown = await runCommand(['audit', 'verify', bundle], offline);
  expect(unknown.stdout.split('\n')[0]).toBe('VERIFIED WITH LIMITS');
  expect(unknown.code).toBe(0);
  expect((await runCommand(['audit', 'verify', bundle, '--strict'], offline)).code).toBe(3);

  const text = readFileSync(bundle, 'utf8');
  const { entries } = JSON.parse(text) as { entries: { leaf: { seq: number; event_type: string } }[] };
  const closed = entries.find(({ leaf }) => leaf.event_type === 'alert_closed')?.leaf.seq;
  expect(closed).toBeDefined();
  writeFileSync(bundle, text.replace('true_positive', 'falsepositive'));
  const refused = await runCommand(['audit', 'verify', bundle, '--key', keyFile], offline);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain('NOT VERIFIED');
  expect(refused.stdout).toContain(`entry #${closed}, field details.`);
  expect((await runCommand(['audit', 'verify', join(profile.home, 'nothing.ghbundle')], offline)).code).toBe(2);
});

test('a log dropped anywhere on the window is imported', async () => {
  await page.getByRole('link', { name: /^Queue/ }).click();
  const dropped = await page.evaluateHandle(
    (text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], 'dropped.log', { type: 'text/plain' }));
      return data;
    },
    authLog().replaceAll('203.0.113.7', '203.0.113.99'),
  );
  for (const kind of ['dragenter', 'dragover', 'drop'])
    await page.locator('main').dispatchEvent(kind, { dataTransfer: dropped });
  const dialog = page.getByRole('dialog', { name: 'Import dropped.log' });
  await dialog.getByText('Recognised as auth.log').waitFor();
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await page
    .getByText(/24 accepted/)
    .first()
    .waitFor();
});

test('locking takes everything off the screen', async () => {
  await page.keyboard.press('Control+l');
  await page.getByText('Detection keeps running').waitFor();
  expect(await page.locator('body').innerText()).not.toContain('203.0.113.7');
  await expectAccessible('lock');
});

test('the page broke no policy of its own', () => {
  expect(violations).toEqual([]);
});
