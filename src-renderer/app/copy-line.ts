// Copies a line that a menu offers, and says so: the menu is gone by then, so there is no button to say it.

import { announce } from '../ui/feedback/announcer.ts';
import { toasts } from '../ui/feedback/toast-list.ts';

/** @param what 'curl line' */
export async function copyLine(what: string, line: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(line);
    announce(`Copied the ${what}`);
    toasts.show({ text: `Copied the ${what}` });
  } catch {
    toasts.show({ text: `The browser did not let the page copy the ${what}`, tone: 'warn' });
  }
}
