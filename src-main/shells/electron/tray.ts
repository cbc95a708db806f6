// The icon in the notification area: how the console stands, how many alerts wait, and the way to open, lock and quit it. While the
// console is locked or nobody is signed in it says nothing of alerts.

import type { MenuItemConstructorOptions } from 'electron';
import type { Standing } from './window-session.ts';

export type AlertCounts = { readonly open: number; readonly critical: number };

export type TrayIcon = {
  setToolTip(text: string): void;
  on(event: 'click', listener: () => void): unknown;
};

type TrayActions = {
  readonly open: () => void;
  readonly lock: () => void;
  readonly quit: () => void;
};

export type TrayParts = {
  readonly icon: TrayIcon;
  readonly setMenu: (items: MenuItemConstructorOptions[]) => void;
  readonly actions: TrayActions;
};

export type Tray = {
  show(standing: Standing, counts: AlertCounts | undefined): void;
};

export function createTray({ icon, setMenu, actions }: TrayParts): Tray {
  let shown = '';
  icon.on('click', actions.open);
  return {
    show(standing, counts) {
      const state = stateLine(standing, counts);
      const key = `${standing.kind} ${state}`;
      // On Linux every new menu is a round trip to the desktop and closes the one that is open.
      if (key === shown) return;
      shown = key;
      icon.setToolTip(`Gatehouse: ${state}`);
      setMenu(trayMenu(standing, state, actions));
    },
  };
}

export function stateLine(standing: Standing, counts: AlertCounts | undefined): string {
  if (standing.kind === 'locked') return 'locked';
  if (standing.kind === 'signed-out') return 'nobody is signed in';
  if (counts === undefined) return 'running';
  if (counts.open === 0) return 'no open alerts';
  const open = `${counts.open} open ${counts.open === 1 ? 'alert' : 'alerts'}`;
  return counts.critical === 0 ? open : `${open}, ${counts.critical} critical`;
}

function trayMenu(standing: Standing, state: string, actions: TrayActions): MenuItemConstructorOptions[] {
  return [
    { label: state.charAt(0).toUpperCase() + state.slice(1), enabled: false },
    { type: 'separator' },
    { label: 'Open Gatehouse', click: actions.open },
    { label: 'Lock', enabled: standing.kind === 'open', click: actions.lock },
    { type: 'separator' },
    { label: 'Quit Gatehouse', click: actions.quit },
  ];
}
