// Addresses in the fragment: what is written comes back as it was, and what people paste never throws.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPlace, parsePlace } from '../../../src-renderer/app/navigation.ts';

describe('addresses', () => {
  it.each([
    ['', { screen: '', path: [], query: {} }],
    ['#/', { screen: '', path: [], query: {} }],
    ['#/queue', { screen: 'queue', path: [], query: {} }],
    ['#/queue/ALR-20928?tab=events', { screen: 'queue', path: ['ALR-20928'], query: { tab: 'events' } }],
    ['#/secrets/db%2Forders/password', { screen: 'secrets', path: ['db/orders', 'password'], query: {} }],
    ['#/queue//x', { screen: 'queue', path: ['x'], query: {} }],
    ['#/entity/100%', { screen: 'entity', path: ['100%'], query: {} }],
  ])('reads %s', (fragment, place) => {
    expect(parsePlace(fragment)).toEqual(place);
  });

  it('brings back any place that was written', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    const place = fc.record({
      screen: text,
      path: fc.array(text),
      query: fc.dictionary(text, fc.string({ unit: 'grapheme' })),
    });
    fc.assert(
      fc.property(place, (written) => {
        const read = parsePlace(formatPlace(written));
        expect({ ...read, query: { ...read.query } }).toEqual({ ...written, query: { ...written.query } });
      }),
    );
  });

  it('never throws on what was pasted', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (fragment) => void parsePlace(fragment)));
  });
});
