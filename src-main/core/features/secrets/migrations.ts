// The tables of the vault. Values stand in secret_version alone, sealed under the secret's own key; everything else is metadata.
import type { Migration } from '../../store/migration.ts';

export const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
CREATE TABLE secret (
  workspace TEXT NOT NULL,
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  description TEXT NOT NULL,
  owner TEXT NOT NULL,
  tags TEXT NOT NULL,
  -- Lower-case text that free-text search looks through.
  words TEXT NOT NULL,
  version INTEGER NOT NULL,
  field_names TEXT NOT NULL,
  parsed TEXT,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  expires_at INTEGER,
  rotation_days INTEGER,
  deleted_at INTEGER,
  purged_at INTEGER,
  revision INTEGER NOT NULL,
  reads INTEGER NOT NULL,
  last_read_at INTEGER,
  last_read_by TEXT,
  CHECK (purged_at IS NULL OR deleted_at IS NOT NULL)
) STRICT, WITHOUT ROWID;
-- A name is free again once its secret is deleted; bringing that back then needs another name gone first.
CREATE UNIQUE INDEX secret_by_name ON secret (workspace, name) WHERE deleted_at IS NULL;
CREATE INDEX secret_in_order ON secret (workspace, name, id);

CREATE TABLE secret_version (
  workspace TEXT NOT NULL,
  secret_id TEXT NOT NULL REFERENCES secret (id),
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  usable_until INTEGER,
  -- NULL once it is gone: purged, or replaced too long ago.
  sealed BLOB,
  changes TEXT NOT NULL,
  PRIMARY KEY (workspace, secret_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE secret_grant (
  workspace TEXT NOT NULL,
  secret_id TEXT NOT NULL REFERENCES secret (id),
  kind TEXT NOT NULL CHECK (kind IN ('user', 'role', 'key')),
  subject TEXT NOT NULL,
  actions TEXT NOT NULL,
  PRIMARY KEY (workspace, secret_id, kind, subject)
) STRICT, WITHOUT ROWID;

-- The last readings of each secret; secret_consumer counts all of them.
CREATE TABLE secret_read (
  key INTEGER PRIMARY KEY,
  workspace TEXT NOT NULL,
  secret_id TEXT NOT NULL REFERENCES secret (id),
  at INTEGER NOT NULL,
  by_kind TEXT NOT NULL,
  by_id TEXT NOT NULL,
  by_name TEXT NOT NULL,
  version INTEGER NOT NULL,
  ip_address TEXT,
  user_agent TEXT,
  via TEXT NOT NULL
) STRICT;
CREATE INDEX secret_read_by_secret ON secret_read (workspace, secret_id, key);

CREATE TABLE secret_consumer (
  workspace TEXT NOT NULL,
  secret_id TEXT NOT NULL REFERENCES secret (id),
  by_kind TEXT NOT NULL,
  by_id TEXT NOT NULL,
  by_name TEXT NOT NULL,
  last_at INTEGER NOT NULL,
  reads INTEGER NOT NULL,
  PRIMARY KEY (workspace, secret_id, by_kind, by_id)
) STRICT, WITHOUT ROWID;

-- What was announced as due, so that each date is announced once.
CREATE TABLE secret_notice (
  workspace TEXT NOT NULL,
  secret_id TEXT NOT NULL REFERENCES secret (id),
  kind TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  noticed_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, secret_id, kind, due_at)
) STRICT, WITHOUT ROWID;
`,
  },
];

/** Every table here belongs to a workspace. */
export const scopedTables: readonly string[] = [
  'secret',
  'secret_version',
  'secret_grant',
  'secret_read',
  'secret_consumer',
  'secret_notice',
];
