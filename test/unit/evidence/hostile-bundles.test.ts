// Bundles that nobody exported: whatever the bytes, the verifier ends soon with a verdict, and only an untouched file is verified.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { decodeUtf8Strict, encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import type { Verdict } from '../../../src-shared/evidence/verdict.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { SampleLog, signer } from './sample-log.ts';

const log = new SampleLog(20);
const whole = log.bundle(5, 12, { consistency: [log.consistency(4)] });
const filtered = log.bundle(1, 20, { filter: { event_type: 'api_call' }, chosen: ({ seq }) => seq % 2 === 0 });
const mebibyte = 1_048_576;

function verify(bytes: Uint8Array): Verdict {
  return verifyBundle(nodePrimitives, bytes, { trustedKeys: [signer.key.text] });
}

const text = decodeUtf8Strict(whole);

it.each([
  ['deep arrays', () => '['.repeat(mebibyte)],
  ['deep objects', () => '{"attachments":'.repeat(100_000)],
  ['depth inside an entry', () => text.replace('"value":', `"value":${'['.repeat(200_000)}`)],
  ['depth in the place of the proofs', () => text.replace('"range_proof":', `"range_proof":${'['.repeat(200_000)}`)],
  ['a number of a million digits', () => text.replace(/"seq":\d+/, `"seq":${'9'.repeat(mebibyte)}`)],
  ['a version beyond all numbers', () => text.replace(/"version":1}$/, `"version":${'9'.repeat(400)}}`)],
  [
    'a hundred thousand proofs',
    () => {
      const hashes = Array.from({ length: 100_000 }, () => `"${'A'.repeat(43)}"`).join(',');
      return text.replace(/"range_proof":\[[^\]]*\]/, `"range_proof":[${hashes}]`);
    },
  ],
  ['a hundred thousand empty entries', () => text.replace('"entries":[', `"entries":[${'{},'.repeat(100_000)}`)],
  [
    'a hundred thousand attachments',
    () => {
      const each = Array.from({ length: 100_000 }, (_, n) => `{"data":"","name":"${n}"}`).join(',');
      return text.replace('"attachments":[', `"attachments":[${each}`);
    },
  ],
  ['a member twice', () => text.replace('"format":', '"format":"gatehouse-bundle","format":')],
  ['the whole file twice', () => text + text],
  ['an endless string', () => `{"attachments":[{"data":"${'A'.repeat(8 * mebibyte)}`],
  ['half a character', () => text.replace('"value":"', '"value":"\\ud800')],
  ['nothing', () => ''],
])('ends with a verdict: %s', (_, make) => {
  const bytes = encodeUtf8(make());
  const begun = process.cpuUsage();
  const { verdict, findings } = verify(bytes);
  const { user, system } = process.cpuUsage(begun);
  expect(['NOT VERIFIED', 'CANNOT CHECK']).toContain(verdict);
  expect(findings.length).toBeGreaterThan(0);
  // Bounded in what is shown as well as in time: a page has to draw it.
  expect(JSON.stringify(findings).length).toBeLessThan(mebibyte);
  expect((user + system) / 1000).toBeLessThan(3_000);
});

it('verifies no changed file, and throws for none', () => {
  for (const bytes of [whole, filtered]) {
    expect(verify(bytes).verdict).toMatch(/^VERIFIED/);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.uint8Array({ maxLength: 4 }), fc.nat(4), (at, put, cut) => {
        const changed = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]);
        fc.pre(!changed.equals(bytes));
        expect(verify(changed).verdict).not.toMatch(/^VERIFIED/);
      }),
      { numRuns: 400, seed: 3 },
    );
  }
});

it('ends with a verdict for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(verify(bytes).verdict).not.toMatch(/^VERIFIED/);
    }),
    { numRuns: 500, seed: 5 },
  );
});
