// Checking RFC 6962 proofs with nothing but the proof: inclusion of one leaf, consistency of two trees, and the root over a whole
// contiguous range. All proof bytes are an attacker's; every function answers and none throws.

import { equalBytes } from './bytes.ts';
import { HASH_BYTES, nodeHash, splitPoint } from './merkle.ts';
import type { Primitives } from './primitives.ts';

/** A power of two. */
const CHUNK = 256;
// Hashing is synchronous, so these serve all calls; a node is hashed after the byte 0x01.
const level = new Uint8Array(CHUNK * HASH_BYTES);
const pair = Uint8Array.from({ length: 1 + 2 * HASH_BYTES }, (_, i) => (i === 0 ? 1 : 0));

/** Whether `leaf` (a leaf hash) stands at `index` of the tree with this size and root (RFC 9162 section 2.1.3.2). */
export function verifyInclusion(
  primitives: Primitives,
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const computed = rootFromInclusion(primitives, leaf, index, size, proof);
  return computed !== undefined && equalBytes(computed, root);
}

/** The root that an inclusion proof leads to; undefined when the proof does not fit index and size. */
export function rootFromInclusion(
  primitives: Primitives,
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
): Uint8Array | undefined {
  if (!isIndexInTree(index, size) || leaf.length !== HASH_BYTES || !areHashes(proof)) return undefined;
  let fn = index;
  let sn = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (sn === 0) return undefined;
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(primitives, sibling, hash);
      while (fn % 2 === 0 && fn !== 0) {
        fn = fn / 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      hash = nodeHash(primitives, hash, sibling);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 ? hash : undefined;
}

/**
 * Whether the tree with `newRoot` continues the one with `oldRoot` (RFC 9162 section 2.1.4.2). An old size of 0 is refused: any
 * tree continues the empty one, so such a proof shows nothing and must not read as success.
 */
export function verifyConsistency(
  primitives: Primitives,
  oldSize: number,
  newSize: number,
  oldRoot: Uint8Array,
  newRoot: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!Number.isSafeInteger(oldSize) || !Number.isSafeInteger(newSize) || oldSize < 1 || oldSize > newSize)
    return false;
  if (!areHashes(proof)) return false;
  if (oldSize === newSize) return proof.length === 0 && equalBytes(oldRoot, newRoot);
  if (oldRoot.length !== HASH_BYTES) return false;

  let fn = oldSize - 1;
  let sn = newSize - 1;
  while (fn % 2 === 1) {
    fn = (fn - 1) / 2;
    sn = Math.floor(sn / 2);
  }
  // The innermost hash is left out when the old tree is complete (fn has become 0): it is the old root itself.
  const path = fn === 0 ? [oldRoot, ...proof] : proof;
  const first = path[0];
  if (first === undefined) return false;
  let oldHash = first;
  let newHash = first;
  for (const sibling of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      oldHash = nodeHash(primitives, sibling, oldHash);
      newHash = nodeHash(primitives, sibling, newHash);
      while (fn % 2 === 0 && fn !== 0) {
        fn = fn / 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      newHash = nodeHash(primitives, newHash, sibling);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && equalBytes(oldHash, oldRoot) && equalBytes(newHash, newRoot);
}

/**
 * Root of the tree of `size` leaves from the leaf hashes of [from, to) (32 bytes each, one after the other) and the hashes that
 * rangeProof gives. Undefined when the range is impossible or the proof has too few or too many hashes. That the root comes out
 * right proves that these are all the leaves of the range, in order.
 */
export function rootFromRange(
  primitives: Primitives,
  leaves: Uint8Array,
  from: number,
  to: number,
  size: number,
  proof: readonly Uint8Array[],
): Uint8Array | undefined {
  if (!isIndexInTree(from, size) || !Number.isSafeInteger(to) || to <= from || to > size) return undefined;
  if (leaves.length !== (to - from) * HASH_BYTES || !areHashes(proof)) return undefined;
  let used = 0;
  const root = hashOf(0, size);
  return used === proof.length ? root : undefined;

  function hashOf(low: number, high: number): Uint8Array | undefined {
    if (high <= from || low >= to) return proof[used++];
    if (high - low === 1) return leaves.subarray((low - from) * HASH_BYTES, (low - from + 1) * HASH_BYTES);
    if (high - low === CHUNK && low >= from && high <= to) return completeRoot(primitives, leaves, low - from);
    const middle = low + splitPoint(high - low);
    const left = hashOf(low, middle);
    if (left === undefined) return undefined;
    const right = hashOf(middle, high);
    if (right === undefined) return undefined;
    return nodeHash(primitives, left, right);
  }
}

/** The root of CHUNK leaves from `first` on, level by level in one buffer: nearly all nodes of a long range are made here. */
function completeRoot(primitives: Primitives, leaves: Uint8Array, first: number): Uint8Array {
  level.set(leaves.subarray(first * HASH_BYTES, (first + CHUNK) * HASH_BYTES));
  for (let nodes = CHUNK / 2; nodes >= 1; nodes /= 2) {
    for (let node = 0; node < nodes; node++) {
      const from = node * 2 * HASH_BYTES;
      for (let i = 0; i < 2 * HASH_BYTES; i++) pair[1 + i] = level[from + i] ?? 0;
      primitives.sha256Into(pair, level, node * HASH_BYTES);
    }
  }
  return level.slice(0, HASH_BYTES);
}

/**
 * Root over the first `from` leaves, out of a range proof for [from, …): its leading hashes are the complete subtrees before the
 * range. Undefined when the proof is too short or `from` is 0.
 */
export function rootBeforeRange(
  primitives: Primitives,
  from: number,
  proof: readonly Uint8Array[],
): Uint8Array | undefined {
  const left = proof.slice(0, hashesBefore(from));
  if (from < 1 || left.length !== hashesBefore(from) || !areHashes(left)) return undefined;
  return left.reduceRight((right, hash) => nodeHash(primitives, hash, right));
}

/** How many of a range proof's hashes stand for leaves before `from`: one for each 1 bit. */
export function hashesBefore(from: number): number {
  let count = 0;
  for (let rest = from; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

function isIndexInTree(index: number, size: number): boolean {
  return Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size;
}

function areHashes(proof: readonly Uint8Array[]): boolean {
  return proof.every((hash) => hash.length === HASH_BYTES);
}
