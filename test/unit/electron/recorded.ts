// A recorded double of Electron's API: every call is written down in order, every event can be let happen. Typed by what the shell asks
// of Electron, which main.ts checks against Electron's own types.
import type { BrowserWindowConstructorOptions } from 'electron';
import type { DesktopElectron, ShellApp } from '../../../src-main/shells/electron/desktop.ts';
import type { Download, HardenedContents, HardenedSession } from '../../../src-main/shells/electron/hardening.ts';
import type { IpcEvent, MainIpc, Sender, SenderFrame } from '../../../src-main/shells/electron/ipc.ts';
import type { ShellClipboard } from '../../../src-main/shells/electron/page-calls.ts';
import type { ShellWindow } from '../../../src-main/shells/electron/window.ts';

export type Recorder = {
  /** `['app.enableSandbox']`, `['contents.on', 'will-navigate']`, … Functions are left out of what was given. */
  readonly calls: unknown[][];
  note(name: string, ...values: unknown[]): void;
  /** The calls of this name, without it. */
  of(name: string): unknown[][];
};

export function createRecorder(): Recorder {
  const calls: unknown[][] = [];
  return {
    calls,
    note: (name, ...values) => void calls.push([name, ...values.filter((value) => typeof value !== 'function')]),
    of: (name) => calls.filter(([called]) => called === name).map(([, ...values]) => values),
  };
}

type Listener = (...values: never[]) => unknown;

export type Events = {
  on(event: string, listener: Listener): void;
  /** @throws Error when nobody listens, so that a test can't wait for what is not there. */
  emit(event: string, ...values: unknown[]): unknown[];
};

export function createEvents(recorder: Recorder, name: string): Events {
  const listeners = new Map<string, Listener[]>();
  return {
    on(event, listener) {
      recorder.note(`${name}.on`, event);
      listeners.set(event, [...(listeners.get(event) ?? []), listener]);
    },
    emit(event, ...values) {
      const heard = listeners.get(event);
      if (heard === undefined) throw new Error(`nobody listens to ${name} ${event}`);
      return heard.map((listener) => (listener as (...given: unknown[]) => unknown)(...values));
    },
  };
}

export type Prevented = { prevented: boolean; preventDefault(): void };

export function createEvent<T extends object>(fields: T): T & Prevented {
  const event = {
    ...fields,
    prevented: false,
    preventDefault() {
      event.prevented = true;
    },
  };
  return event;
}

export type RecordedContents = HardenedContents &
  Sender & {
    readonly events: Events;
    destroyed: boolean;
    openWindow(url: string): { action: 'deny' };
    reload(): void;
    on(event: string, listener: Listener): unknown;
  };

export function createContents(recorder: Recorder, frameTreeNodeId = 7): RecordedContents {
  const events = createEvents(recorder, 'contents');
  let opener: ((details: { url: string }) => { action: 'deny' }) | undefined;
  const contents: RecordedContents = {
    events,
    destroyed: false,
    mainFrame: { frameTreeNodeId },
    isDestroyed: () => contents.destroyed,
    send: (channel, ...values) => recorder.note('contents.send', channel, ...values),
    reload: () => recorder.note('contents.reload'),
    closeDevTools: () => recorder.note('contents.closeDevTools'),
    setWebRTCIPHandlingPolicy: (policy) => recorder.note('contents.setWebRTCIPHandlingPolicy', policy),
    setWindowOpenHandler(handler) {
      recorder.note('contents.setWindowOpenHandler');
      opener = handler;
    },
    openWindow(url) {
      if (opener === undefined) throw new Error('no handler for new windows');
      return opener({ url });
    },
    on: (event: string, listener: Listener) => events.on(event, listener),
  };
  return contents;
}

export type RecordedSession = HardenedSession & {
  readonly events: Events;
  request(url: string, resourceType?: string): boolean;
  permission(permission: string, from: string, isMainFrame?: boolean): { asked: boolean; checked: boolean };
  device(): boolean;
};

