// SQL over the columns that the features declare as sealed. Names of tables and columns come from those declarations alone.
import type { SealedPlace } from '../../feature.ts';
import type { SqlParameters, SqlRow } from '../../ports.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';

/** From one to the next by the key, which begins with it: to look at every row for it would hold up everything else. */
export function workspacesOf(tx: ReadTx, { declared, scoped }: SealedPlace): (string | undefined)[] {
  if (!scoped) return [undefined];
  const found: string[] = [];
  const sql = `SELECT workspace FROM ${declared.table} WHERE workspace > :after ORDER BY workspace LIMIT 1`;
  for (;;) {
    const next = tx.get<{ workspace: string }>(sql, { after: found.at(-1) ?? '' });
    if (next === undefined) return found;
    found.push(next.workspace);
  }
}

/** The next rows in the order of their key, each with its sealed value as `sealed`. */
export function sealedAfter(tx: ReadTx, place: SealedPlace, after: SqlRow | undefined, limit: number): SqlRow[] {
  const { table, column } = place.declared;
  const key = keyOf(place);
  const columns = [...key, ...(place.scoped ? ['workspace'] : [])].join(', ');
  const conditions = [
    `${column} IS NOT NULL`,
    ...(place.scoped ? ['workspace = :workspace'] : []),
    ...(after === undefined ? [] : [`(${key.join(', ')}) > (${key.map((name) => `:${name}`).join(', ')})`]),
  ];
  return tx.all(
    `SELECT ${columns}, ${column} AS sealed FROM ${table} WHERE ${conditions.join(' AND ')} ORDER BY ${key.join(', ')} LIMIT :limit`,
    { limit, ...(after === undefined ? {} : keyParameters(place, after)) },
  );
}

export function updateSealed(tx: WriteTx, place: SealedPlace, row: SqlRow, sealed: Uint8Array): void {
  const { table, column } = place.declared;
  const conditions = [
    ...(place.scoped ? ['workspace = :workspace'] : []),
    ...keyOf(place).map((name) => `${name} = :${name}`),
  ];
  tx.run(`UPDATE ${table} SET ${column} = :sealed WHERE ${conditions.join(' AND ')}`, {
    sealed,
    ...keyParameters(place, row),
  });
}

function keyOf({ declared, scoped }: SealedPlace): string[] {
  return declared.key.filter((name) => !scoped || name !== 'workspace');
}

function keyParameters(place: SealedPlace, row: SqlRow): SqlParameters {
  return Object.fromEntries(keyOf(place).map((name) => [name, row[name] ?? null]));
}
