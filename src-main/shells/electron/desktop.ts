// The desktop program from start to quit, in the order it happens. Everything of Electron comes in as `electron`; the console itself is
// composed as for the headless server, and goes on while the window is closed.

import { existsSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { CustomScheme, MenuItemConstructorOptions } from 'electron';
import { openProfile } from '../../adapters/files/profile.ts';
import { systemClock, systemRandom, systemTimers } from '../../adapters/system/host-parts.ts';
import { createFileLog } from '../../adapters/telemetry/pino-log.ts';
import { toHex } from '../../base/bytes.ts';
import type { Composed } from '../compose.ts';
import { refusalOf } from '../refusals.ts';
import { appScheme, appSchemePrivileges, createAppPages, readPageFiles } from './app-protocol.ts';
import { type Attendant, type AttendantElectron, startAttendant } from './attendant.ts';
import { BundleFileError, bundleAmong, readBundleFile } from './bundle-files.ts';
import { createDocumentDesk } from './documents.ts';
import { type HardenedApp, type HardenedSession, type Hardening, hardenApp, hardenSession } from './hardening.ts';
import { type MainIpc, registerIpc } from './ipc.ts';
import { menuTemplate } from './menu.ts';
import { createPageCalls, type PageCalls, type ShellClipboard } from './page-calls.ts';
import { createAbsentSession, noConsoleWords } from './verifier-alone.ts';
import { createWindowDesk, type WindowDesk, type WindowParts } from './window.ts';
import { createWindowSession } from './window-session.ts';

export type ShellApp = HardenedApp & {
  enableSandbox(): void;
  setPath(name: 'userData', path: string): void;
  requestSingleInstanceLock(data: { bundle: string | null }): boolean;
  whenReady(): Promise<void>;
  quit(): void;
  exit(code: number): void;
  on(
    event: 'second-instance',
    listener: (event: unknown, argv: string[], folder: string, data: unknown) => void,
  ): unknown;
  on(event: 'open-file', listener: (event: { preventDefault(): void }, path: string) => void): unknown;
  on(event: 'before-quit', listener: (event: { preventDefault(): void }) => void): unknown;
  on(event: 'window-all-closed' | 'activate', listener: () => void): unknown;
};

const crashWords =
  'The window ended several times in a row. The service goes on; start Gatehouse again to open the window.';

export type DesktopElectron = AttendantElectron &
  Pick<WindowParts, 'createWindow' | 'displays' | 'isDark'> & {
    readonly app: ShellApp;
    readonly protocol: {
      registerSchemesAsPrivileged(schemes: CustomScheme[]): void;
      handle(scheme: string, answer: (request: { method: string; url: string }) => Response): void;
    };
    /** There only when the application is ready. */
    readonly defaultSession: () => HardenedSession;
    readonly ipc: MainIpc;
    readonly clipboard: ShellClipboard;
    readonly setMenu: (items: MenuItemConstructorOptions[]) => void;
    readonly showError: (title: string, text: string) => void;
    readonly chooseBundle: () => Promise<string | undefined>;
    readonly openExternal: (url: string) => Promise<void>;
  };

export type DesktopOptions = {
  readonly home: string;
  readonly argv: readonly string[];
  readonly folder: string;
  readonly platform: NodeJS.Platform;
  readonly development: boolean;
  readonly projectFolder: string;
  readonly userAgent: string;
  /** Starts the console; throws what `compose` throws. */
  readonly compose: () => Promise<Composed>;
};

/** @returns when the window is open, or when there is nothing more to do. */
export async function startDesktop(electron: DesktopElectron, options: DesktopOptions): Promise<void> {
  const { app } = electron;
  // Electron hears these only before it is ready, so nothing may be awaited above.
  app.enableSandbox();
  electron.protocol.registerSchemesAsPrivileged([appSchemePrivileges]);
  try {
    const folder = prepareFolder(options.home);
    // Chromium's own files and the lock of the single instance belong to the profile, so each profile has its own.
    app.setPath('userData', folder);
    const bundle = bundleAmong(options.argv, options.folder);
    if (!app.requestSingleInstanceLock({ bundle: bundle ?? null })) return app.quit();
    await run(electron, options, folder, bundle);
  } catch (error) {
    const refusal = refusalOf(error);
    // A bug: its stack is for the terminal, the dialog says where to look.
    if (refusal === undefined) process.stderr.write(`gatehouse: ${error instanceof Error ? error.stack : error}\n`);
    const { message, hint } = refusal ?? { message: 'an internal error; start it in a terminal to read it' };
    electron.showError('Gatehouse cannot start', hint === undefined ? message : `${message}\n\n${hint}`);
    app.exit(1);
  }
}

function prepareFolder(home: string): string {
  const folder = join(openProfile(home).folder, 'window');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

async function run(
  electron: DesktopElectron,
  options: DesktopOptions,
  folder: string,
  firstBundle: string | undefined,
): Promise<void> {
  const { app } = electron;
  const log = createFileLog(join(openProfile(options.home).logs, 'window.log'), () => undefined);
  const pages = createAppPages(readPageFiles(join(options.projectFolder, 'out/renderer')));
  const newTraceId = (): string => toHex(systemRandom.bytes(16));
  let composed: Composed | undefined;
  let desk: WindowDesk | undefined;
  let waitingBundle = firstBundle;
  let noConsole = noConsoleWords;
  let attendant: Attendant | undefined;
  let pageCalls: PageCalls | undefined;
  let state: 'running' | 'stopping' | 'stopped' = 'running';

  const hardening: Hardening = {
    development: options.development,
    apiUrl: () => composed?.url,
    openExternal: electron.openExternal,
    log,
  };
  hardenApp(app, hardening);
  // Heard even before the console is there: a double click on a file may be what started it.
  app.on('open-file', (event, path) => {
    event.preventDefault();
    openBundle(path);
  });
  app.on('second-instance', (_event, argv, from, data) => {
    const handed = typeof data === 'object' && data !== null && 'bundle' in data ? data.bundle : undefined;
    const bundle = typeof handed === 'string' ? bundleAmong(['', handed], from) : bundleAmong(argv, from);
    if (bundle === undefined) desk?.show();
    else openBundle(bundle);
  });
  app.on('activate', () => desk?.show());
  // The service goes on without its window; without a listener Electron would quit.
  app.on('window-all-closed', () => log.info('the window was closed; the service goes on'));
  app.on('before-quit', (event) => {
    if (state === 'stopped' || composed === undefined) return;
    event.preventDefault();
    if (state === 'running') void stop(composed);
  });

  await app.whenReady();
  await hardenSession(electron.defaultSession(), hardening);
  electron.protocol.handle(appScheme, pages.answer);
  const running = await composeOrVerify();
  if (running === undefined) return verifyAlone();
  composed = running;
  const { core } = running;
  const documents = createDocumentDesk();
  const session = createWindowSession({
    console: core,
    documents,
    timers: systemTimers,
    log,
    newTraceId,
    userAgent: options.userAgent,
    changed: () => attendant?.refresh(),
    announced: (topic) => {
      if (topic === 'alerts.changed') attendant?.alertsMoved();
    },
  });
  const windows = openDesk(() =>
    core.setupFinished() || session.isSettingUp() ? '/' : `/setup#${core.issueSetupToken()}`,
  );
  desk = windows;
  const answering = createPageCalls({
    clipboard: electron.clipboard,
    hideFromCapture: windows.hideFromCapture,
    documents,
    timers: systemTimers,
    log,
  });
  pageCalls = answering;
  registerIpc({ ipc: electron.ipc, isOurs: windows.isOurs, session, pageCalls: answering, log });
  const attending = startAttendant({
    electron,
    console: core,
    session,
    windows,
    timers: systemTimers,
    clock: systemClock,
    log,
    newTraceId,
    platform: options.platform,
    idleMinutes: running.settings.auth.idle_lock_minutes,
    trayImage: join(options.projectFolder, 'resources/icons/tray.png'),
    quit: () => app.quit(),
  });
  attendant = attending;
  const lock = (): void => void attending.lock('asked');
  electron.setMenu(menuTemplate(options.platform, options.development, { openBundle: chooseBundle, lock }));
  if (waitingBundle === undefined) windows.show();
  else openBundle(waitingBundle);

  /** undefined: there is a bundle to look at and no console to look at it beside. Whoever only verifies shall not have one made. */
  async function composeOrVerify(): Promise<Composed | undefined> {
    if (waitingBundle === undefined) return options.compose();
    if (!existsSync(openProfile(options.home).store)) return undefined;
    try {
      return await options.compose();
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      const { message, hint } = refusal;
      log.warn('the console was not started; its verifier was', { reason: message });
      noConsole = `The console cannot start: ${message}${hint === undefined ? '' : ` (${hint})`}. The Verifier needs none.`;
      return undefined;
    }
  }

  function verifyAlone(): void {
    const session = createAbsentSession(noConsole);
    const windows = openDesk(() => '/');
    desk = windows;
    const documents = createDocumentDesk();
    const { clipboard, ipc } = electron;
    const { hideFromCapture, isOurs } = windows;
    pageCalls = createPageCalls({ clipboard, hideFromCapture, documents, timers: systemTimers, log });
    registerIpc({ ipc, isOurs, session, pageCalls, log });
    const lock = (): void => undefined;
    electron.setMenu(menuTemplate(options.platform, options.development, { openBundle: chooseBundle, lock }));
    // There is no service that could go on without it.
    app.on('window-all-closed', () => app.quit());
    if (waitingBundle !== undefined) openBundle(waitingBundle);
  }

  function openDesk(firstAddress: () => string): WindowDesk {
    return createWindowDesk({
      createWindow: electron.createWindow,
      displays: electron.displays,
      isDark: electron.isDark,
      platform: options.platform,
      development: options.development,
      preload: join(options.projectFolder, 'out/preload/preload.cjs'),
      icon: join(options.projectFolder, 'resources/icons/gatehouse.png'),
      folder,
      firstAddress,
      crashedForGood: () => electron.showError('Gatehouse', crashWords),
      clock: systemClock,
      log,
    });
  }

  function chooseBundle(): void {
    void electron.chooseBundle().then((path) => {
      if (path !== undefined) openBundle(path);
    });
  }

  function openBundle(path: string): void {
    if (desk === undefined) {
      waitingBundle = path;
      return;
    }
    const opened = desk;
    readBundleFile(path).then(
      (bytes) => {
        const place = new URLSearchParams({ bundle: pages.offerBundle(bytes), name: basename(path) });
        opened.show(`/verify?${place}`);
      },
      (error: unknown) => {
        log.warn('a bundle was not opened', { error: String(error) });
        electron.showError(
          'Gatehouse',
          error instanceof BundleFileError ? error.message : 'The file could not be opened.',
        );
        opened.show();
      },
    );
  }

  async function stop(console: Composed): Promise<void> {
    state = 'stopping';
    desk?.keepPlacement();
    attendant?.[Symbol.dispose]();
    try {
      await pageCalls?.[Symbol.asyncDispose]();
      await console.stop();
    } finally {
      log.close();
      state = 'stopped';
      app.quit();
    }
  }
}
