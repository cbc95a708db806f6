// The habits of principals as the stored events left them, how far that is, and when each source was last heard of.
export const migrations = [
  {
    version: 1,
    sql: `
CREATE TABLE behaviour_profile (
  workspace TEXT NOT NULL, principal TEXT NOT NULL, seq INTEGER NOT NULL, seen_at INTEGER NOT NULL, profile TEXT NOT NULL,
  PRIMARY KEY (workspace, principal)
) STRICT, WITHOUT ROWID;
CREATE INDEX behaviour_profile_by_age ON behaviour_profile (workspace, seen_at);
CREATE TABLE behaviour_mark (workspace TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE source_activity (
  workspace TEXT NOT NULL, source TEXT NOT NULL, heard_at INTEGER NOT NULL, activity TEXT NOT NULL,
  PRIMARY KEY (workspace, source)
) STRICT, WITHOUT ROWID;
`,
  },
] as const;
export const scopedTables = ['behaviour_profile', 'behaviour_mark', 'source_activity'];
