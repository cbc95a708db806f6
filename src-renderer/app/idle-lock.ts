// Locks after a time without keyboard and mouse. Reckons with the wall clock, so that sleep counts; says 30 s before that it will.

import { createStore, type StoreApi } from 'zustand/vanilla';

export const warningMs = 30_000;
const tickMs = 1_000;

export interface IdleState {
  /** When it locks, once that is less than 30 s away; otherwise undefined. */
  readonly locksAt: number | undefined;
}

export interface IdleLock {
  readonly store: StoreApi<IdleState>;
  /** Somebody touched keyboard or mouse, here or in another window of this session. */
  touched(): void;
  stop(): void;
}

interface IdleDependencies {
  readonly now: () => number;
  readonly every: (run: () => void, ms: number) => () => void;
}

/** @param limitMs without a touch after which `lock` is called, once. */
export function watchIdle(dependencies: IdleDependencies, limitMs: number, lock: () => void): IdleLock {
  const store = createStore<IdleState>(() => ({ locksAt: undefined }));
  let lastTouch = dependencies.now();
  let isOver = false;

  function check(): void {
    if (isOver) return;
    const locksAt = lastTouch + limitMs;
    const left = locksAt - dependencies.now();
    if (left <= 0) {
      isOver = true;
      stopTicking();
      lock();
      return;
    }
    const shown = left <= warningMs ? locksAt : undefined;
    if (store.getState().locksAt !== shown) store.setState({ locksAt: shown });
  }

  const stopTicking = dependencies.every(check, tickMs);
  return {
    store,
    touched() {
      // The first key after sleep comes before the first tick: it must find the door locked, not open it for another ten minutes.
      check();
      if (isOver) return;
      lastTouch = dependencies.now();
      if (store.getState().locksAt !== undefined) store.setState({ locksAt: undefined });
    },
    stop() {
      isOver = true;
      stopTicking();
    },
  };
}
