// Habits of principals: what is unusual and why, whatever the order of events, not to be taught by one burst, and bounded.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Observed, observe } from '../../../src-main/engine/behaviour/observe.ts';
import { createProfile, type Profile } from '../../../src-main/engine/behaviour/profile.ts';
import { parseProfile, profileText } from '../../../src-main/engine/behaviour/profile-text.ts';
import {
  activityText,
  createActivity,
  hear,
  parseActivity,
  silenceOf,
} from '../../../src-main/engine/behaviour/silence.ts';
import { networkOf, principalsOf, traitsOf } from '../../../src-main/engine/behaviour/traits.ts';
import { type Place, travel } from '../../../src-main/engine/behaviour/travel.ts';
import { judge } from '../../../src-main/engine/behaviour/unusual.ts';
import type { Event } from '../../../src-main/engine/event.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** A Monday, midnight. */
const monday = Date.UTC(2026, 8, 7);
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0';

function event(timeMs: number, more: Partial<Event> = {}): Event {
  return {
    id: `e${timeMs}`,
    timeMs,
    source: 'api',
    event_type: 'api_call',
    actor: 'ann',
    success: true,
    ip_address: '198.51.100.4',
    user_agent: firefox,
    resource_type: 'url',
    resource_id: '/orders/17',
    details: {},
    ...more,
  };
}

/** Four weeks of working days, ten events each between 9 and 14. */
function history(): Event[] {
  return Array.from({ length: 28 }, (_, at) => at)
    .filter((at) => at % 7 < 5)
    .flatMap((at) => Array.from({ length: 10 }, (_, n) => event(monday + at * day + 9 * hour + n * (hour / 2))));
}

function profileOf(events: readonly Event[]): Profile {
  const profile = createProfile();
  for (const one of events) observe(profile, 'actor ann', one);
  return profile;
}

const next = monday + 28 * day;

function unusual(found: readonly Observed[]) {
  return found.find(({ kind }) => kind === 'unusual_access')?.details;
}

describe('unusual access', () => {
  it('says nothing of an ordinary day', () => {
    const profile = profileOf(history());
    for (let n = 0; n < 10; n++)
      expect(observe(profile, 'actor ann', event(next + 9 * hour + n * (hour / 2)))).toEqual([]);
  });

  it('names what was unusual and against what', () => {
    const profile = profileOf(history());
    const strange = event(next + 3 * hour, { ip_address: '203.0.113.9', user_agent: 'curl/8.5.0' });
    expect(unusual(observe(profile, 'actor ann', strange))).toEqual({
      score: 90,
      history_days: 20,
      first: 'new network 203.0.113.0/24 (1 known)',
      second: 'new device curl/ (1 known)',
      reasons: [
        'new network 203.0.113.0/24 (1 known)',
        'new device curl/ (1 known)',
        '03:00 UTC on a working day (so on 0 of 20 days)',
      ],
      dimensions: ['device', 'hour', 'network'],
      points: ['network 35', 'device 30', 'hour 25'],
    });
    // Once an hour, not at every event.
    expect(observe(profile, 'actor ann', { ...strange, timeMs: strange.timeMs + 60_000 })).toEqual([]);
  });

  it.each([
    ['network', { ip_address: '203.0.113.9' }, 35],
    ['device', { user_agent: 'curl/8.5.0' }, 30],
    ['resource', { resource_id: '/admin/users' }, undefined],
  ])('lets one new %s alone stay below the default score', (_, more, score) => {
    const found = unusual(observe(profileOf(history()), 'actor ann', event(next + 10 * hour, more)));
    expect(found?.score).toBe(score);
  });

  it('sees a rate that was never there', () => {
    const profile = profileOf(history());
    const found = Array.from({ length: 60 }, (_, n) =>
      unusual(observe(profile, 'actor ann', event(next + 10 * hour + n * 1000))),
    ).filter((one) => one !== undefined);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ score: 30, first: '51 events in an hour, busy ones had 2' });
  });

  it('does not count a new version of a browser, or another address next door, as new', () => {
    const profile = profileOf(history());
    const updated = {
      user_agent: firefox.replaceAll('132', '133'),
      ip_address: '198.51.100.77',
      resource_id: '/orders/99',
    };
    expect(observe(profile, 'actor ann', event(next + 10 * hour, updated))).toEqual([]);
  });

  it('expects nothing of a principal without history, and of failures', () => {
    const profile = profileOf(history().slice(0, 20));
    expect(
      observe(profile, 'actor ann', event(monday + 2 * day, { ip_address: '203.0.113.9', user_agent: 'curl' })),
    ).toEqual([]);
    expect(principalsOf(event(0, { success: false }))).toEqual([]);
    expect(principalsOf(event(0, { details: { key_id: 'k1' } }))).toEqual(['actor ann', 'key k1']);
  });

  it('takes little notice of a new network from somebody who always travels', () => {
    const wandering = history().map((one, n) => ({ ...one, ip_address: `203.0.${Math.floor(n / 10)}.9` }));
    const found = observe(profileOf(wandering), 'actor ann', event(next + 10 * hour, { ip_address: '192.0.2.1' }));
    expect(found).toEqual([]);
  });
});

