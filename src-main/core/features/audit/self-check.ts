// The log checks itself: bodies against leaves, leaves against the tree, the tree against every signed checkpoint. Names the first bad entry.
import { parseCheckpoint } from '../../../../src-shared/evidence/checkpoint.ts';
import { sealEntry } from '../../../../src-shared/evidence/entry.ts';
import { appendNodes, rootAt } from '../../../../src-shared/evidence/merkle.ts';
import { openNote } from '../../../../src-shared/evidence/signed-note.ts';
import { equalBytes } from '../../../base/bytes.ts';
import { nodePrimitives } from '../../../base/evidence-primitives.ts';
import type { ReadTx, Store } from '../../store/store.ts';
import {
  allCheckpoints,
  entriesWithLeaves,
  lastCheckpoint,
  readNode,
  type StoredCheckpoint,
  treeSize,
} from './audit-table.ts';
import type { Signer } from './checkpoints.ts';

export type CheckResult = {
  readonly state: 'intact' | 'broken';
  readonly checkedTo: number;
  readonly firstBadSeq: number | null;
  readonly detail: string;
};

const sliceSize = 500;
/** Before ready, at most so many entries after the last checkpoint are recomputed; the full check follows in slices. */
const tailLimit = 5_000;

/** Before ready: the last checkpoint's signature and root, and the entries after it. */
export function checkTail(tx: ReadTx, signer: Signer): CheckResult {
  const size = treeSize(tx);
  const last = lastCheckpoint(tx);
  if (last !== undefined) {
    if (last.size > size) {
      return broken(
        size,
        size + 1,
        `the log ends at #${size}, but a checkpoint for #${last.size} was signed: entries were cut off`,
      );
    }
    const wrong = checkCheckpoint(
      last,
      signer,
      rootAt(nodePrimitives, last.size, (level, index) => readNode(tx, level, index)),
    );
    if (wrong !== undefined) return broken(last.size, null, wrong);
  }
  for (const entry of entriesWithLeaves(tx, (last?.size ?? 0) + 1, tailLimit)) {
    const wrong = checkEntry(entry);
    if (wrong !== undefined) return broken(entry.seq, entry.seq, wrong);
  }
  return { state: 'intact', checkedTo: size, firstBadSeq: null, detail: `intact to #${size}` };
}

/** Goes on from where the last check ended: entries appended since, at most `limit` of them. */
export function checkOn(tx: ReadTx, checkedTo: number, limit: number): CheckResult {
  let reached = checkedTo;
  for (const entry of entriesWithLeaves(tx, checkedTo + 1, limit)) {
    const wrong = entry.seq === reached + 1 ? checkEntry(entry) : `entry #${reached + 1} is missing`;
    if (wrong !== undefined) return broken(reached, reached + 1, wrong);
    reached = entry.seq;
  }
  return { state: 'intact', checkedTo: reached, firstBadSeq: null, detail: `intact to #${reached}` };
}

/**
 * All of it, in slices that let other work run: recomputes each leaf from its body, the tree from the leaves, and holds the roots
 * against all stored checkpoints. Entries appended while it runs are left to the next check.
 * @param progress called after each slice with the sequence number reached.
 */
export async function checkAll(
  store: Store,
  signer: Signer,
  breathe: () => Promise<void>,
  progress: (checkedTo: number) => void,
): Promise<CheckResult> {
  const size = store.readAll(treeSize);
  const checkpoints = store.readAll(allCheckpoints);
  const nodes = new Map<string, Uint8Array>();
  const read = (level: number, index: number): Uint8Array => {
    const hash = nodes.get(`${level}/${index}`);
    if (hash === undefined) throw new Error(`node ${level}/${index} was not rebuilt`);
    return hash;
  };
  let next = 1;
  let due = 0;
  while (next <= size) {
    const slice = store.readAll((tx) => entriesWithLeaves(tx, next, sliceSize));
    if (slice.length === 0) return broken(next - 1, next, `entry #${next} is missing`);
    for (const entry of slice) {
      if (entry.seq > size) break;
      if (entry.seq !== next) return broken(next - 1, next, `entry #${next} is missing`);
      const wrong = checkEntry(entry);
      if (wrong !== undefined) return broken(entry.seq - 1, entry.seq, wrong);
      for (const node of appendNodes(nodePrimitives, entry.seq - 1, entry.hash, read)) {
        nodes.set(`${node.level}/${node.index}`, node.hash);
        // Only the right edge is needed further: a completed pair's children are forgotten.
        if (node.level > 0) {
          nodes.delete(`${node.level - 1}/${node.index * 2}`);
          nodes.delete(`${node.level - 1}/${node.index * 2 + 1}`);
        }
      }
      for (let at = checkpoints[due]; at !== undefined && at.size === entry.seq; at = checkpoints[++due]) {
        const unlike = checkCheckpoint(at, signer, rootAt(nodePrimitives, at.size, read));
        if (unlike !== undefined) return broken(entry.seq, null, unlike);
      }
      next = entry.seq + 1;
    }
    progress(next - 1);
    await breathe();
  }
  const beyond = checkpoints[due];
  if (beyond !== undefined && beyond.size > size) {
    return broken(
      size,
      size + 1,
      `the log ends at #${size}, but a checkpoint for #${beyond.size} was signed: entries were cut off`,
    );
  }
  return {
    state: 'intact',
    checkedTo: size,
    firstBadSeq: null,
    detail: `intact to #${size}, ${checkpoints.length} checkpoints agree`,
  };
}

function checkEntry(entry: ReturnType<typeof entriesWithLeaves>[number]): string | undefined {
  const sealed = sealEntry(nodePrimitives, entry.body, entry.seed);
  if (sealed.leaf !== entry.leaf) return `entry #${entry.seq}: its content is not what was recorded`;
  if (!equalBytes(sealed.leafHash, entry.hash)) return `entry #${entry.seq}: its leaf in the tree is another one`;
  return undefined;
}

function checkCheckpoint(checkpoint: StoredCheckpoint, signer: Signer, root: Uint8Array): string | undefined {
  const about = `checkpoint for #${checkpoint.size}`;
  const opened = openNote(nodePrimitives, checkpoint.note, [signer.verifierKey]);
  if (opened.verifiedBy.length === 0 || opened.wrong.length > 0) return `${about}: its signature is not this console's`;
  const signed = parseCheckpoint(opened.text);
  if (signed.origin !== signer.origin) return `${about}: it was signed for ${signed.origin}`;
  if (signed.size !== checkpoint.size || !equalBytes(signed.root, checkpoint.root))
    return `${about}: it does not match its row`;
  if (!equalBytes(signed.root, root)) return `${about}: the entries before it are not those that were signed`;
  return undefined;
}

function broken(checkedTo: number, firstBadSeq: number | null, detail: string): CheckResult {
  return { state: 'broken', checkedTo, firstBadSeq, detail };
}
