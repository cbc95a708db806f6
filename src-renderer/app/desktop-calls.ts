// What the desktop window's page may ask of the desktop itself. In a browser there is no such thing.

import type { ProblemBody } from '../../src-shared/problem.ts';
import { NetworkFailure, ProblemFailure } from '../api/failures.ts';

export interface DesktopCalls {
  /** The main process clears it again, if the clipboard then still holds it. */
  copySecret(text: string, clearAfterMs: number): Promise<void>;
  /** Zero ends it. @returns whether screen capture does not see the window now. */
  hideFromCapture(forMs: number): Promise<boolean>;
}

interface Answering {
  call(
    name: string,
    input: unknown,
  ): Promise<
    { readonly kind: 'output'; readonly output: unknown } | { readonly kind: 'problem'; readonly problem: ProblemBody }
  >;
}

export function createDesktopCalls(bridge: Answering): DesktopCalls {
  async function ask(name: string, input: object): Promise<unknown> {
    const answer = await bridge.call(name, input).catch((cause: unknown) => {
      throw new NetworkFailure('The Gatehouse service does not answer. Restart Gatehouse, then try again.', { cause });
    });
    if (answer.kind === 'problem') throw new ProblemFailure(answer.problem);
    return answer.output;
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
