// What the names of subjects are made with.
export const subjectsMigrations = [
  {
    version: 1,
    sql: `
CREATE TABLE subject_naming (id INTEGER PRIMARY KEY CHECK (id = 1), sealed_key BLOB NOT NULL) STRICT;
`,
  },
] as const;
