// Transactions over the one database. A signature tells who may write; every query of a workspace's table is scoped here.
import type { Topic } from '../../../src-shared/contract/console.ts';
import type { Database, SqlParameters, SqlRow, StoreMarks } from '../ports.ts';
import { findCommit, setCommit } from './commit-table.ts';
import { busy, openGate, type WriteGate } from './write-gate.ts';

/** Reads. `:workspace` is bound by the store; a statement on a workspace's table that doesn't name it is refused. */
export type ReadTx = {
  readonly workspace: string;
  /** The same transaction over all workspaces, for what belongs to the console as a whole, such as the audit tree. */
  readonly everywhere: ReadTx;
  get<T = SqlRow>(sql: string, parameters?: SqlParameters): T | undefined;
  all<T = SqlRow>(sql: string, parameters?: SqlParameters): T[];
};

export type WriteTx = ReadTx & {
  /** Returns the number of rows changed. */
  run(sql: string, parameters?: SqlParameters): number;
  /** Announced after the commit, never before; forgotten on a rollback. */
  announce(topic: Topic, ref: string | null, revision: number): void;
  /** Runs after the commit, in order; forgotten on a rollback. */
  afterCommit(run: () => void): void;
  /** Runs if the transaction is rolled back: for what is kept in memory beside the store. */
  onRollback(run: () => void): void;
};

export type Announce = (topic: Topic, workspace: string, ref: string | null, revision: number) => void;

export type Store = {
  read<T>(workspace: string, run: (tx: ReadTx) => T): T;
  /**
   * @param durable `later`: what is written survives the end of this process, and a power cut only from the next commit `now` on,
   * which waits for the disk on behalf of all before it. For slices of what is acknowledged as a whole, and for what can be made again.
   */
  write<T>(workspace: string, run: (tx: WriteTx) => T, durable?: 'now' | 'later'): T;
  /** For what belongs to the console as a whole: sign-in by token, the audit tree, migrations. */
  readAll<T>(run: (tx: ReadTx) => T): T;
  /** Grows with each commit: what was read at the same number is still true. */
  version(): number;
  /** The number of the last commit that changed anything, as it stands in the store. */
  commit(): number;
  copyTo(path: string): void;
  /** Waits while writes are paused; whoever writes in slices calls it before each. @throws ProblemError console/busy */
  writable(): Promise<void>;
  /** For work of timers, which is as well done the next time. */
  writesPaused(): boolean;
  /** From now on writes are refused, and dispatch lets them wait, until this is disposed. Reads go on. */
  pauseWrites(): Disposable;
  /** True within a write transaction. */
  writing(): boolean;
  /** Carries the write-ahead log over and empties it, so that no copy of what was overwritten stays there. */
  checkpoint(): void;
  /**
   * Gives pages that are not used any more back to the file system, at most so many; the file gets shorter with the next checkpoint.
   * @returns how many are left; none of a store that was made before it could do that
   */
  giveBack(pages: number): number;
  /** Closes the database and goes on with the one that `next` opens. */
  exchange(next: () => Database): void;
  /** @param refusal what is said from then on */
  close(refusal?: () => Error): void;
};

const everyWorkspace = '*';
/** A row of an event and what belongs to it are about two pages of the log. */
const rowsToCarry = 700;

/**
 * Wraps an open database.
 * @param scopedTables tables whose rows belong to a workspace: statements that touch them must name `:workspace`.
 * @param listenerFailed told of what goes wrong after a commit.
 * @param marks told of each durable commit before it is acknowledged.
 * @param gate where writes can be paused, and the write-ahead log is carried over in a turn of its own.
 */
