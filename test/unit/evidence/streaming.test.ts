import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { type BundleSource, SourceCut } from '../../../src-shared/evidence/bundle-source.ts';
import { encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import type { Verdict } from '../../../src-shared/evidence/verdict.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { SampleLog, signer } from './sample-log.ts';

const log = new SampleLog(23);
const whole = log.bundle(5, 20, {
  attachments: [
    { name: 'note.txt', media_type: 'text/plain', data: encodeUtf8('hi') },
    { name: 'empty.txt', media_type: 'text/plain', data: new Uint8Array(0) },
  ],
});
const filtered = log.bundle(1, 20, { filter: { event_type: 'api_call' }, chosen: ({ seq }) => seq % 2 === 0 });
const options = { trustedKeys: [signer.key.text] };

/** Gives the file in windows of `window` bytes and counts how much is asked for at once. */
function inWindows(bytes: Uint8Array, window: number): BundleSource & { longest: number } {
  return {
    size: bytes.length,
    window,
    longest: 0,
    read(offset, target) {
      this.longest = Math.max(this.longest, target.length);
      const part = bytes.subarray(offset, offset + target.length);
      target.set(part);
      return part.length;
    },
  };
}

function verifyIn(bytes: Uint8Array, window: number): Verdict {
  return verifyBundle(nodePrimitives, inWindows(bytes, window), options);
}

describe('a bundle that is never in memory as a whole', () => {
  const atOnce = {
    whole: verifyBundle(nodePrimitives, whole, options),
    filtered: verifyBundle(nodePrimitives, filtered, options),
  };

  it('gets the same verdict, to the word, whatever part of it is held at a time', () => {
    expect(atOnce.whole.verdict).toBe('VERIFIED');
    expect(atOnce.filtered.verdict).toBe('VERIFIED WITH LIMITS');
    for (const window of [1, 2, 3, 5, 7, 16, 61, 64, 65, 100, 333, 1000, 1024, 5000, whole.length - 1, whole.length]) {
      expect(verifyIn(whole, window)).toEqual(atOnce.whole);
      expect(verifyIn(filtered, window)).toEqual(atOnce.filtered);
    }
  });

  it('is refused with the same findings when it was tampered with', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(
          fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.integer({ min: 0, max: 255 })),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
        fc.constantFrom('replace', 'remove', 'insert'),
        fc.integer({ min: 1, max: 700 }),
        (isWhole, places, how, window) => {
          let bytes = Uint8Array.from(isWhole ? whole : filtered);
          for (const [share, value] of places) {
            const at = Math.floor(share * bytes.length);
            if (how === 'replace') bytes[at] = value;
            else {
              const rest = [...bytes.subarray(at + (how === 'remove' ? 1 : 0))];
              bytes = Uint8Array.from([...bytes.subarray(0, at), ...(how === 'insert' ? [value] : []), ...rest]);
            }
          }
          expect(verifyIn(bytes, window)).toEqual(verifyBundle(nodePrimitives, bytes, options));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('holds little of it', () => {
    const long = new SampleLog(600);
    const bytes = long.bundle(1, 600, { exportedAt: '2026-11-22T00:00:00.000Z' });
    const source = inWindows(bytes, 16_384);
    expect(verifyBundle(nodePrimitives, source, { trustedKeys: [long.signer.key.text] }).verdict).toBe('VERIFIED');
    // The manifest is the longest thing in it that must be held at once.
    expect(source.longest).toBeLessThan(bytes.length / 8);
  });

  it('gets no verdict when it becomes shorter while it is read', () => {
    const source = inWindows(whole, 512);
    const shrinking = {
      ...source,
      read: (at: number, target: Uint8Array) => (at > 2_000 ? 0 : source.read(at, target)),
    };
    expect(() => verifyBundle(nodePrimitives, shrinking, options)).toThrow(SourceCut);
  });
});