export function createSession(recorder: Recorder): RecordedSession {
  const events = createEvents(recorder, 'session');
  let ask: Parameters<HardenedSession['setPermissionRequestHandler']>[0] | undefined;
  let check: Parameters<HardenedSession['setPermissionCheckHandler']>[0] | undefined;
  let device: (() => boolean) | undefined;
  let filter: Parameters<HardenedSession['webRequest']['onBeforeRequest']>[0] | undefined;
  return {
    events,
    setPermissionRequestHandler(handler) {
      recorder.note('session.setPermissionRequestHandler');
      ask = handler;
    },
    setPermissionCheckHandler(handler) {
      recorder.note('session.setPermissionCheckHandler');
      check = handler;
    },
    setDevicePermissionHandler(handler) {
      recorder.note('session.setDevicePermissionHandler');
      device = handler;
    },
    setSpellCheckerEnabled: (enabled) => recorder.note('session.setSpellCheckerEnabled', enabled),
    async setProxy(config) {
      recorder.note('session.setProxy', config);
    },
    on: (event: string, listener: Listener) => events.on(event, listener),
    webRequest: {
      onBeforeRequest(listener) {
        recorder.note('session.webRequest.onBeforeRequest');
        filter = listener;
      },
    },
    request(url, resourceType = 'xhr') {
      let passed: boolean | undefined;
      filter?.({ url, resourceType }, ({ cancel }) => {
        passed = !cancel;
      });
      if (passed === undefined) throw new Error('the request was not answered');
      return passed;
    },
    permission(permission, from, isMainFrame = true) {
      let asked: boolean | undefined;
      const granted = (given: boolean): void => {
        asked = given;
      };
      ask?.(undefined, permission, granted, { requestingUrl: from, isMainFrame });
      const checked = check?.(undefined, permission, from, { requestingUrl: from, isMainFrame });
      if (asked === undefined || checked === undefined) throw new Error('the permission was not answered');
      return { asked, checked };
    },
    device() {
      if (device === undefined) throw new Error('no handler for devices');
      return device();
    },
  };
}

export function createDownload(recorder: Recorder, url: string, name: string, hasUserGesture = true): Download {
  return {
    getURL: () => url,
    getFilename: () => name,
    hasUserGesture: () => hasUserGesture,
    setSaveDialogOptions: (options) => recorder.note('download.setSaveDialogOptions', options),
  };
}

export type RecordedWindow = ShellWindow & {
  readonly webContents: RecordedContents;
  readonly options: BrowserWindowConstructorOptions;
  readonly events: Events;
  minimized: boolean;
  maximized: boolean;
};

export function createWindow(recorder: Recorder, options: BrowserWindowConstructorOptions): RecordedWindow {
  const events = createEvents(recorder, 'window');
  const window: RecordedWindow = {
    options,
    events,
    webContents: createContents(recorder),
    minimized: false,
    maximized: false,
    async loadURL(url) {
      recorder.note('window.loadURL', url);
    },
    once: (event, listener) => events.on(event, listener),
    on: (event, listener) => events.on(event, listener),
    getNormalBounds: () => ({ x: 10, y: 20, width: 900, height: 700 }),
    isMaximized: () => window.maximized,
    maximize: () => recorder.note('window.maximize'),
    isMinimized: () => window.minimized,
    restore: () => recorder.note('window.restore'),
    show: () => recorder.note('window.show'),
    focus: () => recorder.note('window.focus'),
    setContentProtection: (enable) => recorder.note('window.setContentProtection', enable),
  };
  return window;
}

export type RecordedIpc = MainIpc & {
  call(event: IpcEvent, ...values: unknown[]): Promise<unknown>;
  listen(event: IpcEvent, ...values: unknown[]): void;
};

export function createIpc(recorder: Recorder): RecordedIpc {
  const handlers = new Map<string, (event: IpcEvent, ...values: unknown[]) => unknown>();
  const at = (channel: string): ((event: IpcEvent, ...values: unknown[]) => unknown) => {
    const handler = handlers.get(channel);
    if (handler === undefined) throw new Error(`nobody answers ${channel}`);
    return handler;
  };
  return {
    handle(channel, listener) {
      recorder.note('ipc.handle', channel);
      handlers.set(channel, listener);
    },
    on(channel, listener) {
      recorder.note('ipc.on', channel);
      handlers.set(channel, listener);
    },
    async call(event, ...values) {
      return at('gatehouse:call')(event, ...values);
    },
    listen: (event, ...values) => void at('gatehouse:listen')(event, ...values),
  };
}

