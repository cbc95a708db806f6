// The numbers that a workspace gives its entries: each is given once, also where its newest entries were pruned, and the self-check counts.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { appendEntry } from '../../../src-main/core/features/audit/index.ts';
import { auditMigrations } from '../../../src-main/core/features/audit/migrations.ts';
import { deleteSome, expiredSeqs, finishRuns, insertRun } from '../../../src-main/core/features/audit/pruning-table.ts';
import { checkAll } from '../../../src-main/core/features/audit/self-check.ts';
import { createShareCheck } from '../../../src-main/core/features/audit/share-check.ts';
import { systemEntry } from '../../../src-main/core/system-entries.ts';
import { createTestHost } from '../../support/host.ts';
import { createTestStore, type TestStore } from '../../support/stores.ts';
import { testSigner } from '../../unit/evidence/sample-log.ts';

const origin = 'gatehouse/test';
const today = { origin, verifierKey: testSigner(origin, 7).key };
const feature = {
  name: 'audit',
  migrations: auditMigrations,
  scopedTables: ['audit_body', 'audit_apart', 'audit_hold', 'audit_share'],
  handlers: {},
};
const { random } = createTestHost();

function append(store: TestStore, workspace: string, details: Record<string, unknown> = {}): number {
  const type = 'ranges_sha256' in details ? 'retention_run' : 'login';
  return store.write(workspace, (tx) => appendEntry(tx, systemEntry(type, 'test', 1_000, details), random))
    .workspace_seq;
}

/** Takes away every entry of the workspace, as one recorded run. */
function pruneAll(store: TestStore, workspace: string): number {
  const seqs = store.read(workspace, (tx) =>
    expiredSeqs(tx, { category: 'security_events', types: ['login'], except: false, before: 2_000 }, 100),
  );
  const digest = createHash('sha256')
    .update(seqs.map((seq) => `${seq}-${seq}`).join(','))
    .digest('hex');
  const entry = store.write('default', (tx) =>
    appendEntry(tx, systemEntry('retention_run', 'test', 1_000, { ranges_sha256: digest }), random),
  );
  const ranges = seqs.map((seq) => ({ from_seq: seq, to_seq: seq }));
  return store.write(workspace, (tx) => {
    insertRun(tx, { id: 1, entry_seq: entry.seq, digest }, 1_000, ranges);
    const deleted = deleteSome(tx, 100);
    finishRuns(tx, 1_000);
    return deleted;
  });
}

const check = (store: TestStore) =>
  checkAll(
    store,
    today,
    async () => undefined,
    () => undefined,
  );

test('the number of a pruned entry is not given again, and the log checks', async () => {
  using store = createTestStore([feature]);
  expect(['lab', 'default', 'lab', 'lab'].map((workspace) => append(store, workspace))).toEqual([1, 1, 2, 3]);
  expect(pruneAll(store, 'lab')).toBe(3);
  expect(await check(store)).toMatchObject({ state: 'intact', checkedTo: 5 });
  expect(append(store, 'lab')).toBe(4);
  expect(append(store, 'default')).toBe(3);
  expect(await check(store)).toMatchObject({ state: 'intact', checkedTo: 7 });
});

test('the store refuses a number that was given before, and to count back', () => {
  using store = createTestStore([feature]);
  for (let n = 0; n < 3; n++) append(store, 'lab');
  pruneAll(store, 'lab');
  const refused = [
    'UPDATE audit_share SET last_seq = 1 WHERE workspace = :workspace',
    'DELETE FROM audit_share WHERE workspace = :workspace',
    `INSERT INTO audit_body (seq, workspace, workspace_seq, id, at, event_type, success, leaf, body, seed)
     VALUES (99, :workspace, 3, 'x', 0, 'login', 1, '', '{}', x'')`,
  ];
  for (const sql of refused)
    expect(() => store.write('lab', (tx) => tx.run(sql)), sql).toThrow('the number of an entry is given once');
});

test.each([
  ['set back', 'UPDATE audit_share SET last_seq = 1 WHERE workspace = :workspace', /counts on from 1$/],
  [
    'set ahead',
    'UPDATE audit_share SET last_seq = 9 WHERE workspace = :workspace',
    /end with number 3, .* counts on from 9$/,
  ],
  ['taken away', 'DELETE FROM audit_share WHERE workspace = :workspace', /counts on from 0$/],
])('a count past the triggers is found: %s', async (_what, sql, detail) => {
  using store = createTestStore([feature]);
  for (let n = 0; n < 3; n++) append(store, 'default');
  store.write('default', (tx) => {
    for (const name of ['audit_share_rises', 'audit_share_remains']) tx.run(`DROP TRIGGER ${name}`);
    tx.run(sql);
  });
  expect(await check(store)).toMatchObject({ state: 'broken', detail: expect.stringMatching(detail) as string });
});

test('a number that stands twice or is left out is found at its entry; pruned entries are allowed for', () => {
  const numbers = createShareCheck();
  const take = (workspace: string, workspace_seq: number) => numbers.take({ seq: 8, workspace, workspace_seq });
  expect([take('a', 1), take('b', 1), take('a', 2)]).toEqual([undefined, undefined, undefined]);
  expect(take('a', 2)).toBe('entry #8: it is number 2 of its workspace, and the one before it number 2');
  expect(take('b', 3)).toBe('entry #8: it is number 3 of its workspace, and the one before it number 1');
  numbers.passOver();
  numbers.passOver();
  expect(take('a', 5)).toBeUndefined();
  expect(take('c', 4)).toBe('entry #8: it is number 4 of its workspace, and the one before it number 0');
});
