// How the window is made. Every line of `webPreferences` is asserted word for word in test/unit/electron/window-options.test.ts.

import type { BrowserWindowConstructorOptions } from 'electron';
import { type Placement, smallestWindow } from './window-state.ts';

/** The height of the page's own title bar. */
const titleBarHeight = 40;

export type WindowLooks = {
  readonly platform: NodeJS.Platform;
  readonly preload: string;
  readonly icon: string;
  readonly dark: boolean;
  readonly development: boolean;
  readonly placement: Placement;
};

/** The page's own background, so that opening and reloading never flashes. The same values as src-renderer/ui/tokens.css. */
export const backgrounds = { light: '#ffffff', dark: '#0f1419' } as const;

export function windowOptions(looks: WindowLooks): BrowserWindowConstructorOptions {
  const { x, y, width, height } = looks.placement;
  return {
    title: 'Gatehouse',
    width,
    height,
    ...(x === undefined || y === undefined ? {} : { x, y }),
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    show: false,
    icon: looks.icon,
    backgroundColor: looks.dark ? backgrounds.dark : backgrounds.light,
    autoHideMenuBar: true,
    ...titleBar(looks),
    // SECURITY: what the page may do. Electron's defaults are written out too, so that a changed default changes nothing here.
    webPreferences: {
      preload: looks.preload,
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
      devTools: looks.development,
    },
  };
}

/** macOS and Windows lay their buttons over the page's own title bar; on Linux the window manager draws the frame. */
function titleBar({ platform, dark }: WindowLooks): BrowserWindowConstructorOptions {
  if (platform !== 'darwin' && platform !== 'win32') return { titleBarStyle: 'default' };
  return {
    titleBarStyle: 'hidden',
    titleBarOverlay: { color: '#00000000', symbolColor: dark ? '#ffffff' : '#1b2128', height: titleBarHeight },
  };
}