/** A message from the main frame of our own page, unless said otherwise. */
export function messageFrom(sender: Sender, frame: Partial<SenderFrame> | null = {}): IpcEvent {
  const own = { origin: 'app://gatehouse', url: 'app://gatehouse/#/queue', parent: null, frameTreeNodeId: 7 };
  return { sender, senderFrame: frame === null ? null : { ...own, ...frame } };
}

/** Holds one text, as the system's does; a secret written to it is not written down among the calls. */
export function createClipboard(recorder: Recorder): ShellClipboard & { text: string } {
  const clipboard = {
    text: '',
    readText: async () => clipboard.text,
    async writeText(text: string) {
      recorder.note('clipboard.writeText');
      clipboard.text = text;
    },
    clear() {
      recorder.note('clipboard.clear');
      clipboard.text = '';
    },
  };
  return clipboard;
}

export type RecordedElectron = DesktopElectron & {
  readonly recorder: Recorder;
  readonly appEvents: Events;
  readonly session: RecordedSession;
  readonly ipc: RecordedIpc;
  readonly clipboard: ReturnType<typeof createClipboard>;
  readonly windows: RecordedWindow[];
  readonly powerEvents: Events;
  /** Another instance holds the lock. */
  isSecond: boolean;
  idleState: 'active' | 'idle' | 'locked' | 'unknown';
  chosen: string | undefined;
  answer(request: { method: string; url: string }): Response;
};

export function createElectron(): RecordedElectron {
  const recorder = createRecorder();
  const appEvents = createEvents(recorder, 'app');
  const powerEvents = createEvents(recorder, 'power');
  const trayEvents = createEvents(recorder, 'tray');
  const session = createSession(recorder);
  const windows: RecordedWindow[] = [];
  let answer: ((request: { method: string; url: string }) => Response) | undefined;
  const app: ShellApp = {
    enableSandbox: () => recorder.note('app.enableSandbox'),
    setPath: (name, path) => recorder.note('app.setPath', name, path),
    requestSingleInstanceLock(data) {
      recorder.note('app.requestSingleInstanceLock', data);
      return !electron.isSecond;
    },
    async whenReady() {
      recorder.note('app.whenReady');
    },
    quit: () => recorder.note('app.quit'),
    exit: (code) => recorder.note('app.exit', code),
    on: (event: string, listener: Listener) => appEvents.on(event, listener),
  };
  const electron: RecordedElectron = {
    recorder,
    appEvents,
    powerEvents,
    session,
    windows,
    ipc: createIpc(recorder),
    clipboard: createClipboard(recorder),
    isSecond: false,
    idleState: 'active',
    chosen: undefined,
    app,
    protocol: {
      registerSchemesAsPrivileged: (schemes) => recorder.note('protocol.registerSchemesAsPrivileged', schemes),
      handle(scheme, handler) {
        recorder.note('protocol.handle', scheme);
        answer = handler;
      },
    },
    answer(request) {
      if (answer === undefined) throw new Error('no protocol is handled');
      return answer(request);
    },
    defaultSession: () => session,
    power: {
      on: (event, listener) => powerEvents.on(event, listener),
      getSystemIdleState: () => electron.idleState,
    },
    createWindow(options) {
      recorder.note('new BrowserWindow');
      const window = createWindow(recorder, options);
      windows.push(window);
      appEvents.emit('web-contents-created', {}, window.webContents);
      return window;
    },
    displays: () => [{ x: 0, y: 0, width: 1920, height: 1080 }],
    isDark: () => false,
    createTray(image) {
      recorder.note('new Tray', image.split('/').slice(-3).join('/'));
      return {
        icon: {
          setToolTip: (text) => recorder.note('tray.setToolTip', text),
          on: (event, listener) => trayEvents.on(event, listener),
        },
        setMenu: (items) => recorder.note('tray.setMenu', items),
      };
    },
    setMenu: (items) => recorder.note('setMenu', items),
    notify: (notice) => recorder.note('notify', notice),
    showError: (title, text) => recorder.note('showError', title, text),
    async chooseBundle() {
      return electron.chosen;
    },
    async openExternal(url) {
      recorder.note('openExternal', url);
    },
  };
  return electron;
}
