// The index over the events, and saved searches. The index has no content of its own: terms, and under each the events that hold it.
// An event's place there is its second (counted from 2038 to fit 32 bits with a sign) and its number, so that it is read in order of time.
export const searchMigrations = [
  {
    version: 1,
    sql: `
CREATE VIRTUAL TABLE event_terms USING fts5(
  terms, content='', columnsize=0, detail=none, tokenize='ascii tokenchars ''!#$%&()*+,-./:;<=>?@[\\]^_{|}~'''
);
CREATE TABLE event_index (
  one INTEGER PRIMARY KEY CHECK (one = 1), low INTEGER NOT NULL, high INTEGER NOT NULL, cut INTEGER NOT NULL
) STRICT;
INSERT INTO event_index (one, low, high, cut) SELECT 1, coalesce(max(seq), 0) + 1, coalesce(max(seq), 0) + 1, 0 FROM event;
CREATE TABLE saved_search (
  id TEXT PRIMARY KEY, workspace TEXT NOT NULL, owner TEXT NOT NULL, owner_name TEXT NOT NULL, name TEXT NOT NULL,
  query TEXT NOT NULL, shared INTEGER NOT NULL, created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX saved_search_by_name ON saved_search (workspace, owner, name);
`,
  },
  {
    // FTS5 would merge now and then within a commit, for as long as it takes; the indexer does it a little at a time.
    version: 2,
    sql: `
INSERT INTO event_terms (event_terms, rank) VALUES ('automerge', 0);
`,
  },
  {
    version: 3,
    // The terms of the index by themselves, for finding those that begin with something one by one.
    sql: `
CREATE VIRTUAL TABLE event_vocabulary USING fts5vocab('event_terms', 'instance');
`,
  },
] as const;
