// Appending to the audit log: the entry, its leaf and the tree's new nodes, in the transaction of the change that it records.

import type { JsonObject } from '../../../../src-shared/evidence/canonical-json.ts';
import { type EntryBody, SEED_BYTES, sealEntry } from '../../../../src-shared/evidence/entry.ts';
import { appendNodes } from '../../../../src-shared/evidence/merkle.ts';
import { nodePrimitives } from '../../../base/evidence-primitives.ts';
import { uuidV7 } from '../../../base/ids.ts';
import type { NewEntry } from '../../dispatch/performing.ts';
import type { Randomness } from '../../ports.ts';
import type { WriteTx } from '../../store/store.ts';
import { type SubjectVault, setApart } from './apart.ts';
import { insertBody, insertNodes, readNode, treeSize } from './audit-table.ts';
import { nextWorkspaceSeq } from './shares-table.ts';

/** @returns the entry as it was written, with its sequence number. */
export function appendEntry(tx: WriteTx, entry: NewEntry, random: Randomness, vault?: SubjectVault): EntryBody {
  const size = treeSize(tx);
  const seed = random.bytes(SEED_BYTES);
  const whole: EntryBody = {
    seq: size + 1,
    workspace: tx.workspace,
    workspace_seq: nextWorkspaceSeq(tx),
    id: uuidV7(entry.at, random.bytes(10)),
    time: new Date(entry.at).toISOString(),
    event_type: entry.type,
    action: entry.action,
    success: entry.success,
    phi: false,
    actor: { kind: entry.actor.kind, id: entry.actor.id ?? '', name: entry.actor.name },
    resource: entry.resource === undefined ? undefined : { type: entry.resource.type, id: entry.resource.id ?? '' },
    ip_address: entry.origin.ip ?? undefined,
    user_agent: wellFormed(entry.origin.userAgent),
    session_id: entry.sessionId ?? undefined,
    trace_id: entry.traceId ?? undefined,
    data_accessed: entry.dataAccessed,
    details: entry.details as JsonObject,
  };
  const { body, apart } = withoutSubject(tx, whole, entry, random, vault);
  const sealed = sealEntry(nodePrimitives, body, seed, apart);
  insertNodes(
    tx,
    appendNodes(nodePrimitives, size, sealed.leafHash, (level, index) => readNode(tx, level, index)),
  );
  insertBody(tx, body, entry.at, sealed.leaf, seed);
  tx.announce('audit.grew', null, body.seq);
  return body;
}

function withoutSubject(
  tx: WriteTx,
  body: EntryBody,
  { subject }: NewEntry,
  random: Randomness,
  vault: SubjectVault | undefined,
): ReturnType<typeof setApart> {
  if (subject === undefined) return { body, apart: [] };
  // SECURITY: rather no entry, and with it no change, than one that nobody can ever be erased from.
  if (vault === undefined) throw new Error('an entry about a person needs the keys of persons');
  return setApart(tx, body, subject, vault, random);
}

// A user agent is the caller's text: what canonical JSON would refuse must not stop the entry.
function wellFormed(text: string | null): string | undefined {
  return text === null ? undefined : text.toWellFormed().slice(0, 500);
}
