// Entries about a person: sealed under the person's key before the entry is hashed, open while the key lives, erased with it; the log and
// every bundle of it verify before and after.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { applyKey } from '../../../src-main/adapters/sqlite/store-key.ts';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { openKeyRing } from '../../../src-main/core/features/keys/key-ring.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { environmentKey, keyFileOf } from '../encryption/encryption-console.ts';
import { alterPastTriggers, openStoreOf } from './open-store.ts';

const person = 'greta.hollmann-4711@example.test';
const why = 'request by letter of Greta Hollmann';

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

const ask = (reason = why) => console.call('subjects.access', { subject_id: person, reason }, session);
const erase = () => console.call('subjects.erase', { subject_id: person, reason: 'article 17' }, session);

async function about(): Promise<Output<'audit.entries'>['items']> {
  return (await console.call('audit.entries', { event_type: 'access_request' }, session)).items.toReversed();
}

async function exported(redact: 'nothing' | 'all' = 'nothing') {
  const text = await console.call('audit.export', { redact }, session);
  const { verifier_key } = await console.call('audit.public_key', {}, session);
  return { text, verdict: verifyBundle(nodePrimitives, Buffer.from(text), { trustedKeys: [verifier_key] }) };
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

async function altered(sql: string): Promise<Output<'audit.status'>['check']> {
  const { host } = console;
  await console.core.stop();
  {
    using database = openStoreOf(folder, environmentKey);
    alterPastTriggers(database, sql);
  }
  console = await createTestConsole({ folder, host });
  return checked();
}

/** Every page of the store as it is when decrypted, free ones included, and its log, which is carried over first. */
function plainStore(): Buffer {
  const ring = openKeyRing(keyFileOf(console), environmentKey, { bytes: (length) => new Uint8Array(length) });
  const sqlite = new Sqlite(join(folder, 'store.db'));
  try {
    applyKey(sqlite, ring.pageKey());
    return sqlite.serialize();
  } finally {
    sqlite.close();
    ring.destroy();
  }
}

test('while the key lives the fields can be read, and nowhere do they stand in the store', async () => {
  expect(await ask()).toMatchObject({ state: 'unknown', entries: 0, seqs: [] });
  expect(await ask()).toMatchObject({ state: 'kept', entries: 1 });
  const entries = await about();
  expect(entries.map(({ details, about_subject, erased }) => ({ details, about_subject, erased }))).toMatchObject([
    { details: { subject_id: person, reason: why }, about_subject: true, erased: [] },
    { details: { subject_id: person, reason: why }, about_subject: true, erased: [] },
  ]);
  expect(entries[0]?.canonical).toContain('"details.subject_id":"');
  const { verdict, text } = await exported();
  expect(verdict.verdict).toBe('VERIFIED');
  expect(text).toContain(person);
  expect(await checked()).toMatchObject({ state: 'intact' });
  await console.core.stop();
  expect(plainStore().includes(person)).toBe(false);
  expect(plainStore().includes(why)).toBe(false);
});

test('erased, nobody can read them, leaf and tree stay, and bundles of before and after verify', async () => {
  await ask();
  await ask('a second time, for Greta');
  const before = await exported();
  const leaves = (await about()).map(({ leaf_hash }) => leaf_hash);
  const { audit_reference, ...done } = await erase();
  expect(done).toMatchObject({ status: 'completed', records_deleted: 2 });
  const [entry] = (await console.call('audit.entries', { event_type: 'erasure' }, session)).items;
  expect(audit_reference).toBe(`#${entry?.seq}`);
  expect(entry?.details).toMatchObject({ erasure_id: done.erasure_id, reason: 'article 17', entries: 2 });
  expect(JSON.stringify(entry)).not.toContain('greta');

  const entries = await about();
  expect(entries.map(({ leaf_hash }) => leaf_hash)).toEqual(leaves);
  expect(entries.map(({ details, erased }) => ({ keys: Object.keys(details), erased }))).toEqual(
    Array.from({ length: 2 }, () => ({
      keys: ['subject', 'entries'],
      erased: ['details.reason', 'details.subject_id'],
    })),
  );
  const after = await exported();
  expect(before.verdict.verdict).toBe('VERIFIED');
  expect(after.verdict.verdict).toBe('VERIFIED');
  expect(after.text).not.toContain(person);
  expect(after.verdict.manifest?.counts.redacted_fields).toBe(4);
  // Told apart from what somebody keeps back, and only in bundles of after.
  expect(before.verdict.erased).toBeUndefined();
  expect([...(after.verdict.erased?.values() ?? [])]).toEqual([
    ['details.reason', 'details.subject_id'],
    ['details.reason', 'details.subject_id'],
  ]);
  expect((await exported('all')).verdict.verdict).toBe('VERIFIED');
  expect(await checked()).toMatchObject({ state: 'intact' });

  // Asked about again, nothing of it is kept.
  expect(await ask()).toMatchObject({ state: 'erased', entries: 2 });
  expect((await about()).at(-1)).toMatchObject({ about_subject: false, details: { entries: 2 } });
  await expect(erase()).rejects.toThrow('subjects/erased');
  await expect(console.call('subjects.erase', { subject_id: 'nobody', reason: 'a mistake' }, session)).rejects.toThrow(
    'subjects/unknown',
  );
  expect(await checked()).toMatchObject({ state: 'intact' });
});

test('after the erasure no plaintext is found: store, free pages, logs, backups', async () => {
  await ask();
  await console.call('backups.create', {}, session);
  await console.call('backups.create', { encrypted: false }, session);
  await erase();
  await console.call('backups.create', {}, session);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.filter(({ name }) => name.endsWith('.ghbackup'))).toHaveLength(3);
  for (const { parentPath, name } of files) {
    expect(readFileSync(join(parentPath, name)).includes(person), name).toBe(false);
  }
  await console.core.stop();
  const plain = plainStore();
  expect(plain.includes(person)).toBe(false);
  expect(plain.includes(why)).toBe(false);
  // The search finds what is there.
  expect(plain.includes('access_request')).toBe(true);
});

