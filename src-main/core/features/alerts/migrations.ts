// The tables of alerts. Numbered, frozen once released, importing nothing of the program.
import type { Migration } from '../../store/migration.ts';

export const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
-- What a detector was when it raised: an alert stays explainable after its rule changed or went.
CREATE TABLE alert_detector (
  key INTEGER PRIMARY KEY,
  workspace TEXT NOT NULL,
  digest TEXT NOT NULL,
  detector_id TEXT NOT NULL,
  version TEXT NOT NULL,
  description TEXT NOT NULL,
  UNIQUE (workspace, digest)
) STRICT;

CREATE TABLE alert (
  key INTEGER PRIMARY KEY,
  workspace TEXT NOT NULL,
  id TEXT NOT NULL,
  number INTEGER NOT NULL,
  detector INTEGER NOT NULL REFERENCES alert_detector (key),
  detector_id TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'low', 'info')),
  risk INTEGER NOT NULL CHECK (risk BETWEEN 0 AND 100),
  status TEXT NOT NULL CHECK (status IN ('open', 'acknowledged', 'closed')),
  verdict TEXT CHECK ((verdict IS NULL) = (status <> 'closed')),
  assignee TEXT,
  -- Distinct input events: the rows of alert_event.
  count INTEGER NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  raised_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  clock_from_at INTEGER NOT NULL,
  acknowledged_at INTEGER,
  revision INTEGER NOT NULL,
  -- Grows with triage alone: repeats and notes don't stand in the way of an undo.
  state_revision INTEGER NOT NULL,
  dedup_key TEXT NOT NULL,
  -- Event time of the first finding; repeats never move it.
  dedup_from_at INTEGER NOT NULL,
  dedup_window_ms INTEGER NOT NULL,
  title TEXT NOT NULL,
  sentence TEXT NOT NULL,
  entities TEXT NOT NULL,
  techniques TEXT NOT NULL,
  risk_derivation TEXT NOT NULL,
  closing_note TEXT
) STRICT;
CREATE UNIQUE INDEX alert_by_id ON alert (workspace, id);
CREATE UNIQUE INDEX alert_by_number ON alert (workspace, number);
-- The trailing columns let a filter be decided in the index, without reading the rows that it drops.
CREATE INDEX alert_by_risk ON alert
  (workspace, risk DESC, raised_at DESC, number DESC, status, severity, detector_id, assignee, verdict);
CREATE INDEX alert_by_time ON alert
  (workspace, raised_at DESC, number DESC, risk, status, severity, detector_id, assignee, verdict);
CREATE INDEX alert_active_by_risk ON alert
  (workspace, risk DESC, raised_at DESC, number DESC, status, severity, detector_id, assignee, verdict)
  WHERE status <> 'closed';
CREATE INDEX alert_active_by_status ON alert (workspace, status, severity, assignee) WHERE status <> 'closed';
CREATE INDEX alert_active_by_dedup ON alert (workspace, dedup_key) WHERE status <> 'closed';
CREATE INDEX alert_by_detector ON alert (workspace, detector_id, raised_at);
CREATE INDEX alert_by_acknowledgement ON alert (workspace, acknowledged_at, clock_from_at)
  WHERE acknowledged_at IS NOT NULL;

