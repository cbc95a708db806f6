// The number of the last commit, in the store itself: one row, raised in every transaction that changes anything.

import type { Database } from '../ports.ts';
import type { Migration } from './migration.ts';

export const commitMigrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
CREATE TABLE store_commit (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL) STRICT;
INSERT INTO store_commit (one, number) VALUES (1, 0);
`,
  },
];

/** 0 for a store that was made before commits were counted, and for an empty one. */
export function findCommit(database: Database): number {
  const counted = database.get("SELECT 1 AS found FROM sqlite_schema WHERE name = 'store_commit'") !== undefined;
  return counted ? Number(database.get('SELECT number FROM store_commit')?.number ?? 0) : 0;
}

export function setCommit(database: Database, number: number): void {
  database.run('UPDATE store_commit SET number = :number', { number });
}
