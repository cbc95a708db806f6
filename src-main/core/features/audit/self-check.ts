// The log checks itself: bodies against leaves, leaves against the tree, the tree against every signed checkpoint. Names the first bad entry.
import { parseCheckpoint } from '../../../../src-shared/evidence/checkpoint.ts';
import { type EntryBody, sealEntry } from '../../../../src-shared/evidence/entry.ts';
import { FormatError } from '../../../../src-shared/evidence/format-error.ts';
import { appendNodes, rootAt, type TreeNode } from '../../../../src-shared/evidence/merkle.ts';
import { openNote } from '../../../../src-shared/evidence/signed-note.ts';
import { equalBytes } from '../../../base/bytes.ts';
import { nodePrimitives } from '../../../base/evidence-primitives.ts';
import type { ReadTx, Store } from '../../store/store.ts';
import { apartCommitments } from './apart.ts';
import {
  allCheckpoints,
  findNode,
  lastCheckpoint,
  readNode,
  type StoredCheckpoint,
  treeSize,
  type UncheckedEntry,
  uncheckedEntries,
  uncheckedLeaves,
} from './audit-table.ts';
import { createHoldCheck } from './hold-check.ts';
import { readPruned } from './pruning.ts';
import { allHolds } from './pruning-table.ts';
import { createShareCheck } from './share-check.ts';
import { allShares } from './shares-table.ts';
import { checkKeys, type LogKeys, readLogKeys, type Today } from './signing-keys.ts';

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
export function checkTail(tx: ReadTx, today: Today): CheckResult {
  const size = treeSize(tx);
  const keys = findKeys(tx, today);
  if ('state' in keys) return keys;
  const last = lastCheckpoint(tx);
  if (last !== undefined) {
    if (last.size > size) {
      return cutOff(size, last);
    }
    const wrong = checkCheckpoint(
      last,
      keys,
      rootAt(nodePrimitives, last.size, (level, index) => readNode(tx, level, index)),
    );
    if (wrong !== undefined) return broken(last.size, null, wrong);
  }
  for (const entry of uncheckedEntries(tx, (last?.size ?? 0) + 1, tailLimit)) {
    const wrong = checkEntry(entry);
    if (wrong !== undefined) return broken(entry.seq, entry.seq, wrong);
  }
  return { state: 'intact', checkedTo: size, firstBadSeq: null, detail: `intact to #${size}` };
}

