// Something that runs by itself in the service, looked at each second for as long as a screen shows it and it runs.

import type { subscribe } from '../api/client.ts';

const lookEveryMs = 1_000;

interface WatchedTaskOptions {
  readonly topic: Parameters<typeof subscribe>[0][number];
  readonly subscribe: typeof subscribe;
  readonly later: (run: () => void, ms: number) => () => void;
  readonly load: () => Promise<void>;
  readonly isRunning: () => boolean;
}

export interface WatchedTask {
  /** Loads now, again when the service says that something changed, and each second while it runs, until the answer is called. */
  follow(): () => void;
  /** After each load: the next one, where there is still something to see. */
  lookAgain(): void;
}

export function createWatchedTask({ topic, subscribe, later, load, isRunning }: WatchedTaskOptions): WatchedTask {
  let followers = 0;
  let cancelLook: (() => void) | undefined;
  return {
    follow() {
      followers += 1;
      void load();
      const stop = subscribe([topic], () => void load());
      return () => {
        followers -= 1;
        stop();
        if (followers > 0) return;
        cancelLook?.();
        cancelLook = undefined;
      };
    },
    lookAgain() {
      if (followers === 0 || !isRunning()) return;
      cancelLook ??= later(() => {
        cancelLook = undefined;
        void load();
      }, lookEveryMs);
    },
  };
}
