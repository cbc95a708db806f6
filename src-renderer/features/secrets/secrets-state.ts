// The vault's stores of this window, emptied when the console locks. The clipboard is not: what was copied is still cleared in time.

import { createStore } from 'zustand/vanilla';
import { call, subscribe } from '../../api/client.ts';
import { withStepUp } from '../../api/step-up.ts';
import { createDesktopCalls } from '../../app/desktop-calls.ts';
import { onForget } from '../../app/forget.ts';
import { clipboardOf } from '../../app/secret-clipboard.ts';
import { createReveal, type RevealTarget } from './reveal.ts';
import { createSecretsStore } from './secrets-store.ts';

function later(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

const desktop = window.gatehouse === undefined ? undefined : createDesktopCalls(window.gatehouse);

export const secrets = createSecretsStore({ call, subscribe, later });
export const secretClipboard = clipboardOf(window, desktop);

/** Does screen capture see this window now? Nothing is claimed where the system has no such thing. */
export const capture = createStore<{ readonly isHidden: boolean }>(() => ({ isHidden: false }));

/** Reads a value, asking for the second factor first where the console wants it fresh. Undefined: the person gave up. */
export function askForValue({ name, version, field }: RevealTarget) {
  return withStepUp(() =>
    call('secrets.reveal', {
      name,
      ...(version === undefined ? {} : { version }),
      ...(field === undefined ? {} : { field }),
    }),
  );
}

export const reveal = createReveal({
  ask: askForValue,
  later,
  now: () => Date.now(),
  screenHolds(shownForMs) {
    if (desktop === undefined) return;
    desktop.hideFromCapture(shownForMs).then(
      (isHidden) => capture.setState({ isHidden }),
      () => capture.setState({ isHidden: false }),
    );
  },
});

onForget(() => {
  reveal.hide();
  secrets.forget();
});
