// A profile as the text it is stored as, and back. The order of what is in it is kept: it decides what is given up first.
import type { Amounts, DaySet } from './days.ts';
import { amountNames, createProfile, type Profile } from './profile.ts';
import { dimensions } from './traits.ts';
import type { Sighting } from './travel.ts';

type Rows<Key> = [Key, number, number][];
type Stored = {
  v: 1;
  newest: number;
  days: DaySet;
  events: number;
  hours: Rows<number>;
  values: Record<string, Rows<string>>;
  amounts: Record<string, { hours: [number, number][]; peaks: [number, number][] }>;
  sightings: Sighting[];
  told: [string, number][];
};

export function profileText(profile: Profile): string {
  const stored: Stored = {
    v: 1,
    newest: profile.newestMs,
    days: profile.days,
    events: profile.events,
    hours: rows(profile.hours),
    values: Object.fromEntries(dimensions.map((name) => [name, rows(profile.values[name])])),
    amounts: Object.fromEntries(amountNames.map((name) => [name, amountsRow(profile.amounts[name])])),
    sightings: profile.sightings,
    told: [...profile.told],
  };
  return JSON.stringify(stored);
}

/** @param text as profileText made it: it stands in the console's own encrypted store. */
export function parseProfile(text: string): Profile {
  const stored = JSON.parse(text) as Stored;
  const profile = createProfile();
  profile.newestMs = stored.newest;
  profile.days[0] = stored.days[0];
  profile.days[1] = stored.days[1];
  profile.events = stored.events;
  fill(profile.hours, stored.hours);
  for (const name of dimensions) fill(profile.values[name], stored.values[name] ?? []);
  for (const name of amountNames) {
    const { hours = [], peaks = [] } = stored.amounts[name] ?? {};
    for (const [hour, amount] of hours) profile.amounts[name].hours.set(hour, amount);
    for (const [day, amount] of peaks) profile.amounts[name].peaks.set(day, amount);
  }
  profile.sightings.push(...stored.sightings);
  for (const [what, at] of stored.told) profile.told.set(what, at);
  return profile;
}

function rows<Key>(sets: ReadonlyMap<Key, DaySet>): Rows<Key> {
  return Array.from(sets, ([key, [low, high]]) => [key, low, high]);
}

function fill<Key>(sets: Map<Key, DaySet>, from: Rows<Key>): void {
  for (const [key, low, high] of from) sets.set(key, [low, high]);
}

function amountsRow({ hours, peaks }: Amounts) {
  return { hours: [...hours], peaks: [...peaks] };
}
