// The worker thread that copies the store under another page key. The copy is synced and checked when it says that it is done.
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import { applyKey, withRawKey } from './store-key.ts';

export type RewriteOrder = {
  readonly storePath: string;
  readonly nextPath: string;
  readonly from: Uint8Array<ArrayBuffer>;
  readonly to: Uint8Array<ArrayBuffer>;
  /** Tables whose every byte is compared; of all others the number of rows is. */
  readonly compare: readonly string[];
};

export type RewriteReport =
  | { readonly kind: 'phase'; readonly phase: 'copying' | 're-encrypting' | 'checking' }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly reason: string };

const port = parentPort;
const report = (message: RewriteReport): void => port?.postMessage(message);

port?.once('message', (order: RewriteOrder) => {
  try {
    rewrite(order);
    report({ kind: 'done' });
  } catch (error) {
    report({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  } finally {
    order.from.fill(0);
    order.to.fill(0);
    port.close();
  }
});

function rewrite({ storePath, nextPath, from, to, compare }: RewriteOrder): void {
  report({ kind: 'phase', phase: 'copying' });
  const store = openWith(storePath, from);
  try {
    store.prepare('VACUUM INTO ?').run(nextPath);
    report({ kind: 'phase', phase: 're-encrypting' });
    rekey(nextPath, from, to);
    syncFile(nextPath);
    report({ kind: 'phase', phase: 'checking' });
    const next = openWith(nextPath, to);
    try {
      check(store, next, compare);
    } finally {
      next.close();
    }
    // So that little is left to do when the store is closed for the exchange, which nothing can go on beside.
    store.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    store.close();
  }
}

/** VACUUM INTO writes under the key of the store: only the copy, which nobody uses yet, gets the new one in place. */
function rekey(path: string, from: Uint8Array, to: Uint8Array): void {
  const next = openWith(path, from);
  try {
    next.pragma('journal_mode = OFF');
    next.pragma('synchronous = OFF');
    withRawKey(to, (raw) => void next.rekey(raw));
  } finally {
    next.close();
  }
}

function openWith(path: string, key: Uint8Array): Sqlite.Database {
  const sqlite = new Sqlite(path, { fileMustExist: true });
  applyKey(sqlite, key);
  // SECURITY: no plaintext may touch the disk, so what VACUUM sorts stays in memory.
  sqlite.pragma('temp_store = MEMORY');
  // A copy of a store that can't give space back yet becomes one that can.
  sqlite.pragma('auto_vacuum = INCREMENTAL');
  sqlite.pragma('trusted_schema = OFF');
  return sqlite;
}

function check(store: Sqlite.Database, next: Sqlite.Database, compare: readonly string[]): void {
  const verdict = next.pragma('integrity_check(1)', { simple: true });
  if (verdict !== 'ok') throw new Error(`the copy of the store is damaged: ${String(verdict)}`);
  const schema =
    "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name";
  if (digest(store, schema) !== digest(next, schema)) throw new Error('the copy of the store has other tables');
  for (const table of tablesOf(store)) {
    const count = `SELECT count(*) FROM "${table}"`;
    if (digest(store, count) !== digest(next, count)) throw new Error(`the copy of the store lacks rows of ${table}`);
  }
  for (const table of compare) {
    const rows = `SELECT * FROM "${table}"`;
    if (digest(store, rows) !== digest(next, rows)) throw new Error(`the copy of the store differs in ${table}`);
  }
}

function tablesOf(store: Sqlite.Database): string[] {
  const rows = store
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE 'CREATE VIRTUAL%'",
    )
    .all() as { name: string }[];
  return rows.map(({ name }) => name);
}

/** Of all that a statement answers, value by value with kind and length. */
function digest(database: Sqlite.Database, sql: string): string {
  const hash = createHash('sha256');
  for (const row of database.prepare(sql).raw().iterate() as Iterable<unknown[]>) {
    for (const value of row) {
      const bytes = value instanceof Uint8Array ? value : Buffer.from(String(value), 'utf8');
      hash.update(`${value === null ? 'null' : typeof value} ${bytes.byteLength}\0`).update(bytes);
    }
    hash.update('\n');
  }
  return hash.digest('hex');
}

function syncFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
