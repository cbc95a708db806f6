// Brings a store to the schema this program knows. Forward only, one transaction, and a newer store is refused untouched.
import type { Feature } from '../feature.ts';
import type { Database } from '../ports.ts';
import { commitMigrations } from './commit-table.ts';
import type { Migration } from './migration.ts';

/** The store was written by a later Gatehouse. Nothing was changed. */
export class NewerStore extends Error {
  override readonly name = 'NewerStore';
}

const ledger = `CREATE TABLE IF NOT EXISTS schema_migration (
  feature TEXT NOT NULL, version INTEGER NOT NULL, applied_at INTEGER NOT NULL, PRIMARY KEY (feature, version)
) STRICT, WITHOUT ROWID`;

export type Migrating = {
  /** Called before the first change to a store that already has tables: the backup of spec 03. */
  readonly beforeChange: () => void;
  readonly now: number;
};

type Step = { readonly feature: string; readonly migration: Migration };

/** All steps that this program knows, those of the store itself first. */
export function knownSteps(features: readonly Pick<Feature, 'name' | 'migrations'>[]): Step[] {
  return [{ name: 'store', migrations: commitMigrations }, ...features].flatMap(({ name, migrations }) =>
    migrations.map((migration) => ({ feature: name, migration })),
  );
}

/** The steps that a store lacks, and whether it has any yet. @throws NewerStore when the store knows a step that this program doesn't. */
export function pendingSteps(
  database: Database,
  features: readonly Pick<Feature, 'name' | 'migrations'>[],
): { existing: boolean; pending: Step[] } {
  const existing = database.get("SELECT 1 AS found FROM sqlite_schema WHERE name = 'schema_migration'") !== undefined;
  const applied = new Set(
    existing
      ? database.all('SELECT feature, version FROM schema_migration').map((row) => `${row.feature}/${row.version}`)
      : [],
  );
  const known = knownSteps(features);
  const names = new Set(known.map(({ feature, migration }) => `${feature}/${migration.version}`));
  const unknown = [...applied].filter((name) => !names.has(name));
  if (unknown.length > 0) {
    throw new NewerStore(
      `the store was written by a newer Gatehouse (it has ${unknown.join(', ')}); use that version or later`,
    );
  }
  return {
    existing,
    pending: known.filter(({ feature, migration }) => !applied.has(`${feature}/${migration.version}`)),
  };
}

/** @returns how many migrations ran. @throws NewerStore when the store knows a step that this program doesn't. */
export function migrate(
  database: Database,
  features: readonly Pick<Feature, 'name' | 'migrations'>[],
  { beforeChange, now }: Migrating,
): number {
  const { existing, pending } = pendingSteps(database, features);
  if (pending.length === 0) return 0;
  if (existing) beforeChange();
  database.run('BEGIN IMMEDIATE');
  try {
    database.script(ledger);
    for (const { feature, migration } of pending) apply(database, feature, migration, now);
    database.run('COMMIT');
  } catch (error) {
    if (database.inTransaction) database.run('ROLLBACK');
    throw error;
  }
  return pending.length;
}

function apply(database: Database, feature: string, migration: Migration, now: number): void {
  database.script(migration.sql);
  database.run('INSERT INTO schema_migration (feature, version, applied_at) VALUES (:feature, :version, :now)', {
    feature,
    version: migration.version,
    now,
  });
}
