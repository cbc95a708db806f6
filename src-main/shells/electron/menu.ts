// The application's menu: what each system expects, with its own accelerators. Roles keep the meaning that the system gives them.

import type { MenuItemConstructorOptions } from 'electron';

export type MenuActions = {
  readonly openBundle: () => void;
  readonly lock: () => void;
};

export function menuTemplate(
  platform: NodeJS.Platform,
  development: boolean,
  actions: MenuActions,
): MenuItemConstructorOptions[] {
  const mac = platform === 'darwin';
  return [
    ...(mac ? [{ role: 'appMenu' } as const] : []),
    {
      label: mac ? 'File' : '&File',
      submenu: [
        { label: 'Open bundle…', accelerator: 'CmdOrCtrl+O', click: actions.openBundle },
        { type: 'separator' },
        // The page has this key too; here it works while the page does not.
        { label: 'Lock', accelerator: 'CmdOrCtrl+L', click: actions.lock },
        { type: 'separator' },
        { role: 'close', accelerator: 'CmdOrCtrl+W' },
        ...(mac ? [] : [{ role: 'quit' } as const]),
      ],
    },
    { role: 'editMenu' },
    {
      label: mac ? 'View' : '&View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        ...(development ? [{ role: 'toggleDevTools' } as const] : []),
      ],
    },
    { role: 'windowMenu' },
  ];
}
