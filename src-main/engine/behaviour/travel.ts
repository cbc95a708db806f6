// Impossible travel: two places of one principal too far apart for the time between them. Where addresses lie says a port; it is roughly
// right at best, so places have a radius, and only great distances count.

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
  readonly name: string;
  readonly radiusKm: number;
}

export type Locate = (address: string) => Place | undefined;

export interface Sighting extends Place {
  readonly timeMs: number;
  readonly address: string;
}

export interface Journey {
  readonly from: Sighting;
  readonly to: Sighting;
  readonly distanceKm: number;
  readonly kilometresPerHour: number;
}

const fastest = 1_000;
const leastKm = 500;
const mostSightings = 12;

/** Puts a sighting in its place in time and compares it with its neighbours. @returns the fastest journey that nobody can make. */
export function travel(sightings: Sighting[], sighting: Sighting): Journey | undefined {
  let at = sightings.length;
  while (at > 0 && (sightings[at - 1]?.timeMs ?? 0) > sighting.timeMs) at--;
  const before = sightings[at - 1];
  const after = sightings[at];
  const journeys = [
    ...(before === undefined ? [] : [journey(before, sighting)]),
    ...(after === undefined ? [] : [journey(sighting, after)]),
  ].filter((one) => one.distanceKm >= leastKm && one.kilometresPerHour > fastest);
  keep(sightings, at, sighting);
  if (sightings.length > mostSightings) sightings.shift();
  return journeys.toSorted((one, other) => other.kilometresPerHour - one.kilometresPerHour)[0];
}

/** Of a stay at one address its first and its last sighting are enough. */
function keep(sightings: Sighting[], at: number, sighting: Sighting): void {
  const { address } = sighting;
  if (sightings[at - 1]?.address === address && sightings[at]?.address === address) return;
  if (sightings[at - 1]?.address === address && sightings[at - 2]?.address === address) sightings[at - 1] = sighting;
  else if (sightings[at]?.address === address && sightings[at + 1]?.address === address) sightings[at] = sighting;
  else sightings.splice(at, 0, sighting);
}

function journey(from: Sighting, to: Sighting): Journey {
  const distanceKm = Math.max(0, distance(from, to) - from.radiusKm - to.radiusKm);
  // Two minutes at least: clocks of different sources differ.
  const hours = Math.max(1 / 30, (to.timeMs - from.timeMs) / 3_600_000);
  return { from, to, distanceKm: Math.round(distanceKm), kilometresPerHour: Math.round(distanceKm / hours) };
}

/** Great circle (haversine). */
function distance(one: Place, other: Place): number {
  const radians = Math.PI / 180;
  const north = ((other.latitude - one.latitude) * radians) / 2;
  const east = ((other.longitude - one.longitude) * radians) / 2;
  const part =
    Math.sin(north) ** 2 + Math.cos(one.latitude * radians) * Math.cos(other.latitude * radians) * Math.sin(east) ** 2;
  return 12_742 * Math.asin(Math.min(1, Math.sqrt(part)));
}
