// The console's backups as it knows them, and the schedule where it differs from the settings.
export const backupsMigrations = [
  {
    version: 1,
    sql: `
CREATE TABLE backup (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, encrypted INTEGER NOT NULL, opens_with TEXT NOT NULL,
  created_at INTEGER NOT NULL, finished_at INTEGER, size_bytes INTEGER, sha256 TEXT, path TEXT NOT NULL, key_version INTEGER NOT NULL,
  audit_entries INTEGER, total_bytes INTEGER NOT NULL, error TEXT,
  verified_at INTEGER, verified_passed INTEGER, verified_detail TEXT, verified_entries INTEGER, verified_root TEXT
) STRICT;
CREATE INDEX backup_by_time ON backup (created_at, id);
CREATE TABLE backup_schedule (
  id INTEGER PRIMARY KEY CHECK (id = 1), anchor_at INTEGER NOT NULL, failed_at INTEGER, changed TEXT
) STRICT;
`,
  },
] as const;
