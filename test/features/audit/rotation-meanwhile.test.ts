// The signing key is rotated while something is under way that seals or signs: a bundle that is read from the log, and entries about persons.
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { sourceOf } from '../../../src-shared/evidence/bundle-source.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { expectIntact } from '../encryption/encryption-console.ts';

let console: TestConsole;
let session: Credential;

beforeEach(async () => {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  console = await createTestConsole({ folder });
  ({ session } = await console.signIn());
});
afterEach(() => console[Symbol.asyncDispose]());

const publicKey = () => console.call('audit.public_key', {}, session);
const rotate = () => console.call('encryption.rotate', { key: 'signing' }, session);
const ask = (subject_id: string) => console.call('subjects.access', { subject_id, reason: 'a letter' }, session);

function verified(bundle: string, key: string) {
  return verifyBundle(nodePrimitives, sourceOf(Buffer.from(bundle)), { trustedKeys: [key] });
}

test('a bundle that is read while the key is rotated is signed by the new key, and both keys verify it', async () => {
  for (let n = 0; n < 120; n++) await console.call('audit.checkpoint', {}, session);
  const before = await publicKey();
  const [bundle] = await Promise.all([console.call('audit.export', {}, session), rotate()]);
  const after = await publicKey();
  expect(after.verifier_key).not.toBe(before.verifier_key);
  const verdict = verified(bundle, after.verifier_key);
  expect(verdict.findings).toEqual([]);
  expect(verdict).toMatchObject({ verdict: 'VERIFIED', signer: after.verifier_key });
  expect(verified(bundle, before.verifier_key).verdict).toBe('VERIFIED');
  expect(verdict.manifest?.key_history).toHaveLength(1);
  // The export was begun before the rotation.
  const { items } = await console.call('audit.entries', { event_type: 'key_rotation' }, session);
  expect(verdict.manifest?.tree_size).toBeLessThan(items[0]?.seq ?? 0);
  await expectIntact(console, session);
});

test('entries about persons are sealed before, while and after the key is rotated, and open again', async () => {
  const persons = Array.from({ length: 12 }, (_, n) => `person-${n}@example.org`);
  const asked = persons.map((person, n) => (n === 6 ? rotate().then(() => ask(person)) : ask(person)));
  await Promise.all([...asked, ...persons.map(ask)]);
  await rotate();
  for (const person of persons) expect(await ask(person)).toMatchObject({ state: 'kept', entries: 2 });
  const { items } = await console.call('audit.entries', { event_type: 'access_request', limit: 200 }, session);
  expect(new Set(items.map(({ details }) => details.subject_id))).toEqual(new Set(persons));
  await expectIntact(console, session);
});
