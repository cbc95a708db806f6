// Starts the console in its page: the link's token out of the address first, then styles, transport, session, application.

import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './page.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { call, startClient, startStream, stopStream, watchRefusals } from '../api/client.ts';
import { createHttpsTransport } from '../api/https-transport.ts';
import { type Bridge, createIpcTransport } from '../api/ipc-transport.ts';
import { takeSetUpToken } from '../features/setup/set-up-link.ts';
import { isMacPlatform } from '../lib/keys.ts';
import { announcer } from '../ui/feedback/announcer.ts';
import { toasts } from '../ui/feedback/toast-list.ts';
import { App } from './App.tsx';
import { applyAppearance, createAppearance } from './appearance.ts';
import { forgetAll, onForget, somebodyArrived } from './forget.ts';
import { createKeyboard } from './keyboard.ts';
import { pageStorage } from './page-storage.ts';
import { createSession } from './session.ts';
import { fontsReady } from './start.ts';

declare global {
  interface Window {
    /** Given by the desktop window's preload; absent in a browser. */
    readonly gatehouse?: Bridge;
  }
}

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');

const setUpToken = takeSetUpToken(window.location, window.history);
const appearance = createAppearance(pageStorage(window.localStorage, 'gatehouse.appearance'));
applyAppearance(appearance, document, window);
// macOS and Windows lay their buttons over the page's bar; on Linux the window manager draws a frame.
if (window.gatehouse !== undefined && ['darwin', 'win32'].includes(window.gatehouse.platform)) {
  document.documentElement.dataset.window = 'frameless';
}
const keyboard = createKeyboard({ isMac: isMacPlatform() });

startClient(
  window.gatehouse === undefined
    ? createHttpsTransport({
        fetch: (input, init) => window.fetch(input, init),
        now: () => Date.now(),
        random: () => Math.random(),
      })
    : createIpcTransport(window.gatehouse),
);
const session = createSession({ call, startStream, stopStream, forget: forgetAll });
watchRefusals(session.refused);
session.store.subscribe((now, before) => {
  if (now.kind === 'signed-in' && before.kind !== 'signed-in') somebodyArrived();
});
// SECURITY: what was said about things must not outlast the screens: messages and words for screen readers name them.
onForget(() => {
  toasts.store.setState({ toasts: [] });
  announcer.forget();
});
void session.start();

await fontsReady(document.fonts);
createRoot(root).render(
  <StrictMode>
    <App services={{ session, appearance }} keyboard={keyboard} setUpToken={setUpToken} />
  </StrictMode>,
);
