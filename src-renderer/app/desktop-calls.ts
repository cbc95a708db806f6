// What the desktop window's page may ask of the desktop itself. In a browser there is no such thing.

import { NetworkFailure, ProblemFailure } from '../api/failures.ts';
import type { Bridge } from '../api/ipc-transport.ts';

export interface DesktopCalls {
  /** The main process clears it again, if the clipboard then still holds it. */
  copySecret(text: string, clearAfterMs: number): Promise<void>;
  /** Zero ends it. @returns whether screen capture does not see the window now. */
  hideFromCapture(forMs: number): Promise<boolean>;
}

export function createDesktopCalls(bridge: Pick<Bridge, 'call'>): DesktopCalls {
  async function ask(name: string, input: object): Promise<unknown> {
    const answer = await bridge.call(name, input).catch((cause: unknown) => {
      throw new NetworkFailure('The Gatehouse service does not answer. Restart Gatehouse, then try again.', { cause });
    });
    if (answer.kind === 'problem') throw new ProblemFailure(answer.problem);
    return answer.kind === 'output' ? answer.output : undefined;
  }
  return {
    async copySecret(text, clearAfterMs) {
      await ask('desktop.copy_secret', { text, clear_after_ms: clearAfterMs });
    },
    async hideFromCapture(forMs) {
      const output = await ask('desktop.hide_from_capture', { for_ms: forMs });
      return typeof output === 'object' && output !== null && 'hidden' in output && output.hidden === true;
    },
  };
}
