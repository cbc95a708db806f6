// All SQL on the store inside a backup while it is checked, before any console has opened it.
import type { Database, SqlRow } from '../../ports.ts';
import type { SealedSource, SealedValue } from './ports.ts';

/** @returns what is wrong, if anything: SQLite looks at every page, every index and every row. */
export function integrityFault(database: Database): string | undefined {
  const rows = database.all('PRAGMA integrity_check(1)');
  const verdict = String(Object.values(rows[0] ?? {})[0] ?? 'nothing');
  if (verdict !== 'ok') return verdict.replace(/\s+/g, ' ');
  const orphan = database.get('PRAGMA foreign_key_check');
  return orphan === undefined ? undefined : `a row of ${String(orphan.table)} points to nothing`;
}

const pageSize = 500;

/** Every value of a column, a page at a time; nothing where an older store has no such column yet. Names are ours, never input. */
export function* sealedValues(database: Database, source: SealedSource, column: number): Generator<SealedValue[]> {
  const keys = [...new Set([...(source.scoped ? ['workspace'] : []), ...source.key])];
  const names = [...keys, source.column].map((name) => `'${name}'`);
  const there = database.get(
    `SELECT count(*) AS found FROM pragma_table_info(:table) WHERE name IN (${names.join(', ')})`,
    {
      table: source.table,
    },
  );
  if (there?.found !== names.length) return;
  const key = keys.map((name) => `"${name}"`).join(', ');
  const rest = keys.map((_, index) => `:after${index}`).join(', ');
  let after: SqlRow | undefined;
  for (;;) {
    const beyond: string = after === undefined ? '' : `AND (${key}) > (${rest})`;
    const parameters = Object.fromEntries(keys.map((name, index) => [`after${index}`, after?.[name] ?? null]));
    const rows = database.all(
      `SELECT ${key}, "${source.column}" AS sealed_value FROM "${source.table}"
       WHERE "${source.column}" IS NOT NULL ${beyond} ORDER BY ${key} LIMIT ${pageSize}`,
      after === undefined ? {} : parameters,
    );
    const values = rows.flatMap(({ sealed_value: value, ...row }) =>
      value instanceof Uint8Array ? [{ column, row, value }] : [],
    );
    if (values.length > 0) yield values;
    if (rows.length < pageSize) return;
    after = rows.at(-1);
  }
}
