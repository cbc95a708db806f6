// The events' table: one row per accepted event, with its canonical record and the hash of it. And the log of what was refused.
export const eventsMigrations = [
  {
    version: 1,
    sql: `
CREATE TABLE event (
  seq INTEGER PRIMARY KEY, workspace TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, received_at INTEGER NOT NULL,
  source TEXT NOT NULL, event_type TEXT NOT NULL, actor TEXT, success INTEGER, ip_address TEXT,
  record TEXT NOT NULL, sha256 BLOB NOT NULL, format TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX event_identity ON event (id, at, workspace);
CREATE INDEX event_by_time ON event (workspace, at, seq);
CREATE TABLE import (
  id TEXT PRIMARY KEY, workspace TEXT NOT NULL, name TEXT NOT NULL, started_at INTEGER NOT NULL, finished_at INTEGER NOT NULL,
  state TEXT NOT NULL, summary TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
  },
  {
    version: 2,
    sql: `
CREATE TABLE event_rejection (
  seq INTEGER PRIMARY KEY, workspace TEXT NOT NULL, at INTEGER NOT NULL, sent_by TEXT NOT NULL, file TEXT, place INTEGER NOT NULL,
  reason TEXT NOT NULL, text TEXT, more INTEGER NOT NULL
) STRICT;
CREATE INDEX event_rejection_by_workspace ON event_rejection (workspace, seq);
CREATE TABLE event_rejection_total (workspace TEXT PRIMARY KEY, total INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`,
  },
] as const;
