// Verification steps about checkpoints: the one that the bundle's proofs lead to, and those that the caller holds from elsewhere,
// which are what reveals a log that was rolled back or rewritten by somebody who has its key.

import type { BundleParts } from './bundle-reader.ts';
import { decodeBase64Url, equalBytes } from './bytes.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { FormatError } from './format-error.ts';
import type { ConsistencyRecord } from './manifest.ts';
import { HASH_BYTES, nodeHash } from './merkle.ts';
import { hashesBefore, rootBeforeRange, rootFromRange, verifyConsistency } from './merkle-verify.ts';
import { splitNotes } from './note-file.ts';
import type { Primitives } from './primitives.ts';
import { openNote, parseNote, type VerifierKey } from './signed-note.ts';
import { type Check, count, counted, type Findings, printable } from './verdict.ts';

/** Step "Tail covered by checkpoint": signed by the bundle's own signer, of its log, of the size that the proofs are for. */
export function checkTail(
  primitives: Primitives,
  parts: BundleParts,
  key: VerifierKey | undefined,
  findings: Findings,
): Check {
  const { manifest, checkpoint } = parts;
  if (manifest === undefined || checkpoint === undefined) {
    return findings.check('tail_covered', 'not_checkable', 'the checkpoint is not readable');
  }
  if (key !== undefined) {
    const opened = openNote(primitives, manifest.checkpoint, [key]);
    if (opened.verifiedBy.length === 0 || opened.wrong.length > 0) {
      findings.add(
        'checkpoint-signature',
        'manifest.checkpoint',
        "the checkpoint is not signed by the bundle's signer",
      );
    }
  }
  if (checkpoint.origin !== manifest.origin) {
    const detail = `the checkpoint is of the log ${printable(checkpoint.origin)}, the bundle of ${printable(manifest.origin)}`;
    findings.add('checkpoint-origin', 'manifest.checkpoint', detail);
  }
  if (checkpoint.size !== manifest.tree_size) {
    const detail = `the checkpoint has ${count(checkpoint.size)} entries, the manifest says ${count(manifest.tree_size)}`;
    findings.add('checkpoint-size', 'manifest.tree_size', detail);
  }
  manifest.consistency.forEach((record, i) => {
    const { size } = record;
    const root = decodeBase64Url(record.root);
    if (root !== undefined && leadsTo(primitives, record, root, checkpoint)) return;
    const detail = `the consistency proof from size ${count(size)} does not lead to the checkpoint`;
    findings.add('consistency-proof', `manifest.consistency[${i}]`, detail);
  });
  if (key === undefined)
    return findings.check('tail_covered', 'not_checkable', 'there is no good signature to check it by');
  const later = checkpoint.size - manifest.range.to;
  const after = later === 0 ? '' : `; ${counted(later, 'later entry is', 'later entries are')} outside the range`;
  return findings.check(
    'tail_covered',
    'proven',
    `tree size ${count(checkpoint.size)}, signed by key ${key.id}${after}`,
  );
}

/** What the caller holds of one log: its newest checkpoint, and those before it in the same file, smallest first. */
export type Held = {
  readonly newest: Checkpoint;
  readonly earlier: readonly Checkpoint[];
  /** No note in the file is of a smaller log than one before it: an anchor that a rolled-back console wrote to is not. */
  readonly onlyGrew: boolean;
};

/**
 * Reads a checkpoint that the caller holds. With `keys` given, one of them must have signed it; without, it is taken as it is, since
 * the caller vouches for it. Throws FormatError when it cannot be used.
 */
function readHeldCheckpoint(primitives: Primitives, note: string, keys: readonly VerifierKey[]): Checkpoint {
  const checkpoint = parseCheckpoint(parseNote(note).text);
  const opened = openNote(primitives, note, keys);
  if (opened.wrong.length > 0 || (keys.length > 0 && opened.verifiedBy.length === 0)) {
    throw new FormatError('the checkpoint you hold is not signed by a key you trust', 0);
  }
  return checkpoint;
}

/**
 * What the caller holds of the log `origin`: one note, or a file of several as a console's anchor keeps it, in which notes of other logs
 * and a cut beginning or end are passed over. The newest must be signed as `readHeldCheckpoint` says; an earlier one may be signed by a
 * key of before. Throws FormatError.
 */
