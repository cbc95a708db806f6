// What anchors gave for the log, as others can check it: of each witness and time-stamp authority the earliest word that covers an entry.
// It is about a checkpoint of its own time, so the proof that this one's tree became today's goes with it.
import { consistencyProof } from '../../../../src-shared/evidence/merkle.ts';
import { utf8 } from '../../../base/bytes.ts';
import { nodePrimitives } from '../../../base/evidence-primitives.ts';
import type { ReadTx } from '../../store/store.ts';
import { receiptSizesFor, receiptsAt } from './anchors-table.ts';
import { findCheckpoint, readNode } from './audit-table.ts';

export type AnchorEvidence = {
  readonly attachments: readonly { readonly name: string; readonly media_type: string; readonly data: Uint8Array }[];
  /** From each of those checkpoints to the tree of `treeSize`. */
  readonly consistency: readonly {
    readonly size: number;
    readonly root: Uint8Array;
    readonly hashes: readonly Uint8Array[];
  }[];
};

/** @param seq the last entry that is to be covered; where nothing covers it yet, the newest that there is. */
export function anchorEvidence(tx: ReadTx, seq: number, treeSize: number): AnchorEvidence {
  const attachments: AnchorEvidence['attachments'][number][] = [];
  const consistency: AnchorEvidence['consistency'][number][] = [];
  for (const size of receiptSizesFor(tx, seq, treeSize)) {
    const checkpoint = findCheckpoint(tx, size);
    if (checkpoint === undefined) continue;
    const receipts = receiptsAt(tx, size);
    const name = `anchored-checkpoint-${size}`;
    const note = checkpoint.note + receipts.map(({ cosignatures }) => cosignatures ?? '').join('');
    attachments.push({ name: `${name}.note`, media_type: 'text/plain; charset=utf-8', data: utf8(note) });
    const stamps = receipts.flatMap(({ time_stamp }) => (time_stamp === null ? [] : [time_stamp]));
    stamps.forEach((data, i) => {
      const which = i === 0 ? '' : `-${i + 1}`;
      attachments.push({ name: `${name}${which}.tsr`, media_type: 'application/timestamp-reply', data });
    });
    if (size === treeSize) continue;
    const hashes = consistencyProof(nodePrimitives, size, treeSize, (level, index) => readNode(tx, level, index));
    consistency.push({ size, root: checkpoint.root, hashes });
  }
  return { attachments, consistency };
}
