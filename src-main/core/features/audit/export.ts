// Exporting: the entries asked for, with their proofs, as one signed bundle that anybody can verify offline.

import type { Redaction } from '../../../../src-shared/contract/audit.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { buildBundle } from '../../../../src-shared/evidence/bundle.ts';
import { decodeUtf8Strict } from '../../../../src-shared/evidence/bytes.ts';
import type { JsonObject } from '../../../../src-shared/evidence/canonical-json.ts';
import { formatEntry } from '../../../../src-shared/evidence/entry.ts';
import { inclusionProof, rangeProof } from '../../../../src-shared/evidence/merkle.ts';
import { nodePrimitives } from '../../../base/evidence-primitives.ts';
import type { WriteTx } from '../../store/store.ts';
import { type EntryFilter, findEntries, readNode } from './audit-table.ts';
import { type Signer, signCheckpoint } from './checkpoints.ts';
import { keyHistory } from './signing-keys.ts';

/** Bundles are made in memory; this many entries are about 100 MB. */
export const exportLimit = 100_000;

export type ExportRequest = {
  readonly filter: EntryFilter;
  /** The filter as it was asked for, for the manifest. */
  readonly asked: JsonObject;
  readonly consoleName: string;
  readonly exportedBy: { id: string; kind: string; name: string };
  readonly reason: string;
  readonly redaction: Redaction;
  readonly hmac: { keyId: string; secret: Uint8Array } | undefined;
  readonly now: number;
};

export type Exported = {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly entries: number;
  readonly whole: boolean;
  readonly checkpointSize: number;
};

/** @throws ProblemError audit/range when nothing matches or more than `exportLimit` do. */
export function exportBundle(tx: WriteTx, signer: Signer, request: ExportRequest): Exported {
  const entries = findEntries(tx, request.filter, { order: 'oldest', limit: exportLimit + 1 });
  const first = entries[0];
  const last = entries.at(-1);
  if (first === undefined || last === undefined) {
    throw new ProblemError('audit/range', 'no entries match; widen the range or the filter');
  }
  if (entries.length > exportLimit) {
    throw new ProblemError('audit/range', `more than ${exportLimit} entries match; export them in several ranges`);
  }
  const checkpoint = signCheckpoint(tx, signer, request.now);
  if (checkpoint === undefined) throw new Error('a log with entries has no checkpoint');
  const read = (level: number, index: number): Uint8Array => readNode(tx, level, index);
  const disclosed = (path: string): boolean => isDisclosed(request.redaction, path);
  // Without gaps the range proves its own completeness, whatever words asked for it.
  const whole = last.seq - first.seq + 1 === entries.length;
  const bundle = buildBundle(
    nodePrimitives,
    {
      console: request.consoleName,
      signer: signer.verifierKey,
      checkpoint: checkpoint.note,
      keyHistory: keyHistory(tx),
      range: { from: first.seq, to: last.seq },
      filter: whole ? null : request.asked,
      *entries() {
        for (const { seq, leaf, body, seed } of entries) {
          const proof = whole ? undefined : inclusionProof(nodePrimitives, seq - 1, checkpoint.size, read);
          yield formatEntry(nodePrimitives, leaf, body, seed, disclosed, proof);
        }
      },
      rangeProof: whole ? rangeProof(nodePrimitives, first.seq - 1, last.seq, checkpoint.size, read) : null,
      exportedAt: new Date(request.now).toISOString(),
      exportedBy: request.exportedBy,
      reason: request.reason,
      ...(request.hmac === undefined ? {} : { hmac: request.hmac }),
    },
    signer.sign,
  );
  return {
    text: decodeUtf8Strict(bundle),
    from: first.seq,
    to: last.seq,
    entries: entries.length,
    whole,
    checkpointSize: checkpoint.size,
  };
}

// Who acted, from where, and what ties entries to a person.
const aboutPeople: ReadonlySet<string> = new Set(['actor', 'ip_address', 'user_agent', 'session_id', 'trace_id']);

function isDisclosed(redaction: Redaction, path: string): boolean {
  switch (redaction) {
    case 'nothing':
      return true;
    case 'people':
      // Details of sign-ins and users name people too.
      return !aboutPeople.has(path) && path !== 'details.username';
    case 'all':
      return false;
  }
}
