// Places of addresses from a MaxMind DB file, and files that are none.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GeoFileError, openPlaces, placeOf } from '../../../src-main/adapters/geo/mmdb-places.ts';
import { mmdbFile } from '../../support/mmdb-file.ts';
import { temporaryFolder } from '../../support/stores.ts';

const berlin = {
  city: { names: { en: 'Berlin' } },
  country: { iso_code: 'DE', names: { en: 'Germany' } },
  location: { latitude: 52.5244, longitude: 13.4105, accuracy_radius: 20 },
};
const file = mmdbFile([
  { network: '198.51.100.0/24', record: berlin },
  {
    network: '203.0.113.0/24',
    record: { country: { iso_code: 'AU' }, location: { latitude: -33.9, longitude: 151.2 } },
  },
  { network: '192.0.2.0/25', record: { country: { iso_code: 'FR' } } },
]);

function written(bytes: Buffer): string {
  const path = join(temporaryFolder(), 'places.mmdb');
  writeFileSync(path, bytes);
  return path;
}

it('knows where addresses are, as far as the file does', () => {
  const locate = openPlaces(written(file));
  expect(locate('198.51.100.4')).toEqual({
    latitude: 52.5244,
    longitude: 13.4105,
    name: 'Berlin, Germany',
    radiusKm: 20,
  });
  expect(locate('203.0.113.9')).toEqual({ latitude: -33.9, longitude: 151.2, name: 'AU', radiusKm: 100 });
  for (const nowhere of ['192.0.2.1', '8.8.8.8', '10.0.0.1', '::1', 'not an address', ''])
    expect(locate(nowhere)).toBeUndefined();
});

it('refuses what is no such file, and says what to do', () => {
  for (const path of [written(Buffer.from('hello')), written(Buffer.alloc(0)), '/nonexistent/x.mmdb']) {
    expect(() => openPlaces(path)).toThrow(GeoFileError);
    expect(() => openPlaces(path)).toThrow(/breach_detection\.geoip_file: .* leave the setting out/);
  }
});

it('survives any damage to a file: it is refused, or addresses are nowhere', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 }),
      fc.option(fc.nat(file.length - 1)),
      (changes, cut) => {
        const bytes = Buffer.from(file);
        for (const [at, byte] of changes) bytes[at] = byte;
        try {
          const place = openPlaces(written(cut === null ? bytes : bytes.subarray(0, cut)))('198.51.100.4');
          if (place !== undefined) expect(Math.abs(place.latitude)).toBeLessThanOrEqual(90);
        } catch (error) {
          expect(error).toBeInstanceOf(GeoFileError);
        }
      },
    ),
    { numRuns: 300 },
  );
});

it('takes records of any shape', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (whole, location) => {
      for (const place of [
        placeOf(whole),
        placeOf({ location }),
        placeOf({ location: { latitude: location, longitude: 1 } }),
      ]) {
        if (place !== undefined) expect(Number.isFinite(place.latitude + place.longitude + place.radiusKm)).toBe(true);
      }
    }),
  );
});
