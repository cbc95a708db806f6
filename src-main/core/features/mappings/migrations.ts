// The table of the workspaces' own mappings of log sources. Frozen once released, importing nothing of the program.
import type { Migration } from '../../store/migration.ts';

export const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
CREATE TABLE log_source_mapping (
  workspace TEXT NOT NULL,
  text TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  PRIMARY KEY (workspace)
) STRICT, WITHOUT ROWID;
`,
  },
];
