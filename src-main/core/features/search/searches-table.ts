// All SQL of the saved searches.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type SavedRow = {
  readonly id: string;
  readonly owner: string;
  readonly owner_name: string;
  readonly name: string;
  readonly query: string;
  readonly shared: number;
  readonly changed_at: number;
};

const columns = 'id, owner, owner_name, name, query, shared, changed_at';

/** The owner's own and those that are shared, by name. */
export function findSaved(tx: ReadTx, owner: string): SavedRow[] {
  return tx.all(
    `SELECT ${columns} FROM saved_search WHERE workspace = :workspace AND (owner = :owner OR shared = 1) ORDER BY name, owner_name`,
    { owner },
  );
}

export function countSaved(tx: ReadTx, owner: string): number {
  const row = tx.get<{ count: number }>(
    'SELECT count(*) AS count FROM saved_search WHERE workspace = :workspace AND owner = :owner',
    { owner },
  );
  return row?.count ?? 0;
}

export function findSavedByName(tx: ReadTx, owner: string, name: string): SavedRow | undefined {
  return tx.get(
    `SELECT ${columns} FROM saved_search WHERE workspace = :workspace AND owner = :owner AND name = :name`,
    { owner, name },
  );
}

export function findSavedById(tx: ReadTx, id: string): SavedRow | undefined {
  return tx.get(`SELECT ${columns} FROM saved_search WHERE workspace = :workspace AND id = :id`, { id });
}

/** Replaces the one of the same id. */
export function keepSaved(tx: WriteTx, row: SavedRow): void {
  tx.run(
    `INSERT INTO saved_search (id, workspace, owner, owner_name, name, query, shared, created_at, changed_at)
     VALUES (:id, :workspace, :owner, :owner_name, :name, :query, :shared, :changed_at, :changed_at)
     ON CONFLICT (id) DO UPDATE SET query = :query, shared = :shared, changed_at = :changed_at WHERE workspace = :workspace`,
    { ...row },
  );
}

export function removeSaved(tx: WriteTx, id: string): void {
  tx.run('DELETE FROM saved_search WHERE workspace = :workspace AND id = :id', { id });
}
