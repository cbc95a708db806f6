// One value on screen, for half a minute at most. The value lives in this closure and in the text of the box that shows it, never in a
// store, a prop or a hook's state, where developer tools list it and React keeps it. Who shows it learns from the store only that there is
// something to show. A JavaScript string cannot be overwritten: dropping every reference is what can be done.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { failureWords } from '../../api/failures.ts';

export const shownMs = 30_000;

export interface RevealTarget {
  readonly id: string;
  readonly name: string;
  readonly version?: number | undefined;
  /** One field of a key-value secret; absent: all of it. */
  readonly field?: string | undefined;
}

export type RevealState =
  | { readonly kind: 'hidden' }
  | { readonly kind: 'asking'; readonly id: string; readonly field: string | undefined }
  | { readonly kind: 'refused'; readonly id: string; readonly words: string }
  | {
      readonly kind: 'shown';
      readonly id: string;
      readonly version: number;
      /** Names of the fields shown; undefined for a secret of one value. */
      readonly fields: readonly string[] | undefined;
      /** Milliseconds UTC. */
      readonly until: number;
    };

export interface Reveal {
  readonly store: StoreApi<RevealState>;
  show(target: RevealTarget): Promise<void>;
  /** What is shown, for the box and for copying; undefined once hidden. @param field of a key-value secret. */
  read(field?: string): string | undefined;
  hide(): void;
}

export interface RevealDependencies {
  /** Asks the console, and for the second factor first where it wants it fresh. Undefined: the person gave up. */
  readonly ask: (target: RevealTarget) => Promise<Output<'secrets.reveal'> | undefined>;
  readonly later: (run: () => void, ms: number) => () => void;
  readonly now: () => number;
  /** The value is on screen until then, or not any more. */
  readonly screenHolds: (shownForMs: number) => void;
}

const single = '';

export function createReveal({ ask, later, now, screenHolds }: RevealDependencies): Reveal {
  const store = createStore<RevealState>(() => ({ kind: 'hidden' }));
  const held = new Map<string, string>();
  let cancel: (() => void) | undefined;
  // An answer that comes after hiding must not show.
  let turn = 0;

  function drop(next: RevealState): void {
    turn += 1;
    cancel?.();
    cancel = undefined;
    const wasShown = held.size > 0;
    for (const field of held.keys()) held.set(field, '');
    held.clear();
    store.setState(next, true);
    if (wasShown) screenHolds(0);
  }

  return {
    store,
    read: (field) => held.get(field ?? single),
    hide() {
      if (store.getState().kind !== 'hidden') drop({ kind: 'hidden' });
    },
    async show(target) {
      drop({ kind: 'asking', id: target.id, field: target.field });
      const asked = turn;
      try {
        const answer = await ask(target);
        if (asked !== turn) return;
        if (answer === undefined) return drop({ kind: 'hidden' });
        if (answer.fields !== null) for (const [name, value] of Object.entries(answer.fields)) held.set(name, value);
        // One field asked for by its name may come as the value.
        if (answer.value !== null) held.set(target.field ?? single, answer.value);
        screenHolds(shownMs);
        const { id, version } = answer;
        const fields = held.has(single) ? undefined : [...held.keys()];
        store.setState({ kind: 'shown', id, version, fields, until: now() + shownMs }, true);
        cancel = later(() => drop({ kind: 'hidden' }), shownMs);
      } catch (error) {
        if (asked === turn) drop({ kind: 'refused', id: target.id, words: failureWords(error) });
      }
    },
  };
}
