// The store's history: released steps stay as they are, every earlier state comes up with all that it held, and a kill leaves the old one.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyBeforeMigration } from '../../../src-main/adapters/files/migration-copies.ts';
import { openSqlite } from '../../../src-main/adapters/sqlite/database.ts';
import { parseKeyFile } from '../../../src-main/core/features/keys/key-file.ts';
import { openKeyRing } from '../../../src-main/core/features/keys/key-ring.ts';
import type { Database, SqlRow } from '../../../src-main/core/ports.ts';
import { createTestConsole } from '../../support/console.ts';
import { projectRoot } from '../../support/node.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { consoleKey, type Populated, populate } from './populated.ts';
import { releasedMigrations } from './released-migrations.ts';
import { watchMigrations } from './watch-migrations.ts';

let stores: Populated;
let steps: { name: string; sql: string }[];

beforeAll(async () => {
  stores = await populate();
  const watched = watchMigrations();
  await using _console = await createTestConsole({ wrapDatabase: watched.wrap });
  steps = watched.steps;
}, 60_000);

afterAll(() => stores[Symbol.dispose]());

test('released migrations are as they were released', () => {
  const digests = new Map(steps.map(({ name, sql }) => [name, createHash('sha256').update(sql).digest('hex')]));
  for (const [name, digest] of Object.entries(releasedMigrations)) {
    expect(
      digests.get(name),
      `migration ${name} is not what was released. A store that took it would differ from one made now: write the change as the feature's next migration`,
    ).toBe(digest);
  }
  const missing = [...digests].filter(([name]) => !Object.hasOwn(releasedMigrations, name));
  expect(missing, 'new migrations: add them to released-migrations.ts').toEqual([]);
});

function pageKeyOf(folder: string): Uint8Array {
  const ring = openKeyRing(parseKeyFile(readFileSync(join(folder, 'keys.json'), 'utf8')), consoleKey, {
    bytes: (length) => new Uint8Array(length),
  });
  const key = ring.pageKey().slice();
  ring.destroy();
  return key;
}

/** A store with the first `count` steps and, in the tables that there are then, the rows of a store that was used. */
function makeEarlier(folder: string, count: number): void {
  const pageKey = pageKeyOf(stores.stopped);
  const path = join(folder, 'store.db');
  copyFileSync(join(stores.stopped, 'keys.json'), join(folder, 'keys.json'));
  const full = openSqlite(join(stores.stopped, 'store.db'), pageKey);
  const earlier = openSqlite(path, pageKey);
  earlier.script(
    'CREATE TABLE schema_migration (feature TEXT NOT NULL, version INTEGER NOT NULL, applied_at INTEGER NOT NULL, PRIMARY KEY (feature, version)) STRICT, WITHOUT ROWID',
  );
  earlier.script('PRAGMA foreign_keys = OFF');
  earlier.script('BEGIN');
  for (const { name, sql } of steps.slice(0, count)) {
    const [feature = '', version] = name.split('/');
    earlier.script(sql);
    earlier.run('INSERT INTO schema_migration (feature, version, applied_at) VALUES (:feature, :version, 0)', {
      feature,
      version: Number(version),
    });
  }
  for (const table of tablesOf(earlier)) {
    // Made by the step itself.
    if (table === 'store_commit') continue;
    const columns = sharedColumns(earlier, full, table);
    const names = columns.join(', ');
    for (const row of full.all(`SELECT ${names} FROM "${table}"`)) {
      // Some rows the steps made themselves.
      earlier.run(
        `INSERT OR REPLACE INTO "${table}" (${names}) VALUES (${columns.map((name) => `:${name}`).join(', ')})`,
        row,
      );
    }
  }
  earlier.script('COMMIT');
  full.close();
  earlier.close();
}

/** Not those that lie under the search index: they are merged at any time, and no statement may write to them. */
function tablesOf(database: Database): string[] {
  return database
    .all("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' ORDER BY name")
    .map(({ name }) => String(name))
    .filter((name) => name !== 'schema_migration' && !name.startsWith('sqlite_'));
}

function sharedColumns(left: Database, right: Database, table: string): string[] {
  const of = (database: Database): string[] =>
    database.all(`SELECT name FROM pragma_table_info('${table}')`).map(({ name }) => String(name));
  const there = new Set(of(right));
  return of(left).filter((name) => there.has(name));
}

type Rows = Record<string, { columns: string[]; rows: string[] }>;

function rowsOf(folder: string, like?: Rows): Rows {
  const database = openSqlite(join(folder, 'store.db'), pageKeyOf(folder));
  const tables = like === undefined ? tablesOf(database) : Object.keys(like);
  const found = tables.map((table): [string, Rows[string]] => {
    const columns = like?.[table]?.columns ?? sharedColumns(database, database, table);
    const rows = database.all(`SELECT ${columns.join(', ')} FROM "${table}"`).map(textOf);
    return [table, { columns, rows }];
  });
  database.close();
  return Object.fromEntries(found);
}

