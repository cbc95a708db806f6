// What a screen reader is told. Replies to one's own action come at once; news of the stream at most every ten seconds, gathered;
// only what is critical interrupts.

import { createStore, type StoreApi } from 'zustand/vanilla';

const gatherMs = 10_000;
const namedAtOnce = 3;

export type AnnouncementKind = 'reply' | 'news' | 'urgent';

interface Announcements {
  /** The counter makes the same sentence be read twice. */
  readonly polite: { readonly text: string; readonly turn: number };
  readonly assertive: { readonly text: string; readonly turn: number };
}

export interface Announcer {
  readonly store: StoreApi<Announcements>;
  announce(text: string, kind?: AnnouncementKind): void;
  /** Nothing said or waiting to be said is left: for locking. */
  forget(): void;
}

interface AnnouncerClock {
  now(): number;
  later(run: () => void, ms: number): void;
}

/** 'A. B. C. And 4 more.' */
export function gathered(texts: readonly string[]): string {
  const named = texts.slice(0, namedAtOnce).join('. ');
  const rest = texts.length - namedAtOnce;
  return rest > 0 ? `${named}. And ${rest} more` : named;
}

export function createAnnouncer(clock: AnnouncerClock): Announcer {
  const store = createStore<Announcements>(() => ({ polite: { text: '', turn: 0 }, assertive: { text: '', turn: 0 } }));
  let waiting: string[] = [];
  let lastNewsAt = Number.NEGATIVE_INFINITY;

  const say = (channel: keyof Announcements, text: string) =>
    store.setState((state) => ({ [channel]: { text, turn: state[channel].turn + 1 } }));

  function sayNews(): void {
    // Forgotten while it waited.
    if (waiting.length === 0) return;
    say('polite', gathered(waiting));
    waiting = [];
    lastNewsAt = clock.now();
  }

  return {
    store,
    announce(text, kind = 'reply') {
      if (kind === 'urgent') return say('assertive', text);
      if (kind === 'reply') return say('polite', text);
      waiting.push(text);
      if (waiting.length > 1) return;
      const wait = lastNewsAt + gatherMs - clock.now();
      if (wait <= 0) sayNews();
      else clock.later(sayNews, wait);
    },
    forget() {
      waiting = [];
      store.setState(({ polite, assertive }) => ({
        polite: { text: '', turn: polite.turn + 1 },
        assertive: { text: '', turn: assertive.turn + 1 },
      }));
    },
  };
}

export const announcer = createAnnouncer({
  now: () => performance.now(),
  later: (run, ms) => setTimeout(run, ms),
});

/** `reply` (default): answers an action now · `news`: gathered, at most one in ten seconds · `urgent`: interrupts. */
export function announce(text: string, kind: AnnouncementKind = 'reply'): void {
  announcer.announce(text, kind);
}
