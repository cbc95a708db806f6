// The store held against what an anchor gives back: an older store ends before it, another one has other roots. Names the first bad
// entry as closely as the checkpoints that are there allow.
import { parseCheckpoint } from '../../../../src-shared/evidence/checkpoint.ts';
import { FormatError } from '../../../../src-shared/evidence/format-error.ts';
import { rootAt } from '../../../../src-shared/evidence/merkle.ts';
import { openNote } from '../../../../src-shared/evidence/signed-note.ts';
import { equalBytes } from '../../../base/bytes.ts';
import { nodePrimitives } from '../../../base/evidence-primitives.ts';
import { DamagedStore } from '../../ports.ts';
import type { ReadTx } from '../../store/store.ts';
import type { Held } from './anchor.ts';
import { findCheckpoint, readNode, treeSize } from './audit-table.ts';
import type { Signer } from './checkpoints.ts';

export type AnchorFinding = { readonly detail: string; readonly firstBadSeq: number | null };

export type Comparison = {
  take(tx: ReadTx, held: Held): void;
  /** undefined where everything that was taken agrees. */
  conclude(tx: ReadTx): AnchorFinding | undefined;
};

export function compareWith(anchor: string, signer: Signer): Comparison {
  let ahead = 0;
  let lastGood = 0;
  let firstBad = Number.POSITIVE_INFINITY;

  function judge(tx: ReadTx, size: number, root: Uint8Array): void {
    if (size > treeSize(tx)) ahead = Math.max(ahead, size);
    else if (equalBytes(rootOf(tx, size), root)) lastGood = Math.max(lastGood, size);
    else firstBad = Math.min(firstBad, size);
  }

  return {
    take(tx, held) {
      if ('size' in held) {
        if (held.size > treeSize(tx)) ahead = Math.max(ahead, held.size);
        return;
      }
      const signed = readOwn(tx, held.note, signer);
      if (signed === undefined) return;
      if (signed.known) lastGood = Math.max(lastGood, signed.size);
      else judge(tx, signed.size, signed.root);
    },
    conclude(tx) {
      const size = treeSize(tx);
      const forked = firstBad !== Number.POSITIVE_INFINITY;
      if (ahead === 0 && !forked) return undefined;
      const before = lastGood < firstBad ? lastGood : 0;
      const ends = `the store ends at #${size}, the anchor ${anchor} holds a checkpoint for #${ahead}`;
      if (!forked) return { detail: `${ends}: an older store was put back`, firstBadSeq: size + 1 };
      const where = before + 1 === firstBad ? `#${firstBad}` : `one of #${before + 1} to #${firstBad}`;
      const other = `the entries up to #${firstBad} are not those that the anchor ${anchor} holds a checkpoint for; the first that differs is ${where}`;
      return {
        detail: ahead === 0 ? other : `${ends}; ${other}`,
        firstBadSeq: before + 1 === firstBad ? firstBad : null,
      };
    },
  };
}

type Own = { readonly size: number; readonly root: Uint8Array; readonly known: boolean };

/** `known`: byte for byte what the store keeps itself. Notes that are not this console's say nothing that can be checked. */
function readOwn(tx: ReadTx, note: string, signer: Signer): Own | undefined {
  try {
    const { origin, size, root } = parseCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1));
    if (origin !== signer.origin) return undefined;
    // The stored root may itself be one that no entries lead to; that is the self-check's to find, and cheaper than 60 µs a signature.
    if (findCheckpoint(tx, size)?.note === note) return { size, root, known: true };
    const opened = openNote(nodePrimitives, note, [signer.verifierKey]);
    return opened.verifiedBy.length === 0 || opened.wrong.length > 0 ? undefined : { size, root, known: false };
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** An empty root where a node is missing: it is unlike every signed one. */
function rootOf(tx: ReadTx, size: number): Uint8Array {
  try {
    return rootAt(nodePrimitives, size, (level, index) => readNode(tx, level, index));
  } catch (error) {
    if (error instanceof DamagedStore) return new Uint8Array(0);
    throw error;
  }
}
