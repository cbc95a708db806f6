// The log's health: what somebody with the right key changes in the store is found and named, at the start or by the check after it.
import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { createTestHost } from '../../support/host.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { alterPastTriggers, openStoreOf } from './open-store.ts';

const master = new Uint8Array(32).fill(5);
type Check = Output<'audit.status'>['check'];

async function startOn(folder: string, at = 0): Promise<TestConsole> {
  return createTestConsole({ folder, host: createTestHost(Date.UTC(2026, 10, 21, 14) + at, `start ${at}`) });
}

/** A stopped console of at least ten entries, the last checkpoint over all of them. */
async function stoppedConsole(): Promise<{ folder: string; token: string }> {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await using console = await startOn(folder);
  const { session } = await console.signIn();
  for (let n = 0; n < 5; n++) await console.createKey(['events.read'], session);
  if (session.kind !== 'token') throw new Error('expected a token');
  return { folder, token: session.token };
}

function alter(folder: string, sql: string): void {
  using database = openStoreOf(folder, master);
  alterPastTriggers(database, sql);
}

async function status(console: TestConsole, token: string): Promise<Output<'audit.status'>> {
  return console.call('audit.status', {}, { kind: 'token', token, from: 'bearer' });
}

async function fullCheck(console: TestConsole, token: string): Promise<Check> {
  console.host.advance(1_000);
  for (let n = 0; n < 2_000; n++) {
    const { check } = await status(console, token);
    if (check.state !== 'checking') return check;
    await wait(10);
  }
  throw new Error('the check did not end');
}

test('an untouched log is intact to its last entry, at the start and after the full check', async () => {
  const { folder, token } = await stoppedConsole();
  await using console = await startOn(folder, 60_000);
  const first = await status(console, token);
  expect(first.check).toMatchObject({ state: 'intact', checked_to: first.size, first_bad_seq: null });
  const check = await fullCheck(console, token);
  expect(check).toMatchObject({ state: 'intact', checked_to: first.size, first_bad_seq: null });
  const session = { kind: 'token', token, from: 'bearer' } as const;
  await console.createKey(['events.read'], session);
  const grown = await status(console, token);
  expect(grown.size).toBeGreaterThan(first.size);
  expect(grown.check).toMatchObject({ state: 'intact', checked_to: grown.size });
});

