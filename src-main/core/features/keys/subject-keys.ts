// Keys of single subjects (a secret, a person): each seals what belongs to one, so that destroying it shreds that and nothing else.

import { seal, unseal } from '../../../base/seals.ts';
import type { Feature, Sealer } from '../../feature.ts';
import type { Randomness } from '../../ports.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';

/** What was sealed for this subject can't be opened any more: its key was destroyed. */
export class SubjectShredded extends Error {
  override readonly name = 'SubjectShredded';
}

/** `subject` names kind and id, such as `secret/<uuid>`; `context` the row, so that a value can't be moved within the subject either. */
export type SubjectKeys = {
  readonly feature: Feature;
  /** Seals under the subject's key, which is made at its first use. @throws SubjectShredded */
  seal(tx: WriteTx, subject: string, plain: Uint8Array, context: string): Uint8Array;
  /** @throws SubjectShredded when the key is gone, Error when the value was changed or moved. */
  open(tx: ReadTx, subject: string, sealed: Uint8Array, context: string): Uint8Array;
  /** Destroys the key; the row stays and says when. @returns false when there was none. */
  destroy(tx: WriteTx, subject: string, now: number): boolean;
  /** Keys that are there. */
  count(tx: ReadTx): number;
};

const migrations = [
  {
    version: 1,
    sql: `
CREATE TABLE subject_key (
  subject TEXT PRIMARY KEY, sealed_key BLOB, created_at INTEGER NOT NULL, destroyed_at INTEGER,
  CHECK ((sealed_key IS NULL) = (destroyed_at IS NOT NULL))
) STRICT, WITHOUT ROWID;
`,
  },
] as const;

export function createSubjectKeys(
  sealer: Sealer,
  { random, now }: { random: Randomness; now: () => number },
): SubjectKeys {
  function find(tx: ReadTx, subject: string): Uint8Array | undefined {
    const row = tx.get<{ sealed_key: Uint8Array | null }>(
      'SELECT sealed_key FROM subject_key WHERE subject = :subject',
      {
        subject,
      },
    );
    if (row === undefined) return undefined;
    if (row.sealed_key === null) throw new SubjectShredded(`the key of ${subject} was destroyed`);
    return sealer.open(row.sealed_key, contextOf(subject));
  }

  function make(tx: WriteTx, subject: string): Uint8Array {
    const key = random.bytes(32);
    tx.run('INSERT INTO subject_key (subject, sealed_key, created_at) VALUES (:subject, :sealed_key, :created_at)', {
      subject,
      sealed_key: sealer.seal(key, contextOf(subject)),
      created_at: now(),
    });
    return key;
  }

  return {
    feature: {
      name: 'subject_keys',
      migrations,
      scopedTables: [],
      sealed: [
        {
          table: 'subject_key',
          key: ['subject'],
          column: 'sealed_key',
          context: (row) => contextOf(String(row.subject)),
        },
      ],
      handlers: {},
    },
    seal(tx, subject, plain, context) {
      const key = find(tx, subject) ?? make(tx, subject);
      try {
        return seal(key, plain, context, random.bytes(12));
      } finally {
        key.fill(0);
      }
    },
    open(tx, subject, sealed, context) {
      const key = find(tx, subject);
      if (key === undefined) throw new Error(`there is no key of ${subject}`);
      try {
        return unseal(key, sealed, context);
      } finally {
        key.fill(0);
      }
    },
    destroy(tx, subject, at) {
      // The pages are overwritten (secure_delete); the caller's commit is followed by a checkpoint, so that the log's copy goes too.
      return (
        tx.run(
          'UPDATE subject_key SET sealed_key = NULL, destroyed_at = :at WHERE subject = :subject AND sealed_key IS NOT NULL',
          { subject, at },
        ) > 0
      );
    },
    count: (tx) =>
      tx.get<{ keys: number }>('SELECT count(*) AS keys FROM subject_key WHERE sealed_key IS NOT NULL')?.keys ?? 0,
  };
}

function contextOf(subject: string): string {
  return `subject_key/${subject}`;
}
