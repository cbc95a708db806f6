// Keys of signers that were compared and pinned.
export const bundlesMigrations = [
  {
    version: 1,
    sql: `
CREATE TABLE pinned_signer (
  id TEXT PRIMARY KEY, workspace TEXT NOT NULL, verifier_key TEXT NOT NULL, note TEXT NOT NULL,
  pinned_by TEXT NOT NULL, pinned_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX pinned_signer_by_key ON pinned_signer (workspace, verifier_key);
`,
  },
] as const;
