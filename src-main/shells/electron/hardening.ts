// What the window may not do, said to Electron in every place where it asks: contents, session, application. The answer is no unless
// a line here says otherwise. Every line is asserted word for word in test/unit/electron/hardening.test.ts.

import type { Log } from '../../core/ports.ts';
import { appOrigin, isOwnUrl } from './app-protocol.ts';

type Preventable = { preventDefault(): void };

export type HardenedContents = {
  setWindowOpenHandler(handler: (details: { url: string }) => { action: 'deny' }): void;
  setWebRTCIPHandlingPolicy(policy: 'disable_non_proxied_udp'): void;
  on(event: 'will-navigate', listener: (event: Preventable & { url: string }) => void): unknown;
  on(
    event: 'will-frame-navigate',
    listener: (event: Preventable & { url: string; isMainFrame: boolean }) => void,
  ): unknown;
  on(event: 'will-redirect', listener: (event: Preventable & { url: string }) => void): unknown;
  on(event: 'will-attach-webview', listener: (event: Preventable) => void): unknown;
  on(event: 'devtools-opened', listener: () => void): unknown;
  closeDevTools(): void;
};

export type Hardening = {
  readonly development: boolean;
  /** The console's own API address, `https://127.0.0.1:PORT`; undefined before it answers. */
  readonly apiUrl: () => string | undefined;
  /** Opens an address in the user's browser. */
  readonly openExternal: (url: string) => Promise<void>;
  readonly log: Log;
};

/** No navigation away from the page, no frame, no web view, no second window. */
export function hardenContents(contents: HardenedContents, hardening: Hardening): void {
  const { log } = hardening;
  contents.on('will-navigate', (event) => {
    if (!isPageItself(event.url)) refuse(event, 'navigation', event.url);
  });
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || !isPageItself(event.url)) refuse(event, 'frame navigation', event.url);
  });
  contents.on('will-redirect', (event) => refuse(event, 'redirect', event.url));
  contents.on('will-attach-webview', (event) => refuse(event, 'web view', ''));
  contents.setWindowOpenHandler(({ url }) => {
    const external = externalAddress(url, hardening.apiUrl());
    if (external === undefined) log.warn('the window was refused', { what: 'new window', url: shortened(url) });
    else {
      hardening.openExternal(external).catch((error: unknown) => {
        log.warn('the browser could not be opened', { error: String(error) });
      });
    }
    return { action: 'deny' };
  });
  // SECURITY: neither the policy nor the request filter sees WebRTC; with a proxy that leads nowhere this leaves it no way out.
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
  contents.on('devtools-opened', () => {
    if (!hardening.development) contents.closeDevTools();
  });

  function refuse(event: Preventable, what: string, url: string): void {
    event.preventDefault();
    log.warn('the window was refused', { what, url: shortened(url) });
  }
}

/** The console has one document; what stands behind `#` is a place in it. */
function isPageItself(text: string): boolean {
  return isOwnUrl(text) && new URL(text).pathname === '/';
}

/**
 * Where a link that leaves the page leads: the documentation that this console itself serves, and nowhere else.
 * @returns the address for the browser, made here and not by the page; undefined when it is refused.
 */
export function externalAddress(text: string, apiUrl: string | undefined): string | undefined {
  if (apiUrl === undefined || !isOwnUrl(text)) return undefined;
  return new URL(text).pathname === '/api/docs' ? `${apiUrl}/api/docs` : undefined;
}

type PermissionDetails = { readonly isMainFrame?: boolean; readonly requestingUrl?: string | undefined };

export type Download = {
  getURL(): string;
  getFilename(): string;
  hasUserGesture(): boolean;
  setSaveDialogOptions(options: { title: string }): void;
};

export type HardenedSession = {
  setPermissionRequestHandler(
    handler: (
      contents: unknown,
      permission: string,
      callback: (granted: boolean) => void,
      details: PermissionDetails,
    ) => void,
  ): void;
  setPermissionCheckHandler(
    handler: (contents: unknown, permission: string, origin: string, details: PermissionDetails) => boolean,
  ): void;
  setDevicePermissionHandler(handler: () => boolean): void;
  setSpellCheckerEnabled(enabled: boolean): void;
  setProxy(config: { mode: 'fixed_servers'; proxyRules: string; proxyBypassRules: string }): Promise<void>;
  on(event: 'will-download', listener: (event: Preventable, item: Download) => void): unknown;
  readonly webRequest: {
    onBeforeRequest(
      listener: (
        details: { url: string; resourceType: string },
        callback: (response: { cancel: boolean }) => void,
      ) => void,
    ): void;
  };
};

