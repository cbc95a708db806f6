// Tables of access. Users belong to the console; memberships, sessions and keys to a workspace. Tokens, keys and codes only as hashes.
export const accessMigrations = [
  {
    version: 1,
    sql: `
CREATE TABLE access_user (
  id TEXT PRIMARY KEY, username TEXT NOT NULL, folded TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL, disabled_at INTEGER
) STRICT;
CREATE TABLE access_member (
  workspace TEXT NOT NULL, user_id TEXT NOT NULL REFERENCES access_user (id), role TEXT NOT NULL,
  PRIMARY KEY (workspace, user_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE access_failure (
  name_hash BLOB PRIMARY KEY, count INTEGER NOT NULL, last_at INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX access_failure_by_time ON access_failure (last_at);
CREATE TABLE access_totp (
  user_id TEXT PRIMARY KEY REFERENCES access_user (id), sealed_secret BLOB NOT NULL,
  started_at INTEGER NOT NULL, active_at INTEGER, last_step INTEGER NOT NULL
) STRICT;
CREATE TABLE access_recovery (
  user_id TEXT PRIMARY KEY REFERENCES access_user (id), sealed_key BLOB NOT NULL, issued_at INTEGER NOT NULL
) STRICT;
CREATE TABLE access_recovery_code (
  user_id TEXT NOT NULL REFERENCES access_recovery (user_id) ON DELETE CASCADE, code_hash BLOB NOT NULL, used_at INTEGER,
  PRIMARY KEY (user_id, code_hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE access_session (
  id TEXT PRIMARY KEY, workspace TEXT NOT NULL, user_id TEXT NOT NULL REFERENCES access_user (id),
  token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32), kind TEXT NOT NULL, ip TEXT, user_agent TEXT,
  created_at INTEGER NOT NULL, last_active_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  stepped_up_at INTEGER, locked_at INTEGER
) STRICT;
CREATE INDEX access_session_by_user ON access_session (workspace, user_id, created_at);
CREATE INDEX access_session_by_time ON access_session (workspace, created_at, id);
CREATE TABLE access_pending (
  id TEXT PRIMARY KEY, workspace TEXT NOT NULL, user_id TEXT NOT NULL REFERENCES access_user (id),
  token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32), stage TEXT NOT NULL,
  created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, tries INTEGER NOT NULL
) STRICT;
CREATE INDEX access_pending_by_user ON access_pending (workspace, user_id, created_at);
CREATE TABLE access_key (
  id TEXT PRIMARY KEY, workspace TEXT NOT NULL, secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32), name TEXT NOT NULL,
  scopes TEXT NOT NULL, created_at INTEGER NOT NULL, created_by TEXT NOT NULL, expires_at INTEGER, revoked_at INTEGER,
  last_used_at INTEGER, last_used_ip TEXT
) STRICT;
CREATE INDEX access_key_by_time ON access_key (workspace, created_at, id);
`,
  },
  {
    version: 2,
    sql: `
ALTER TABLE access_key ADD COLUMN event_signing TEXT NOT NULL DEFAULT 'none';
ALTER TABLE access_key ADD COLUMN sealed_event_secret BLOB;
`,
  },
] as const;
