// Every refusal of the shell, word for word, against a recorded double of Electron's API.
import { expect, test } from 'vitest';
import {
  externalAddress,
  type Hardening,
  hardenApp,
  hardenContents,
  hardenSession,
  noNetwork,
} from '../../../src-main/shells/electron/hardening.ts';
import { createTestHost } from '../../support/host.ts';
import {
  createContents,
  createDownload,
  createEvent,
  createEvents,
  createRecorder,
  createSession,
} from './recorded.ts';

function setting(development = false) {
  const recorder = createRecorder();
  const host = createTestHost();
  const hardening: Hardening = {
    development,
    apiUrl: () => 'https://127.0.0.1:9443',
    openExternal: async (url) => recorder.note('openExternal', url),
    log: host.log,
  };
  return { recorder, host, hardening };
}

test('what is said to every contents, in order', () => {
  const { recorder, hardening } = setting();
  hardenContents(createContents(recorder), hardening);
  expect(recorder.calls).toEqual([
    ['contents.on', 'will-navigate'],
    ['contents.on', 'will-frame-navigate'],
    ['contents.on', 'will-redirect'],
    ['contents.on', 'will-attach-webview'],
    ['contents.setWindowOpenHandler'],
    ['contents.setWebRTCIPHandlingPolicy', 'disable_non_proxied_udp'],
    ['contents.on', 'devtools-opened'],
  ]);
});

test('what is said to the session, in order', async () => {
  const { recorder, hardening } = setting();
  await hardenSession(createSession(recorder), hardening);
  expect(recorder.calls).toEqual([
    ['session.setPermissionRequestHandler'],
    ['session.setPermissionCheckHandler'],
    ['session.setDevicePermissionHandler'],
    ['session.setSpellCheckerEnabled', false],
    ['session.webRequest.onBeforeRequest'],
    ['session.on', 'will-download'],
    ['session.setProxy', { mode: 'fixed_servers', proxyRules: 'http://127.0.0.1:1', proxyBypassRules: '<-loopback>' }],
  ]);
  expect(noNetwork.mode).toBe('fixed_servers');
});

test.each([
  'https://example.com/',
  'http://localhost:9443/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:text/html,<script>1</script>',
  'app://other/',
  'app://gatehouse.example.com/',
  'app://user:word@gatehouse/',
  'app://gatehouse:80/',
  'app://gatehouse/assets/index.js',
  'about:blank',
  '',
])('the page does not navigate to %j', (url) => {
  const { recorder, host, hardening } = setting();
  const contents = createContents(recorder);
  hardenContents(contents, hardening);
  for (const [event, fields] of [
    ['will-navigate', { url }],
    ['will-frame-navigate', { url, isMainFrame: true }],
    ['will-redirect', { url }],
  ] as const) {
    const attempt = createEvent(fields);
    contents.events.emit(event, attempt);
    expect([event, attempt.prevented]).toEqual([event, true]);
  }
  expect(host.logged.map(({ event }) => event)).toEqual(Array(3).fill('the window was refused'));
});

test('the page may load itself anew, and no frame may load anything', () => {
  const { recorder, hardening } = setting();
  const contents = createContents(recorder);
  hardenContents(contents, hardening);
  const url = 'app://gatehouse/#/queue';
  const itself = createEvent({ url, isMainFrame: true });
  contents.events.emit('will-navigate', itself);
  contents.events.emit('will-frame-navigate', itself);
  expect(itself.prevented).toBe(false);
  const frame = createEvent({ url, isMainFrame: false });
  contents.events.emit('will-frame-navigate', frame);
  expect(frame.prevented).toBe(true);
  const redirect = createEvent({ url });
  contents.events.emit('will-redirect', redirect);
  expect(redirect.prevented).toBe(true);
});

test('no web view is attached', () => {
  const { recorder, hardening } = setting();
  const contents = createContents(recorder);
  hardenContents(contents, hardening);
  const attempt = createEvent({});
  contents.events.emit('will-attach-webview', attempt);
  expect(attempt.prevented).toBe(true);
});

test('no window is opened; the console’s own documentation opens in the browser', async () => {
  const { recorder, hardening } = setting();
  const contents = createContents(recorder);
  hardenContents(contents, hardening);
  const asked = [
    'app://gatehouse/api/docs',
    'https://example.com/',
    'mailto:someone@example.com',
    'file:///bin/sh',
    'app://gatehouse/',
    'https://127.0.0.1:9443/api/docs',
    'app://gatehouse/api/docs/../../x',
  ];
  expect(asked.map((url) => contents.openWindow(url))).toEqual(asked.map(() => ({ action: 'deny' })));
  expect(recorder.of('openExternal')).toEqual([['https://127.0.0.1:9443/api/docs']]);
});

test('nothing of a link reaches the browser but what was made here', () => {
  expect(externalAddress('app://gatehouse/api/docs?x=1#y', 'https://127.0.0.1:9443')).toBe(
    'https://127.0.0.1:9443/api/docs',
  );
  expect(externalAddress('app://gatehouse/api/docs', undefined)).toBeUndefined();
});

test('developer tools close at once unless in development', () => {
  for (const development of [false, true]) {
    const { recorder, hardening } = setting(development);
    const contents = createContents(recorder);
    hardenContents(contents, hardening);
    contents.events.emit('devtools-opened');
    expect(recorder.of('contents.closeDevTools')).toHaveLength(development ? 0 : 1);
  }
});

