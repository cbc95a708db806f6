// What the console knows of itself and of its set-up.
export const setupMigrations = [
  {
    version: 1,
    sql: `
CREATE TABLE console_fact (name TEXT PRIMARY KEY, value TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`,
  },
] as const;
