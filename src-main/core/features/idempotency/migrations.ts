// Answers kept for requests that may be sent twice.
export const idempotencyMigrations = [
  {
    version: 1,
    sql: `
CREATE TABLE idempotency (
  workspace TEXT NOT NULL, principal TEXT NOT NULL, key TEXT NOT NULL, request BLOB NOT NULL, answer BLOB NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (workspace, principal, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (at);
`,
  },
  {
    version: 2,
    // The request's digest is sealed from here on; what was kept before was kept for a day at most.
    sql: 'DELETE FROM idempotency;',
  },
] as const;
