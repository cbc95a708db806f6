// The tables of detections. Numbered, frozen once released, importing nothing of the program.
import type { Migration } from '../../store/migration.ts';

export const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
-- What a detector's version was made of, kept with the first alert that it raised: enough to compute the alert anew.
CREATE TABLE detector_recipe (
  workspace TEXT NOT NULL,
  detector_id TEXT NOT NULL,
  version TEXT NOT NULL,
  -- Files with their texts' digests, parameters and level; the texts stand once each in detector_text.
  recipe TEXT NOT NULL,
  PRIMARY KEY (workspace, detector_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE detector_text (
  workspace TEXT NOT NULL,
  digest TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (workspace, digest)
) STRICT, WITHOUT ROWID;

-- Alerts that a simulated rule would have raised.
CREATE TABLE simulated_alert (
  key INTEGER PRIMARY KEY,
  workspace TEXT NOT NULL,
  rule TEXT NOT NULL,
  detector_id TEXT NOT NULL,
  dedup_key TEXT NOT NULL,
  dedup_window_ms INTEGER NOT NULL,
  severity TEXT NOT NULL,
  title TEXT NOT NULL,
  sentence TEXT NOT NULL,
  count INTEGER NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX simulated_alert_by_rule ON simulated_alert (workspace, rule, key);
CREATE INDEX simulated_alert_by_dedup ON simulated_alert (workspace, dedup_key, key);
CREATE INDEX simulated_alert_by_time ON simulated_alert (workspace, at, detector_id);
`,
  },
];

/** Every table here belongs to a workspace. */
export const scopedTables: readonly string[] = ['detector_recipe', 'detector_text', 'simulated_alert'];
