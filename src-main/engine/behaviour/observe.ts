// From an event to what its principal's habits make of it: unusual access, an unusual volume, a journey that nobody can make, a key on a
// network it was never used from. Each is told once an hour. Pure: the profile goes in, is advanced, and answers.
import type { Event, JsonObject } from '../event.ts';
import { usualPeak } from './days.ts';
import { addTo, advance, dayOf, learn, type Profile, tellOnce } from './profile.ts';
import { type Traits, traitsOf } from './traits.ts';
import { type Locate, travel } from './travel.ts';
import { judge } from './unusual.ts';

export interface Observed {
  readonly kind: 'unusual_access' | 'unusual_volume' | 'impossible_travel' | 'key_new_network';
  readonly details: JsonObject;
}

/** What is not even worth a stored event; the rules' own thresholds lie above. */
const leastScore = 30;
const leastHistoryDays = 3;
const volumeTimes = 3;
const tellAgainMs = 3_600_000;

/** @param principal as in traits.ts: whose profile it is. */
export function observe(profile: Profile, principal: string, event: Event, locate?: Locate): Observed[] {
  const { timeMs } = event;
  if (!advance(profile, timeMs)) return [];
  const traits = traitsOf(event);
  const found: Observed[] = [];
  const hourEvents = addTo(profile, 'events', timeMs, 1);
  if (principal.startsWith('key ')) newNetwork(profile, traits, timeMs, found);
  else {
    unusualAccess(profile, event, traits, hourEvents, found);
    volumes(profile, event, found);
    if (locate !== undefined) journeys(profile, event, locate, found);
  }
  learn(profile, timeMs, traits);
  return found;
}

function unusualAccess(
  profile: Profile,
  event: Event,
  traits: Traits,
  hourEvents: number | undefined,
  found: Observed[],
): void {
  const unusual = judge(profile, event.timeMs, traits, hourEvents);
  if (unusual === undefined || unusual.score < leastScore || unusual.historyDays < leastHistoryDays) return;
  const kinds = unusual.reasons.map(({ kind }) => kind).sort();
  const values = unusual.reasons.map(({ kind }) => (kind === 'hour' || kind === 'rate' ? '' : (traits[kind] ?? '')));
  if (!tellOnce(profile, `access ${kinds.join(' ')} ${values.join(' ')}`, event.timeMs, tellAgainMs)) return;
  found.push({
    kind: 'unusual_access',
    details: {
      score: unusual.score,
      history_days: unusual.historyDays,
      // The two that say most, as parts of a sentence.
      first: unusual.reasons[0]?.text ?? '',
      second: unusual.reasons[1]?.text ?? 'nothing else',
      reasons: unusual.reasons.map(({ text }) => text),
      dimensions: kinds,
      points: unusual.reasons.map(({ kind, points }) => `${kind} ${points}`),
    },
  });
}

/** The hour's bytes and records against a busy hour of the principal's own. */
function volumes(profile: Profile, event: Event, found: Observed[]): void {
  const { bytes, details, timeMs } = event;
  const records = typeof details.records === 'number' && details.records >= 0 ? details.records : undefined;
  for (const [name, amount] of [
    ['bytes', bytes],
    ['records', records],
  ] as const) {
    if (amount === undefined || amount <= 0) continue;
    const sum = addTo(profile, name, timeMs, amount);
    const usual = usualPeak(profile.amounts[name], dayOf(timeMs));
    if (sum === undefined || usual === undefined || sum <= usual * volumeTimes) continue;
    const least = name === 'bytes' ? 10_000_000 : 1_000;
    if (sum < least || !tellOnce(profile, `volume ${name}`, timeMs, tellAgainMs)) continue;
    found.push({
      kind: 'unusual_volume',
      details: { unit: name, amount: sum, usual, times: Math.round((sum / Math.max(1, usual)) * 10) / 10 },
    });
  }
}

function journeys(profile: Profile, event: Event, locate: Locate, found: Observed[]): void {
  const { ip_address: address, timeMs } = event;
  if (address === undefined) return;
  const place = locate(address);
  if (place === undefined) return;
  const journey = travel(profile.sightings, { ...place, address, timeMs });
  if (journey === undefined) return;
  const { from, to, distanceKm, kilometresPerHour } = journey;
  const route = [from.address, to.address].sort().join(' ');
  if (!tellOnce(profile, `travel ${route}`, timeMs, tellAgainMs)) return;
  found.push({
    kind: 'impossible_travel',
    details: {
      from: from.name,
      to: to.name,
      from_address: from.address,
      to_address: to.address,
      distance_km: distanceKm,
      minutes: Math.round((to.timeMs - from.timeMs) / 60_000),
      speed_kmh: kilometresPerHour,
    },
  });
}

function newNetwork(profile: Profile, { network }: Traits, timeMs: number, found: Observed[]): void {
  const known = profile.values.network;
  if (network === undefined || known.size === 0 || known.has(network)) return;
  if (!tellOnce(profile, `network ${network}`, timeMs, tellAgainMs)) return;
  const networks = [...known.keys()].slice(0, 5);
  found.push({ kind: 'key_new_network', details: { network, known: networks.join(', '), known_count: known.size } });
}
