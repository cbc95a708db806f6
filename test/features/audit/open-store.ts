// The store of a stopped console, opened past the program with the right keys: what an attacker with the master key can do.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createStoreMarks } from '../../../src-main/adapters/files/store-marks.ts';
import { openSqlite } from '../../../src-main/adapters/sqlite/database.ts';
import { parseKeyFile } from '../../../src-main/core/features/keys/key-file.ts';
import { openKeyRing } from '../../../src-main/core/features/keys/key-ring.ts';
import type { Database } from '../../../src-main/core/ports.ts';
import { findCommit } from '../../../src-main/core/store/commit-table.ts';

export function openStoreOf(folder: string, master: Uint8Array): Database & Disposable {
  const file = parseKeyFile(readFileSync(join(folder, 'keys.json'), 'utf8'));
  const keyRing = openKeyRing(file, master, { bytes: () => new Uint8Array(12) });
  const database = openSqlite(join(folder, 'store.db'), keyRing.pageKey());
  keyRing.destroy();
  return {
    ...database,
    inTransaction: false,
    [Symbol.dispose]() {
      const commit = findCommit(database);
      database.close();
      // Whoever holds the keys can write the mark as well: without a seal of the bytes, as after a kill.
      const marks = createStoreMarks(folder);
      marks.opened(commit);
      marks.closed(commit, undefined);
    },
  };
}

/** The triggers are no protection against whoever holds the key; the tree is. */
export function alterPastTriggers(database: Database, sql: string): void {
  const triggers = database.all("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'");
  for (const { name } of triggers) database.script(`DROP TRIGGER ${String(name)}`);
  database.script(sql);
  for (const trigger of triggers) database.script(String(trigger.sql));
}
