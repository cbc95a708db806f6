// What the console adds to a verification: receipts that it signs, and pinned signers; each with its entry.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { encodeHex, encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import { checkedFile, formatReceipt, readReceipt, VERIFIER } from '../../../src-shared/evidence/receipt.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { verifyReceipt } from '../../../src-shared/evidence/verify-receipt.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { projectRoot } from '../../support/node.ts';
import { SampleLog, testSigner } from '../../unit/evidence/sample-log.ts';

const log = new SampleLog(5);
const bundle = log.bundle(2, 4);
const sha256 = encodeHex(nodePrimitives.sha256(bundle));
const foreign = testSigner('gatehouse/elsewhere', 5).key.text;
const trusted = { authorities: [], checkpoints: [], keys: [log.signer.key.text], witnesses: [] };
const file = { name: 'march.ghbundle', sha256, size: bundle.length };
const verdict = verifyBundle(nodePrimitives, bundle, { trustedKeys: trusted.keys });
const checked = { ...checkedFile(file, verdict, trusted), program: 'Gatehouse 0.1.0, window' };
const unsigned = formatReceipt({
  ...checkedFile(file, verdict, trusted),
  checked_at: '2026-11-21T14:05:00.000Z',
  checked_by: { console: null, person: null, program: 'verify.html' },
  format_version: 1,
});

let console: TestConsole;
let session: Credential;
let key: string;

beforeEach(async () => {
  console = await createTestConsole();
  ({ session } = await console.signIn());
  key = (await console.call('audit.public_key', {}, session)).verifier_key;
});
afterEach(() => console[Symbol.asyncDispose]());

async function entriesOf(event_type: string) {
  const { items } = await console.call('audit.entries', { event_type }, session);
  return items.map(({ resource, details }) => ({ resource, details }));
}

test('a receipt is signed with its entry, says who stated what about which file, and verifies', async () => {
  const { receipt } = await console.call('bundles.receipt', checked, session);
  const bytes = encodeUtf8(receipt);
  const judged = verifyReceipt(nodePrimitives, bytes, [key], sha256);
  expect(judged).toMatchObject({
    verdict: 'VERIFIED',
    summary: expect.stringContaining('march.ghbundle was VERIFIED on '),
    checks: [{ state: 'proven' }, { state: 'proven' }, { state: 'proven' }],
    receipt: { ...checkedFile(file, verdict, trusted), checked_by: { program: checked.program } },
  });
  expect(await entriesOf('bundle_receipt')).toEqual([
    {
      resource: { type: 'receipt', id: sha256 },
      details: {
        file: file.name,
        sha256,
        verdict: 'VERIFIED',
        signer: log.signer.key.text,
        origin: log.signer.key.name,
        program: checked.program,
      },
    },
  ]);
  expect(verifyReceipt(nodePrimitives, bytes, []).verdict).toBe('VERIFIED WITH LIMITS');
  expect(verifyReceipt(nodePrimitives, bytes, [foreign]).verdict).toBe('NOT VERIFIED');
  expect(verifyReceipt(nodePrimitives, bytes, [key], '0'.repeat(64)).verdict).toBe('NOT VERIFIED');
});

test('a receipt with anything changed is not verified, and one that nobody signed can not be checked', async () => {
  const { receipt } = await console.call('bundles.receipt', checked, session);
  for (let at = 0; at < receipt.length; at += 41) {
    const bytes = encodeUtf8(receipt);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    expect(verifyReceipt(nodePrimitives, bytes, [key]).verdict, `byte ${at}`).toBe('NOT VERIFIED');
  }
  const judged = verifyReceipt(nodePrimitives, unsigned, [key]);
  expect(judged).toMatchObject({ verdict: 'CANNOT CHECK', summary: expect.stringContaining('Nobody signed this') });
  // A signature can't be taken off without that being said.
  const { dsse } = JSON.parse(receipt) as { dsse: { payload: string; payloadType: string } };
  const stripped = `{"dsse":{"payload":"${dsse.payload}","payloadType":"${dsse.payloadType}","signatures":[]},"format":"gatehouse-receipt","signer":null,"version":1}`;
  expect(verifyReceipt(nodePrimitives, encodeUtf8(stripped), [key]).verdict).toBe('CANNOT CHECK');
});

test('any bytes are a receipt or refused in words', () => {
  const places = fc.array(fc.tuple(fc.nat({ max: unsigned.length - 1 }), fc.nat({ max: 255 })), { maxLength: 4 });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(encodeUtf8)), places, (bytes, changes) => {
      const changed = Uint8Array.from(unsigned);
      for (const [at, byte] of changes) changed[at] = byte;
      for (const each of [bytes, changed]) {
        expect(['CANNOT CHECK', 'NOT VERIFIED']).toContain(verifyReceipt(nodePrimitives, each, [key]).verdict);
      }
    }),
  );
});

test('what the receipt can not hold is refused', async () => {
  for (const wrong of [
    { ...checked, file: { ...file, sha256: 'abc' } },
    { ...checked, summary: 'half \ud800' },
    { ...checked, program: '' },
    { ...checked, checks: [{ id: 'other', title: '', state: 'proven', detail: '' }] },
  ]) {
    await expect(console.call('bundles.receipt', wrong as typeof checked, session)).rejects.toThrow('request/invalid');
  }
  expect(readReceipt(unsigned).receipt.checked_by.person).toBeNull();
});

test('a receipt names the version of the verifier', () => {
  const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
  expect(VERIFIER).toBe(`Gatehouse ${version}`);
});

test('a signer is pinned once, its note can be changed, and it can be taken away', async () => {
  const pinned = await console.call('bundles.pin', { verifier_key: ` ${foreign}\n`, note: 'by phone' }, session);
  expect(pinned).toMatchObject({ verifier_key: foreign, note: 'by phone' });
  const again = await console.call('bundles.pin', { verifier_key: foreign, note: 'in person' }, session);
  expect(again).toMatchObject({ id: pinned.id, note: 'in person' });
  expect(await console.call('bundles.pins', {}, session)).toEqual({ items: [again] });
  await console.call('bundles.unpin', { id: pinned.id }, session);
  expect(await console.call('bundles.pins', {}, session)).toEqual({ items: [] });
  await expect(console.call('bundles.unpin', { id: pinned.id }, session)).rejects.toThrow('bundles/not-found');
  await expect(console.call('bundles.pin', { verifier_key: 'no key' }, session)).rejects.toThrow('request/invalid');
  const entries = await entriesOf('signer_pin');
  expect(
    entries.filter(({ details }) => details.verifier_key === foreign).map(({ details }) => details.pinned),
  ).toEqual([false, true, true]);
});
