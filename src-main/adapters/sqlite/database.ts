// The encrypted database: SQLite with page-level AEGIS encryption. Owns the pragmas; knows no table and no key's origin.
import { existsSync, rmSync, statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import {
  DamagedStore,
  type Database,
  type LookAtDatabase,
  type OpenDatabase,
  type SqlParameters,
  type SqlRow,
  WrongStoreKey,
} from '../../core/ports.ts';
import { applyKey } from './store-key.ts';

/** SQLite's result codes that mean the file's bytes are not what was written. */
const damageCodes = new Set(['SQLITE_CORRUPT', 'SQLITE_CORRUPT_VTAB', 'SQLITE_CORRUPT_INDEX', 'SQLITE_IOERR_DATA']);

const mostStatements = 500;

export const openSqlite: OpenDatabase = (path, pageKey, checked = false) => {
  // SQLite takes an empty file for a new store, and throws away the write-ahead log beside it with all that was acknowledged.
  if (statSync(path, { throwIfNoEntry: false })?.size === 0) throw new DamagedStore('store.db is empty');
  const sqlite = new Sqlite(path);
  try {
    applyKey(sqlite, pageKey);
    // SECURITY: no plaintext may touch the disk, so SQLite's temporary tables and sorters stay in memory.
    sqlite.pragma('temp_store = MEMORY');
    // Decided by the first page, which the next line writes: space that becomes free can be given back a little at a time.
    sqlite.pragma('auto_vacuum = INCREMENTAL');
    sqlite.pragma('journal_mode = WAL');
    // An acknowledged write survives a power cut: the WAL is synced at each commit (but those that core/store says are synced later).
    sqlite.pragma('synchronous = FULL');
    sqlite.pragma('foreign_keys = ON');
    sqlite.pragma('trusted_schema = OFF');
    sqlite.pragma('cell_size_check = ON');
    // What is deleted or overwritten is zeroed in its page: a destroyed key must not be found by whoever learns the page key later.
    sqlite.pragma('secure_delete = ON');
    sqlite.pragma('cache_size = -32768');
    sqlite.pragma('journal_size_limit = 67108864');
    // Only where nobody carries the log over in good time (core/store does): a commit that has to takes longer than a turn may.
    sqlite.pragma('wal_autocheckpoint = 4000');
    if (!checked) check(sqlite);
  } catch (error) {
    sqlite.close();
    throw translate(error);
  }
  return wrap(sqlite);
};

export const lookAtSqlite: LookAtDatabase = (path, pageKey) => {
  const size = statSync(path).size;
  if (size === 0) throw new DamagedStore('store.db is empty');
  const hadLog = existsSync(`${path}-wal`);
  const hadIndex = existsSync(`${path}-shm`);
  // A connection that may write would carry the write-ahead log over and remove it when it is closed.
  const sqlite = new Sqlite(path, { readonly: true });
  // Reading makes both files where they are not: an empty log, and an index that whoever opens the store next makes anew.
  const tidy = (): void => {
    if (!hadLog && statSync(`${path}-wal`, { throwIfNoEntry: false })?.size === 0) rmSync(`${path}-wal`);
    if (!hadIndex) rmSync(`${path}-shm`, { force: true });
  };
  try {
    applyKey(sqlite, pageKey);
    sqlite.pragma('temp_store = MEMORY');
    sqlite.pragma('trusted_schema = OFF');
    sqlite.pragma('cell_size_check = ON');
    check(sqlite);
  } catch (error) {
    sqlite.close();
    tidy();
    throw translate(error);
  }
  return wrap(sqlite, tidy);
};

/** Reads every page in use (only free ones are left out), and the cipher authenticates each page that is read. */
function check(sqlite: Sqlite.Database): void {
  const verdict = sqlite.pragma('quick_check(1)', { simple: true });
  if (verdict !== 'ok') throw new DamagedStore(`quick_check says: ${String(verdict).replace(/\s+/g, ' ')}`);
}

function translate(error: unknown): unknown {
  if (!(error instanceof Sqlite.SqliteError)) return error;
  if (error.code === 'SQLITE_NOTADB')
    return new WrongStoreKey('the page key does not open this store', { cause: error });
  if (damageCodes.has(error.code)) return new DamagedStore(error.message, { cause: error });
  return error;
}

function wrap(sqlite: Sqlite.Database, closed: () => void = () => undefined): Database {
  const statements = new Map<string, Sqlite.Statement>();

  function statement(sql: string): Sqlite.Statement {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const prepared = sqlite.prepare(sql);
    // Searches make a statement for each combination of filters: those used longest ago are prepared again when needed.
    if (statements.size >= mostStatements) {
      const oldest = statements.keys().next().value;
      if (oldest !== undefined) statements.delete(oldest);
    }
    statements.set(sql, prepared);
    return prepared;
  }

  function guarded<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw translate(error);
    }
  }

  const none: SqlParameters = {};
  return {
    get: (sql, parameters = none) => guarded(() => statement(sql).get(parameters) as SqlRow | undefined),
    all: (sql, parameters = none) => guarded(() => statement(sql).all(parameters) as SqlRow[]),
    run: (sql, parameters = none) => guarded(() => statement(sql).run(parameters).changes),
    script: (sql) => guarded(() => void sqlite.exec(sql)),
    get inTransaction() {
      return sqlite.inTransaction;
    },
    // `db.backup()` refuses encrypted files and `serialize()` gives plaintext: VACUUM INTO is the one safe copy.
    copyTo: (path) => guarded(() => void sqlite.prepare('VACUUM INTO ?').run(path)),
    close() {
      statements.clear();
      if (!sqlite.open) return;
      sqlite.close();
      closed();
    },
  };
}
