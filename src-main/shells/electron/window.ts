// The one window of the console: made when it is wanted, gone when it is closed, brought back where it was, reloaded when its process
// dies. The service does not depend on it.

import { join } from 'node:path';
import type { BrowserWindowConstructorOptions } from 'electron';
import { writeDurably } from '../../adapters/files/key-file-store.ts';
import type { Clock, Log } from '../../core/ports.ts';
import { appOrigin } from './app-protocol.ts';
import type { Sender } from './ipc.ts';
import { windowOptions } from './window-options.ts';
import { type Area, formatPlacement, parsePlacement, readPlacementFile } from './window-state.ts';

type WindowContents = Sender & {
  reload(): void;
  on(event: 'render-process-gone', listener: (event: unknown, details: { reason: string }) => void): unknown;
};

export type ShellWindow = {
  readonly webContents: WindowContents;
  loadURL(url: string): Promise<void>;
  once(event: 'ready-to-show', listener: () => void): unknown;
  on(event: 'close' | 'closed', listener: () => void): unknown;
  getNormalBounds(): Area;
  isMaximized(): boolean;
  maximize(): void;
  isMinimized(): boolean;
  restore(): void;
  show(): void;
  focus(): void;
  setContentProtection(enable: boolean): void;
};

export type WindowParts = {
  readonly createWindow: (options: BrowserWindowConstructorOptions) => ShellWindow;
  readonly displays: () => readonly Area[];
  readonly isDark: () => boolean;
  readonly platform: NodeJS.Platform;
  readonly development: boolean;
  readonly preload: string;
  readonly icon: string;
  /** The profile's folder for what belongs to the window. */
  readonly folder: string;
  /** What stands behind the origin when the window opens: `/`, or where the set-up begins. */
  readonly firstAddress: () => string;
  readonly crashedForGood: () => void;
  readonly clock: Clock;
  readonly log: Log;
};

export type WindowDesk = {
  /** Opens the window or brings it to the front. @param place behind `#`, such as `/queue`. */
  show(place?: string): void;
  /** Drops everything the page holds and loads it anew, at the same place. */
  reload(): void;
  isOurs(sender: Sender): boolean;
  /** Keeps the window out of screenshots and shared screens. @returns whether this system can: Linux can't. */
  hideFromCapture(isHidden: boolean): boolean;
  /** Writes down where the window is. */
  keepPlacement(): void;
};

const crashesAMinute = 3;

export function createWindowDesk(parts: WindowParts): WindowDesk {
  const { log } = parts;
  const placementFile = join(parts.folder, 'window.json');
  let current: ShellWindow | undefined;
  let crashes: number[] = [];

  function load(window: ShellWindow, address: string): void {
    // Rejects also when a newer load takes its place. SECURITY: the error names the address, which may hold the set-up token.
    window.loadURL(`${appOrigin}${address}`).catch(() => log.warn('the page was not loaded to its end'));
  }

  function keepPlacement(): void {
    if (current === undefined) return;
    try {
      writeDurably(placementFile, formatPlacement(current.getNormalBounds(), current.isMaximized()));
    } catch (error) {
      // A full disk must not keep the window from closing; it opens as usual next time.
      log.warn('the place of the window was not kept', { error: String(error) });
    }
  }

  function create(address: string): ShellWindow {
    const placement = parsePlacement(readPlacementFile(placementFile), parts.displays());
    const { platform, development, preload, icon } = parts;
    const looks = { platform, development, preload, icon, dark: parts.isDark(), placement };
    const window = parts.createWindow(windowOptions(looks));
    current = window;
    window.once('ready-to-show', () => {
      if (placement.maximized) window.maximize();
      window.show();
    });
    window.on('close', keepPlacement);
    window.on('closed', () => {
      if (current === window) current = undefined;
    });
    window.webContents.on('render-process-gone', (_event, { reason }) => {
      if (reason !== 'clean-exit') recover(window, reason);
    });
    load(window, address);
    return window;
  }

  function recover(window: ShellWindow, reason: string): void {
    const now = parts.clock.now();
    crashes = [...crashes.filter((at) => now - at < 60_000), now];
    log.error('the window process ended', { reason, crashes: crashes.length });
    if (crashes.length > crashesAMinute) parts.crashedForGood();
    else load(window, parts.firstAddress());
  }

  return {
    show(place) {
      const fragment = place === undefined ? '' : `#${place}`;
      if (current === undefined) {
        // Before the set-up the place comes first: a bundle is verified without any. The window opened again begins the set-up.
        create(place === undefined ? parts.firstAddress() : `/${fragment}`);
        return;
      }
      if (place !== undefined) load(current, `/${fragment}`);
      if (current.isMinimized()) current.restore();
      current.show();
      current.focus();
    },
    reload: () => current?.webContents.reload(),
    isOurs: (sender) => current !== undefined && sender === current.webContents,
    hideFromCapture(isHidden) {
      if (parts.platform !== 'darwin' && parts.platform !== 'win32') return false;
      current?.setContentProtection(isHidden);
      return current !== undefined;
    },
    keepPlacement,
  };
}
