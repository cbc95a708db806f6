// The profiles of a workspace: in memory those that are in use, in the store all of them. Changed ones are written some at a time, in the
// transactions of the events that change them; a mark says up to which event all are written, and what lies behind it is counted again
// after a start or a rollback. That gives the same profiles, because a profile knows up to which event it reaches.

import { type Observed, observe } from '../../../engine/behaviour/observe.ts';
import { createProfile, type Profile } from '../../../engine/behaviour/profile.ts';
import { parseProfile, profileText } from '../../../engine/behaviour/profile-text.ts';
import { principalsOf } from '../../../engine/behaviour/traits.ts';
import type { Locate } from '../../../engine/behaviour/travel.ts';
import type { Event } from '../../../engine/event.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { countProfiles, dropOldest, findMark, findProfile, saveMark, saveProfile } from './behaviour-table.ts';

export type ProfileLimits = {
  readonly inMemory: number;
  readonly stored: number;
  /** So many events after it was changed a profile is written. */
  readonly behind: number;
  /** Written in one transaction, so that it stays short. */
  readonly atOnce: number;
};

/** Events without anything to write still move the mark. */
const markEvery = 1_000;

export const profileLimits: ProfileLimits = { inMemory: 10_000, stored: 50_000, behind: 5_000, atOnce: 100 };

type Held = {
  readonly profile: Profile;
  /** The last event that is in it. */
  seq: number;
  /** The first event that is in it and not in the store; undefined when all are. */
  changedFrom: number | undefined;
};

export type Found = { readonly event: Event; readonly principal: string; readonly observed: Observed };

export type Profiles = {
  /** Takes in events whose numbers end at `last`. @param first the number of the first of them, or one before it. */
  take(tx: ReadTx, events: readonly Event[], first: number, last: number): Found[];
  /** The same for events that were taken in before, as far as the stored profiles don't have them yet. */
  again(tx: ReadTx, event: Event, seq: number): void;
  /** Writes what has waited for `behind` events, at most so much that it stays short. */
  write(tx: WriteTx, last: number, behind?: number): void;
  waiting(): number;
  inMemory(): number;
};

export function createProfiles(locate: Locate | undefined, limits: ProfileLimits = profileLimits): Profiles {
  // Both in order of use, and of first change.
  const held = new Map<string, Held>();
  const changed = new Map<string, Held>();

  let marked: number | undefined;
  let written = 0;

  function hold(tx: ReadTx, principal: string): Held {
    const known = held.get(principal);
    if (known !== undefined) {
      held.delete(principal);
      held.set(principal, known);
      return known;
    }
    const stored = findProfile(tx, principal);
    const created: Held =
      stored === undefined
        ? { profile: createProfile(), seq: 0, changedFrom: undefined }
        : { profile: parseProfile(stored.profile), seq: stored.seq, changedFrom: undefined };
    held.set(principal, created);
    return created;
  }

  function note(principal: string, one: Held, first: number, last: number): void {
    one.seq = last;
    one.changedFrom ??= first;
    changed.set(principal, one);
  }

  function shrink(): void {
    if (held.size <= limits.inMemory) return;
    for (const [principal, one] of held) {
      if (held.size <= limits.inMemory) return;
      if (one.changedFrom === undefined) held.delete(principal);
    }
  }

  return {
    take(tx, events, first, last) {
      const found: Found[] = [];
      for (const event of events) {
        for (const principal of principalsOf(event)) {
          const one = hold(tx, principal);
          for (const observed of observe(one.profile, principal, event, locate))
            found.push({ event, principal, observed });
          note(principal, one, first, last);
        }
      }
      shrink();
      return found;
    },
    again(tx, event, seq) {
      for (const principal of principalsOf(event)) {
        const one = hold(tx, principal);
        if (seq <= one.seq) continue;
        observe(one.profile, principal, event, locate);
        note(principal, one, seq, seq);
      }
    },
    write(tx, last, behind = limits.behind) {
      // Made-up names must not pile up: then more are written at once.
      const most = changed.size > limits.inMemory ? limits.atOnce * 6 : limits.atOnce;
      let count = 0;
      for (const [principal, one] of changed) {
        if (count >= most || (one.changedFrom ?? last) > last - behind) break;
        saveProfile(tx, { principal, seq: one.seq, seenAt: one.profile.newestMs, profile: profileText(one.profile) });
        one.changedFrom = undefined;
        changed.delete(principal);
        count++;
      }
      const [oldest] = changed.values();
      const mark = oldest?.changedFrom === undefined ? last : oldest.changedFrom - 1;
      marked ??= findMark(tx);
      // The first mark of all says where profiles begin.
      if (marked === undefined || (mark > marked && (count > 0 || mark - marked >= markEvery))) {
        saveMark(tx, mark);
        marked = mark;
      }
      written += count;
      if (written < limits.atOnce * 5) return;
      written = 0;
      const excess = countProfiles(tx) - limits.stored;
      if (excess > 0) {
        for (const principal of dropOldest(tx, excess + limits.atOnce)) {
          held.delete(principal);
          changed.delete(principal);
        }
      }
    },
    waiting: () => changed.size,
    inMemory: () => held.size,
  };
}