const permissions = [
  'clipboard-read',
  'deprecated-sync-clipboard-read',
  'display-capture',
  'fileSystem',
  'fullscreen',
  'geolocation',
  'hid',
  'idle-detection',
  'keyboardLock',
  'local-fonts',
  'local-network-access',
  'media',
  'midi',
  'notifications',
  'openExternal',
  'persistent-storage',
  'pointerLock',
  'screen-wake-lock',
  'serial',
  'storage-access',
  'usb',
  'window-management',
  'unknown',
];

test('no permission is given, asked or checked, and no device', async () => {
  const { recorder, hardening } = setting();
  const session = createSession(recorder);
  await hardenSession(session, hardening);
  for (const permission of permissions) {
    expect([permission, session.permission(permission, 'app://gatehouse/')]).toEqual([
      permission,
      { asked: false, checked: false },
    ]);
  }
  expect(session.device()).toBe(false);
});

test('copying text is for the page itself alone', async () => {
  const { recorder, hardening } = setting();
  const session = createSession(recorder);
  await hardenSession(session, hardening);
  const copy = 'clipboard-sanitized-write';
  expect(session.permission(copy, 'app://gatehouse/')).toEqual({ asked: true, checked: true });
  expect(session.permission(copy, 'https://example.com/')).toEqual({ asked: false, checked: false });
  expect(session.permission(copy, 'app://gatehouse/', false)).toEqual({ asked: false, checked: false });
});

test('the window has no network', async () => {
  const { recorder, hardening } = setting();
  const session = createSession(recorder);
  await hardenSession(session, hardening);
  const refused = [
    'https://example.com/',
    'http://127.0.0.1:9443/health',
    'https://127.0.0.1:9443/api/v1/events',
    'ws://localhost/',
    'wss://example.com/',
    'file:///etc/passwd',
    'ftp://example.com/',
    'chrome://gpu/',
    'devtools://devtools/bundled/inspector.html',
    'app://gatehouse.example.com/index.html',
    'app://gatehouse@example.com/',
    'blob:https://example.com/1',
    'blob:app://gatehouse.example.com/1',
    'data:text/javascript,1',
  ];
  expect(refused.filter((url) => session.request(url))).toEqual([]);
  expect(session.request('data:image/png;base64,AA==', 'script')).toBe(false);
  const passed = ['app://gatehouse/', 'app://gatehouse/assets/index.js', 'blob:app://gatehouse/5c1f'];
  expect(passed.filter((url) => !session.request(url))).toEqual([]);
  expect(session.request('data:image/png;base64,AA==', 'image')).toBe(true);
});

test('developer tools load their own pages in development alone', async () => {
  const { recorder, hardening } = setting(true);
  const session = createSession(recorder);
  await hardenSession(session, hardening);
  expect(session.request('devtools://devtools/bundled/inspector.html')).toBe(true);
  expect(session.request('https://example.com/')).toBe(false);
});

test.each([
  ['https://example.com/a.ghbundle', 'a.ghbundle', true],
  ['data:text/plain,1', 'a.txt', true],
  ['app://gatehouse/index.html', 'index.txt', true],
  ['blob:app://gatehouse/1', 'a.ghbundle', false],
  ['blob:app://gatehouse/1', 'a.exe', true],
  ['blob:app://gatehouse/1', 'a.txt.sh', true],
  ['blob:app://gatehouse/1', '../a.txt', true],
  ['blob:app://gatehouse/1', '.txt', true],
  ['blob:https://example.com/1', 'a.txt', true],
])('the download %s as %s (asked by the user: %s) is refused', async (url, name, gesture) => {
  const { recorder, hardening } = setting();
  const session = createSession(recorder);
  await hardenSession(session, hardening);
  const attempt = createEvent({});
  session.events.emit('will-download', attempt, createDownload(recorder, url, name, gesture));
  expect(attempt.prevented).toBe(true);
  expect(recorder.of('download.setSaveDialogOptions')).toEqual([]);
});

test('what the page made and the user saves goes through the system’s dialog', async () => {
  const { recorder, hardening } = setting();
  const session = createSession(recorder);
  await hardenSession(session, hardening);
  for (const name of [
    'audit-2026-11-21.ghbundle',
    'gatehouse-recovery-kit.txt',
    'gatehouse-ca.pem',
    'march.ghbundle.receipt.json',
    'report.pdf',
    'anchored-checkpoint-120.tsr',
  ]) {
    const attempt = createEvent({});
    session.events.emit('will-download', attempt, createDownload(recorder, 'blob:app://gatehouse/1', name));
    expect(attempt.prevented).toBe(false);
  }
  expect(recorder.of('download.setSaveDialogOptions')[0]).toEqual([{ title: 'Save audit-2026-11-21.ghbundle' }]);
});

test('every contents is hardened; certificate errors, client certificates and logins are refused', () => {
  const { recorder, hardening } = setting();
  const events = createEvents(recorder, 'app');
  hardenApp(
    { on: (event: string, listener: (...values: never[]) => unknown) => events.on(event, listener) },
    hardening,
  );
  expect(recorder.calls).toEqual([
    ['app.on', 'web-contents-created'],
    ['app.on', 'certificate-error'],
    ['app.on', 'select-client-certificate'],
    ['app.on', 'login'],
  ]);
  events.emit('web-contents-created', {}, createContents(recorder));
  expect(recorder.of('contents.setWindowOpenHandler')).toHaveLength(1);
  const wrong = createEvent({});
  const answers: boolean[] = [];
  events.emit('certificate-error', wrong, {}, 'https://example.com/', 'net::ERR', {}, (trusted: boolean) =>
    answers.push(trusted),
  );
  expect([wrong.prevented, answers]).toEqual([true, [false]]);
  for (const name of ['select-client-certificate', 'login']) {
    const attempt = createEvent({});
    events.emit(name, attempt);
    expect([name, attempt.prevented]).toEqual([name, true]);
  }
});
