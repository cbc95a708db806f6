// Histories that somebody with the disk and all keys has written anew, and that agree with themselves: what finds them is what was handed
// out before. And clocks that go wrong, which must look like nothing else than that.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { parseKeyFile } from '../../../src-main/core/features/keys/key-file.ts';
import { checkpointIn } from '../../../src-shared/evidence/bundle-reader.ts';
import { sourceOf } from '../../../src-shared/evidence/bundle-source.ts';
import { splitNotes } from '../../../src-shared/evidence/note-file.ts';
import type { Verdict } from '../../../src-shared/evidence/verdict.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { adminPassword, createTestConsole, type TestConsole } from '../../support/console.ts';
import { createTestHost, type TestHost } from '../../support/host.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { environmentKey, expectIntact } from '../encryption/encryption-console.ts';
import { cutTail, forgeLog } from './forged-log.ts';

let folder: string;
let host: TestHost;

beforeEach(() => {
  folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  host = createTestHost();
});

const open = (acceptOlderStore = false): Promise<TestConsole> => createTestConsole({ folder, host, acceptOlderStore });

async function exported(console: TestConsole, session: Credential): Promise<Uint8Array> {
  return Buffer.from(await console.call('audit.export', {}, session));
}

function verified(bundle: Uint8Array, key: string, ...checkpoints: string[]): Verdict {
  return verifyBundle(nodePrimitives, bundle, { trustedKeys: [key], checkpoints });
}

async function makeEntries(console: TestConsole, session: Credential, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await console.createKey(['events.read'], session);
}

const found = ({ verdict, findings }: Verdict) => ({ verdict, codes: findings.map(({ code }) => code) });

describe('a log that was written anew with its own keys', () => {
  /** A console with a past: somebody holds a checkpoint of it, somebody else a bundle. */
  async function consoleWithPast() {
    await using console = await open();
    const { session } = await console.signIn();
    const { verifier_key: key } = await console.call('audit.public_key', {}, session);
    await makeEntries(console, session, 2);
    const early = await console.call('audit.checkpoint', {}, session);
    await makeEntries(console, session, 4);
    const { size, note } = await console.call('audit.checkpoint', {}, session);
    const bundle = await exported(console, session);
    expect(verified(bundle, key, early.note, note).verdict).toBe('VERIFIED');
    return { session, key, early: early.size, held: { size, note }, bundle };
  }

  test('cut off and not yet as long again: a rollback, for who holds a checkpoint or an earlier bundle', async () => {
    const past = await consoleWithPast();
    cutTail(folder, environmentKey, past.early);
    await using console = await open();
    await expectIntact(console, past.session);
    const bundle = await exported(console, past.session);
    const { manifest } = verified(bundle, past.key);
    expect(manifest?.tree_size).toBeLessThan(past.held.size);
    for (const note of [past.held.note, checkpointIn(sourceOf(past.bundle))]) {
      const verdict = verified(bundle, past.key, note);
      expect(found(verdict)).toEqual({ verdict: 'NOT VERIFIED', codes: ['held-checkpoint-rollback'] });
      expect(verdict.summary).toMatch(/rolled back: you hold a checkpoint of \d+ entries, this one has \d+/);
    }
  });

  test('cut off and gone on beyond: a fork, for who holds a checkpoint or an earlier bundle, and for nobody else', async () => {
    const past = await consoleWithPast();
    cutTail(folder, environmentKey, past.early);
    await using console = await open();
    await makeEntries(console, past.session, 12);
    const bundle = await exported(console, past.session);
    // It agrees with itself: console and verifier have nothing to hold against it (SECURITY.md says so).
    await expectIntact(console, past.session);
    expect(verified(bundle, past.key)).toMatchObject({ verdict: 'VERIFIED', findings: [] });
    for (const note of [past.held.note, checkpointIn(sourceOf(past.bundle))]) {
      const verdict = verified(bundle, past.key, note);
      expect(found(verdict)).toEqual({ verdict: 'NOT VERIFIED', codes: ['held-checkpoint-fork'] });
      expect(verdict.summary).toMatch(/forked: at \d+ entries this log had another root than the checkpoint you hold/);
    }
  });

  test("an old entry changed and signed anew with today's key: the console names it, and who holds a checkpoint sees a fork", async () => {
    const past = await consoleWithPast();
    {
      await using console = await open();
      await console.call('encryption.rotate', { key: 'signing' }, past.session);
      await makeEntries(console, past.session, 1);
    }
    forgeLog(folder, parseKeyFile(readFileSync(join(folder, 'keys.json'), 'utf8')), environmentKey, {
      seq: 3,
      checkpoints: 'resigned',
    });
    rmSync(join(folder, 'checkpoints.log'));
    await using console = await open(true);
    const bundle = await exported(console, past.session);
    expect(found(verified(bundle, past.key, past.held.note))).toEqual({
      verdict: 'NOT VERIFIED',
      codes: ['held-checkpoint-fork'],
    });
    host.advance(1_100);
    await expect
      .poll(async () => (await console.call('audit.status', {}, past.session)).check, { timeout: 30_000 })
      .toMatchObject({
        state: 'broken',
        detail: expect.stringContaining('its signature is not by the key that signed at that time') as string,
      });
  });
});

