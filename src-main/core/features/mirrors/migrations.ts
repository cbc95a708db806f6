// How far each mirror is. Numbered, frozen once released, importing nothing of the program.
export const mirrorsMigrations = [
  {
    version: 1,
    sql: `
CREATE TABLE mirror (
  name TEXT PRIMARY KEY,
  -- When an entry said that it stopped; an entry is owed when it works again.
  stopped_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE mirror_position (
  mirror TEXT NOT NULL, stream TEXT NOT NULL, position INTEGER NOT NULL, rejected INTEGER NOT NULL, at INTEGER,
  PRIMARY KEY (mirror, stream)
) STRICT, WITHOUT ROWID;
`,
  },
] as const;
