// Data subjects: which entries are about one, and erasing one. The store knows a subject by a keyed hash of the id alone, so that the id
// (an address, a customer's number) stands nowhere, and yet "this one was erased" can be answered afterwards.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { subjectsOperations } from '../../../../src-shared/contract/subjects.ts';
import { toHex, utf8 } from '../../../base/bytes.ts';
import { hmacSha256 } from '../../../base/hashes.ts';
import { uuidV7 } from '../../../base/ids.ts';
import { instant } from '../../../base/instants.ts';
import type { Handlers } from '../../dispatch/handler.ts';
import type { Feature, Sealer } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { WriteTx } from '../../store/store.ts';
import { countOfSubject, nextSeq, seqsOfSubject } from '../audit/index.ts';
import type { SubjectKeys } from '../keys/index.ts';
import { subjectsMigrations } from './migrations.ts';
import { findNamingKey, insertNamingKey } from './naming-table.ts';

const listed = 1_000;
const namingContext = 'subject_naming/1';

export type SubjectsParts = {
  readonly host: Host;
  readonly sealer: Sealer;
  readonly keys: SubjectKeys;
  /** Carries the write-ahead log over, so that no copy of a destroyed key stays in it. */
  checkpoint(): void;
};

export function createSubjects({ host, sealer, keys, checkpoint }: SubjectsParts): Feature {
  /** The subject's name in the store. */
  function referenceOf(tx: WriteTx, subjectId: string): string {
    const sealed = findNamingKey(tx);
    const key = sealed === undefined ? host.random.bytes(32) : sealer.open(sealed, namingContext);
    if (sealed === undefined) insertNamingKey(tx, sealer.seal(key, namingContext));
    try {
      return `person/${toHex(hmacSha256(key, utf8(`${tx.workspace}\0${subjectId}`)))}`;
    } finally {
      key.fill(0);
    }
  }

  const handlers: Handlers<typeof subjectsOperations> = {
    'subjects.access'(tx, call, { subject_id, reason }) {
      const reference = referenceOf(tx, subject_id);
      const state = keys.state(tx, reference);
      const entries = countOfSubject(tx, reference);
      call.entry.resource = { type: 'subject', id: null };
      call.entry.details = { subject: reference, subject_id, reason, entries };
      call.entry.subject = { reference };
      return { subject: reference, state: state ?? 'unknown', entries, seqs: seqsOfSubject(tx, reference, listed) };
    },
    'subjects.erase'(tx, call, { subject_id, reason }) {
      const reference = referenceOf(tx, subject_id);
      const entries = countOfSubject(tx, reference);
      if (keys.state(tx, reference) === undefined)
        throw new ProblemError('subjects/unknown', 'nothing is kept about this subject; check the spelling of the id');
      if (!keys.destroy(tx, reference, call.now))
        throw new ProblemError('subjects/erased', 'this subject was erased before');
      const id = uuidV7(call.now, host.random.bytes(10));
      call.entry.resource = { type: 'subject', id: null };
      call.entry.details = { erasure_id: id, subject: reference, entries, reason };
      tx.afterCommit(checkpoint);
      return {
        erasure_id: id,
        status: 'completed',
        records_deleted: entries,
        completed_at: instant(call.now),
        audit_reference: `#${nextSeq(tx.everywhere)}`,
      };
    },
  };

  return {
    name: 'subjects',
    migrations: subjectsMigrations,
    scopedTables: [],
    sealed: [{ table: 'subject_naming', key: ['id'], column: 'sealed_key', context: () => namingContext }],
    handlers,
  };
}
