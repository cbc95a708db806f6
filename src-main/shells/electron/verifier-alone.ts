// The window as a Verifier alone: a bundle was opened where there is no console, or where it can't be started. No store, no keys, no
// service: the page is served as always, and whatever it asks of a console is answered with why there is none.

import { ProblemError, problemBody } from '../../../src-shared/contract/problems.ts';
import type { WindowSession } from './window-session.ts';

/** @param why for people; it stands where the page would show the console. */
export function createAbsentSession(why: string): WindowSession {
  return {
    async call() {
      return { kind: 'problem', problem: problemBody(new ProblemError('console/not-set-up', why)) };
    },
    listen: () => undefined,
    stopListening: () => undefined,
    standing: () => ({ kind: 'signed-out' }),
    isSettingUp: () => false,
    lock: async () => false,
  };
}

export const noConsoleWords =
  'There is no console here. This window verifies bundles; close it and start Gatehouse by itself to set a console up.';