/** A proxy that nothing answers at, for loopback addresses too. */
export const noNetwork = {
  mode: 'fixed_servers',
  proxyRules: 'http://127.0.0.1:1',
  proxyBypassRules: '<-loopback>',
} as const;

/** No permission but copying text, no device, no network, no download but what the page itself made and the user asked for. */
export async function hardenSession(session: HardenedSession, hardening: Hardening): Promise<void> {
  const { log } = hardening;
  session.setPermissionRequestHandler((_contents, permission, callback, details) => {
    const granted = mayHave(permission, details.requestingUrl, details);
    if (!granted) log.warn('the window was refused', { what: 'permission', permission });
    callback(granted);
  });
  session.setPermissionCheckHandler((_contents, permission, origin, details) => mayHave(permission, origin, details));
  session.setDevicePermissionHandler(() => false);
  session.setSpellCheckerEnabled(false);
  session.webRequest.onBeforeRequest(({ url, resourceType }, callback) => {
    const cancel = !mayLoad(url, resourceType, hardening.development);
    if (cancel) log.warn('the window was refused', { what: 'request', url: shortened(url) });
    callback({ cancel });
  });
  session.on('will-download', (event, item) => {
    if (maySave(item)) {
      item.setSaveDialogOptions({ title: `Save ${item.getFilename()}` });
      return;
    }
    event.preventDefault();
    log.warn('the window was refused', { what: 'download', url: shortened(item.getURL()) });
  });
  await session.setProxy(noNetwork);
}

/** SECURITY: writing plain text to the clipboard after a click, for the page itself. Reading the clipboard is not among it. */
function mayHave(permission: string, from: string | undefined, details: PermissionDetails): boolean {
  return permission === 'clipboard-sanitized-write' && details.isMainFrame === true && isOwnUrl(from ?? '');
}

function mayLoad(text: string, resourceType: string, development: boolean): boolean {
  if (isOwnUrl(text)) return true;
  // What the page made itself: a file to save, and the images that the content policy allows.
  if (text.startsWith(`blob:${appOrigin}/`)) return true;
  if (text.startsWith('data:')) return resourceType === 'image';
  return development && text.startsWith('devtools://');
}

// SECURITY: files of bundles come from strangers; nothing that the system would run or a browser would open as a page.
const savedTypes = /^[\w. ()+-]{1,120}\.(ghbundle|txt|pem|json|csv|pdf|png|vkey|note|tsr)$/;

/** Recovery kits, bundles, receipts and files of bundles are saved by a click; the system's own dialog then asks where. */
function maySave(item: Download): boolean {
  return item.getURL().startsWith(`blob:${appOrigin}/`) && item.hasUserGesture() && savedTypes.test(item.getFilename());
}

export type HardenedApp = {
  on(event: 'web-contents-created', listener: (event: unknown, contents: HardenedContents) => void): unknown;
  on(
    event: 'certificate-error',
    listener: (
      event: Preventable,
      contents: unknown,
      url: string,
      error: string,
      certificate: unknown,
      callback: (trusted: boolean) => void,
    ) => void,
  ): unknown;
  on(event: 'select-client-certificate', listener: (event: Preventable) => void): unknown;
  on(event: 'login', listener: (event: Preventable) => void): unknown;
};

/** For every contents there will ever be, before it loads anything. */
export function hardenApp(app: HardenedApp, hardening: Hardening): void {
  app.on('web-contents-created', (_event, contents) => hardenContents(contents, hardening));
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, callback) => {
    event.preventDefault();
    callback(false);
  });
  app.on('select-client-certificate', (event) => event.preventDefault());
  app.on('login', (event) => event.preventDefault());
}

function shortened(url: string): string {
  return url.slice(0, 200);
}
