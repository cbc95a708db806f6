// The encrypted store against plain SQLite on the same work in one run (spec 03).
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { openSqlite } from '../../src-main/adapters/sqlite/database.ts';
import { temporaryFolder } from '../support/stores.ts';
import { inPairs, median, report } from './measure.ts';

const rows = 50_000;
const reads = 50_000;
const text = 'x'.repeat(400);

type Work = { write(): number; read(): number };

function work(database: {
  run(sql: string, parameters?: Record<string, number | string>): unknown;
  get(sql: string, parameters: Record<string, number>): unknown;
}): Work {
  let next = 0;
  return {
    write() {
      const started = performance.now();
      for (let from = 0; from < rows; from += 500) {
        database.run('BEGIN');
        for (let index = 0; index < 500; index++)
          database.run('INSERT INTO t (id, body) VALUES (:id, :body)', { id: next++, body: text });
        database.run('COMMIT');
      }
      return (rows / (performance.now() - started)) * 1000;
    },
    read() {
      const started = performance.now();
      let id = 1;
      for (let index = 0; index < reads; index++) {
        id = (id * 48_271) % 2_147_483_647;
        database.get('SELECT body FROM t WHERE id = :id', { id: id % next });
      }
      return (reads / (performance.now() - started)) * 1000;
    },
  };
}

export async function benchStore(): Promise<void> {
  const folder = temporaryFolder();
  const encrypted = openSqlite(join(folder, 'encrypted.db'), new Uint8Array(32).fill(1));
  const plain = new Sqlite(join(folder, 'plain.db'));
  plain.pragma('journal_mode = WAL');
  plain.pragma('synchronous = FULL');
  plain.pragma('cache_size = -32768');
  const statements = new Map<string, Sqlite.Statement>();
  const prepared = (sql: string): Sqlite.Statement => {
    const known = statements.get(sql) ?? plain.prepare(sql);
    statements.set(sql, known);
    return known;
  };
  const table = 'CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT NOT NULL)';
  encrypted.script(table);
  plain.exec(table);
  const ours = work(encrypted);
  const theirs = work({
    run: (sql, parameters = {}) => prepared(sql).run(parameters),
    get: (sql, parameters) => prepared(sql).get(parameters),
  });
  for (const [name, goal, pick] of [
    ['Store: rows written/s', '≥ 0.50', (one: Work) => one.write()],
    ['Store: rows read/s', '≥ 0.70', (one: Work) => one.read()],
  ] as const) {
    const pairs = await inPairs(
      5,
      async () => pick(ours),
      async () => pick(theirs),
    );
    const ratio = median(pairs.map((pair) => pair.ours / pair.theirs));
    const figures = `${median(pairs.map((pair) => pair.ours)).toFixed(0)}/s encrypted of ${median(pairs.map((pair) => pair.theirs)).toFixed(0)}/s plain`;
    report(name, ratio, goal, figures);
  }
  encrypted.close();
  plain.close();
  rmSync(folder, { recursive: true, force: true });
}