CREATE TABLE alert_entity (
  workspace TEXT NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  detector_id TEXT NOT NULL,
  alert INTEGER NOT NULL REFERENCES alert (key),
  -- Family and bytes of an IP address, so that a CIDR range is a range of this column.
  address BLOB,
  PRIMARY KEY (workspace, kind, value, detector_id, alert)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_entity_by_address ON alert_entity (workspace, address, alert) WHERE address IS NOT NULL;

-- Lower-case text that free-text search looks through; narrow, because every search reads all of it.
CREATE TABLE alert_words (
  alert INTEGER PRIMARY KEY REFERENCES alert (key),
  workspace TEXT NOT NULL,
  words TEXT NOT NULL
) STRICT;

CREATE TABLE alert_event (
  workspace TEXT NOT NULL,
  alert INTEGER NOT NULL REFERENCES alert (key),
  event_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (alert, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_event_by_position ON alert_event (alert, position);

CREATE TABLE alert_activity (
  key INTEGER PRIMARY KEY,
  workspace TEXT NOT NULL,
  alert INTEGER NOT NULL REFERENCES alert (key),
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  ip_address TEXT,
  from_value TEXT,
  to_value TEXT,
  note TEXT,
  change_id TEXT
) STRICT;
CREATE INDEX alert_activity_by_alert ON alert_activity (alert, key);

CREATE TABLE alert_change (
  workspace TEXT NOT NULL,
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  PRIMARY KEY (workspace, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_change_item (
  workspace TEXT NOT NULL,
  change_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  alert INTEGER NOT NULL REFERENCES alert (key),
  state_before TEXT NOT NULL,
  state_revision_after INTEGER NOT NULL,
  PRIMARY KEY (workspace, change_id, position)
) STRICT, WITHOUT ROWID;
`,
  },
  {
    version: 2,
    sql: `
ALTER TABLE alert ADD COLUMN origin TEXT NOT NULL DEFAULT 'rule' CHECK (origin IN ('rule', 'scan'));
-- Findings of scans that were loaded: hashes of rule and record.
CREATE TABLE alert_loaded (
  workspace TEXT NOT NULL,
  finding TEXT NOT NULL,
  PRIMARY KEY (workspace, finding)
) STRICT, WITHOUT ROWID;
`,
  },
  {
    version: 3,
    sql: `
-- What groups of alerts are made of, decided in the index alone: the same order as before, wider.
DROP INDEX alert_by_time;
CREATE INDEX alert_by_time ON alert
  (workspace, raised_at DESC, number DESC, risk, status, severity, detector_id, assignee, verdict,
    origin, first_seen_at, last_seen_at, clock_from_at);
CREATE INDEX alert_entity_by_alert ON alert_entity (workspace, alert, kind, value);
`,
  },
  {
    version: 4,
    sql: `
-- Alerts that this one kept quiet.
ALTER TABLE alert ADD COLUMN suppressed INTEGER NOT NULL DEFAULT 0;

-- The time in which an alert keeps others of its detector and the same values quiet.
CREATE TABLE alert_suppression (
  alert INTEGER PRIMARY KEY REFERENCES alert (key),
  workspace TEXT NOT NULL,
  -- Hash of the detector, the setting and the values.
  group_key TEXT NOT NULL,
  field_values TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  -- The change with which somebody asked for the next one.
  ended_by TEXT
) STRICT;
CREATE INDEX alert_suppression_by_group ON alert_suppression (workspace, group_key, from_at, until_at)
  WHERE ended_by IS NULL;

CREATE TABLE suppressed_alert (
  key INTEGER PRIMARY KEY,
  workspace TEXT NOT NULL,
  -- The one that kept it quiet.
  alert INTEGER NOT NULL REFERENCES alert (key),
  dedup_key TEXT NOT NULL,
  severity TEXT NOT NULL,
  risk INTEGER NOT NULL,
  title TEXT NOT NULL,
  sentence TEXT NOT NULL,
  count INTEGER NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL
) STRICT;
CREATE INDEX suppressed_alert_by_alert ON suppressed_alert (workspace, alert, key);
CREATE INDEX suppressed_alert_by_dedup ON suppressed_alert (workspace, alert, dedup_key, key);

CREATE TABLE suppressed_alert_event (
  workspace TEXT NOT NULL,
  suppressed INTEGER NOT NULL REFERENCES suppressed_alert (key),
  event_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (suppressed, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX suppressed_alert_event_by_position ON suppressed_alert_event (suppressed, position);
`,
  },
  {
    version: 5,
    sql: `
-- How somebody sees a view of the queue, and when they used it last; layout null: as usual.
CREATE TABLE alert_view (
  workspace TEXT NOT NULL,
  owner TEXT NOT NULL,
  view TEXT NOT NULL,
  layout TEXT,
  used_at INTEGER,
  PRIMARY KEY (workspace, owner, view)
) STRICT, WITHOUT ROWID;
`,
  },
];

/** Every table here belongs to a workspace. */
export const scopedTables: readonly string[] = [
  'alert',
  'alert_detector',
  'alert_entity',
  'alert_words',
  'alert_event',
  'alert_activity',
  'alert_change',
  'alert_change_item',
  'alert_loaded',
  'alert_suppression',
  'suppressed_alert',
  'suppressed_alert_event',
  'alert_view',
];
