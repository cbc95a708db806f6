// Commits that are waited for later: when SQLite is told to sync, what the marks beside the store hear, and who carries the log over.
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqlite } from '../../../src-main/adapters/sqlite/database.ts';
import type { Database } from '../../../src-main/core/ports.ts';
import { commitMigrations } from '../../../src-main/core/store/commit-table.ts';
import { createStore, type Store, type WriteTx } from '../../../src-main/core/store/store.ts';
import { createWriteGate } from '../../../src-main/core/store/write-gate.ts';
import { createTestHost } from '../../support/host.ts';
import { temporaryFolder } from '../../support/stores.ts';

let folder: string;
let store: Store;
let log: string[];

beforeEach(() => {
  folder = temporaryFolder();
  log = [];
  const database = openSqlite(join(folder, 'store.db'), new Uint8Array(32).fill(1));
  for (const { sql } of commitMigrations) database.script(sql);
  database.script('CREATE TABLE note (text TEXT NOT NULL) STRICT');
  const watched: Database = {
    ...database,
    get inTransaction() {
      return database.inTransaction;
    },
    run(sql, parameters) {
      // 2 is FULL, which waits for the disk; 1 is NORMAL, which in WAL mode does not.
      if (sql === 'COMMIT') log.push(database.get('PRAGMA synchronous')?.synchronous === 2 ? 'synced' : 'not synced');
      return database.run(sql, parameters);
    },
  };
  store = createStore(
    watched,
    new Set(),
    () => undefined,
    (error) => {
      throw error;
    },
    { committed: (commit) => void log.push(`mark ${commit}`) },
    createWriteGate(createTestHost().timers),
  );
});

afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const text = 'a'.repeat(1_000);

function note(tx: WriteTx): void {
  tx.run('INSERT INTO note (text) VALUES (:text)', { text: 'a' });
}

it('waits for the disk unless told otherwise, and marks only what is on it', () => {
  store.write('default', note);
  store.write('default', note, 'later');
  store.write('default', note, 'later');
  expect(log).toEqual(['synced', 'mark 1', 'not synced', 'not synced']);
  store.write('default', note);
  expect(log.slice(4)).toEqual(['synced', 'mark 4']);
});

it('waits for what went before even when the transaction itself changes nothing', () => {
  store.write('default', note, 'later');
  store.write('default', () => undefined);
  // SQLite syncs only what has been written: the number of the commit is.
  expect(log).toEqual(['not synced', 'synced', 'mark 2']);
  expect(store.commit()).toBe(2);
  store.write('default', () => undefined);
  expect(log.slice(3)).toEqual(['synced']);
  expect(store.commit()).toBe(2);
});

it('still waits for what went before when the one that should have waited failed', () => {
  store.write('default', note, 'later');
  expect(() =>
    store.write('default', () => {
      throw new Error('no');
    }),
  ).toThrow('no');
  store.write('default', () => undefined);
  expect(log).toEqual(['not synced', 'synced', 'mark 2']);
});

it('carries the log over in turns of its own', async () => {
  const file = join(folder, 'store.db');
  const before = statSync(file).size;
  const write = (tx: WriteTx): void => void tx.run('INSERT INTO note VALUES (:text)', { text });
  for (let at = 0; at < 1_000; at++) store.write('default', write, 'later');
  // No commit did.
  expect(statSync(file).size).toBe(before);
  while (statSync(file).size === before) await nextTurn();
  expect(store.readAll((tx) => tx.get('SELECT count(*) AS notes FROM note'))).toEqual({ notes: 1_000 });
});

it('carries nothing over once it is closed', async () => {
  for (let at = 0; at < 1_000; at++) store.write('default', note, 'later');
  store.close();
  await nextTurn();
  await nextTurn();
});
