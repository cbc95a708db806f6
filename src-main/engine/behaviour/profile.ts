// The habits of one principal: on which days it was seen, at which hours, from where, with what, at what, and how much an hour. All of
// it are sets of days, so that the order of events makes no difference, and ten thousand events in one hour teach no more than one:
// what is new stays new for the whole day, and a single earlier day makes it half as strange, no more.
import {
  type Amounts,
  addAmount,
  addDay,
  countBefore,
  createAmounts,
  type DaySet,
  dayMs,
  firstOf,
  forgetAmounts,
  forgetDays,
  isEmpty,
} from './days.ts';
import { type Dimension, dimensions, type Traits } from './traits.ts';
import type { Sighting } from './travel.ts';

export const amountNames = ['events', 'bytes', 'records'] as const;
export type AmountName = (typeof amountNames)[number];

export type Profile = {
  newestMs: number;
  /** Days with any event. */
  readonly days: DaySet;
  /** Events, for the minimum history. */
  events: number;
  /** Per hour of the week from Monday 0:00 UTC. */
  readonly hours: Map<number, DaySet>;
  readonly values: { readonly [D in Dimension]: Map<string, DaySet> };
  readonly amounts: { readonly [A in AmountName]: Amounts };
  /** Where it was lately, in order of time. */
  readonly sightings: Sighting[];
  /** What was told last, by kind, so that it isn't told at every event. */
  readonly told: Map<string, number>;
};

/** Values kept of a dimension: the rarest, then those seen longest ago, are given up. */
const mostValues = 40;
const mostTold = 20;

export function createProfile(): Profile {
  return {
    newestMs: 0,
    days: [0, 0],
    events: 0,
    hours: new Map(),
    values: { network: new Map(), device: new Map(), resource: new Map() },
    amounts: { events: createAmounts(), bytes: createAmounts(), records: createAmounts() },
    sightings: [],
    told: new Map(),
  };
}

export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / dayMs);
}

/** 1970 began on a Thursday. */
export function hourOfWeek(timeMs: number): number {
  return (Math.floor(timeMs / 3_600_000) + 72) % 168;
}

/** Brings the rings to a later day. @returns false when the time is older than what is remembered. */
export function advance(profile: Profile, timeMs: number): boolean {
  const before = dayOf(profile.newestMs);
  const day = dayOf(timeMs);
  if (timeMs <= profile.newestMs) return day > before - 60;
  profile.newestMs = timeMs;
  if (day === before) return true;
  forgetDays(profile.days, before, day);
  for (const [hour, set] of profile.hours) {
    forgetDays(set, before, day);
    if (isEmpty(set)) profile.hours.delete(hour);
  }
  for (const dimension of dimensions) {
    const values = profile.values[dimension];
    for (const [value, set] of values) {
      forgetDays(set, before, day);
      if (isEmpty(set)) values.delete(value);
    }
  }
  for (const name of amountNames) forgetAmounts(profile.amounts[name], timeMs);
  return true;
}

export function learn(profile: Profile, timeMs: number, traits: Traits): void {
  const day = dayOf(timeMs);
  profile.events++;
  addDay(profile.days, day);
  addDay(setOf(profile.hours, hourOfWeek(timeMs)), day);
  for (const dimension of dimensions) {
    const value = traits[dimension];
    if (value === undefined) continue;
    const values = profile.values[dimension];
    addDay(setOf(values, value), day);
    if (values.size > mostValues) giveUpOne(values, dayOf(profile.newestMs), value);
  }
}

export function addTo(profile: Profile, name: AmountName, timeMs: number, amount: number): number | undefined {
  return addAmount(profile.amounts[name], timeMs, profile.newestMs, amount);
}

function setOf<Key>(sets: Map<Key, DaySet>, key: Key): DaySet {
  const known = sets.get(key);
  if (known !== undefined) return known;
  const created: DaySet = [0, 0];
  sets.set(key, created);
  return created;
}

function giveUpOne(values: Map<string, DaySet>, newest: number, spared: string): void {
  let worst: { value: string; count: number; first: number } | undefined;
  for (const [value, set] of values) {
    if (value === spared) continue;
    const count = countBefore(set, newest + 1, newest);
    const first = firstOf(set, newest) ?? 0;
    const isWorse =
      worst === undefined ||
      count < worst.count ||
      (count === worst.count && (first < worst.first || (first === worst.first && value < worst.value)));
    if (isWorse) worst = { value, count, first };
  }
  if (worst !== undefined) values.delete(worst.value);
}

/** Was this told within `spanMs`? If not, it is now. */
export function tellOnce(profile: Profile, what: string, timeMs: number, spanMs: number): boolean {
  const before = profile.told.get(what);
  if (before !== undefined && Math.abs(timeMs - before) < spanMs) return false;
  profile.told.delete(what);
  profile.told.set(what, timeMs);
  const [oldest] = profile.told.keys();
  if (profile.told.size > mostTold && oldest !== undefined) profile.told.delete(oldest);
  return true;
}
