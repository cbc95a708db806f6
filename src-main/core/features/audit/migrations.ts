// The audit log's tables. Leaf hashes and tree nodes refuse change and removal; bodies go only inside a recorded pruning run
// (spec 04). Version 2: what is kept in other places. Version 3: who signed when. Version 4: fields that are sealed for the
// person whom they are about.
export const auditMigrations = [
  {
    version: 1,
    sql: `
CREATE TABLE audit_node (
  level INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE audit_body (
  seq INTEGER PRIMARY KEY, workspace TEXT NOT NULL, workspace_seq INTEGER NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL,
  event_type TEXT NOT NULL, success INTEGER NOT NULL, actor_name TEXT, session_id TEXT,
  leaf TEXT NOT NULL, body TEXT NOT NULL, seed BLOB NOT NULL,
  UNIQUE (workspace, workspace_seq)
) STRICT;
CREATE INDEX audit_body_by_type ON audit_body (workspace, event_type, seq);
CREATE INDEX audit_body_by_actor ON audit_body (workspace, actor_name, seq);
CREATE TABLE audit_checkpoint (
  size INTEGER PRIMARY KEY, root BLOB NOT NULL, note TEXT NOT NULL, signed_at INTEGER NOT NULL
) STRICT;
CREATE TABLE audit_pruning (
  id INTEGER PRIMARY KEY, started_at INTEGER NOT NULL, finished_at INTEGER, up_to_seq INTEGER NOT NULL
) STRICT;
CREATE TRIGGER audit_node_stays BEFORE UPDATE ON audit_node BEGIN SELECT raise(ABORT, 'the audit tree is append-only'); END;
CREATE TRIGGER audit_node_remains BEFORE DELETE ON audit_node BEGIN SELECT raise(ABORT, 'the audit tree is append-only'); END;
CREATE TRIGGER audit_checkpoint_stays BEFORE UPDATE ON audit_checkpoint BEGIN SELECT raise(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER audit_checkpoint_remains BEFORE DELETE ON audit_checkpoint BEGIN SELECT raise(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER audit_body_stays BEFORE UPDATE ON audit_body BEGIN SELECT raise(ABORT, 'audit entries are append-only'); END;
CREATE TRIGGER audit_body_remains BEFORE DELETE ON audit_body
WHEN NOT EXISTS (SELECT 1 FROM audit_pruning WHERE finished_at IS NULL AND old.seq <= up_to_seq)
BEGIN SELECT raise(ABORT, 'audit entries go only in a pruning run'); END;
`,
  },
  {
    version: 2,
    sql: `
CREATE TABLE audit_anchor (
  name TEXT PRIMARY KEY, anchored_size INTEGER NOT NULL, anchored_at INTEGER NOT NULL, memo TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE audit_anchor_outbox (
  anchor TEXT NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (anchor, size)
) STRICT, WITHOUT ROWID;
CREATE TABLE audit_anchor_receipt (
  anchor TEXT NOT NULL, hour INTEGER NOT NULL, size INTEGER NOT NULL, received_at INTEGER NOT NULL,
  cosignatures TEXT, time_stamp BLOB, PRIMARY KEY (anchor, hour)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_anchor_receipt_by_size ON audit_anchor_receipt (size);
`,
  },
  {
    version: 3,
    sql: `
CREATE TABLE audit_signing_key (
  version INTEGER PRIMARY KEY, verifier_key TEXT NOT NULL, after_size INTEGER NOT NULL, note TEXT, since INTEGER NOT NULL
) STRICT;
CREATE TRIGGER audit_signing_key_stays BEFORE UPDATE ON audit_signing_key BEGIN SELECT raise(ABORT, 'signing keys are append-only'); END;
CREATE TRIGGER audit_signing_key_remains BEFORE DELETE ON audit_signing_key BEGIN SELECT raise(ABORT, 'signing keys are append-only'); END;
`,
  },
  {
    version: 4,
    sql: `
CREATE TABLE audit_apart (
  seq INTEGER PRIMARY KEY, workspace TEXT NOT NULL, subject TEXT NOT NULL, paths TEXT NOT NULL, sealed BLOB NOT NULL
) STRICT;
CREATE INDEX audit_apart_by_subject ON audit_apart (workspace, subject, seq);
CREATE TRIGGER audit_apart_stays BEFORE UPDATE ON audit_apart BEGIN SELECT raise(ABORT, 'audit entries are append-only'); END;
CREATE TRIGGER audit_apart_remains BEFORE DELETE ON audit_apart
WHEN NOT EXISTS (SELECT 1 FROM audit_pruning WHERE finished_at IS NULL AND old.seq <= up_to_seq)
BEGIN SELECT raise(ABORT, 'audit entries go only in a pruning run'); END;
`,
  },
  {
    version: 5,
    sql: `
ALTER TABLE audit_pruning ADD COLUMN entry_seq INTEGER;
ALTER TABLE audit_pruning ADD COLUMN digest TEXT;
CREATE TABLE audit_pruned_range (
  from_seq INTEGER PRIMARY KEY, to_seq INTEGER NOT NULL CHECK (to_seq >= from_seq), run INTEGER NOT NULL REFERENCES audit_pruning (id)
) STRICT;
CREATE INDEX audit_pruned_range_by_run ON audit_pruned_range (run, from_seq);
CREATE TABLE audit_hold (
  id TEXT PRIMARY KEY, workspace TEXT NOT NULL, label TEXT NOT NULL, category TEXT, since INTEGER, until INTEGER,
  placed_at INTEGER NOT NULL, placed_by TEXT NOT NULL, released_at INTEGER
) STRICT;
CREATE INDEX audit_body_by_time ON audit_body (workspace, event_type, at);
DROP TRIGGER audit_body_remains;
CREATE TRIGGER audit_body_remains BEFORE DELETE ON audit_body
WHEN NOT EXISTS (
  SELECT 1 FROM audit_pruned_range r JOIN audit_pruning p ON p.id = r.run
  WHERE p.finished_at IS NULL AND old.seq BETWEEN r.from_seq AND r.to_seq)
BEGIN SELECT raise(ABORT, 'audit entries go only in a pruning run'); END;
DROP TRIGGER audit_apart_remains;
CREATE TRIGGER audit_apart_remains BEFORE DELETE ON audit_apart
WHEN NOT EXISTS (
  SELECT 1 FROM audit_pruned_range r JOIN audit_pruning p ON p.id = r.run
  WHERE p.finished_at IS NULL AND old.seq BETWEEN r.from_seq AND r.to_seq)
BEGIN SELECT raise(ABORT, 'audit entries go only in a pruning run'); END;
CREATE TRIGGER audit_pruned_range_stays BEFORE UPDATE ON audit_pruned_range BEGIN SELECT raise(ABORT, 'what was pruned stays recorded'); END;
CREATE TRIGGER audit_pruned_range_remains BEFORE DELETE ON audit_pruned_range BEGIN SELECT raise(ABORT, 'what was pruned stays recorded'); END;
CREATE TRIGGER audit_pruning_stays BEFORE UPDATE ON audit_pruning WHEN old.finished_at IS NOT NULL
BEGIN SELECT raise(ABORT, 'what was pruned stays recorded'); END;
CREATE TRIGGER audit_pruning_remains BEFORE DELETE ON audit_pruning BEGIN SELECT raise(ABORT, 'what was pruned stays recorded'); END;
`,
  },
  {
    version: 6,
    sql: `
-- Anchors of which an entry said that they stopped; an entry is owed when they work again.
CREATE TABLE audit_anchor_stopped (anchor TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`,
  },
  {
    version: 7,
    sql: `
-- The number of each workspace's newest entry, also where its body was pruned: no number is given twice.
CREATE TABLE audit_share (
  workspace TEXT PRIMARY KEY, last_seq INTEGER NOT NULL CHECK (last_seq > 0)
) STRICT, WITHOUT ROWID;
INSERT INTO audit_share (workspace, last_seq) SELECT workspace, max(workspace_seq) FROM audit_body GROUP BY workspace;
CREATE TRIGGER audit_share_rises BEFORE UPDATE ON audit_share WHEN new.workspace <> old.workspace OR new.last_seq <= old.last_seq
BEGIN SELECT raise(ABORT, 'the number of an entry is given once'); END;
CREATE TRIGGER audit_share_remains BEFORE DELETE ON audit_share BEGIN SELECT raise(ABORT, 'the number of an entry is given once'); END;
CREATE TRIGGER audit_body_is_counted BEFORE INSERT ON audit_body BEGIN
  INSERT INTO audit_share (workspace, last_seq) VALUES (new.workspace, new.workspace_seq)
  ON CONFLICT (workspace) DO UPDATE SET last_seq = excluded.last_seq;
END;
`,
  },
] as const;
