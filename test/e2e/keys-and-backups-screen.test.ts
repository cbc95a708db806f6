// Keys and backups through the screens of a real console: a key is rotated, a recovery key issued, a backup made, proven and brought back
// on an empty computer with that recovery key; the vault is locked and opened again. Every screen passes the accessibility rules.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { generateSync } from 'otplib';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  admin,
  createProfile,
  type NodeProcess,
  type Profile,
  projectRoot,
  runCommand,
  startNode,
} from '../support/node.ts';
import { accessibilityFaults } from './accessibility.ts';
import { buildConsole, launchChromium, openContext } from './browser.ts';

let browser: Browser;
let profile: Profile;
let node: NodeProcess;
let page: Page;
let second: { profile: Profile; process: ChildProcess } | undefined;
const faults: string[] = [];

beforeAll(async () => {
  buildConsole();
  browser = await launchChromium();
  profile = createProfile({
    GATEHOUSE_ADMIN_USERNAME: admin.username,
    GATEHOUSE_ADMIN_PASSWORD: admin.password,
  });
  node = await startNode(profile);
  page = await newPage();
});

afterAll(async () => {
  await browser?.close();
  await node?.kill('SIGTERM');
  profile?.[Symbol.dispose]();
  if (second !== undefined) {
    const gone = once(second.process, 'exit');
    second.process.kill('SIGTERM');
    await gone;
    second.profile[Symbol.dispose]();
  }
});

async function newPage(): Promise<Page> {
  const opened = await (await openContext(browser)).newPage();
  opened.on('pageerror', (error) => faults.push(error.message));
  opened.on('console', (message) => {
    if (message.type() === 'error' && message.text().includes('Content Security Policy')) faults.push(message.text());
  });
  return opened;
}

async function expectAccessible(of: Page, name: string): Promise<void> {
  expect(await accessibilityFaults(of), name).toEqual([]);
}

let totp = '';
let usedCode = '';