describe('what cannot be done to it', () => {
  it('is not taught by one burst: the network is still unknown the same day, and half strange the next', () => {
    const profile = profileOf(history());
    const at = next + 10 * hour;
    const burst = Array.from({ length: 20_000 }, (_, n) =>
      event(at + n * 100, { ip_address: '203.0.113.9', user_agent: 'curl' }),
    );
    for (const one of burst) observe(profile, 'actor ann', one);
    const traits = traitsOf(burst[0] ?? event(at));
    expect(judge(profile, at + 2 * hour, traits, 1)?.score).toBe(65);
    expect(judge(profile, at + day, traits, 1)?.score).toBe(30);
    // Its own busy hours are no busier for it: rates of before still count.
    expect(judge(profile, at + day, traitsOf(event(0)), 60)?.reasons[0]?.text).toBe(
      '60 events in an hour, busy ones had 2',
    );
  });

  it('stays small, whatever comes', () => {
    const profile = createProfile();
    for (let n = 0; n < 30_000; n++) {
      observe(
        profile,
        'actor ann',
        event(monday + n * 200_000, {
          ip_address: `10.${n % 200}.${n % 251}.1`,
          user_agent: `agent ${String.fromCharCode(97 + (n % 26), 97 + (n % 23), 97 + (n % 19))}`,
          resource_id: `/a${n % 977}x/b`,
          bytes: n * 1_000,
          details: { records: n },
        }),
        () => ({ latitude: (n % 180) - 90, longitude: (n * 7) % 180, name: `place ${n % 50}`, radiusKm: 10 }),
      );
    }
    expect(profileText(profile).length).toBeLessThan(20_000);
  });

  it('takes events of any time and text', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            timeMs: fc.integer({ min: -8e12, max: 2.5e14 }),
            ip_address: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ unit: 'binary' })),
            user_agent: fc.string({ unit: 'binary', maxLength: 300 }),
            resource_id: fc.string({ unit: 'binary', maxLength: 300 }),
            bytes: fc.nat(),
          }),
          { maxLength: 40 },
        ),
        (events) => {
          const profile = createProfile();
          for (const one of events) observe(profile, 'actor ann', event(one.timeMs, one));
          expect(profileText(parseProfile(profileText(profile)))).toBe(profileText(profile));
        },
      ),
    );
  });
});

/** What was learned, without the order in which things are kept and what was told. */
function learned(profile: Profile) {
  const sorted = <K extends string | number, V>(map: ReadonlyMap<K, V>) =>
    [...map].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return {
    newest: profile.newestMs,
    events: profile.events,
    days: profile.days,
    hours: sorted(profile.hours),
    values: Object.values(profile.values).map(sorted),
    amounts: Object.values(profile.amounts).map(({ hours, peaks }) => [sorted(hours), sorted(peaks)]),
  };
}

