// Verification steps about checkpoints: the one that the bundle's proofs lead to, and those that the caller holds from elsewhere,
// which are what reveals a log that was rolled back or rewritten by somebody who has its key.

import type { BundleParts } from './bundle-reader.ts';
import { decodeBase64Url, equalBytes } from './bytes.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { FormatError } from './format-error.ts';
import type { ConsistencyRecord } from './manifest.ts';
import { HASH_BYTES } from './merkle.ts';
import { hashesBefore, rootBeforeRange, rootFromRange, verifyConsistency } from './merkle-verify.ts';
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

/**
 * Reads a checkpoint that the caller holds. With `keys` given, one of them must have signed it; without, it is taken as it is, since
 * the caller vouches for it. Throws FormatError when it cannot be used.
 */
export function readHeldCheckpoint(primitives: Primitives, note: string, keys: readonly VerifierKey[]): Checkpoint {
  const checkpoint = parseCheckpoint(parseNote(note).text);
  const opened = openNote(primitives, note, keys);
  if (opened.wrong.length > 0 || (keys.length > 0 && opened.verifiedBy.length === 0)) {
    throw new FormatError('the checkpoint you hold is not signed by a key you trust', 0);
  }
  return checkpoint;
}

/** Step "Checkpoint you hold": the bundle's tree is the same log, not older, and continues the tree that the caller saw. */
export function checkHeldCheckpoints(
  primitives: Primitives,
  parts: BundleParts,
  held: readonly Checkpoint[],
  findings: Findings,
): Check {
  const { checkpoint } = parts;
  if (checkpoint === undefined)
    return findings.check('held_checkpoint', 'not_checkable', 'the checkpoint is not readable');
  let unconnected = 0;
  for (const mine of held) {
    if (mine.origin !== checkpoint.origin) {
      const detail = `you hold a checkpoint of ${printable(mine.origin)}, the bundle is of ${printable(checkpoint.origin)}`;
      findings.add('held-checkpoint-origin', 'manifest.checkpoint', detail);
    } else if (mine.size > checkpoint.size) {
      const detail = `rolled back: you hold a checkpoint of ${count(mine.size)} entries, this one has ${count(checkpoint.size)}`;
      findings.add('held-checkpoint-rollback', 'manifest.checkpoint', detail);
    } else {
      const continues = continuesFrom(primitives, parts, checkpoint, mine);
      if (continues === undefined) unconnected++;
      if (continues === false) {
        const detail = `forked: at ${count(mine.size)} entries this log had another root than the checkpoint you hold`;
        findings.add('held-checkpoint-fork', 'manifest.checkpoint', detail);
      }
    }
  }
  const sizes = held.map(({ size }) => count(size)).join(', ');
  if (unconnected === 0)
    return findings.check('held_checkpoint', 'proven', `continues your checkpoint of size ${sizes}`);
  return findings.check('held_checkpoint', 'limited', `the bundle has no proof from your checkpoint of size ${sizes}`);
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
