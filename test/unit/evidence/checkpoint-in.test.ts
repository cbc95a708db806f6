// The checkpoint in a bundle of before, for holding a later one against it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { checkpointIn } from '../../../src-shared/evidence/bundle-reader.ts';
import { sourceOf } from '../../../src-shared/evidence/bundle-source.ts';
import { FormatError } from '../../../src-shared/evidence/format-error.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { SampleLog } from './sample-log.ts';

const log = new SampleLog(12);
const bundle = log.bundle(2, 9);

test('is the one that its proofs lead to', () => {
  expect(checkpointIn(sourceOf(bundle))).toBe(
    verifyBundle(nodePrimitives, bundle, { trustedKeys: [] }).manifest?.checkpoint,
  );
});

test('is had from the beginning of the file alone, however little of it is read at a time', () => {
  const end = Buffer.from(bundle).indexOf('"entries":[') + '"entries":['.length;
  const source = { ...sourceOf(bundle.subarray(0, end)), window: 16 };
  expect(checkpointIn(source)).toBe(checkpointIn(sourceOf(bundle)));
});

test('of anything else is a refusal with a reason', () => {
  for (const text of ['', '{', '{}', '[]', '{"attachments":[],"dsse":{}}', 'gatehouse/x\n1\n', '{"attachments":[]']) {
    expect(() => checkpointIn(sourceOf(new TextEncoder().encode(text)))).toThrow(FormatError);
  }
  fc.assert(
    fc.property(fc.nat(bundle.length - 1), fc.nat(255), fc.boolean(), (at, byte, isCut) => {
      const changed = isCut ? bundle.slice(0, at) : bundle.slice();
      if (!isCut) changed[at] = byte;
      try {
        expect(typeof checkpointIn(sourceOf(changed))).toBe('string');
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
    { numRuns: 300 },
  );
});
