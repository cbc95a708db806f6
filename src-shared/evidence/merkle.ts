// The Merkle tree of RFC 6962 section 2.1, over a store that keeps the hashes of complete subtrees: appending, roots and making
// proofs. Checking proofs, which an auditor does without any store, is merkle-verify.ts. Sizes and indexes may pass 2^32, so
// there are no bit operations on them.

import type { Primitives } from './primitives.ts';

/**
 * Hash of the complete subtree `index` on `level`: it covers leaves [index·2^level, (index+1)·2^level). Level 0 holds leaf hashes.
 * Called only for subtrees that are complete at the size asked about; must throw when the store lacks the node.
 */
export type ReadNode = (level: number, index: number) => Uint8Array;
export type TreeNode = { level: number; index: number; hash: Uint8Array };

export const HASH_BYTES = 32;
// 0x01 and room for two hashes; hashing is synchronous, so one buffer serves all calls.
const nodeInput = Uint8Array.from({ length: 1 + 2 * HASH_BYTES }, (_, i) => (i === 0 ? 1 : 0));

/** Leaf hash: SHA-256(0x00 ‖ entry). */
export function leafHash(primitives: Primitives, entry: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + entry.length);
  input.set(entry, 1);
  return primitives.sha256(input);
}

/** Node hash: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(primitives: Primitives, left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return primitives.sha256(nodeInput);
}

/** Root of the tree without leaves: SHA-256 of nothing. */
export function emptyRoot(primitives: Primitives): Uint8Array {
  return primitives.sha256(new Uint8Array(0));
}

/**
 * The nodes that become complete when a leaf joins a tree of `size` leaves: the leaf itself and one parent for every trailing 1 bit
 * of `size`; over many appends that is two nodes and one read each. Write them in the transaction that writes the leaf.
 */
export function appendNodes(primitives: Primitives, size: number, leaf: Uint8Array, read: ReadNode): TreeNode[] {
  const nodes: TreeNode[] = [{ level: 0, index: size, hash: leaf }];
  let hash = leaf;
  for (let level = 0, index = size; index % 2 === 1; level++) {
    hash = nodeHash(primitives, read(level, index - 1), hash);
    index = (index - 1) / 2;
    nodes.push({ level: level + 1, index, hash });
  }
  return nodes;
}

/** Root of the tree over the first `size` leaves, from O(log size) stored nodes. */
export function rootAt(primitives: Primitives, size: number, read: ReadNode): Uint8Array {
  return size === 0 ? emptyRoot(primitives) : subtreeHash(primitives, 0, size, read);
}

/** Audit path PATH(index, D[size]) of RFC 6962 section 2.1.1, leaf side first. Throws RangeError for an index outside the tree. */
export function inclusionProof(primitives: Primitives, index: number, size: number, read: ReadNode): Uint8Array[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new RangeError(`leaf index ${index} is outside a tree of ${size} leaves`);
  }
  const proof: Uint8Array[] = [];
  let low = 0;
  let high = size;
  while (high - low > 1) {
    const middle = low + splitPoint(high - low);
    if (index < middle) {
      proof.push(subtreeHash(primitives, middle, high, read));
      high = middle;
    } else {
      proof.push(subtreeHash(primitives, low, middle, read));
      low = middle;
    }
  }
  return proof.reverse();
}

/** PROOF(oldSize, D[newSize]) of RFC 6962 section 2.1.2. Throws RangeError unless 0 < oldSize <= newSize. */
export function consistencyProof(
  primitives: Primitives,
  oldSize: number,
  newSize: number,
  read: ReadNode,
): Uint8Array[] {
  if (!Number.isSafeInteger(oldSize) || oldSize < 1 || oldSize > newSize) {
    throw new RangeError(`no consistency proof from ${oldSize} to ${newSize} leaves`);
  }
  const proof: Uint8Array[] = [];
  let low = 0;
  let high = newSize;
  while (oldSize !== high) {
    const middle = low + splitPoint(high - low);
    if (oldSize <= middle) {
      proof.push(subtreeHash(primitives, middle, high, read));
      high = middle;
    } else {
      proof.push(subtreeHash(primitives, low, middle, read));
      low = middle;
    }
  }
  // The innermost subtree ends at the old size. When it is the whole old tree (low is 0) the verifier has its hash already.
  if (low > 0) proof.push(subtreeHash(primitives, low, high, read));
  return proof.reverse();
}

/**
 * What a holder of all leaf hashes [from, to) lacks to compute the root of `size` leaves: the hashes of the largest subtrees that
 * lie wholly outside the range, from left to right; at most 2·log2(size). Throws RangeError for an empty or impossible range.
 */
export function rangeProof(
  primitives: Primitives,
  from: number,
  to: number,
  size: number,
  read: ReadNode,
): Uint8Array[] {
  if (!(from >= 0 && from < to && to <= size)) throw new RangeError(`no range [${from}, ${to}) in ${size} leaves`);
  const proof: Uint8Array[] = [];
  collectOutside(0, size);
  return proof;

  function collectOutside(low: number, high: number): void {
    if (high <= from || low >= to) proof.push(subtreeHash(primitives, low, high, read));
    else if (low < from || high > to) {
      const middle = low + splitPoint(high - low);
      collectOutside(low, middle);
      collectOutside(middle, high);
    }
  }
}

/** Largest power of two smaller than `size` (size > 1): where RFC 6962 splits a tree. */
export function splitPoint(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

// MTH(D[low:high]) for ranges that the recursive split produces: aligned, and incomplete only at the right edge of the tree.
function subtreeHash(primitives: Primitives, low: number, high: number, read: ReadNode): Uint8Array {
  const width = high - low;
  const split = width === 1 ? 1 : splitPoint(width);
  if (width === 1 || split * 2 === width) return read(Math.round(Math.log2(width)), low / width);
  return nodeHash(
    primitives,
    subtreeHash(primitives, low, low + split, read),
    subtreeHash(primitives, low + split, high, read),
  );
}