export function readHeld(
  primitives: Primitives,
  text: string,
  keys: readonly VerifierKey[],
  origin: string | undefined,
): Held {
  const { notes } = splitNotes(text);
  if (notes.length < 2) {
    return { newest: readHeldCheckpoint(primitives, text, keys), earlier: [], onlyGrew: true };
  }
  const own = notes.flatMap((note, index) => {
    const checkpoint = checkpointOf(note, index);
    return checkpoint !== undefined && checkpoint.origin === origin ? [{ note, checkpoint }] : [];
  });
  const onlyGrew = own.every(({ checkpoint }, i) => checkpoint.size >= (own[i - 1]?.checkpoint.size ?? 0));
  own.sort((left, right) => left.checkpoint.size - right.checkpoint.size);
  const last = own.pop();
  if (last === undefined) {
    throw new FormatError(`none of the ${notes.length} checkpoints in the file is of this log, ${origin ?? ''}`, 0);
  }
  const newest = readHeldCheckpoint(primitives, last.note, keys);
  return { newest, earlier: own.map(({ checkpoint }) => checkpoint), onlyGrew };
}

/** undefined for a first note whose beginning was cut away. */
function checkpointOf(note: string, index: number): Checkpoint | undefined {
  try {
    return parseCheckpoint(parseNote(note).text);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    if (index === 0) return undefined;
    throw new FormatError(`note ${index + 1} in the file: ${error.reason}`, 0);
  }
}

/** Step "Checkpoint you hold": the bundle's tree is the same log, not older, and continues the tree that the caller saw. */
export function checkHeldCheckpoints(
  primitives: Primitives,
  parts: BundleParts,
  held: readonly Held[],
  findings: Findings,
): Check {
  const { checkpoint } = parts;
  if (checkpoint === undefined)
    return findings.check('held_checkpoint', 'not_checkable', 'the checkpoint is not readable');
  let unconnected = 0;
  let older: Checkpoint | undefined;
  for (const { newest: mine, earlier, onlyGrew } of held) {
    if (mine.origin !== checkpoint.origin) {
      const detail = `you hold a checkpoint of ${printable(mine.origin)}, the bundle is of ${printable(checkpoint.origin)}`;
      findings.add('held-checkpoint-origin', 'manifest.checkpoint', detail);
    } else if (mine.size > checkpoint.size && onlyGrew && earlier.some((each) => isSame(each, checkpoint))) {
      // The bundle ends where the log once did: no rollback, but what came since is not in it.
      older = mine;
    } else if (mine.size > checkpoint.size) {
      const detail = `rolled back: you hold a checkpoint of ${count(mine.size)} entries, this one has ${count(checkpoint.size)}`;
      findings.add('held-checkpoint-rollback', 'manifest.checkpoint', detail);
    } else {
      const continues = continuesFrom(primitives, parts, checkpoint, mine);
      if (continues === undefined) unconnected++;
      if (continues === false) addFork(findings, mine);
    }
    const fork = earlier.length === 0 ? undefined : forkAmong(primitives, parts, checkpoint, [...earlier, mine]);
    if (fork !== undefined) addFork(findings, fork);
  }
  const sizes = held.map(({ newest }) => count(newest.size)).join(', ');
  const several = held.reduce((sum, { earlier }) => sum + earlier.length, 0);
  const others =
    several === 0
      ? ''
      : `; ${counted(several, 'earlier one', 'earlier ones')} in the file ${several === 1 ? 'does' : 'do'} not contradict it`;
  if (older !== undefined) {
    const detail = `your file holds the bundle's own checkpoint, of ${count(checkpoint.size)} entries, and a later one of ${count(older.size)}: what came in between is not in this bundle`;
    return findings.check('held_checkpoint', 'limited', detail);
  }
  if (unconnected === 0)
    return findings.check('held_checkpoint', 'proven', `continues your checkpoint of size ${sizes}${others}`);
  return findings.check('held_checkpoint', 'limited', `the bundle has no proof from your checkpoint of size ${sizes}`);
}

function isSame(left: Checkpoint, right: Checkpoint): boolean {
  return left.size === right.size && equalBytes(left.root, right.root);
}

function addFork(findings: Findings, { size }: Checkpoint): void {
  const detail = `forked: at ${count(size)} entries this log had another root than the checkpoint you hold`;
  findings.add('held-checkpoint-fork', 'manifest.checkpoint', detail);
}

