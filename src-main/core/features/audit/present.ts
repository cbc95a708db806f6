// Entries as they are answered: fields that are kept apart are opened where their key is still there, and named as erased where not.
import type { Output } from '../../../../src-shared/contract/contract.ts';
import type { ApartField } from '../../../../src-shared/evidence/entry.ts';
import { toHex } from '../../../base/bytes.ts';
import type { ReadTx } from '../../store/store.ts';
import { putBack, readApart, type SubjectVault } from './apart.ts';
import { readNode, type StoredEntry } from './audit-table.ts';

type Presented = Output<'audit.entries'>['items'][number];

export function presentEntries(tx: ReadTx, vault: SubjectVault, entries: readonly StoredEntry[]): Presented[] {
  if (entries.length === 0) return [];
  const seqs = entries.map(({ seq }) => seq);
  const apart = readApart(tx, vault, Math.min(...seqs), Math.max(...seqs));
  return entries.map((entry) => present(entry, apart.get(entry.seq), toHex(readNode(tx, 0, entry.seq - 1))));
}

function present(
  { leaf, body: kept }: StoredEntry,
  apart: readonly ApartField[] | undefined,
  leafHash: string,
): Presented {
  const { body, erased } = putBack(kept, apart ?? []);
  return {
    seq: body.seq,
    id: body.id,
    time: body.time,
    workspace: body.workspace,
    event_type: body.event_type,
    action: body.action,
    success: body.success,
    actor: {
      kind: body.actor?.kind ?? '',
      id: body.actor?.id === '' ? null : (body.actor?.id ?? null),
      name: body.actor?.name ?? '',
    },
    resource:
      body.resource === undefined
        ? null
        : { type: body.resource.type, id: body.resource.id === '' ? null : body.resource.id },
    ip_address: body.ip_address ?? null,
    user_agent: body.user_agent ?? null,
    session_id: body.session_id ?? null,
    trace_id: body.trace_id ?? null,
    details: body.details ?? {},
    phi: body.phi,
    about_subject: apart !== undefined,
    erased,
    data_accessed: typeof body.data_accessed === 'string' ? body.data_accessed : null,
    leaf_hash: leafHash,
    canonical: leaf,
  };
}
