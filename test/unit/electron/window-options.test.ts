// The window's preferences word for word: a line that changes here changes what a broken page could do.
import { expect, test } from 'vitest';
import { backgrounds, type WindowLooks, windowOptions } from '../../../src-main/shells/electron/window-options.ts';
import { usualPlacement } from '../../../src-main/shells/electron/window-state.ts';

const looks: WindowLooks = {
  platform: 'linux',
  preload: '/program/preload.cjs',
  icon: '/program/icon.png',
  dark: false,
  development: false,
  placement: usualPlacement,
};

test('the window of a console, as it is delivered', () => {
  expect(windowOptions(looks)).toEqual({
    title: 'Gatehouse',
    width: 1280,
    height: 800,
    minWidth: 640,
    minHeight: 480,
    show: false,
    icon: '/program/icon.png',
    backgroundColor: '#ffffff',
    autoHideMenuBar: true,
    titleBarStyle: 'default',
    webPreferences: {
      preload: '/program/preload.cjs',
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      enableBlinkFeatures: '',
      webviewTag: false,
      plugins: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      enableWebSQL: false,
      safeDialogs: true,
      devTools: false,
    },
  });
});

test('development changes one preference: the developer tools', () => {
  const { webPreferences, ...rest } = windowOptions({ ...looks, development: true });
  const delivered = windowOptions(looks);
  expect({ ...rest, webPreferences: { ...webPreferences, devTools: false } }).toEqual(delivered);
  expect(webPreferences?.devTools).toBe(true);
});

test('macOS and Windows lay their buttons over the page’s own title bar', () => {
  for (const platform of ['darwin', 'win32'] as const) {
    const { titleBarStyle, titleBarOverlay } = windowOptions({ ...looks, platform, dark: true });
    expect({ titleBarStyle, titleBarOverlay }).toEqual({
      titleBarStyle: 'hidden',
      titleBarOverlay: { color: '#00000000', symbolColor: '#ffffff', height: 40 },
    });
  }
});

test('the background is the page’s own, so that nothing flashes', async () => {
  const { readFileSync } = await import('node:fs');
  const tokens = readFileSync(new URL('../../../src-renderer/ui/tokens.css', import.meta.url), 'utf8');
  for (const theme of ['light', 'dark'] as const) {
    const canvas = new RegExp(`\\[data-theme="${theme}"\\][^}]*?--canvas: (#[0-9a-f]{6});`).exec(tokens)?.[1];
    expect(backgrounds[theme]).toBe(canvas);
  }
});