function textOf(row: SqlRow): string {
  return JSON.stringify(row, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  );
}

/** What a start changes of its own accord, in tables where rows change rather than grow. */
const changedByStart = new Set(['store_commit', 'console_fact', 'detector', 'session', 'audit_share']);

// Each released step adds a start of a console, so this grows with the history.
test('a store of every earlier state opens with all that it held', { timeout: 600_000 }, async () => {
  for (let count = 1; count < steps.length; count++) {
    const folder = temporaryFolder();
    makeEarlier(folder, count);
    const before = rowsOf(folder);
    await using console = await createTestConsole({ folder });
    expect(console.core.isOpen()).toBe(true);
    await console[Symbol.asyncDispose]();
    const after = rowsOf(folder, before);
    for (const [table, { rows }] of Object.entries(before)) {
      if (changedByStart.has(table)) continue;
      const there = new Set(after[table]?.rows);
      expect(
        rows.filter((row) => !there.has(row)),
        `rows of ${table}, from step ${count}`,
      ).toEqual([]);
    }
    const copies = readdirSync(folder).filter((name) => name.startsWith('store.db.before-'));
    expect(copies).toEqual([expect.stringMatching(/^store\.db\.before-\d{8}T\d{6}Z-0\.0\.0-test$/)]);
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a store of a later version is refused, and not a byte of it changes', async () => {
  const folder = temporaryFolder();
  cpSync(stores.stopped, folder, { recursive: true });
  const database = openSqlite(join(folder, 'store.db'), pageKeyOf(folder));
  database.run("INSERT INTO schema_migration (feature, version, applied_at) VALUES ('audit', 77, 0)");
  database.close();
  const before = readFileSync(join(folder, 'store.db'));
  await expect(createTestConsole({ folder })).rejects.toMatchObject({
    name: 'NewerStore',
    message: expect.stringContaining('audit/77') as string,
  });
  expect(readFileSync(join(folder, 'store.db')).equals(before)).toBe(true);
  expect(existsSync(join(folder, 'store.db-wal'))).toBe(false);
  rmSync(folder, { recursive: true, force: true });
});

test('killed during a migration, the store is at its old version with all its rows, or at the new one', {
  timeout: 120_000,
}, async () => {
  const from = Math.floor(steps.length / 2);
  const [first = '', ...rest] = steps.slice(from).map(({ name }) => name);
  const moments = ['copied', first, rest.at(-1) ?? '', 'committed'];
  for (const moment of moments) {
    const folder = temporaryFolder();
    makeEarlier(folder, from);
    const before = rowsOf(folder);
    const child = spawn(process.execPath, [join(import.meta.dirname, 'killed-migration.ts'), folder, moment], {
      stdio: ['ignore', 'ignore', 'inherit'],
      cwd: projectRoot,
    });
    expect(await once(child, 'exit'), moment).toEqual([null, 'SIGKILL']);
    const database = openSqlite(join(folder, 'store.db'), pageKeyOf(folder));
    const reached = database.all('SELECT feature FROM schema_migration').length;
    database.close();
    expect(reached, moment).toBe(moment === 'committed' ? steps.length : from);
    const after = rowsOf(folder, before);
    expect(after, moment).toEqual(before);
    await using console = await createTestConsole({ folder });
    expect(console.core.isOpen()).toBe(true);
    await console[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the copy from before is named once it is whole, never over another, and the last three stay', () => {
  const folder = temporaryFolder();
  const store = join(folder, 'store.db');
  const pageKey = new Uint8Array(32).fill(7);
  const database = openSqlite(store, pageKey);
  database.script('CREATE TABLE t (a INTEGER)');
  const made: string[] = [];
  for (let n = 0; n < 5; n++) {
    database.run('INSERT INTO t (a) VALUES (:n)', { n });
    // Two in the same second as well.
    const at = Date.UTC(2026, 10, 21, 14, 0, Math.floor(n / 2));
    made.push(copyBeforeMigration(store, { version: '1.0.0', at, copyTo: (path) => database.copyTo(path) }));
  }
  expect(new Set(made).size).toBe(5);
  expect(made.map((path) => existsSync(path))).toEqual([false, false, true, true, true]);
  const last = openSqlite(made[4] ?? '', pageKey);
  expect(last.all('SELECT a FROM t').map(({ a }) => a)).toEqual([0, 1, 2, 3, 4]);
  last.close();
  expect(() =>
    copyBeforeMigration(store, {
      version: '1.0.0',
      at: 0,
      copyTo(path) {
        database.copyTo(path);
        throw new Error('the copy is not complete');
      },
    }),
  ).toThrow(/nothing was changed$/);
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  expect(made.map((path) => existsSync(path))).toEqual([false, false, true, true, true]);
  database.close();
  rmSync(folder, { recursive: true, force: true });
});