it('learns the same from the same events in any order, within two days for rates', () => {
  const arbitrary = fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 40 * 60 }),
      network: fc.integer({ min: 1, max: 5 }),
      agent: fc.constantFrom('curl', 'firefox', 'wget'),
      bytes: fc.integer({ min: 1, max: 1_000_000 }),
    }),
    { minLength: 1, maxLength: 60 },
  );
  fc.assert(
    fc.property(arbitrary, fc.infiniteStream(fc.nat()), (raw, order) => {
      const base = history().slice(0, 60);
      const start = monday + 10 * day;
      const events = raw.map(({ at, network, agent, bytes }) =>
        event(start + at * 60_000, { ip_address: `203.0.${network}.1`, user_agent: agent, bytes }),
      );
      const keys = events.map(() => order.next().value ?? 0);
      const shuffled = events.map((one, n) => [keys[n] ?? 0, one] as const).toSorted(([one], [other]) => one - other);
      const inOrder = profileOf([...base, ...events.toSorted((one, other) => one.timeMs - other.timeMs)]);
      const mixed = profileOf([...base, ...shuffled.map(([, one]) => one)]);
      expect(learned(mixed)).toEqual(learned(inOrder));
      const later = event(start + 3 * day, { ip_address: '192.0.2.1', user_agent: 'new' });
      expect(judge(mixed, later.timeMs, traitsOf(later), 1)).toEqual(judge(inOrder, later.timeMs, traitsOf(later), 1));
    }),
  );
});

it('goes on after it was stored exactly as if it had not been', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 23 }), (cut, at) => {
      const all = [...history(), event(next + at * hour, { ip_address: '203.0.113.9', user_agent: 'curl' })];
      const whole = createProfile();
      const first = all.map((one) => observe(whole, 'actor ann', one));
      const begun = profileOf(all.slice(0, cut));
      const resumed = parseProfile(profileText(begun));
      const second = all.slice(cut).map((one) => observe(resumed, 'actor ann', one));
      expect(second).toEqual(first.slice(cut));
      expect(profileText(resumed)).toBe(profileText(whole));
    }),
    { numRuns: 30 },
  );
});

it('holds an hour’s bytes and records against the busy hours of before', () => {
  const profile = profileOf(history().map((one) => ({ ...one, bytes: 1_000_000, details: { records: 100 } })));
  const found = Array.from({ length: 12 }, (_, n) =>
    observe(
      profile,
      'actor ann',
      event(next + 10 * hour + n * 60_000, { bytes: 5_000_000, details: { records: 900 } }),
    ),
  ).flat();
  expect(found.map(({ kind, details }) => [kind, details.unit, details.amount, details.usual])).toEqual([
    ['unusual_volume', 'bytes', 10_000_000, 2_000_000],
    ['unusual_volume', 'records', 1_800, 200],
  ]);
});

it('tells of a key on another network at once, and not of the next address beside it', () => {
  const profile = createProfile();
  const seen = (ip_address: string, at: number) => observe(profile, 'key k1', event(monday + at, { ip_address }));
  expect(seen('198.51.100.4', 0)).toEqual([]);
  expect(seen('198.51.100.9', 1)).toEqual([]);
  expect(seen('203.0.113.9', 2)).toEqual([
    { kind: 'key_new_network', details: { network: '203.0.113.0/24', known: '198.51.100.0/24', known_count: 1 } },
  ]);
  expect(seen('203.0.113.10', 3)).toEqual([]);
});

