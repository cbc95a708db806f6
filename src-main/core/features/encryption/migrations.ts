// The ledger of key versions: which there were and when each came and went. Keys themselves are never in the store.
export const encryptionMigrations = [
  {
    version: 1,
    sql: `
CREATE TABLE encryption_version (
  purpose TEXT NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL, destroyed_at INTEGER,
  PRIMARY KEY (purpose, version)
) STRICT, WITHOUT ROWID;
`,
  },
] as const;
