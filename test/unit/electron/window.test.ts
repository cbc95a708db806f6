// The window's life: made when it is wanted, kept in place, brought back after a crash, recognised by its contents.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createWindowDesk, type WindowDesk } from '../../../src-main/shells/electron/window.ts';
import { createTestHost, type TestHost } from '../../support/host.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { createContents, createRecorder, createWindow, type RecordedWindow, type Recorder } from './recorded.ts';

let folder: string;
let recorder: Recorder;
let host: TestHost;
let windows: RecordedWindow[];
let first: string;
let crashed: number;

beforeEach(() => {
  folder = temporaryFolder();
  recorder = createRecorder();
  host = createTestHost();
  windows = [];
  first = '/';
  crashed = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function desk(platform: NodeJS.Platform = 'linux'): WindowDesk {
  return createWindowDesk({
    createWindow(options) {
      const window = createWindow(recorder, options);
      windows.push(window);
      return window;
    },
    displays: () => [{ x: 0, y: 0, width: 1920, height: 1080 }],
    isDark: () => false,
    platform,
    development: false,
    preload: '/program/preload.cjs',
    icon: '/program/icon.png',
    folder,
    firstAddress: () => first,
    crashedForGood: () => {
      crashed += 1;
    },
    clock: host.clock,
    log: host.log,
  });
}

test('opens once, shows itself when it is painted, and comes to the front after that', () => {
  const opened = desk();
  opened.show();
  expect(recorder.of('window.loadURL')).toEqual([['app://gatehouse/']]);
  expect(recorder.of('window.show')).toEqual([]);
  windows[0]?.events.emit('ready-to-show');
  expect(recorder.of('window.show')).toHaveLength(1);
  if (windows[0] !== undefined) windows[0].minimized = true;
  opened.show('/queue/1');
  expect(windows).toHaveLength(1);
  expect(recorder.of('window.loadURL')[1]).toEqual(['app://gatehouse/#/queue/1']);
  expect(recorder.calls.slice(-3)).toEqual([['window.restore'], ['window.show'], ['window.focus']]);
});

test('a closed window is made anew, where it was', () => {
  const opened = desk();
  opened.show();
  if (windows[0] !== undefined) windows[0].maximized = true;
  windows[0]?.events.emit('close');
  windows[0]?.events.emit('closed');
  expect(JSON.parse(readFileSync(join(folder, 'window.json'), 'utf8'))).toEqual({
    x: 10,
    y: 20,
    width: 900,
    height: 700,
    maximized: true,
  });
  opened.show('/audit');
  const { x, y, width, height } = windows[1]?.options ?? {};
  expect({ x, y, width, height }).toEqual({ x: 10, y: 20, width: 900, height: 700 });
  windows[1]?.events.emit('ready-to-show');
  expect(recorder.of('window.maximize')).toHaveLength(1);
  expect(recorder.of('window.loadURL')[1]).toEqual(['app://gatehouse/#/audit']);
});

test('before the set-up its token stands behind #, unless a bundle is to be verified, and is in no log', () => {
  first = '/setup#token';
  const opened = desk();
  opened.show('/verify?bundle=/opened/1.ghbundle');
  windows[0]?.events.emit('closed');
  opened.show();
  expect(recorder.of('window.loadURL')).toEqual([
    ['app://gatehouse/#/verify?bundle=/opened/1.ghbundle'],
    ['app://gatehouse/setup#token'],
  ]);
  expect(JSON.stringify(host.logged)).not.toContain('token');
});

test('a process that dies is started again three times a minute, and no more', () => {
  desk().show();
  const contents = windows[0]?.webContents;
  contents?.events.emit('render-process-gone', {}, { reason: 'clean-exit' });
  expect(recorder.of('window.loadURL')).toHaveLength(1);
  for (let crash = 0; crash < 4; crash += 1) contents?.events.emit('render-process-gone', {}, { reason: 'crashed' });
  expect(recorder.of('window.loadURL')).toHaveLength(4);
  expect(crashed).toBe(1);
  host.advance(61_000);
  contents?.events.emit('render-process-gone', {}, { reason: 'oom' });
  expect(recorder.of('window.loadURL')).toHaveLength(5);
});

test('knows its own contents and no other', () => {
  const opened = desk();
  const stranger = createContents(recorder);
  expect(opened.isOurs(stranger)).toBe(false);
  opened.show();
  const own = windows[0]?.webContents ?? stranger;
  expect([opened.isOurs(own), opened.isOurs(stranger)]).toEqual([true, false]);
  windows[0]?.events.emit('closed');
  expect(opened.isOurs(own)).toBe(false);
  opened.reload();
  expect(recorder.of('contents.reload')).toEqual([]);
});

test('is kept out of screenshots where the system can, and says where it cannot', () => {
  const linux = desk();
  linux.show();
  expect(linux.hideFromCapture(true)).toBe(false);
  expect(recorder.of('window.setContentProtection')).toEqual([]);
  const mac = desk('darwin');
  expect(mac.hideFromCapture(true)).toBe(false);
  mac.show();
  expect([mac.hideFromCapture(true), mac.hideFromCapture(false)]).toEqual([true, true]);
  expect(recorder.of('window.setContentProtection')).toEqual([[true], [false]]);
});