it.each([
  ['198.51.100.4', '198.51.100.0/24'],
  ['2001:db8:1:2::5', '2001:db8:1::/48'],
  ['2001:db8::5', '2001:db8:0::/48'],
  ['::1', '0:0:0::/48'],
  ['not an address', undefined],
  ['1.2.3', undefined],
])('puts %s into %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

describe('impossible travel', () => {
  const berlin: Place = { latitude: 52.5, longitude: 13.4, name: 'Berlin', radiusKm: 20 };
  const sydney: Place = { latitude: -33.9, longitude: 151.2, name: 'Sydney', radiusKm: 20 };
  const potsdam: Place = { latitude: 52.4, longitude: 13.06, name: 'Potsdam', radiusKm: 20 };
  const at = (place: Place, timeMs: number) => ({ ...place, timeMs, address: place.name });

  it('is a distance that nobody covers in that time, in whichever order the events come', () => {
    for (const order of [
      [at(berlin, 0), at(sydney, hour)],
      [at(sydney, hour), at(berlin, 0)],
    ]) {
      const journeys = order.map((seen, _, __, sightings = kept) => travel(sightings, seen));
      kept.length = 0;
      expect(journeys[0]).toBeUndefined();
      expect(journeys[1]).toMatchObject({ from: { name: 'Berlin' }, to: { name: 'Sydney' } });
      expect(journeys[1]?.distanceKm).toBeGreaterThan(15_900);
      expect(journeys[1]?.distanceKm).toBeLessThan(16_200);
    }
  });
  const kept: ReturnType<typeof at>[] = [];

  it('is not the next town, nor a day in an aeroplane, and a long stay does not stretch the time', () => {
    const sightings: ReturnType<typeof at>[] = [];
    for (let n = 0; n < 9; n++) expect(travel(sightings, at(berlin, n * hour))).toBeUndefined();
    expect(sightings).toHaveLength(2);
    expect(travel(sightings, at(potsdam, 8 * hour + 60_000))).toBeUndefined();
    expect(travel([...sightings], at(sydney, 40 * hour))).toBeUndefined();
    expect(travel(sightings, at(sydney, 10 * hour))?.from.name).toBe('Potsdam');
  });
});

describe('silence', () => {
  const settings = { silentMs: hour, regularHours: 12 };
  function regular(hours: number, everyMs = 10 * 60_000) {
    const activity = createActivity(monday);
    for (let at = everyMs; at <= hours * hour; at += everyMs) hear(activity, monday + at, monday);
    return activity;
  }

  it('is told of a source that spoke regularly, once, until it speaks again', () => {
    const activity = regular(20);
    const end = monday + 20 * hour;
    expect(silenceOf(activity, end + 59 * 60_000, monday, settings)).toBeUndefined();
    expect(silenceOf(activity, end + hour, monday, settings)).toEqual({ silentMs: hour, usualPauseMs: 600_000 });
    activity.told = true;
    expect(silenceOf(activity, end + 5 * hour, monday, settings)).toBeUndefined();
    hear(activity, end + 6 * hour, monday);
    expect(silenceOf(activity, end + 7 * hour, monday, settings)).toBeDefined();
  });

  it('says nothing of a source that is new, or that often pauses', () => {
    expect(silenceOf(regular(5), monday + 20 * hour, monday, settings)).toBeUndefined();
    const pausing = regular(40, 2 * hour);
    expect(silenceOf(pausing, monday + 43 * hour, monday, settings)).toBeUndefined();
    expect(silenceOf(pausing, monday + 44 * hour, monday, settings)).toBeDefined();
  });

  it('does not take the listener’s own absence for silence, nor for a pause', () => {
    const before = regular(20);
    const woke = monday + 60 * hour;
    const activity = parseActivity(activityText(before), before.heardAtMs);
    expect(silenceOf(activity, woke + 30 * 60_000, woke, settings)).toBeUndefined();
    hear(activity, woke + 30 * 60_000, woke);
    expect([...activity.pauses.values()]).not.toContain(40.5 * hour);
    expect(silenceOf(parseActivity(activityText(before), before.heardAtMs), woke + hour, woke, settings)).toBeDefined();
  });
});