/** The first of them, by size, that another of the same size or the bundle contradicts; the bundle can't speak of every size. */
function forkAmong(
  primitives: Primitives,
  parts: BundleParts,
  checkpoint: Checkpoint,
  held: readonly Checkpoint[],
): Checkpoint | undefined {
  const twice = held.find((each, i) => each.size === held[i + 1]?.size && !isSame(each, held[i + 1] ?? each));
  if (twice !== undefined) return twice;
  const inRange = rootsWithinRange(primitives, parts, new Set(held.map(({ size }) => size)));
  return held.find((mine) => {
    if (mine.size === checkpoint.size) return !isSame(mine, checkpoint);
    const root = inRange.get(mine.size);
    if (root !== undefined) return !equalBytes(root, mine.root);
    const records = (parts.manifest?.consistency ?? []).filter(({ size }) => size === mine.size);
    return records.length > 0 && !records.some((record) => leadsTo(primitives, record, mine.root, checkpoint));
  });
}

/** Roots of several sizes in one pass over the leaves: `rootWithinRange` would begin anew for each. */
function rootsWithinRange(
  primitives: Primitives,
  { manifest, entries, rangeProof }: BundleParts,
  sizes: ReadonlySet<number>,
): Map<number, Uint8Array> {
  const roots = new Map<number, Uint8Array>();
  if (manifest === undefined || rangeProof === null) return roots;
  const from = manifest.range.from - 1;
  let most = 0;
  for (const size of sizes) if (size <= manifest.range.to && size > most) most = size;
  // Complete subtrees from left to right, each of half the leaves of the one before it at most.
  const complete: { leaves: number; hash: Uint8Array }[] = [];
  let before = from;
  for (const hash of rangeProof.slice(0, hashesBefore(from))) {
    const leaves = 2 ** Math.floor(Math.log2(before));
    complete.push({ leaves, hash });
    before -= leaves;
  }
  if (before !== 0 || entries.leaves.length < (most - from) * HASH_BYTES) return roots;
  for (let size = from + 1; size <= most; size++) {
    const at = (size - 1 - from) * HASH_BYTES;
    let last = { leaves: 1, hash: entries.leaves.subarray(at, at + HASH_BYTES) };
    for (let left = complete.at(-1); left?.leaves === last.leaves; left = complete.at(-1)) {
      complete.pop();
      last = { leaves: last.leaves * 2, hash: nodeHash(primitives, left.hash, last.hash) };
    }
    complete.push(last);
    if (sizes.has(size)) {
      const root = complete.map(({ hash }) => hash).reduceRight((right, hash) => nodeHash(primitives, hash, right));
      roots.set(size, root);
    }
  }
  return roots;
}

/** Whether the bundle's tree continues that one, not larger; undefined where the bundle does not hold what it takes to say. */
export function continuesFrom(
  primitives: Primitives,
  parts: BundleParts,
  checkpoint: Checkpoint,
  mine: Checkpoint,
): boolean | undefined {
  if (mine.size === checkpoint.size) return equalBytes(mine.root, checkpoint.root);
  if (mine.size === 0) return true;
  const ownRoot = rootWithinRange(primitives, parts, mine.size);
  if (ownRoot !== undefined) return equalBytes(ownRoot, mine.root);
  const sameSize = (parts.manifest?.consistency ?? []).filter(({ size }) => size === mine.size);
  if (sameSize.length === 0) return undefined;
  return sameSize.some((record) => leadsTo(primitives, record, mine.root, checkpoint));
}

function leadsTo(
  primitives: Primitives,
  { size, hashes }: ConsistencyRecord,
  root: Uint8Array,
  checkpoint: Checkpoint,
): boolean {
  const proof = hashes.map((hash) => decodeBase64Url(hash) ?? new Uint8Array(0));
  return verifyConsistency(primitives, size, checkpoint.size, root, checkpoint.root, proof);
}

// A whole range with its proof holds the root of every size from just before its first entry to its last.
function rootWithinRange(primitives: Primitives, parts: BundleParts, size: number): Uint8Array | undefined {
  const { manifest, entries, rangeProof } = parts;
  if (manifest === undefined || rangeProof === null) return undefined;
  const from = manifest.range.from - 1;
  if (size < from || size > manifest.range.to) return undefined;
  if (size === from) return rootBeforeRange(primitives, from, rangeProof);
  const leaves = entries.leaves.subarray(0, (size - from) * HASH_BYTES);
  return rootFromRange(primitives, leaves, from, size, size, rangeProof.slice(0, hashesBefore(from)));
}
