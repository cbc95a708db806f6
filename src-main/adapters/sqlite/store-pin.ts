// Pins the store's file for a backup without stopping writes: what was committed is carried over into store.db, and a reader at the end
// of the then empty write-ahead log keeps it as it is. New commits go to the log alone: SQLite lets no checkpoint write to the database
// file while somebody reads from it only (walCheckpoint takes WAL_READ_LOCK(0) for itself).
import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import type { PinStore } from '../../core/features/backups/ports.ts';
import { applyKey } from './store-key.ts';

/** @returns pins for one store; undefined from it when somebody reads from the log: try again in a moment. */
export function createStorePins(path: () => string): PinStore {
  // SECURITY: POSIX drops all locks of a process on a file when it closes any descriptor of it. So this one stays open while the
  // store may be, and serves the next backup too.
  let kept: { descriptor: number; inode: bigint } | undefined;

  function descriptor(): number {
    const { ino } = statSync(path(), { bigint: true });
    if (kept !== undefined && kept.inode === ino) return kept.descriptor;
    if (kept !== undefined) closeSync(kept.descriptor);
    kept = undefined;
    kept = { descriptor: openSync(path(), 'r'), inode: ino };
    return kept.descriptor;
  }

  return (pageKey) => {
    const reader = new Sqlite(path(), { timeout: 0 });
    try {
      applyKey(reader, pageKey);
      reader.pragma('temp_store = MEMORY');
      const [outcome] = reader.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
      // Nothing else runs between this and the reader's first page: both are synchronous, and this process is the only writer.
      reader.exec('BEGIN');
      reader.prepare('SELECT count(*) FROM sqlite_schema').get();
      if (outcome?.busy !== 0 || (statSync(`${path()}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
        reader.close();
        return undefined;
      }
      const source = descriptor();
      return {
        source,
        sizeBytes: fstatSync(source).size,
        release() {
          if (reader.open) reader.close();
        },
      };
    } catch (error) {
      reader.close();
      throw error;
    }
  };
}

const triesMs = 10_000;
const fewPages = 1_000;

/**
 * Carries the write-ahead log over and empties it, from a thread of its own: the log grew while the store was pinned, and the main
 * thread's next commit would otherwise do all of it at once. Writers are held up at the end only, when nothing is left to copy.
 * @param release lets the pin go; called when this stands ready.
 */
export async function carryLogOver(path: string, pageKey: Uint8Array, release: () => Promise<void>): Promise<void> {
  const connection = new Sqlite(path, { timeout: 0 });
  try {
    applyKey(connection, pageKey);
    connection.pragma('synchronous = FULL');
    const passive = connection.prepare('PRAGMA wal_checkpoint(PASSIVE)');
    let isReleased = false;
    void release().then(() => {
      isReleased = true;
    });
    // Asked for at once when the pin is gone, and before anybody else.
    for (const end = Date.now() + triesMs; Date.now() < end; ) {
      const { log, checkpointed } = passive.get() as { log: number; checkpointed: number };
      // While it is written to, the log is never quite empty.
      if (isReleased && log - checkpointed < fewPages) break;
      await wait(1);
    }
    connection.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    connection.close();
  }
}
