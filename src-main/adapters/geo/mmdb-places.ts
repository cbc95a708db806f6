// Where addresses are, by a file in MaxMind DB format that lies on this computer (GeoLite2 City, DB-IP City Lite and their like).
// Nothing is asked of anybody. The file is somebody else's: whatever is wrong with it, an address is then just nowhere.
import { readFileSync, statSync } from 'node:fs';
import { Reader, type Response } from 'mmdb-lib';
import type { Locate, Place } from '../../engine/behaviour/travel.ts';

/** The file can't be used; the message says why and what to do. */
export class GeoFileError extends Error {
  override readonly name = 'GeoFileError';
}

const largestFile = 1024 * 1024 * 1024;
const remembered = 20_000;
/** Of records that don't say how far off they may be: a country's middle tells little. */
const usualRadiusKm = 100;
const largestRadiusKm = 2_000;

/** @throws GeoFileError */
export function openPlaces(path: string): Locate {
  const reader = openFile(path);
  const places = new Map<string, Place | undefined>();
  return (address) => {
    if (places.has(address)) return places.get(address);
    if (places.size >= remembered) places.clear();
    const place = find(reader, address);
    places.set(address, place);
    return place;
  };
}

function openFile(path: string): Reader<Response> {
  try {
    if (statSync(path).size > largestFile) throw new Error('it is larger than 1 GiB');
    const reader = new Reader<Response>(readFileSync(path));
    // A file with a broken tree shows it at the first look.
    reader.get('192.0.2.1');
    return reader;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GeoFileError(
      `breach_detection.geoip_file: ${path} can't be read as a MaxMind DB file (${reason}); give one such as GeoLite2-City.mmdb, or leave the setting out`,
      { cause },
    );
  }
}

function find(reader: Reader<Response>, address: string): Place | undefined {
  try {
    return placeOf(reader.get(address));
  } catch {
    return undefined;
  }
}

/** @param record as the file has it: of any shape. */
export function placeOf(record: unknown): Place | undefined {
  const location = inner(record, 'location');
  const latitude = number(inner(location, 'latitude'));
  const longitude = number(inner(location, 'longitude'));
  if (latitude === undefined || longitude === undefined) return undefined;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
  const radius = number(inner(location, 'accuracy_radius')) ?? usualRadiusKm;
  const city = text(inner(inner(inner(record, 'city'), 'names'), 'en'));
  const country =
    text(inner(inner(inner(record, 'country'), 'names'), 'en')) ?? text(inner(inner(record, 'country'), 'iso_code'));
  const name = [city, country]
    .filter((part) => part !== undefined)
    .join(', ')
    .slice(0, 100);
  return {
    latitude,
    longitude,
    name: name === '' ? `${latitude.toFixed(1)}, ${longitude.toFixed(1)}` : name,
    radiusKm: Math.min(largestRadiusKm, Math.max(0, radius)),
  };
}

function inner(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
