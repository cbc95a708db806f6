// Bundles over a range from which the log's retention took entries away: what the filter says about them must fit what is there.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import type { JsonObject } from '../../../src-shared/evidence/canonical-json.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { SampleLog } from './sample-log.ts';

const log = new SampleLog(9);

function judged(filter: JsonObject, present: readonly number[]) {
  const bundle = log.bundle(2, 8, { filter, chosen: ({ seq }) => present.includes(seq) });
  const { verdict, findings, checks } = verifyBundle(nodePrimitives, bundle, { trustedKeys: [log.signer.key.text] });
  return { verdict, codes: findings.map(({ code }) => code), detail: checks.map((check) => check.detail).join('\n') };
}

it('is complete where present and pruned entries make up the range', () => {
  const { verdict, codes, detail } = judged(
    {
      pruned: [
        [3, 4],
        [6, 6],
      ],
    },
    [2, 5, 7, 8],
  );
  expect({ verdict, codes }).toEqual({ verdict: 'VERIFIED WITH LIMITS', codes: [] });
  expect(detail).toContain(
    "3 entries were pruned by the log's retention, only their leaves are left, no other is missing",
  );
  expect(judged({ from_seq: 2, to_seq: 8, pruned: [[3, 4]] }, [2, 5, 6, 7, 8]).verdict).toBe('VERIFIED WITH LIMITS');
});

it('says nothing of completeness under another filter', () => {
  const { verdict, detail } = judged({ event_type: 'api_call', pruned: [[3, 4]] }, [2, 8]);
  expect(verdict).toBe('VERIFIED WITH LIMITS');
  expect(detail).not.toContain('no other is missing');
});

it('finds one that is missing without being pruned, and one that is there in spite of it', () => {
  expect(judged({ pruned: [[3, 4]] }, [2, 5, 7, 8])).toMatchObject({
    verdict: 'NOT VERIFIED',
    codes: ['entries-missing'],
  });
  expect(judged({ pruned: [[3, 4]] }, [2, 4, 5, 6, 7, 8]).verdict).toBe('NOT VERIFIED');
});

it.each([
  ['no list', { pruned: 3 }],
  ['no ranges', { pruned: [3, 4] }],
  ['three numbers', { pruned: [[3, 4, 5]] }],
  [
    'out of order',
    {
      pruned: [
        [6, 6],
        [3, 4],
      ],
    },
  ],
  [
    'overlapping',
    {
      pruned: [
        [3, 5],
        [5, 6],
      ],
    },
  ],
  ['backwards', { pruned: [[4, 3]] }],
  ['beyond the range', { pruned: [[7, 90]] }],
  ['before the range', { pruned: [[1, 2]] }],
  ['no whole numbers', { pruned: [[3.5, 4.5]] }],
])('refuses what is no list of ranges: %s', (_what, filter) => {
  expect(judged(filter as JsonObject, [2, 5, 6, 7, 8]).verdict).toBe('NOT VERIFIED');
});

const seqs = fc.uniqueArray(fc.integer({ min: 2, max: 8 }), { minLength: 1 }).map((list) => list.sort((a, b) => a - b));

it('calls exactly those selections complete whose entries and ranges make up the range', () => {
  const taken = fc
    .uniqueArray(fc.integer({ min: 2, max: 8 }), { minLength: 1 })
    .map((list) => list.sort((a, b) => a - b));
  fc.assert(
    fc.property(seqs, taken, (present, gone) => {
      const { verdict, codes } = judged({ pruned: gone.map((seq) => [seq, seq]) }, present);
      const disjoint = present.every((seq) => !gone.includes(seq));
      const complete = disjoint && present.length + gone.length === 7;
      expect(verdict, codes.join()).toBe(complete ? 'VERIFIED WITH LIMITS' : 'NOT VERIFIED');
    }),
    { numRuns: 200 },
  );
});

it('takes anything else for what it is, without throwing', () => {
  const leaf = fc.oneof(fc.integer({ min: -9, max: 99 }), fc.string(), fc.constant(null), fc.boolean());
  const hostile = fc.oneof(leaf, fc.array(fc.oneof(leaf, fc.array(leaf, { maxLength: 3 })), { maxLength: 4 }));
  fc.assert(
    fc.property(seqs, hostile, (present, pruned) => {
      expect(['VERIFIED WITH LIMITS', 'NOT VERIFIED']).toContain(judged({ pruned }, present).verdict);
    }),
    { numRuns: 200 },
  );
});
