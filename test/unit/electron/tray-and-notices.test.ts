// Tray, notices and menu: what they say in each standing, and that a locked console says nothing.
import type { MenuItemConstructorOptions } from 'electron';
import { expect, test } from 'vitest';
import type { NewAlert } from '../../../src-main/shells/electron/alert-watch.ts';
import { menuTemplate } from '../../../src-main/shells/electron/menu.ts';
import { noticesFor } from '../../../src-main/shells/electron/notifications.ts';
import { createTray, stateLine } from '../../../src-main/shells/electron/tray.ts';
import type { Standing } from '../../../src-main/shells/electron/window-session.ts';
import { createEvents, createRecorder } from './recorded.ts';

const open: Standing = { kind: 'open', permissions: new Set(['alerts.read']) };
const blind: Standing = { kind: 'open', permissions: new Set() };
const locked: Standing = { kind: 'locked' };
const signedOut: Standing = { kind: 'signed-out' };

function alert(
  number: number,
  severity: NewAlert['severity'],
  title = `Failed logins from 203.0.113.${number}`,
): NewAlert {
  return { id: `0190-${number}`, number, title, severity };
}

test.each([
  [open, { open: 12, critical: 2 }, '12 open alerts, 2 critical'],
  [open, { open: 1, critical: 0 }, '1 open alert'],
  [open, { open: 0, critical: 0 }, 'no open alerts'],
  [open, undefined, 'running'],
  [locked, { open: 12, critical: 2 }, 'locked'],
  [signedOut, { open: 12, critical: 2 }, 'nobody is signed in'],
])('the tray says %j with %j as %j', (standing, counts, words) => {
  expect(stateLine(standing, counts)).toBe(words);
});

test('the tray’s menu opens, locks and quits; it is made anew only when it changes', () => {
  const recorder = createRecorder();
  const events = createEvents(recorder, 'tray');
  const menus: MenuItemConstructorOptions[][] = [];
  const actions = {
    open: () => recorder.note('open'),
    lock: () => recorder.note('lock'),
    quit: () => recorder.note('quit'),
  };
  const tray = createTray({
    icon: {
      setToolTip: (text) => recorder.note('setToolTip', text),
      on: (event, listener) => events.on(event, listener),
    },
    setMenu: (items) => void menus.push(items),
    actions,
  });
  tray.show(open, { open: 3, critical: 1 });
  tray.show(open, { open: 3, critical: 1 });
  tray.show(locked, undefined);
  expect(recorder.of('setToolTip')).toEqual([['Gatehouse: 3 open alerts, 1 critical'], ['Gatehouse: locked']]);
  expect(menus.map((items) => items.map(({ label, enabled }) => [label, enabled]))).toEqual([
    [
      ['3 open alerts, 1 critical', false],
      [undefined, undefined],
      ['Open Gatehouse', undefined],
      ['Lock', true],
      [undefined, undefined],
      ['Quit Gatehouse', undefined],
    ],
    [
      ['Locked', false],
      [undefined, undefined],
      ['Open Gatehouse', undefined],
      ['Lock', false],
      [undefined, undefined],
      ['Quit Gatehouse', undefined],
    ],
  ]);
  for (const item of menus[0] ?? []) (item.click as (() => void) | undefined)?.();
  events.emit('click');
  expect(recorder.calls.map(([name]) => name).filter((name) => /^(open|lock|quit)$/.test(String(name)))).toEqual([
    'open',
    'lock',
    'quit',
    'open',
  ]);
});

test('a notice names the alert and leads to it', () => {
  expect(noticesFor([alert(1, 'critical'), alert(2, 'high')], open)).toEqual([
    { title: 'Critical alert', body: 'Failed logins from 203.0.113.1', place: '/queue/0190-1' },
    { title: 'High alert', body: 'Failed logins from 203.0.113.2', place: '/queue/0190-2' },
  ]);
});

test('many at once are one notice', () => {
  const alerts = [alert(1, 'critical'), alert(2, 'high'), alert(3, 'high'), alert(4, 'critical')];
  expect(noticesFor(alerts, open)).toEqual([
    { title: 'Gatehouse', body: '4 new alerts, 2 critical.', place: '/queue' },
  ]);
});

test.each([
  ['locked', locked],
  ['signed out', signedOut],
  ['not allowed to read alerts', blind],
])('while %s a notice says that there is something and not what', (_, standing) => {
  expect(noticesFor([alert(1, 'critical')], standing)).toEqual([
    { title: 'Gatehouse', body: '1 new critical alert. Unlock the console to read.', place: undefined },
  ]);
  expect(noticesFor([alert(1, 'high'), alert(2, 'high')], standing)).toEqual([
    { title: 'Gatehouse', body: '2 new alerts. Unlock the console to read.', place: undefined },
  ]);
});

test('names that attackers choose are no markup and no commands in a notice', () => {
  const [notice] = noticesFor([alert(1, 'high', '<a href="x">\u202eevil\u0007\nuser</a> & more')], open);
  expect(notice?.body).toBe('‹a href="x"› evil user‹/a› + more');
  const [long] = noticesFor([alert(1, 'high', 'x'.repeat(10_000))], open);
  expect(long?.body).toHaveLength(120);
});

const actions = { openBundle: () => undefined, lock: () => undefined };
const roles = (items: readonly MenuItemConstructorOptions[]): unknown[] =>
  items.map(({ label, role, accelerator, submenu }) => [
    role ?? label,
    ...(accelerator === undefined ? [] : [accelerator]),
    ...(Array.isArray(submenu) ? [roles(submenu)] : []),
  ]);

test('the menu of Linux and Windows', () => {
  for (const platform of ['linux', 'win32'] as const) {
    expect(roles(menuTemplate(platform, false, actions))).toEqual([
      [
        '&File',
        [
          ['Open bundle…', 'CmdOrCtrl+O'],
          [undefined],
          ['Lock', 'CmdOrCtrl+L'],
          [undefined],
          ['close', 'CmdOrCtrl+W'],
          ['quit'],
        ],
      ],
      ['editMenu'],
      ['&View', [['resetZoom'], ['zoomIn'], ['zoomOut'], [undefined], ['togglefullscreen']]],
      ['windowMenu'],
    ]);
  }
});

test('macOS has its application menu and quits from there; developer tools are for development', () => {
  const mac = roles(menuTemplate('darwin', false, actions));
  expect(mac[0]).toEqual(['appMenu']);
  expect(JSON.stringify(mac)).not.toMatch(/"quit"|toggleDevTools|reload/);
  expect(JSON.stringify(roles(menuTemplate('linux', true, actions)))).toContain('toggleDevTools');
});
