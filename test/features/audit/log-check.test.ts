// The full check in its thread: what it compares besides the store itself, and that it lets go of the store when others need it.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { createLogCheck } from '../../../src-main/shells/log-check.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { splitNotes } from '../../../src-shared/evidence/note-file.ts';
import { parseVerifierKey } from '../../../src-shared/evidence/signed-note.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { environmentKey, finished, keyFileOf } from '../encryption/encryption-console.ts';
import { forgeLog } from './forged-log.ts';

let folder: string;
let console: TestConsole;
let session: Credential;

beforeEach(async () => {
  folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  console = await createTestConsole({ folder });
  ({ session } = await console.signIn());
});
afterEach(() => console[Symbol.asyncDispose]());

async function reopen(): Promise<void> {
  const { host } = console;
  await console.core.stop();
  console = await createTestConsole({ folder, host });
}

async function checked(): Promise<Output<'audit.status'>['check']> {
  console.host.advance(1_100);
  for (let tries = 0; tries < 2_000; tries++) {
    const { check } = await console.call('audit.status', {}, session);
    if (check.state !== 'checking') return check;
    await wait(10);
  }
  throw new Error('the check does not end');
}

async function signSome(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await console.createKey(['events.read'], session);
    await console.call('audit.checkpoint', {}, session);
  }
}

test('a history that is signed anew, with the newest of the kept checkpoints made to fit, contradicts the older ones', async () => {
  await signSome(6);
  await console.core.stop();
  const kept = join(folder, 'checkpoints.log');
  const { notes } = splitNotes(readFileSync(kept, 'utf8'));
  forgeLog(folder, keyFileOf(console), environmentKey, { seq: 3, checkpoints: 'resigned' });
  // So that the start, which looks at the newest alone, sees nothing.
  writeFileSync(kept, notes.slice(0, 4).join(''));
  const { host } = console;
  console = await createTestConsole({ folder, host, acceptOlderStore: true });
  // Accepting set the kept ones aside; put back, as somebody would who waits for the console to run.
  writeFileSync(kept, notes.slice(0, 4).join(''));
  const check = await checked();
  expect(check.state).toBe('broken');
  expect(check.detail).toContain('checkpoints.log holds a checkpoint');
  const { items } = await console.call('audit.entries', { event_type: 'audit_damaged' }, session);
  expect(items).toHaveLength(1);
});

test('rubbish among the kept checkpoints, also a great deal of it, is no finding', async () => {
  await signSome(3);
  const kept = join(folder, 'checkpoints.log');
  writeFileSync(
    kept,
    `${readFileSync(kept, 'utf8')}${'rubbish '.repeat(400_000)}\n\n— x y\n${readFileSync(kept, 'utf8')}`,
  );
  expect(await checked()).toMatchObject({ state: 'intact' });
});

test('it makes way for a rotation of the page key and for the lock, and comes back later', async () => {
  await signSome(3);
  await reopen();
  console.host.advance(1_100);
  await console.call('encryption.rotate', { key: 'page' }, session);
  expect(await finished(console, session)).toMatchObject({ state: 'finished' });
  console.host.advance(60_000);
  expect(await checked()).toMatchObject({ state: 'intact' });
  // Once more, and stopped before it ends.
  await reopen();
  console.host.advance(1_100);
  await reopen();
  expect(await checked()).toMatchObject({ state: 'intact' });
});

test('stopped, it says so and is over; under a wrong key it fails with a reason', async () => {
  await console.call('audit.checkpoint', {}, session);
  const { verifier_key, origin } = await console.call('audit.public_key', {}, session);
  const today = { origin, verifierKey: parseVerifierKey(nodePrimitives, verifier_key) };
  const check = createLogCheck(
    () => folder,
    () => new Uint8Array(32),
  );
  const abort = new AbortController();
  await expect(check(today, () => undefined, abort.signal)).rejects.toThrow('does not open');
  const stopped = check(today, () => undefined, abort.signal);
  abort.abort();
  await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
});
