// Copies secrets and takes them off the clipboard again after half a minute, also when the console was locked meanwhile.
//
// In the desktop window the main process does it: it compares, and clears only what is still ours, even after the window was closed.
// A page in a browser may compare only where the person has allowed it to read the clipboard; asking for that at each copy would teach
// people to allow it. So where it may not read, it clears whatever the clipboard then holds, and the words on screen say so. Most browsers
// let a page write only while it is in front (some only after a key or a press): then it happens on coming back.

import type { DesktopCalls } from './desktop-calls.ts';

export const clearAfterMs = 30_000;

/** if-ours: other text that was copied since stays · regardless: it can't be looked at, so it is cleared. */
export type Clearing = 'if-ours' | 'regardless';

/** Nothing was copied; the message says what to do instead. */
export class CopyRefused extends Error {
  override readonly name = 'CopyRefused';
}

export interface SecretClipboard {
  /** @throws CopyRefused; in the desktop window what its calls throw. */
  copy(text: string): Promise<Clearing>;
}

export interface PageClipboard {
  writeText(text: string): Promise<void>;
  readText(): Promise<string>;
}

interface ClipboardDependencies {
  /** Of the desktop window; undefined in a browser. */
  readonly desktop: DesktopCalls | undefined;
  readonly clipboard: PageClipboard;
  readonly mayRead: () => Promise<boolean>;
  readonly digest: (text: string) => Promise<string>;
  readonly later: (run: () => void, ms: number) => () => void;
  /** Calls once when the page is next in front or touched. */
  readonly whenBack: (run: () => void) => () => void;
  /** Calls when the person copies something else in this page. */
  readonly whenCopied: (run: () => void) => () => void;
}

export function createSecretClipboard(dependencies: ClipboardDependencies): SecretClipboard {
  const { desktop, clipboard, mayRead, digest, later, whenBack, whenCopied } = dependencies;
  let stopWaiting: (() => void) | undefined;

  /** SECURITY: the digest stands for the text, so that nothing but the clipboard holds it meanwhile. */
  async function clear(ours: string): Promise<void> {
    stopWaiting?.();
    stopWaiting = undefined;
    try {
      if ((await mayRead()) && (await digest(await clipboard.readText())) !== ours) return;
      await clipboard.writeText('');
    } catch {
      // Not in front, or the browser wants a press first.
      stopWaiting = whenBack(() => void clear(ours));
    }
  }

  return {
    async copy(text) {
      stopWaiting?.();
      stopWaiting = undefined;
      if (desktop !== undefined) {
        await desktop.copySecret(text, clearAfterMs);
        return 'if-ours';
      }
      try {
        await clipboard.writeText(text);
      } catch (cause) {
        throw new CopyRefused('This browser did not let the page copy. Press Copy once more, or reveal the value.', {
          cause,
        });
      }
      const ours = await digest(text);
      const cancel = later(() => void clear(ours), clearAfterMs);
      const stopHearing = whenCopied(() => stopWaiting?.());
      stopWaiting = () => {
        cancel();
        stopHearing();
      };
      return (await mayRead()) ? 'if-ours' : 'regardless';
    },
  };
}

export const clearingWords: Readonly<Record<Clearing, string>> = {
  'if-ours': 'The clipboard is cleared after 30 s if it still holds the value.',
  regardless:
    'The clipboard is cleared after 30 s or at your next key or press here after that, whatever it then holds: this browser does not let the page look.',
};

async function mayReadHere(): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: 'clipboard-read' as PermissionName })).state === 'granted';
  } catch {
    // A browser that does not know the permission asks by itself each time; that is a no.
    return false;
  }
}

async function sha256Here(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Of this page. `page` is its window. */
export function clipboardOf(page: Window, desktop: DesktopCalls | undefined): SecretClipboard {
  function once(kinds: readonly string[], run: () => void): () => void {
    const stop = new AbortController();
    const heard = () => {
      stop.abort();
      run();
    };
    for (const kind of kinds) page.addEventListener(kind, heard, { capture: true, signal: stop.signal });
    return () => stop.abort();
  }
  return createSecretClipboard({
    desktop,
    clipboard: {
      writeText: (text) => page.navigator.clipboard.writeText(text),
      readText: () => page.navigator.clipboard.readText(),
    },
    mayRead: mayReadHere,
    digest: sha256Here,
    later(run, ms) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    whenBack: (run) => once(['focus', 'pointerdown', 'keydown'], run),
    whenCopied: (run) => once(['copy', 'cut'], run),
  });
}
