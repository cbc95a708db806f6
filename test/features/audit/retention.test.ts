// Retention: expired bodies go in recorded runs, held ones stay; what is left verifies, alone and in bundles, and nothing else may be gone.
import { cpSync, rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { adminPassword, createTestConsole, type TestConsole } from '../../support/console.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { environmentKey } from '../encryption/encryption-console.ts';
import { alterPastTriggers, openStoreOf } from './open-store.ts';

const dayMs = 24 * 3_600_000;
let folder: string;
let console: TestConsole;
let session: Credential;
let secret: string;

const settings = (more: [string, unknown][] = []) => new Map<string, unknown>([['backup.schedule', 'off'], ...more]);

beforeEach(async () => {
  folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  console = await createTestConsole({ folder, settings: settings() });
  ({ session, secret } = await console.signIn());
});
afterEach(() => console[Symbol.asyncDispose]());

async function signInAgain(): Promise<void> {
  const first = await console.call('auth.login', { username: 'mira', password: adminPassword });
  const done = await console.call('auth.mfa_verify', { token: String(first.token), code: console.code(secret) });
  session = { kind: 'token', token: String(done.token), from: 'bearer' };
}

async function later(days: number): Promise<void> {
  console.host.advance(days * dayMs);
  await signInAgain();
}

const status = () => console.call('retention.status', {}, session);
const run = () => console.call('retention.run', {}, session);

async function category(name: string) {
  return (await status()).categories.find((one) => one.category === name);
}

async function seqs(): Promise<number[]> {
  const { items } = await console.call('audit.entries', { limit: 500 }, session);
  return items.map(({ seq }) => seq).reverse();
}

async function checked(): Promise<Output<'audit.status'>['check']> {
  console.host.advance(61_000);
  for (let tries = 0; tries < 2_000; tries++) {
    const { check } = await console.call('audit.status', {}, session);
    if (check.state !== 'checking') return check;
    await wait(10);
  }
  throw new Error('the check does not end');
}

async function reopen(more: [string, unknown][] = []): Promise<void> {
  const { host } = console;
  await console.core.stop();
  console = await createTestConsole({ folder, host, settings: settings(more) });
}

async function exported(input: object = {}) {
  const text = await console.call('audit.export', input, session);
  const { verifier_key } = await console.call('audit.public_key', {}, session);
  return {
    text,
    verdict: verifyBundle(nodePrimitives, Buffer.from(text), { trustedKeys: [verifier_key] }),
    filter: verifyBundle(nodePrimitives, Buffer.from(text), { trustedKeys: [verifier_key] }).manifest?.filter,
  };
}

test('what is expired goes, the run is an entry before it, and the log still checks to its last entry', async () => {
  const before = await exported();
  await later(100);
  expect(await category('security_events')).toMatchObject({ expired: 0 });
  await later(300);
  const { expired = 0 } = (await category('security_events')) ?? {};
  expect(expired).toBeGreaterThan(2);
  const all = await seqs();
  expect(await run()).toMatchObject({ deleted: expired });
  const left = await seqs();
  const gone = all.filter((seq) => !left.includes(seq));
  expect(gone).toHaveLength(expired);
  expect(await status()).toMatchObject({ pruned: expired });
  expect(await category('security_events')).toMatchObject({ expired: 0 });
  const runs = (await console.call('audit.entries', { event_type: 'retention_run' }, session)).items;
  expect(runs.map(({ details }) => details)).toContainEqual(
    expect.objectContaining({ run: 1, entries: expired, from_seq: gone[0], to_seq: gone.at(-1) }),
  );
  expect(await run()).toEqual({ deleted: 0, events_deleted: 0 });
  await reopen();
  expect(await checked()).toMatchObject({ state: 'intact' });
  // What was exported before is as good as it was.
  expect(before.verdict.verdict).toBe('VERIFIED');

  const whole = await exported();
  expect(whole.verdict.verdict).toBe('VERIFIED WITH LIMITS');
  const chain = whole.verdict.checks.find(({ title }) => /chain/i.test(title));
  // The first entry is among those that are gone: what was looked at begins with it all the same.
  expect(gone[0]).toBe(1);
  expect(whole.filter).toEqual({ pruned: expect.any(Array) as unknown });
  expect(chain?.detail).toContain(`${gone.length} entries were pruned by the log's retention`);
  expect(chain?.detail).toContain('no other is missing');
  const range = await exported({ from_seq: left.at(-3), to_seq: left.at(-1) });
  expect(range.verdict.verdict).toBe('VERIFIED');
  const some = await exported({ event_type: 'audit_export' });
  expect(some.verdict.verdict).toBe('VERIFIED WITH LIMITS');
});

test('a legal hold keeps what it covers until it is released', async () => {
  const { id } = await console.call('retention.hold', { label: 'case 7', category: 'security_events' }, session);
  await later(400);
  expect(await category('security_events')).toMatchObject({ expired: 0, held: expect.any(Number) as number });
  expect((await category('security_events'))?.held).toBeGreaterThan(0);
  await run();
  expect((await category('security_events'))?.held).toBeGreaterThan(0);
  await console.call('retention.release', { id }, session);
  expect(await category('security_events')).toMatchObject({ held: 0 });
  expect((await run()).deleted).toBeGreaterThan(0);
  await expect(console.call('retention.release', { id }, session)).rejects.toThrow('retention/not-found');
  await expect(
    console.call(
      'retention.hold',
      { label: 'x', since: '2026-02-01T00:00:00Z', until: '2026-01-01T00:00:00Z' },
      session,
    ),
  ).rejects.toThrow('after since');
});

test('by itself it only deletes where that was set; then each night, as the system', async () => {
  await later(400);
  console.host.advance(dayMs);
  await signInAgain();
  expect(await status()).toMatchObject({ auto_delete_expired: false, next_run_at: null, pruned: 0 });
  await reopen([['retention.auto_delete_expired', true]]);
  expect(await status()).toMatchObject({ auto_delete_expired: true, pruned: 0 });
  console.host.advance(700_000);
  await expect.poll(async () => (await status()).pruned).toBeGreaterThan(0);
  const { items } = await console.call('audit.entries', { event_type: 'retention_run' }, session);
  expect(items.map(({ actor }) => actor.name)).toEqual(['system']);
});

test('a run that was killed is finished by the next start, and nothing is deleted twice', async () => {
  await later(400);
  const { host } = console;
  await console.core.stop();
  let copy: string | undefined;
  let armed = false;
  console = await createTestConsole({
    folder,
    host,
    settings: settings(),
    wrapDatabase: (database) => ({
      ...database,
      get inTransaction() {
        return database.inTransaction;
      },
      run(sql, parameters) {
        const changes = database.run(sql, parameters);
        // The run and its entry are durable, and not one body is gone yet.
        const isRecorded = (): boolean => database.get('SELECT 1 AS found FROM audit_pruning') !== undefined;
        if (armed && sql === 'COMMIT' && copy === undefined && isRecorded()) {
          copy = temporaryFolder();
          cpSync(folder, copy, { recursive: true });
        }
        return changes;
      },
    }),
  });
  armed = true;
  const { deleted } = await run();
  expect(deleted).toBeGreaterThan(0);
  await console.core.stop();
  const killed = copy ?? '';
  onTestFinished(() => rmSync(killed, { recursive: true, force: true }));
  rmSync(folder, { recursive: true, force: true });
  cpSync(killed, folder, { recursive: true });
  console = await createTestConsole({ folder, host, settings: settings() });
  expect(await checked()).toMatchObject({ state: 'intact' });
  const before = (await seqs()).length;
  console.host.advance(700_000);
  await expect.poll(async () => (await seqs()).length).toBeLessThan(before);
  expect(await status()).toMatchObject({ pruned: deleted });
  expect((await console.call('audit.entries', { event_type: 'retention_run' }, session)).items).toHaveLength(1);
  await reopen();
  expect(await checked()).toMatchObject({ state: 'intact' });
});

test('the store refuses what is outside a run, and the check finds a run that was made up or enlarged', async () => {
  await later(400);
  await run();
  const { host } = console;
  await console.core.stop();
  {
    using database = openStoreOf(folder, environmentKey);
    const seq = Number(database.get('SELECT max(seq) AS seq FROM audit_body')?.seq);
    for (const sql of [
      'DELETE FROM audit_body',
      'DELETE FROM audit_pruned_range',
      'UPDATE audit_pruned_range SET to_seq = 1000',
      'DELETE FROM audit_pruning',
      'UPDATE audit_pruning SET finished_at = NULL',
      'DELETE FROM audit_node',
    ]) {
      expect(() => database.run(sql), sql).toThrow(/append-only|pruning|recorded/);
    }
    alterPastTriggers(
      database,
      `DELETE FROM audit_body WHERE seq = ${seq - 1};
       INSERT INTO audit_pruned_range (from_seq, to_seq, run) VALUES (${seq - 1}, ${seq - 1}, 1)`,
    );
  }
  console = await createTestConsole({ folder, host, settings: settings() });
  expect(await checked()).toMatchObject({
    state: 'broken',
    detail: expect.stringMatching(/is missing$|is not the one that entry #\d+ records$/) as string,
  });
});

test.each([
  ['deleted', 'DELETE FROM audit_hold'],
  ['released past the console', 'UPDATE audit_hold SET released_at = 1'],
  ['ended before', 'UPDATE audit_hold SET until = 1'],
  ['of another category', "UPDATE audit_hold SET category = 'pii'"],
])('a legal hold that was %s is found, and named by the entry that placed it', async (_what, sql) => {
  const over = await console.call('retention.hold', { label: 'case 6' }, session);
  await console.call('retention.release', { id: over.id }, session);
  await console.call('retention.hold', { label: 'case 7', since: '2020-01-01T00:00:00+01:00' }, session);
  expect(await checked()).toMatchObject({ state: 'intact' });
  const { items } = await console.call('audit.entries', { event_type: 'retention_hold', limit: 1 }, session);
  const { host } = console;
  await console.core.stop();
  {
    using database = openStoreOf(folder, environmentKey);
    database.script(sql);
  }
  console = await createTestConsole({ folder, host, settings: settings() });
  expect(await checked()).toMatchObject({
    state: 'broken',
    first_bad_seq: items[0]?.seq,
    detail: `entry #${items[0]?.seq}: the legal hold that it places is not kept as it says`,
  });
});

test('it asks for the permission and a fresh second factor', async () => {
  const reader = await console.createKey(['*.read'], session);
  expect(await console.send('retention.run', {}, reader)).toMatchObject({ problem: { code: 'access/forbidden' } });
  expect(await console.call('retention.status', {}, reader)).toMatchObject({ holds: [] });
  console.host.advance(6 * 60_000);
  expect(await console.send('retention.run', {}, session)).toMatchObject({ problem: { code: 'access/step-up' } });
});
