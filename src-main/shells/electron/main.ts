// Electron's main process starts here: gives the desktop program the pieces of Electron it uses, and nothing more. The only file besides
// the preload that loads Electron.

import { release } from 'node:os';
import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  Notification,
  nativeTheme,
  powerMonitor,
  protocol,
  screen,
  session,
  shell,
  Tray,
} from 'electron';
import { homeFolder } from '../../adapters/files/profile.ts';
import { compose } from '../compose.ts';
import { projectFolder, version } from '../project.ts';
import { createPrompt } from '../prompt.ts';
import { type DesktopElectron, startDesktop } from './desktop.ts';

const home = homeFolder(process.env);
const systems: Partial<Record<NodeJS.Platform, string>> = { darwin: 'Mac OS X', win32: 'Windows', linux: 'Linux' };

// The system drops a notice that nobody holds, and with it the click.
const notices = new Set<Notification>();

const electron: DesktopElectron = {
  app,
  protocol,
  defaultSession: () => session.defaultSession,
  ipc: ipcMain,
  clipboard,
  power: powerMonitor,
  createWindow: (options) => new BrowserWindow(options),
  displays: () => screen.getAllDisplays().map(({ workArea }) => workArea),
  isDark: () => nativeTheme.shouldUseDarkColors,
  createTray(image) {
    const icon = new Tray(image);
    return { icon, setMenu: (items) => icon.setContextMenu(Menu.buildFromTemplate(items)) };
  },
  setMenu: (items) => Menu.setApplicationMenu(Menu.buildFromTemplate(items)),
  notify({ title, body }, clicked) {
    if (!Notification.isSupported()) return;
    const notice = new Notification({ title, body });
    notices.add(notice);
    notice.on('click', clicked);
    notice.on('close', () => notices.delete(notice));
    notice.show();
  },
  showError: (title, text) => dialog.showErrorBox(title, text),
  async chooseBundle() {
    const { filePaths } = await dialog.showOpenDialog({
      properties: ['openFile'],
      filters: [{ name: 'Evidence bundles', extensions: ['ghbundle'] }],
    });
    return filePaths[0];
  },
  openExternal: (url) => shell.openExternal(url),
};

async function askPassphrase(): Promise<string> {
  await using prompt = createPrompt();
  return prompt.askSecret('Passphrase of this console: ');
}

// Not awaited: Electron becomes ready only after this module was evaluated to its end.
void startDesktop(electron, {
  home,
  argv: process.argv,
  folder: process.cwd(),
  platform: process.platform,
  development: !app.isPackaged && process.env.GATEHOUSE_DEVELOPMENT === '1',
  projectFolder,
  userAgent: `Gatehouse/${version} Electron/${process.versions.electron} (${systems[process.platform] ?? process.platform} ${release()})`,
  compose: () =>
    compose({
      home,
      // Chosen in the wizard, unless whoever started it has chosen already.
      folderFixed: Boolean(process.env.GATEHOUSE_HOME),
      environment: process.env,
      flags: new Map(),
      rulesFolder: join(projectFolder, 'resources/rules'),
      staticRoot: join(projectFolder, 'out/renderer'),
      version,
      tell: (line) => process.stderr.write(`gatehouse: ${line}\n`),
      // Started from a terminal, it is asked there; Windows gives a window's process no terminal.
      ...(process.stdin.isTTY && process.platform !== 'win32' ? { askPassphrase } : {}),
    }),
});
