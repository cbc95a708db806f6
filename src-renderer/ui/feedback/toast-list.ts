// What just happened and how to take it back: each message stays ten seconds, longer while pointed at or focused.

import { createStore, type StoreApi } from 'zustand/vanilla';

export const toastMs = 10_000;
const shownAtOnce = 3;

export interface ToastMessage {
  /** '42 closed as benign' */
  readonly text: string;
  /** warn: done in part, or not done. Nothing here is red. */
  readonly tone?: 'plain' | 'warn';
  readonly undo?: (() => void) | undefined;
  /** Another way on, e.g. 'Show'. */
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
}

export interface Toast extends ToastMessage {
  readonly id: number;
  readonly leftMs: number;
}

export interface ToastList {
  readonly store: StoreApi<{ readonly toasts: readonly Toast[]; readonly isHeld: boolean }>;
  /** Returns what takes the message away before its time. */
  show(message: ToastMessage): () => void;
  dismiss(id: number): void;
  /** Runs and removes the newest message's undo. False when there is none. */
  undoLast(): boolean;
  undo(id: number): void;
  /** While true no message runs out. */
  hold(isHeld: boolean): void;
  /** Passes time. */
  pass(ms: number): void;
}

export function createToastList(): ToastList {
  const store = createStore<{ readonly toasts: readonly Toast[]; readonly isHeld: boolean }>(() => ({
    toasts: [],
    isHeld: false,
  }));
  let lastId = 0;

  const dismiss = (id: number) =>
    store.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));

  function undo(id: number): void {
    const toast = store.getState().toasts.find((each) => each.id === id);
    dismiss(id);
    toast?.undo?.();
  }

  return {
    store,
    dismiss,
    undo,
    show(message) {
      lastId += 1;
      const toast = { ...message, id: lastId, leftMs: toastMs };
      store.setState(({ toasts }) => ({ toasts: [...toasts, toast].slice(-shownAtOnce) }));
      return () => dismiss(toast.id);
    },
    undoLast() {
      const last = store.getState().toasts.findLast((toast) => toast.undo !== undefined);
      if (last === undefined) return false;
      undo(last.id);
      return true;
    },
    hold: (isHeld) => store.setState({ isHeld }),
    pass(ms) {
      const { toasts, isHeld } = store.getState();
      if (isHeld || toasts.length === 0) return;
      store.setState({
        toasts: toasts.map((toast) => ({ ...toast, leftMs: toast.leftMs - ms })).filter((toast) => toast.leftMs > 0),
      });
    },
  };
}

export const toasts = createToastList();