describe('a clock that is set', () => {
  const hour = 3_600_000;
  const year = 365 * 24 * hour;

  async function signInAgain(console: TestConsole, secret: string): Promise<Credential> {
    const first = await console.call('auth.login', { username: 'mira', password: adminPassword });
    if (!('mfa_required' in first)) throw new Error('expected to be asked for the second factor');
    const done = await console.call('auth.mfa_verify', { token: first.token, code: console.code(secret) });
    if (!('user' in done) || done.token === undefined) throw new Error('expected a session');
    return { kind: 'token', token: done.token, from: 'bearer' };
  }

  test.each([
    ['back by six hours', -6 * hour],
    ['back by three years', -3 * year],
    ['forward by six hours', 6 * hour],
    ['forward by three years, and back again', 3 * year],
  ])('%s: the log goes on in order, is signed each minute, verifies, and says whose clock it was', async (_, step) => {
    await using console = await open();
    const { session: first, secret } = await console.signIn();
    const { verifier_key: key } = await console.call('audit.public_key', {}, first);
    await makeEntries(console, first, 2);
    const before = await console.call('audit.checkpoint', {}, first);
    host.stepClock(step);
    // Forward, the session is over. Back, it goes on; a code of that time would count as spent.
    const session = step > 0 ? await signInAgain(console, secret) : first;
    await makeEntries(console, session, 2);
    if (step > year) {
      host.stepClock(-step);
      await makeEntries(console, session, 2);
    }
    // Timers do not go by that clock: a minute later the new entries are signed, and nobody asked.
    host.advance(60_000);
    const { checkpoint, size } = await console.call('audit.status', {}, session);
    expect(checkpoint?.size).toBeGreaterThanOrEqual(before.size + 2);
    expect(checkpoint?.size).toBe(size);

    const { items } = await console.call('audit.entries', { limit: 200 }, session);
    const seqs = items.map(({ seq }) => seq).reverse();
    expect(seqs).toEqual(seqs.map((_seq, index) => index + 1));
    const times = items.map(({ time }) => Date.parse(time)).reverse();
    const jumps = times.flatMap((time, index) => (Math.abs(time - (times[index - 1] ?? time)) >= hour ? [time] : []));
    expect(jumps).toHaveLength(step > year ? 2 : 1);

    const verdict = verified(await exported(console, session), key, before.note);
    // Set back, the console exports before its own entries: said, and no forgery.
    const isEarlier = step < 0 || step > year;
    expect(verdict).toMatchObject({ verdict: isEarlier ? 'VERIFIED WITH LIMITS' : 'VERIFIED', findings: [] });
    expect(verdict.checks.find(({ id }) => id === 'time_claims')?.detail).toMatch(
      isEarlier
        ? /^exported on .*, which is before the time of entry .*: the clock was wrong/
        : /^self-asserted by the console's own clock/,
    );
    expect(verdict.not_proven).toContain("That the console's clock was right.");
    await expectIntact(console, session);
    // Nothing is taken for expired that the clock did not make so, and nothing is deleted by itself.
    const { categories, pruned } = await console.call('retention.status', {}, session);
    expect(pruned).toBe(0);
    for (const { expired, held, entries } of categories) {
      expect(expired + held).toBeGreaterThanOrEqual(0);
      expect(expired).toBeLessThanOrEqual(entries);
    }
    const { notes } = splitNotes(readFileSync(join(folder, 'checkpoints.log'), 'utf8'));
    const sizes = notes.map((note) => Number(note.split('\n')[1]));
    expect(sizes).toEqual([...sizes].sort((left, right) => left - right));
    // And so does a start under a clock that was set once more.
    await console.core.stop();
    host.stepClock(-step);
    await using again = await open();
    await expectIntact(again, session);
  });
});