const alterations: [string, string, Partial<Check>][] = [
  [
    'the content of an entry',
    `UPDATE audit_body SET body = replace(body, '"success":true', '"success":false'), success = 0 WHERE seq = 3`,
    { first_bad_seq: 3, detail: 'entry #3: its content is not what was recorded' },
  ],
  [
    'a detail of an entry',
    `UPDATE audit_body SET body = json_set(body, '$.details.outcome', 'other') WHERE seq = 4`,
    { first_bad_seq: 4, detail: 'entry #4: its content is not what was recorded' },
  ],
  [
    'content and leaf of an entry together',
    `UPDATE audit_body SET leaf = replace(leaf, 'gatehouse', 'x') || ' ' WHERE seq = 2`,
    { first_bad_seq: 2, detail: 'entry #2: its content is not what was recorded' },
  ],
  [
    'an entry that is no JSON any more',
    `UPDATE audit_body SET body = 'gone' WHERE seq = 2`,
    { first_bad_seq: 2, detail: 'entry #2: its content can not be read' },
  ],
  [
    'an entry whose fields are missing',
    `UPDATE audit_body SET body = 'null' WHERE seq = 2`,
    { first_bad_seq: 2, detail: 'entry #2: its content can not be read' },
  ],
  [
    'the column that filters go by',
    `UPDATE audit_body SET actor_name = 'somebody' WHERE seq = 5`,
    { first_bad_seq: 5, detail: 'entry #5: it is filed as something else than what it says' },
  ],
  [
    'the workspace that an entry is filed under',
    `UPDATE audit_body SET workspace = 'other' WHERE seq = 5`,
    { first_bad_seq: 5, detail: 'entry #5: it is filed as something else than what it says' },
  ],
  [
    'an entry in the middle removed',
    'INSERT INTO audit_pruning (id, started_at, up_to_seq) VALUES (1, 0, 9); DELETE FROM audit_body WHERE seq = 4',
    { first_bad_seq: 4, detail: 'entry #4 is missing' },
  ],
  [
    'a leaf in the tree',
    'UPDATE audit_node SET hash = zeroblob(32) WHERE level = 0 AND position = 1',
    { first_bad_seq: 2, detail: 'entry #2: its leaf in the tree is another one' },
  ],
  [
    'an inner node that only proofs go through',
    'UPDATE audit_node SET hash = zeroblob(32) WHERE level = 1 AND position = 0',
    { first_bad_seq: null, detail: 'node 1/0 of the tree is not that of its entries' },
  ],
  [
    'an inner node removed',
    'DELETE FROM audit_node WHERE level = 1 AND position = 0',
    { first_bad_seq: null, detail: 'node 1/0 of the tree is not that of its entries' },
  ],
  [
    'entries at the end cut off',
    'DELETE FROM audit_body WHERE seq > 6; DELETE FROM audit_node WHERE (position + 1) << level > 6',
    { first_bad_seq: 7, detail: expect.stringMatching(/^the log ends at #6, but .* entries were cut off$/) as string },
  ],
  [
    'the text of a checkpoint',
    `UPDATE audit_checkpoint SET note = replace(note, 'gatehouse/', 'other/')`,
    { first_bad_seq: null, detail: expect.stringMatching(/^checkpoint for #\d+: /) as string },
  ],
  [
    'a checkpoint that is no note any more',
    "UPDATE audit_checkpoint SET note = 'nothing'",
    { first_bad_seq: null, detail: expect.stringMatching(/^checkpoint for #\d+: it can not be read: /) as string },
  ],
  [
    'a checkpoint of no entry before the others',
    "INSERT INTO audit_checkpoint (size, root, note, signed_at) VALUES (0, zeroblob(32), 'x', 0)",
    { first_bad_seq: null, detail: 'checkpoint for #0: there is no such entry' },
  ],
  [
    'a checkpoint moved to another size',
    'UPDATE audit_checkpoint SET size = size - 1',
    {
      first_bad_seq: null,
      detail: expect.stringMatching(/^checkpoint for #\d+: it does not match its row$/) as string,
    },
  ],
];
test.each(alterations)('finds and names: %s', async (_what, sql, expected) => {
  const { folder, token } = await stoppedConsole();
  alter(folder, sql);
  await using console = await startOn(folder, 60_000);
  const check = await fullCheck(console, token);
  expect(check).toMatchObject({ state: 'broken', ...expected });
  expect(console.host.logged).toContainEqual({
    level: 'error',
    event: 'audit log damaged',
    fields: { detail: check.detail },
  });
});

test('a tree that lacks nodes is refused at the start as a damaged store', async () => {
  const { folder } = await stoppedConsole();
  alter(folder, 'DELETE FROM audit_node WHERE level > 0');
  await expect(startOn(folder, 60_000)).rejects.toMatchObject({
    name: 'DamagedStore',
    message: expect.stringMatching(/^the audit tree lacks node \d+\/\d+$/),
  });
});

test('a cut-off log is not signed again: neither by the timer nor on demand, and stopping still works', async () => {
  const { folder, token } = await stoppedConsole();
  alter(folder, 'DELETE FROM audit_body WHERE seq > 6; DELETE FROM audit_node WHERE (position + 1) << level > 6');
  const console = await startOn(folder, 60_000);
  console.host.advance(60_000);
  expect(console.host.logged).toContainEqual({
    level: 'error',
    event: 'checkpoint could not be signed',
    fields: { error: expect.stringContaining('the log ends at #') },
  });
  const session = { kind: 'token', token, from: 'bearer' } as const;
  expect(await console.send('audit.checkpoint', {}, session)).toMatchObject({
    problem: { code: 'console/store-failed' },
  });
  expect((await status(console, token)).check.state).toBe('broken');
  await console[Symbol.asyncDispose]();
});

test('without the triggers dropped the store itself refuses to change or remove what was recorded', async () => {
  const { folder } = await stoppedConsole();
  using database = openStoreOf(folder, master);
  const refused = [
    'UPDATE audit_body SET success = 0 WHERE seq = 3',
    'DELETE FROM audit_body WHERE seq = 3',
    'UPDATE audit_node SET hash = zeroblob(32)',
    'DELETE FROM audit_node',
    'UPDATE audit_checkpoint SET size = 1',
    'DELETE FROM audit_checkpoint',
  ];
  for (const sql of refused) expect(() => database.run(sql), sql).toThrow(/append-only|pruning/);
});
