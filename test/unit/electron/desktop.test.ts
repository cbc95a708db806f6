// The desktop program as a whole: a real console in a temporary profile, Electron recorded. What happens, in which order, and what a
// refused start says.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toBase64 } from '../../../src-main/base/bytes.ts';
import { type Composed, compose } from '../../../src-main/shells/compose.ts';
import { startDesktop } from '../../../src-main/shells/electron/desktop.ts';
import { adminPassword } from '../../support/console.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { createElectron, createEvent, messageFrom, type RecordedElectron } from './recorded.ts';

let folder: string;
let electron: RecordedElectron;
let composed: Composed | undefined;

beforeEach(() => {
  folder = temporaryFolder();
  electron = createElectron();
  composed = undefined;
  const renderer = join(folder, 'program/out/renderer');
  mkdirSync(renderer, { recursive: true });
  writeFileSync(join(renderer, 'index.html'), '<!doctype html><title>page</title>');
});
afterEach(async () => {
  await composed?.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Environment = Readonly<Record<string, string>>;
const key = toBase64(new Uint8Array(32).fill(5));
const setUp: Environment = { GATEHOUSE_ADMIN_USERNAME: 'mira', GATEHOUSE_ADMIN_PASSWORD: adminPassword };

function start(environment: Environment, argv: readonly string[] = ['gatehouse']): Promise<void> {
  const home = join(folder, 'home');
  return startDesktop(electron, {
    home,
    argv,
    folder,
    platform: 'linux',
    development: false,
    projectFolder: join(folder, 'program'),
    userAgent: 'Gatehouse/0.1.0 Electron/45.4.1 (Linux)',
    async compose() {
      electron.recorder.note('compose');
      composed = await compose({
        home,
        folderFixed: true,
        environment: { GATEHOUSE_PORT: '0', GATEHOUSE_ENCRYPTION_KEY: key, ...environment },
        flags: new Map(),
        rulesFolder: resolve(import.meta.dirname, '../../../resources/rules'),
        staticRoot: join(folder, 'program/out/renderer'),
        version: '0.0.0-test',
        tell: () => undefined,
        keychain: {
          probe: () => ({ available: false, detail: 'none in this test' }),
          get: () => undefined,
          set: () => undefined,
          delete: () => undefined,
        },
      });
      return composed;
    },
  });
}

/** The order of what matters, without arguments. */
function order(): unknown[] {
  return electron.recorder.calls.map(([name, event]) => (String(name).endsWith('.on') ? `${name} ${event}` : name));
}

test('hardens before anything is loaded, in this order', async () => {
  await start(setUp);
  const happened = order();
  expect(happened.slice(0, 23)).toEqual([
    'app.enableSandbox',
    'protocol.registerSchemesAsPrivileged',
    'app.setPath',
    'app.requestSingleInstanceLock',
    'app.on web-contents-created',
    'app.on certificate-error',
    'app.on select-client-certificate',
    'app.on login',
    'app.on open-file',
    'app.on second-instance',
    'app.on activate',
    'app.on window-all-closed',
    'app.on before-quit',
    'app.whenReady',
    'session.setPermissionRequestHandler',
    'session.setPermissionCheckHandler',
    'session.setDevicePermissionHandler',
    'session.setSpellCheckerEnabled',
    'session.webRequest.onBeforeRequest',
    'session.on will-download',
    'session.setProxy',
    'protocol.handle',
    'compose',
  ]);
  expect(electron.recorder.of('app.setPath')).toEqual([['userData', join(folder, 'home/window')]]);
  expect(happened.indexOf('contents.setWindowOpenHandler')).toBeLessThan(happened.indexOf('window.loadURL'));
  expect(happened.indexOf('ipc.handle')).toBeLessThan(happened.indexOf('window.loadURL'));
  expect(electron.recorder.of('window.loadURL')).toEqual([['app://gatehouse/']]);
  expect(electron.answer({ method: 'GET', url: 'app://gatehouse/' }).status).toBe(200);
});

test('a console that is not set up opens its wizard with the one-time token', async () => {
  await start({});
  const [[address] = []] = electron.recorder.of('window.loadURL');
  expect(address).toMatch(/^app:\/\/gatehouse\/setup#[A-Za-z0-9_-]{43}$/);
  const contents = electron.windows[0]?.webContents;
  if (contents === undefined) throw new Error('expected a window');
  const token = String(address).split('#')[1];
  const answer = await electron.ipc.call(messageFrom(contents), 'setup.claim', { token });
  expect(answer).toMatchObject({ kind: 'output', output: { state: { step: 'keys', claimed_by_you: true } } });
  expect(JSON.stringify(answer)).not.toContain('ghw_');
  // Made anew, the window goes on with the set-up that it claimed.
  electron.windows[0]?.events.emit('closed');
  electron.appEvents.emit('activate');
  expect(electron.recorder.of('window.loadURL')[1]).toEqual(['app://gatehouse/']);
});

test('closing the window leaves the service running; quitting stops it once, then quits', async () => {
  await start(setUp);
  electron.windows[0]?.events.emit('closed');
  electron.appEvents.emit('window-all-closed');
  expect(electron.recorder.of('app.quit')).toEqual([]);
  expect(composed?.core.isOpen()).toBe(true);
  const quits = [createEvent({}), createEvent({})];
  for (const quit of quits) electron.appEvents.emit('before-quit', quit);
  expect(quits.map(({ prevented }) => prevented)).toEqual([true, true]);
  await expect.poll(() => electron.recorder.of('app.quit')).toHaveLength(1);
  expect(composed?.core.isOpen()).toBe(false);
  const last = createEvent({});
  electron.appEvents.emit('before-quit', last);
  expect(last.prevented).toBe(false);
});

test('a second start brings the window to the front or hands over its bundle', async () => {
  const bundle = join(folder, 'evidence.ghbundle');
  writeFileSync(bundle, '{"bundle":true}');
  await start(setUp);
  electron.appEvents.emit('second-instance', {}, ['gatehouse'], folder, { bundle: null });
  expect(electron.recorder.of('window.focus')).toHaveLength(1);
  electron.appEvents.emit('second-instance', {}, ['gatehouse'], folder, { bundle });
  await expect.poll(() => electron.recorder.of('window.loadURL')).toHaveLength(2);
  const opened = 'app://gatehouse/#/verify?bundle=%2Fopened%2F1.ghbundle&name=evidence.ghbundle';
  expect(electron.recorder.of('window.loadURL')[1]).toEqual([opened]);
  const served = electron.answer({ method: 'GET', url: 'app://gatehouse/opened/1.ghbundle' });
  expect(await served.text()).toBe('{"bundle":true}');
  // What another program sends as data is looked at like an argument.
  electron.appEvents.emit('second-instance', {}, ['gatehouse'], folder, { bundle: '/etc/passwd' });
  electron.appEvents.emit('second-instance', {}, ['gatehouse'], folder, 'nonsense');
  expect(electron.recorder.of('window.focus')).toHaveLength(4);
  expect(electron.recorder.of('window.loadURL')).toHaveLength(2);
});

test('a bundle on the command line or by a double click opens in the verifier', async () => {
  const bundle = join(folder, 'evidence.ghbundle');
  writeFileSync(bundle, '{}');
  await start(setUp, ['electron', '/program', 'evidence.ghbundle']);
  await expect.poll(() => electron.recorder.of('window.loadURL')).toHaveLength(1);
  expect(electron.recorder.of('window.loadURL')[0]?.[0]).toContain('#/verify?bundle=');
  const event = createEvent({});
  electron.appEvents.emit('open-file', event, join(folder, 'gone.ghbundle'));
  expect(event.prevented).toBe(true);
  await expect.poll(() => electron.recorder.of('showError')).toHaveLength(1);
  expect(electron.recorder.of('showError')[0]?.[1]).toMatch(/^cannot read .*gone\.ghbundle/);
});

test('where there is no console a bundle opens the verifier and nothing else: no store, no keys, no service', async () => {
  writeFileSync(join(folder, 'evidence.ghbundle'), '{}');
  await start({}, ['electron', '/program', 'evidence.ghbundle']);
  await expect.poll(() => electron.recorder.of('window.loadURL')).toHaveLength(1);
  expect(electron.recorder.of('window.loadURL')[0]?.[0]).toContain('app://gatehouse/#/verify?bundle=');
  expect(order()).not.toContain('compose');
  for (const name of ['store.db', 'keys.json', 'ca.pem']) expect(existsSync(join(folder, 'home', name))).toBe(false);
  const contents = electron.windows[0]?.webContents;
  if (contents === undefined) throw new Error('expected a window');
  expect(await electron.ipc.call(messageFrom(contents), 'setup.state', {})).toMatchObject({
    kind: 'problem',
    problem: {
      type: expect.stringContaining('console/not-set-up'),
      detail: expect.stringContaining('no console here'),
    },
  });
  // A second double click is a second bundle in the same window; with its window the program ends.
  writeFileSync(join(folder, 'other.ghbundle'), '{}');
  electron.appEvents.emit('open-file', createEvent({}), join(folder, 'other.ghbundle'));
  await expect.poll(() => electron.recorder.of('window.loadURL')).toHaveLength(2);
  electron.windows[0]?.events.emit('closed');
  electron.appEvents.emit('window-all-closed');
  expect(electron.recorder.of('app.quit')).toHaveLength(1);
});

test('where the console can not start a bundle opens all the same, and the reason is told', async () => {
  writeFileSync(join(folder, 'evidence.ghbundle'), '{}');
  await start(setUp);
  await composed?.stop();
  electron = createElectron();
  await start({ GATEHOUSE_ENCRYPTION_KEY: toBase64(new Uint8Array(32).fill(6)) }, ['gatehouse', 'evidence.ghbundle']);
  await expect.poll(() => electron.recorder.of('window.loadURL')).toHaveLength(1);
  expect(electron.recorder.of('window.loadURL')[0]?.[0]).toContain('#/verify?bundle=');
  const contents = electron.windows[0]?.webContents;
  if (contents === undefined) throw new Error('expected a window');
  expect(await electron.ipc.call(messageFrom(contents), 'setup.state', {})).toMatchObject({
    problem: { detail: expect.stringMatching(/^The console cannot start: .*The Verifier needs none\.$/) },
  });
});

test('only one instance runs on a profile', async () => {
  electron.isSecond = true;
  await start(setUp, ['gatehouse', 'evidence.ghbundle']);
  expect(order()).toEqual([
    'app.enableSandbox',
    'protocol.registerSchemesAsPrivileged',
    'app.setPath',
    'app.requestSingleInstanceLock',
    'app.quit',
  ]);
  expect(electron.recorder.of('app.requestSingleInstanceLock')).toEqual([
    [{ bundle: join(folder, 'evidence.ghbundle') }],
  ]);
});

test('what is refused at the start is said in the words of the terminal', async () => {
  await start({ GATEHOUSE_RATE_LIMIT_BURST: 'many' });
  const [[title, text] = []] = electron.recorder.of('showError');
  expect(title).toBe('Gatehouse cannot start');
  expect(text).toMatch(/^settings: rate_limit\.burst/);
  expect(electron.recorder.of('app.exit')).toEqual([[1]]);
  expect(electron.recorder.of('new BrowserWindow')).toEqual([]);
});

test('the wrong key is refused with a hint, and nothing was changed', async () => {
  await start(setUp);
  await composed?.stop();
  electron = createElectron();
  await start({ GATEHOUSE_ENCRYPTION_KEY: toBase64(new Uint8Array(32).fill(6)) });
  const [[, text] = []] = electron.recorder.of('showError');
  expect(text).toMatch(/\n\ngive the key that it has now: rotating the master key changes it; nothing was changed$/);
});

test('the screen lock locks the signed-in window and drops what its page holds', async () => {
  await start({ ...setUp, GATEHOUSE_AUTH_MFA_REQUIRED: 'optional' });
  const contents = electron.windows[0]?.webContents;
  if (contents === undefined) throw new Error('expected a window');
  const event = messageFrom(contents);
  electron.powerEvents.emit('suspend');
  expect(electron.recorder.of('contents.reload')).toEqual([]);
  const login = await electron.ipc.call(event, 'auth.login', { username: 'mira', password: adminPassword });
  expect(login).toMatchObject({ kind: 'output', output: { user: { username: 'mira' } } });
  await electron.ipc.call(event, 'auth.session', {});
  await expect.poll(() => electron.recorder.of('tray.setToolTip').at(-1)).toEqual(['Gatehouse: no open alerts']);
  electron.powerEvents.emit('suspend');
  await expect.poll(() => electron.recorder.of('contents.reload')).toHaveLength(1);
  expect(await electron.ipc.call(event, 'alerts.list', {})).toMatchObject({ problem: { code: 'access/locked' } });
  await expect.poll(() => electron.recorder.of('tray.setToolTip').at(-1)).toEqual(['Gatehouse: locked']);
});

test('a secret copied by the page is cleared at quitting, after its window was closed', async () => {
  await start(setUp);
  const contents = electron.windows[0]?.webContents;
  if (contents === undefined) throw new Error('expected a window');
  const copied = { text: 'vT7-quartz', clear_after_ms: 30_000 };
  expect(await electron.ipc.call(messageFrom(contents), 'desktop.copy_secret', copied)).toMatchObject({
    kind: 'output',
  });
  electron.windows[0]?.events.emit('closed');
  expect(electron.clipboard.text).toBe('vT7-quartz');
  electron.appEvents.emit('before-quit', createEvent({}));
  await expect.poll(() => electron.recorder.of('app.quit')).toHaveLength(1);
  expect(electron.clipboard.text).toBe('');
});
