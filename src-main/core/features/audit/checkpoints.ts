// Checkpoints: the tree's size and root, signed as a C2SP note. At least every 60 s with new entries, at stop, and on demand.
import { checkpointText } from '../../../../src-shared/evidence/checkpoint.ts';
import { rootAt } from '../../../../src-shared/evidence/merkle.ts';
import { formatNote, parseNote, type VerifierKey } from '../../../../src-shared/evidence/signed-note.ts';
import { nodePrimitives } from '../../../base/evidence-primitives.ts';
import { DamagedStore, type StoreMarks } from '../../ports.ts';
import type { WriteTx } from '../../store/store.ts';
import { queueCheckpoint } from './anchors-table.ts';
import { insertCheckpoint, lastCheckpoint, readNode, type StoredCheckpoint, treeSize } from './audit-table.ts';

export type Signer = {
  readonly origin: string;
  readonly verifierKey: VerifierKey;
  sign(message: Uint8Array): Uint8Array;
  /** Called with each new checkpoint's note once its commit is durable. */
  readonly keep: StoreMarks['appendCheckpoint'];
  /** Names of the anchors that each checkpoint is queued for, in its own transaction. */
  readonly anchors: readonly string[];
  /** Something was queued for them. */
  wakeAnchors(): void;
};

/**
 * Signs the tree as it stands, unless its last checkpoint already covers all of it. undefined while the log is empty.
 * @throws DamagedStore when the log is shorter than what was signed before: a second, other checkpoint of one size would be a fork.
 */
export function signCheckpoint(tx: WriteTx, signer: Signer, now: number): StoredCheckpoint | undefined {
  const size = treeSize(tx);
  if (size === 0) return undefined;
  const last = lastCheckpoint(tx);
  if (last?.size === size) return signedByToday(last, signer);
  if (last !== undefined && last.size > size) {
    throw new DamagedStore(`the log ends at #${size}, but a checkpoint for #${last.size} was signed`);
  }
  const root = rootAt(nodePrimitives, size, (level, index) => readNode(tx, level, index));
  const note = noteOf(signer, size, root);
  const checkpoint = { size, root, note, signed_at: now };
  insertCheckpoint(tx, checkpoint);
  queueCheckpoint(tx, signer.anchors, size);
  // After the commit, so that no checkpoint is known outside that the store may still lose.
  tx.afterCommit(() => signer.keep(note));
  tx.afterCommit(() => signer.wakeAnchors());
  return checkpoint;
}

/** After a rotation an earlier checkpoint is the old key's; whatever goes out with today's signature needs the same by today's key. */
export function signedByToday(checkpoint: StoredCheckpoint, signer: Signer): StoredCheckpoint {
  const { id } = signer.verifierKey;
  if (parseNote(checkpoint.note).signatures.some((signature) => signature.id === id)) return checkpoint;
  return { ...checkpoint, note: noteOf(signer, checkpoint.size, checkpoint.root) };
}

function noteOf({ origin, verifierKey, sign }: Signer, size: number, root: Uint8Array): string {
  return formatNote(checkpointText(origin, size, root), verifierKey, sign);
}