export function createStore(
  first: Database,
  scopedTables: ReadonlySet<string>,
  announce: Announce,
  listenerFailed: (error: unknown) => void,
  marks?: Pick<StoreMarks, 'committed'>,
  gate: WriteGate = openGate,
): Store {
  let database = first;
  const checked = new Set<string>();
  let inside = false;
  let writing = false;
  let closed: (() => Error) | undefined;
  let commits = 0;
  let lastCommit = findCommit(database);
  /** Commits are not waited for, since the last change of SQLite's setting; and some were made so that no commit has waited since. */
  let relaxed = false;
  let unsynced = false;
  let rowsInLog = 0;

  function check(sql: string, workspace: string): void {
    if (workspace === everyWorkspace || checked.has(sql)) return;
    if (!sql.includes(':workspace')) {
      const table = sql.match(/\b[a-z_]+\b/g)?.find((word) => scopedTables.has(word));
      if (table !== undefined) throw new Error(`a statement on ${table} must be scoped by :workspace`);
    }
    checked.add(sql);
  }

  function bind(sql: string, workspace: string, parameters: SqlParameters | undefined): SqlParameters | undefined {
    return sql.includes(':workspace') && workspace !== everyWorkspace ? { ...parameters, workspace } : parameters;
  }

  function reader(workspace: string): ReadTx {
    return {
      workspace,
      get everywhere() {
        return reader(everyWorkspace);
      },
      get<T>(sql: string, parameters?: SqlParameters) {
        check(sql, workspace);
        return database.get(sql, bind(sql, workspace, parameters)) as T | undefined;
      },
      all<T>(sql: string, parameters?: SqlParameters) {
        check(sql, workspace);
        return database.all(sql, bind(sql, workspace, parameters)) as T[];
      },
    };
  }

  function attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      listenerFailed(error);
    }
  }

  function relax(wanted: boolean): void {
    if (relaxed === wanted) return;
    // In WAL mode NORMAL leaves out the sync at a commit and nothing else (sqlite.org/pragma.html#pragma_synchronous). As a script, because
    // it takes effect when it is prepared.
    database.script(`PRAGMA synchronous = ${wanted ? 'NORMAL' : 'FULL'}`);
    relaxed = wanted;
  }

  /** What of the log can be without waiting for anybody; a commit that had to do it would take longer than a turn may. */
  function carryOver(): void {
    if (closed === undefined && !inside) attempt(() => void database.get('PRAGMA wal_checkpoint(PASSIVE)'));
  }

  // SQLite has one writer; the core is one thread and transactions are synchronous, so nesting is always a mistake.
  function transaction<T>(begin: string, run: () => T): T {
    if (inside) throw new Error('a transaction inside a transaction');
    if (closed !== undefined) throw closed();
    inside = true;
    try {
      database.run(begin);
      try {
        const result = run();
        database.run('COMMIT');
        return result;
      } catch (error) {
        // SQLite has already rolled back by itself after a full disk or an I/O error.
        if (database.inTransaction) database.run('ROLLBACK');
        throw error;
      }
    } finally {
      inside = false;
    }
  }

  return {
    read: (workspace, run) => transaction('BEGIN', () => run(reader(workspace))),
    readAll: (run) => transaction('BEGIN', () => run(reader(everyWorkspace))),
    write<T>(workspace: string, run: (tx: WriteTx) => T, durable: 'now' | 'later' = 'now'): T {
      if (gate.paused) throw busy();
      if (!inside && closed === undefined) relax(durable === 'later');
      const announcements: Parameters<Announce>[] = [];
      const later: (() => void)[] = [];
      const undone: (() => void)[] = [];
      let changes = 0;
      const tx: WriteTx = {
        ...reader(workspace),
        get everywhere() {
          return reader(everyWorkspace);
        },
        run(sql, parameters) {
          check(sql, workspace);
          const changed = database.run(sql, bind(sql, workspace, parameters));
          changes += changed;
          return changed;
        },
        announce: (topic, ref, revision) => announcements.push([topic, workspace, ref, revision]),
        afterCommit: (work) => later.push(work),
        onRollback: (work) => undone.push(work),
      };
      let result: T;
      try {
        result = transaction('BEGIN IMMEDIATE', () => {
          writing = true;
          const outcome = run(tx);
          // One that changes nothing is not waited for by SQLite, but those before it must be.
          if (durable === 'now' && unsynced) changes += 1;
          if (changes > 0) setCommit(database, lastCommit + 1);
          return outcome;
        });
      } catch (error) {
        for (const work of undone) work();
        throw error;
      } finally {
        writing = false;
      }
      commits += 1;
      rowsInLog += changes;
      if (rowsInLog >= rowsToCarry) {
        rowsInLog = 0;
        gate.later(carryOver);
      }
      if (changes > 0) {
        lastCommit += 1;
        unsynced = durable === 'later';
        if (!unsynced) attempt(() => marks?.committed(lastCommit));
      }
      // Here the change is durable, unless it said later. A listener that fails must not turn it into a refusal.
      for (const work of later) attempt(work);
      for (const announcement of announcements) attempt(() => announce(...announcement));
      return result;
    },
    version: () => commits,
    commit: () => lastCommit,
    copyTo: (path) => database.copyTo(path),
    writable: () => gate.writable(),
    writesPaused: () => gate.paused,
    pauseWrites: () => gate.pause(),
    writing: () => writing,
    checkpoint() {
      if (inside) throw new Error('a checkpoint inside a transaction');
      // Not waiting: a backup may hold the store for long, and empties the log itself when it is done.
      database.get('PRAGMA busy_timeout = 0');
      try {
        database.get('PRAGMA wal_checkpoint(TRUNCATE)');
      } finally {
        database.get('PRAGMA busy_timeout = 5000');
      }
    },
    giveBack(pages) {
      if (inside) throw new Error('space is given back between transactions');
      if (gate.paused) throw busy();
      const free = (): number => Number(database.get('PRAGMA freelist_count')?.freelist_count ?? 0);
      const before = free();
      if (before === 0) return 0;
      // As a script: it goes on with each step of the statement, and a script takes them all.
      database.script(`PRAGMA incremental_vacuum(${Math.floor(pages)})`);
      const left = free();
      return left === before ? 0 : left;
    },
    exchange(next) {
      if (inside) throw new Error('the database can not be exchanged inside a transaction');
      database.close();
      database = next();
      relaxed = false;
      unsynced = false;
    },
    close(refusal = () => new Error('the store is closed')) {
      closed = refusal;
      database.close();
    },
  };
}