test('it asks for the permission and a fresh second factor', async () => {
  const reader = await console.createKey(['*.read'], session);
  for (const operation of ['subjects.access', 'subjects.erase'] as const) {
    expect(await console.send(operation, { subject_id: person, reason: why }, reader)).toMatchObject({
      problem: { code: 'access/forbidden' },
    });
  }
  console.host.advance(6 * 60_000);
  expect(await console.send('subjects.erase', { subject_id: person, reason: why }, session)).toMatchObject({
    problem: { code: 'access/step-up' },
  });
});

test('a field that was taken out and called erased is found, and so is one that was exchanged', async () => {
  await ask();
  await ask('another one');
  const [first, second] = await about();
  const lost = await altered(
    "UPDATE subject_key SET sealed_key = NULL, destroyed_at = 1 WHERE subject LIKE 'person/%'",
  );
  expect(lost).toMatchObject({
    state: 'broken',
    first_bad_seq: first?.seq,
    detail: `entry #${first?.seq}: what is sealed in it lost its key without an erasure`,
  });
  expect(second?.seq).toBeGreaterThan(first?.seq ?? 0);
});

test('a sealed value that was moved from another entry is found', async () => {
  await ask();
  await ask('another one');
  const [first, second] = await about();
  const sql = `UPDATE audit_apart SET sealed = (SELECT sealed FROM audit_apart WHERE seq = ${second?.seq}) WHERE seq = ${first?.seq}`;
  expect(await altered(sql)).toMatchObject({
    state: 'broken',
    first_bad_seq: first?.seq,
    detail: `entry #${first?.seq}: what is sealed in it can not be opened`,
  });
});

test('a field hidden from the body by a row that claims it is found', async () => {
  const [entry] = (await console.call('audit.entries', { event_type: 'user_create' }, session)).items;
  await ask();
  const check = await altered(
    `UPDATE audit_body SET body = json_remove(body, '$.details.role') WHERE seq = ${entry?.seq};
     INSERT INTO audit_apart (seq, workspace, subject, paths, sealed)
       SELECT ${entry?.seq}, workspace, subject, '["details.role"]', sealed FROM audit_apart LIMIT 1`,
  );
  expect(check).toMatchObject({ state: 'broken', first_bad_seq: entry?.seq });
});

test.each([
  ['user_create', 'role'],
  ['access_request', 'entries'],
] as const)('a field of a %s entry, hidden behind a person who was erased, is found', async (event_type, field) => {
  await ask();
  const [asked] = await about();
  const [entry] = (await console.call('audit.entries', { event_type }, session)).items;
  await erase();
  const check = await altered(
    `DELETE FROM audit_apart WHERE seq = ${entry?.seq};
     UPDATE audit_body SET body = json_remove(body, '$.details.${field}') WHERE seq = ${entry?.seq};
     INSERT INTO audit_apart (seq, workspace, subject, paths, sealed)
       SELECT ${entry?.seq}, 'default', '${asked?.details.subject}', json_group_array(key), x'00'
       FROM json_each((SELECT leaf FROM audit_body WHERE seq = ${entry?.seq}), '$.commitments')
       WHERE key IN ('details.subject_id', 'details.reason', 'details.${field}')`,
  );
  expect(check).toMatchObject({
    state: 'broken',
    first_bad_seq: entry?.seq,
    detail: `entry #${entry?.seq}: what was recorded openly is said to be sealed`,
  });
});
