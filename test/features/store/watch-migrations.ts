// The steps of a store's history as the program runs them: seen from its database.
import type { Database } from '../../../src-main/core/ports.ts';

export function watchMigrations(after: (step: string) => void = () => undefined): {
  readonly steps: { name: string; sql: string }[];
  wrap(database: Database): Database;
} {
  const steps: { name: string; sql: string }[] = [];
  return {
    steps,
    wrap(database) {
      let last = '';
      return {
        ...database,
        get inTransaction() {
          return database.inTransaction;
        },
        script(sql) {
          last = sql;
          database.script(sql);
        },
        copyTo(path) {
          database.copyTo(path);
          after('copied');
        },
        run(sql, parameters) {
          const changes = database.run(sql, parameters);
          if (sql.startsWith('INSERT INTO schema_migration')) {
            const name = `${String(parameters?.feature)}/${String(parameters?.version)}`;
            steps.push({ name, sql: last });
            after(name);
          }
          if (sql === 'COMMIT' && steps.length > 0) after('committed');
          return changes;
        },
      };
    },
  };
}
