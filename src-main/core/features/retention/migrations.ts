// How far the events were gone through, and how many of them went. Alerts name their evidence by the event's id: looked up for each event.
export const retentionMigrations = [
  {
    version: 1,
    sql: `
CREATE TABLE event_retention (
  workspace TEXT PRIMARY KEY, done_seq INTEGER NOT NULL, deleted INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_event_by_event ON alert_event (event_id);
`,
  },
] as const;
