// Copies a value without showing it: it is fetched, put on the clipboard and let go. What is shown already is not read a second time.

import { NetworkFailure, ProblemFailure } from '../../api/failures.ts';
import { CopyRefused, clearingWords } from '../../app/secret-clipboard.ts';
import { toasts } from '../../ui/feedback/toast-list.ts';
import type { RevealTarget } from './reveal.ts';
import { askForValue, reveal, secretClipboard } from './secrets-state.ts';

async function fetchText(target: RevealTarget): Promise<string | undefined> {
  const shown = reveal.store.getState();
  if (shown.kind === 'shown' && shown.id === target.id && target.version === undefined) {
    const held = reveal.read(target.field);
    if (held !== undefined) return held;
  }
  const answer = await askForValue(target);
  if (answer === undefined) return undefined;
  return answer.value ?? JSON.stringify(answer.fields, undefined, 2);
}

async function saying(what: string, copy: () => Promise<string | undefined>): Promise<void> {
  try {
    const words = await copy();
    if (words !== undefined) toasts.show({ text: `${what} copied. ${words}` });
  } catch (error) {
    if (!(error instanceof CopyRefused || error instanceof ProblemFailure || error instanceof NetworkFailure))
      throw error;
    const detail = error.message.charAt(0).toUpperCase() + error.message.slice(1);
    toasts.show({ text: `${what} was not copied. ${detail}`, tone: 'warn' });
  }
}

/** @param what the name for the message: 'password'. */
export function copyValue(target: RevealTarget, what: string): Promise<void> {
  return saying(what, async () => {
    const text = await fetchText(target);
    return text === undefined ? undefined : clearingWords[await secretClipboard.copy(text)];
  });
}

/** A part of what is shown, selected by hand. */
export function copyShown(text: string): Promise<void> {
  return saying('The selection', async () => clearingWords[await secretClipboard.copy(text)]);
}
