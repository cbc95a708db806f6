// What goes on beside the window, open or not: the tray icon, notices of new alerts, and the automatic lock.

import type { MenuItemConstructorOptions } from 'electron';
import type { Console } from '../../core/dispatch/arrival.ts';
import type { Clock, Log, Timers } from '../../core/ports.ts';
import { startAlertWatch } from './alert-watch.ts';
import { type LockReason, type PowerSignals, startAutoLock } from './auto-lock.ts';
import { type Notice, noticesFor } from './notifications.ts';
import { createTray, type Tray, type TrayIcon } from './tray.ts';
import type { WindowDesk } from './window.ts';
import type { WindowSession } from './window-session.ts';

export type AttendantElectron = {
  readonly power: PowerSignals;
  /** @throws Error where the system has no place for such icons. */
  readonly createTray: (image: string) => {
    readonly icon: TrayIcon;
    readonly setMenu: (items: MenuItemConstructorOptions[]) => void;
  };
  readonly notify: (notice: Notice, clicked: () => void) => void;
};

export type AttendantParts = {
  readonly electron: AttendantElectron;
  readonly console: Console;
  readonly session: WindowSession;
  readonly windows: WindowDesk;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly log: Log;
  readonly newTraceId: () => string;
  readonly platform: NodeJS.Platform;
  readonly idleMinutes: number;
  readonly trayImage: string;
  readonly quit: () => void;
};

export type Attendant = Disposable & {
  /** The standing of the window changed: the tray says so. */
  refresh(): void;
  /** Alerts were raised or changed. */
  alertsMoved(): void;
  /** Locks the console and drops whatever the page holds. */
  lock(reason: LockReason): Promise<void>;
};

export function startAttendant(parts: AttendantParts): Attendant {
  const { electron, session, windows, log } = parts;
  const watch = startAlertWatch({
    ...parts,
    raised(alerts) {
      for (const notice of noticesFor(alerts, session.standing())) {
        electron.notify(notice, () => windows.show(notice.place));
      }
      refresh();
    },
  });
  const autoLock = startAutoLock({ ...parts, power: electron.power, lock: (reason) => void lock(reason) });
  const tray = placeTray();
  refresh();

  function placeTray(): Tray | undefined {
    try {
      const placed = electron.createTray(parts.trayImage);
      const actions = { open: () => windows.show(), lock: () => void lock('asked'), quit: parts.quit };
      return createTray({ ...placed, actions });
    } catch (error) {
      log.warn('there is no place for a tray icon; start Gatehouse again to open its window', { error: String(error) });
      return undefined;
    }
  }

  async function showStanding(): Promise<void> {
    const standing = session.standing();
    const mayCount = standing.kind === 'open' && standing.permissions.has('alerts.read');
    const counts = mayCount ? await watch.counts() : undefined;
    // It may have been locked while the counts were read.
    const now = session.standing();
    tray?.show(now, now.kind === 'open' ? counts : undefined);
  }

  function refresh(): void {
    void showStanding();
  }

  async function lock(reason: LockReason): Promise<void> {
    if (!(await session.lock())) return;
    log.info('the window was locked', { reason });
    // SECURITY: whatever the page shows or holds goes with the reload, whether its code plays along or not.
    windows.reload();
  }

  return {
    refresh,
    alertsMoved() {
      void watch.look();
      refresh();
    },
    lock,
    [Symbol.dispose]() {
      autoLock[Symbol.dispose]();
      watch[Symbol.dispose]();
    },
  };
}
