// The tables of rules. Numbered, frozen once released, importing nothing of the program.
import type { Migration } from '../../store/migration.ts';

export const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
-- Of the packs that come with the program, and of the workspace's own rules, there is a row once somebody chose a state for them.
CREATE TABLE rule_pack (
  workspace TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('on', 'simulated', 'off')),
  -- The rules of the pack are those with this number: an update is written beside what runs, then takes its place at once.
  generation INTEGER NOT NULL,
  digest TEXT,
  signature TEXT NOT NULL,
  signer TEXT,
  imported_at INTEGER,
  imported_by TEXT,
  PRIMARY KEY (workspace, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE rule (
  workspace TEXT NOT NULL,
  pack TEXT NOT NULL,
  generation INTEGER NOT NULL,
  id TEXT NOT NULL,
  path TEXT NOT NULL,
  digest TEXT NOT NULL,
  number INTEGER NOT NULL,
  -- What stands in it, for lists of rules that are off; null where it cannot be read.
  outline TEXT,
  PRIMARY KEY (workspace, pack, generation, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX rule_by_id ON rule (workspace, id);

CREATE TABLE rule_text (
  workspace TEXT NOT NULL,
  digest TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (workspace, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE rule_version (
  workspace TEXT NOT NULL,
  rule TEXT NOT NULL,
  number INTEGER NOT NULL,
  digest TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  note TEXT,
  PRIMARY KEY (workspace, rule, number)
) STRICT, WITHOUT ROWID;

-- What people chose for a rule, also for one that comes with the program.
CREATE TABLE rule_choice (
  workspace TEXT NOT NULL,
  rule TEXT NOT NULL,
  state TEXT CHECK (state IN ('on', 'simulated', 'off')),
  severity TEXT,
  parameters TEXT,
  -- Why the console switched it off by itself.
  switched_off TEXT,
  revision INTEGER NOT NULL,
  PRIMARY KEY (workspace, rule)
) STRICT, WITHOUT ROWID;

CREATE TABLE rule_exception (
  workspace TEXT NOT NULL,
  id TEXT NOT NULL,
  rule TEXT,
  conditions TEXT NOT NULL,
  reason TEXT NOT NULL,
  owner TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  hits INTEGER NOT NULL,
  last_hit_at INTEGER,
  PRIMARY KEY (workspace, id)
) STRICT, WITHOUT ROWID;
`,
  },
  {
    version: 2,
    sql: `
-- An exception without an end has no time of it.
CREATE TABLE rule_exception_2 (
  workspace TEXT NOT NULL,
  id TEXT NOT NULL,
  rule TEXT,
  conditions TEXT NOT NULL,
  reason TEXT NOT NULL,
  owner TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  hits INTEGER NOT NULL,
  last_hit_at INTEGER,
  PRIMARY KEY (workspace, id)
) STRICT, WITHOUT ROWID;
INSERT INTO rule_exception_2 SELECT workspace, id, rule, conditions, reason, owner, created_at, expires_at, hits, last_hit_at
  FROM rule_exception;
DROP TABLE rule_exception;
ALTER TABLE rule_exception_2 RENAME TO rule_exception;
`,
  },
  {
    version: 3,
    sql: `
-- After an alert of a group, for how long others of it are kept quiet; null: not at all.
ALTER TABLE rule_choice ADD COLUMN suppression TEXT;
`,
  },
  {
    version: 4,
    sql: `
-- What somebody writes and has not saved. subject: a rule's id, 'copy-' and one, or 'new'.
CREATE TABLE rule_draft (
  workspace TEXT NOT NULL,
  owner TEXT NOT NULL,
  subject TEXT NOT NULL,
  source TEXT NOT NULL,
  note TEXT NOT NULL,
  number INTEGER,
  saved_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, owner, subject)
) STRICT, WITHOUT ROWID;

-- Alerts that an exception kept away, beside the events that it kept off.
ALTER TABLE rule_exception ADD COLUMN alerts INTEGER NOT NULL DEFAULT 0;
`,
  },
];

/** Every table here belongs to a workspace. */
export const scopedTables: readonly string[] = [
  'rule_pack',
  'rule',
  'rule_text',
  'rule_version',
  'rule_choice',
  'rule_exception',
  'rule_draft',
];
