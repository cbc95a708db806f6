// Keys of single subjects (a secret, a person): each seals what belongs to one, so that destroying it shreds that and nothing else.

import { seal } from '../../../base/seals.ts';
import type { Feature, Sealer } from '../../feature.ts';
import type { Randomness } from '../../ports.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { openSealed } from './key-ring.ts';
import {
  countSealedKeys,
  eraseSealedKey,
  findSealedKey,
  insertSealedKey,
  subjectKeyMigrations,
} from './subject-keys-table.ts';

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
  /** undefined: there never was one. */
  state(tx: ReadTx, subject: string): 'kept' | 'erased' | undefined;
  /** Keys that are there. */
  count(tx: ReadTx): number;
};

export function createSubjectKeys(
  sealer: Sealer,
  { random, now }: { random: Randomness; now: () => number },
): SubjectKeys {
  function find(tx: ReadTx, subject: string): Uint8Array | undefined {
    const sealed = findSealedKey(tx, subject);
    if (sealed === undefined) return undefined;
    if (sealed === null) throw new SubjectShredded(`the key of ${subject} was destroyed`);
    return sealer.open(sealed, contextOf(subject));
  }

  function make(tx: WriteTx, subject: string): Uint8Array {
    const key = random.bytes(32);
    insertSealedKey(tx, subject, sealer.seal(key, contextOf(subject)), now());
    return key;
  }

  return {
    feature: {
      name: 'subject_keys',
      migrations: subjectKeyMigrations,
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
        return openSealed(key, sealed, context);
      } finally {
        key.fill(0);
      }
    },
    // The pages are overwritten (secure_delete); the caller's commit is followed by a checkpoint, so that the log's copy goes too.
    destroy: eraseSealedKey,
    state(tx, subject) {
      const sealed = findSealedKey(tx, subject);
      return sealed === undefined ? undefined : sealed === null ? 'erased' : 'kept';
    },
    count: countSealedKeys,
  };
}

function contextOf(subject: string): string {
  return `subject_key/${subject}`;
}