/** A code is good once: the next one is waited for. */
async function nextCode(): Promise<string> {
  for (;;) {
    const code = generateSync({ secret: totp });
    if (code !== usedCode) {
      usedCode = code;
      return code;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function signIn(into: Page): Promise<void> {
  await into.getByLabel('User name').fill(admin.username);
  await into.getByLabel('Password', { exact: true }).fill(admin.password);
  await into.getByLabel('Password', { exact: true }).press('Enter');
  const enrolment = into.getByText('Type this key');
  const code = into.getByLabel('6-digit code').first();
  await enrolment.or(code).first().waitFor();
  if (await enrolment.isVisible()) {
    const words = await into.locator('main').innerText();
    totp = /Type this key\s+([A-Z2-7\s]+?)Copy/.exec(words)?.[1]?.replace(/\s/g, '') ?? '';
    expect(totp).toMatch(/^[A-Z2-7]{32}$/);
    await code.fill(await nextCode());
    const codes = into.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
    const first = (await codes.first().innerText()).trim();
    await into.getByLabel('Type one of them to confirm').fill(first);
    await into.getByRole('button', { name: 'Continue' }).press('Enter');
  } else {
    await code.fill(await nextCode());
  }
  await into.getByRole('navigation', { name: 'Main' }).waitFor();
}

let recoveryKey = '';

test('the sealing key is rotated by keyboard, with its consequences said before', async () => {
  await page.goto(node.url);
  await signIn(page);
  await page.keyboard.press('g');
  await page.keyboard.press(',');
  await page.getByRole('tab', { name: 'Preferences' }).waitFor();
  await page.getByRole('tab', { name: 'Preferences' }).focus();
  await page.keyboard.press('ArrowRight');
  const sealing = page.getByRole('row', { name: /^Sealing key/ });
  await expect.poll(() => sealing.first().innerText()).toContain('v1');
  await expectAccessible(page, 'encryption');
  await sealing.getByRole('button', { name: 'Rotate' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Rotate the sealing key' });
  await dialog.getByText('Old version').waitFor();
  await expectAccessible(page, 'rotate');
  // The button that goes on has the focus: nothing is to be typed.
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await expect.poll(() => sealing.first().innerText()).toContain('v2');
  await page.getByText('The sealing key was rotated').last().waitFor();
  await expect.poll(() => sealing.count()).toBe(1);
});

test('a new recovery key is shown once, and only who can read it back is done', async () => {
  await page.getByRole('button', { name: 'Issue a new one' }).press('Enter');
  await page.getByRole('button', { name: 'Issue', exact: true }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Keep the new recovery key' });
  await dialog.waitFor();
  await expectAccessible(page, 'recovery key');
  const shown = (await dialog.locator('code').innerText()).trim().split(/\s+/);
  recoveryKey = shown.join('-');
  expect(recoveryKey).toMatch(/^GH(-[0-9A-HJKMNP-TV-Z]{4}){14}$/);
  await dialog.getByLabel('Its last group').fill('0000');
  await dialog.getByRole('button', { name: 'I kept it' }).press('Enter');
  await dialog.getByText('That is not the last group').waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('Nothing can show this recovery key again').waitFor();
  await page.getByRole('button', { name: 'Show it again' }).press('Enter');
  await dialog.getByLabel('Its last group').fill(shown.at(-1)?.toLowerCase() ?? '');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('Issued').first().waitFor();
});

let backupPath = '';
let backupRoot = '';

test('a backup is made and proven by a test restore', async () => {
  await page.getByRole('tab', { name: 'Backups' }).click();
  await page.getByText('No backup yet').waitFor();
  await expectAccessible(page, 'no backups');
  await page.keyboard.press('n');
  const dialog = page.getByRole('dialog', { name: 'Back up now' });
  await dialog.waitFor();
  await expectAccessible(page, 'back up');
  await dialog.getByRole('button', { name: 'Back up' }).press('Enter');
  await dialog.waitFor({ state: 'detached' });
  const row = page.getByRole('row', { name: /By hand/ });
  await expect.poll(() => row.innerText(), { timeout: 30_000 }).toContain('Complete');
  await row.getByRole('link').press('Enter');
  const pane = page.getByRole('complementary', { name: 'Backup' });
  await pane.getByText('Whether this backup restores is not known').waitFor();
  await pane.getByRole('button', { name: 'Test restore' }).press('Enter');
  await pane.getByText('Restores whole').waitFor({ timeout: 60_000 });
  await expectAccessible(page, 'proven backup');
  const words = await pane.innerText();
  backupRoot = /[0-9a-f]{64}/.exec(words.split('Root hash')[1] ?? '')?.[0] ?? '';
  expect(backupRoot).not.toBe('');
  backupPath = /\/\S+\.ghbackup/.exec(words)?.[0] ?? '';
  expect(backupPath).toContain(profile.home);
  await expect.poll(() => row.innerText()).toContain('proven');
  // The line to copy is one that the program understands, and it finds the same.
  const line = await pane.getByText(/^gatehouse verify-backup/).innerText();
  const checked = await runCommand([...line.split(' ').slice(1), '--json'], profile.environment);
  expect(checked).toMatchObject({ code: 0 });
  expect(JSON.parse(checked.stdout)).toMatchObject({ verdict: 'genuine', root_hash: backupRoot });
});

test('the schedule says at the field what is wrong, and is kept when it is right', async () => {
  await page.getByRole('button', { name: 'Schedule' }).click();
  const dialog = page.getByRole('dialog', { name: 'Schedule of backups' });
  await dialog.getByRole('textbox', { name: /^At/ }).fill('25:61');
  await dialog.getByText('A time of day such as 02:30.').waitFor();
  await expectAccessible(page, 'schedule');
  await dialog.getByRole('textbox', { name: /^At/ }).fill('3:15');
  await dialog.getByRole('textbox', { name: 'Daily' }).fill('9');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await page.getByText(/Every day at 03:15.*Keeps 9 daily/).waitFor();
});

test('the settings in force are listed with who answered', async () => {
  await page.getByRole('tab', { name: 'Configuration' }).click();
  await page.getByRole('table', { name: 'Settings in force' }).waitFor();
  await expectAccessible(page, 'configuration');
  await page.keyboard.press('/');
  await page.keyboard.type('GATEHOUSE_PORT');
  const rows = page.getByRole('table', { name: 'Settings in force' }).getByRole('row');
  await expect.poll(() => rows.count()).toBe(2);
  expect(await rows.last().innerText()).toContain('Environment');
});

test('an empty console comes back from the backup with the recovery key', async () => {
  const empty = createProfile();
  delete empty.environment.GATEHOUSE_ENCRYPTION_KEY;
  const child = spawn(process.execPath, [join(projectRoot, 'src-main/shells/cli/bin.mjs'), 'serve'], {
    env: empty.environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  second = { profile: empty, process: child };
  let printed = '';
  const link = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const found = /https:\/\/localhost:\d+\/setup#\S+/.exec(printed);
      if (found !== null) resolve(found[0]);
    });
    child.once('exit', () => reject(new Error(`the node ended:\n${printed}`)));
  });

  const wizard = await newPage();
  await wizard.goto(link);
  await wizard.getByText('Restore from a backup').click();
  await expectAccessible(wizard, 'wizard start');
  await wizard.getByRole('button', { name: 'Choose the backup' }).press('Enter');
  await wizard.getByRole('button', { name: 'Choose a file' }).waitFor();
  await expectAccessible(wizard, 'wizard file');
  await wizard.locator('input[type=file]').setInputFiles(backupPath);
  await wizard.getByText('Audit log').waitFor();
  await expectAccessible(wizard, 'wizard facts');
  await wizard.getByRole('button', { name: 'Continue' }).press('Enter');

  // One wrong character is found before anything is sent.
  const groups = recoveryKey.split('-').slice(1);
  await wizard.getByLabel('Group 1 of 14').focus();
  await wizard.keyboard.type(groups.join('').replace(/.$/, (last) => (last === 'X' ? 'Y' : 'X')));
  await wizard.getByText('The check group does not fit').waitFor();
  await expectAccessible(wizard, 'wizard key');
  expect(await wizard.getByRole('button', { name: 'Continue' }).isDisabled()).toBe(true);
  await wizard.getByLabel('Group 14 of 14').fill(groups.at(-1) ?? '');
  await wizard.getByText('The check group fits').waitFor();
  await wizard.keyboard.press('Enter');

  await wizard.getByRole('heading', { name: 'Guard the key on this computer' }).waitFor();
  await wizard.getByText('A passphrase', { exact: true }).click();
  await wizard.getByLabel('Passphrase', { exact: true }).fill('four words of my own');
  await expectAccessible(wizard, 'wizard guard');
  await wizard.getByRole('button', { name: 'Restore', exact: true }).press('Enter');
  await wizard.getByRole('heading', { name: /is back$/ }).waitFor({ timeout: 60_000 });
  await expectAccessible(wizard, 'wizard result');
  expect(await wizard.locator('main').innerText()).toContain(backupRoot);
  await wizard.getByRole('button', { name: 'Sign in' }).press('Enter');
  await signIn(wizard);
  await wizard.goto(`${new URL(link).origin}/#/settings/encryption`);
  await wizard.getByText('A passphrase').first().waitFor();
  await wizard.context().close();
});

test('the vault is locked for everybody and opens with the recovery key', async () => {
  await page.goto(`${node.url}/#/settings/encryption`);
  await page.getByRole('button', { name: 'Lock the vault' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Lock the vault' });
  await dialog.getByText('Detection and recording').waitFor();
  await expectAccessible(page, 'lock dialog');
  await dialog.getByRole('button', { name: 'Lock the vault' }).press('Enter');
  // The second factor may be older than five minutes by now.
  const locked = page.getByRole('heading', { name: 'The vault is locked' });
  const stepUp = page.getByRole('dialog', { name: 'Show your second factor again' });
  await locked.or(stepUp).first().waitFor();
  if (await stepUp.isVisible()) await stepUp.getByLabel('6-digit code').fill(await nextCode());
  await locked.waitFor();
  await page.getByText('gatehouse unlock').waitFor();
  await expectAccessible(page, 'locked');
  await page.getByRole('radio', { name: 'The recovery key' }).check();
  await page.getByLabel('Group 1 of 14').focus();
  await page.keyboard.type(recoveryKey.split('-').slice(1).join(''));
  await expectAccessible(page, 'locked, recovery key');
  await page.keyboard.press('Enter');
  await page.getByLabel('User name').waitFor();
  await signIn(page);
  expect(faults).toEqual([]);
});