/** Goes on from where the last check ended: entries appended since, at most `limit` of them. */
export function checkOn(tx: ReadTx, checkedTo: number, limit: number): CheckResult {
  let reached = checkedTo;
  for (const entry of uncheckedEntries(tx, checkedTo + 1, limit)) {
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
  today: Today,
  breathe: () => Promise<void>,
  progress: (checkedTo: number) => void,
): Promise<CheckResult> {
  // Of one moment: entries may be appended while this runs.
  const { size, stored, kept } = store.readAll((tx) => ({
    size: treeSize(tx),
    stored: allShares(tx),
    kept: allHolds(tx),
  }));
  const shares = createShareCheck();
  const holds = createHoldCheck();
  const checkpoints = store.readAll(allCheckpoints);
  const keys = store.readAll((tx) => findKeys(tx, today));
  if ('state' in keys) return keys;
  const nodes = new Map<string, Uint8Array>();
  const read = (level: number, index: number): Uint8Array => {
    const hash = nodes.get(`${level}/${index}`);
    if (hash === undefined) throw new Error(`node ${level}/${index} was not rebuilt`);
    return hash;
  };
  let pruned = store.readAll(readPruned);
  let next = 1;
  let due = 0;
  while (next <= size) {
    const slice = store.readAll((tx) => leavesFrom(tx, next, sliceSize));
    if (slice.length === 0) return broken(next - 1, next, `entry #${next} is missing`);
    const inner: TreeNode[] = [];
    for (const { seq, hash, entry } of slice) {
      if (seq > size) break;
      // A run may have begun since this check did.
      if (entry === undefined && !pruned.isPruned(seq)) pruned = store.readAll(readPruned);
      if (entry === undefined && !pruned.isPruned(seq)) return broken(seq - 1, seq, `entry #${seq} is missing`);
      if (seq !== next) return broken(next - 1, next, `entry #${next} is missing`);
      if (entry === undefined) shares.passOver();
      const wrong = entry && (checkEntry(entry) ?? shares.take(entry));
      if (wrong !== undefined) return broken(seq - 1, seq, wrong);
      if (entry !== undefined) holds.take(entry);
      for (const node of appendNodes(nodePrimitives, seq - 1, hash, read)) {
        nodes.set(`${node.level}/${node.index}`, node.hash);
        if (node.level > 0) {
          inner.push(node);
          // Only the right edge is needed further: a completed pair's children are forgotten.
          nodes.delete(`${node.level - 1}/${node.index * 2}`);
          nodes.delete(`${node.level - 1}/${node.index * 2 + 1}`);
        }
      }
      for (let at = checkpoints[due]; at !== undefined && at.size === seq; at = checkpoints[++due]) {
        const unlike = checkCheckpoint(at, keys, rootAt(nodePrimitives, at.size, read));
        if (unlike !== undefined) return broken(seq, null, unlike);
      }
      next = seq + 1;
    }
    // Proofs and later checkpoints are made from the stored nodes, which no leaf vouches for.
    const foreign = store.readAll((tx) =>
      inner.find(({ level, index, hash }) => !equalBytes(findNode(tx, level, index) ?? new Uint8Array(0), hash)),
    );
    if (foreign !== undefined) {
      return broken(next - 1, null, `node ${foreign.level}/${foreign.index} of the tree is not that of its entries`);
    }
    progress(next - 1);
    await breathe();
  }
  const left = checkpoints[due];
  if (left !== undefined && left.size > size) {
    return cutOff(size, left);
  }
  // A row of no entry would stand before all others and keep them from being looked at.
  if (left !== undefined) return broken(size, null, `checkpoint for #${left.size}: there is no such entry`);
  if (pruned.fault !== undefined) return broken(size, null, pruned.fault);
  const miscounted = shares.conclude(stored);
  if (miscounted !== undefined) return broken(size, null, miscounted);
  const unheld = holds.conclude(kept);
  if (unheld !== undefined) return broken(size, unheld.seq, unheld.detail);
  const unchained = store.readAll((tx) => checkKeys(tx, keys));
  if (unchained !== undefined) return broken(size, unchained.seq, unchained.detail);
  return {
    state: 'intact',
    checkedTo: size,
    firstBadSeq: null,
    detail: `intact to #${size}, ${checkpoints.length} checkpoints agree`,
  };
}

type CheckedLeaf = { readonly seq: number; readonly hash: Uint8Array; readonly entry: UncheckedEntry | undefined };

/** Leaves in order, each with its entry unless that one's body is gone. */
function leavesFrom(tx: ReadTx, from: number, limit: number): CheckedLeaf[] {
  const leaves = uncheckedLeaves(tx, from, limit);
  const to = leaves.at(-1)?.seq ?? 0;
  const entries = new Map(
    uncheckedEntries(tx, from, limit)
      .filter(({ seq }) => seq <= to)
      .map((entry) => [entry.seq, entry]),
  );
  return leaves.map(({ seq, hash }) => ({ seq, hash, entry: entries.get(seq) }));
}

function checkEntry(entry: UncheckedEntry): string | undefined {
  const about = `entry #${entry.seq}`;
  let body: EntryBody;
  let sealed: ReturnType<typeof sealEntry>;
  try {
    body = JSON.parse(entry.body) as EntryBody;
    sealed = sealEntry(nodePrimitives, body, entry.seed, apartCommitments(entry.leaf, entry.apart_paths));
  } catch {
    // Whoever altered the store may have written anything; that it can't be read is the finding.
    return `${about}: its content can not be read`;
  }
  if (sealed.leaf !== entry.leaf) return `${about}: its content is not what was recorded`;
  if (!equalBytes(sealed.leafHash, entry.hash)) return `${about}: its leaf in the tree is another one`;
  // Lists, filters and exports go by the columns: an entry that a changed column hides is as good as removed.
  const filedRight =
    entry.workspace === body.workspace &&
    entry.workspace_seq === body.workspace_seq &&
    entry.seq === body.seq &&
    entry.id === body.id &&
    entry.at === Date.parse(body.time) &&
    entry.event_type === body.event_type &&
    entry.success === Number(body.success) &&
    entry.actor_name === (body.actor?.name ?? null) &&
    entry.session_id === (body.session_id ?? null);
  return filedRight ? undefined : `${about}: it is filed as something else than what it says`;
}

function checkCheckpoint(checkpoint: StoredCheckpoint, keys: LogKeys, root: Uint8Array): string | undefined {
  const about = `checkpoint for #${checkpoint.size}`;
  let signed: ReturnType<typeof parseCheckpoint>;
  try {
    // Of its time alone: whoever has today's key must not be able to sign what is older than it.
    const opened = openNote(nodePrimitives, checkpoint.note, [keys.keyAt(checkpoint.size)]);
    if (opened.verifiedBy.length === 0 || opened.wrong.length > 0)
      return `${about}: its signature is not by the key that signed at that time`;
    signed = parseCheckpoint(opened.text);
  } catch (error) {
    if (error instanceof FormatError) return `${about}: it can not be read: ${error.message}`;
    throw error;
  }
  if (signed.origin !== keys.origin) return `${about}: it was signed for ${signed.origin}`;
  if (signed.size !== checkpoint.size || !equalBytes(signed.root, checkpoint.root))
    return `${about}: it does not match its row`;
  if (!equalBytes(signed.root, root)) return `${about}: the entries before it are not those that were signed`;
  return undefined;
}

function findKeys(tx: ReadTx, today: Today): LogKeys | CheckResult {
  try {
    return readLogKeys(tx, today);
  } catch (error) {
    if (error instanceof FormatError)
      return broken(0, null, `the log's signing keys can not be read: ${error.message}`);
    throw error;
  }
}

function cutOff(size: number, checkpoint: StoredCheckpoint): CheckResult {
  const detail = `the log ends at #${size}, but a checkpoint for #${checkpoint.size} was signed: entries were cut off`;
  return broken(size, size + 1, detail);
}

function broken(checkedTo: number, firstBadSeq: number | null, detail: string): CheckResult {
  return { state: 'broken', checkedTo, firstBadSeq, detail };
}
