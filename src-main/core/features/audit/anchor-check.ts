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
import { readLogKeys, type Today } from './signing-keys.ts';

export type AnchorFinding = { readonly detail: string; readonly firstBadSeq: number | null };

export type Comparison = {
  take(tx: ReadTx, held: Held): void;
  /** undefined where everything that was taken agrees. */
  conclude(tx: ReadTx): AnchorFinding | undefined;
};

export function compareWith(anchor: string, today: Today): Comparison {
  let ahead = 0;
  let lastGood = 0;
  let firstBad = Number.POSITIVE_INFINITY;
  let stranger: number | undefined;

  function judge(tx: ReadTx, size: number, root: Uint8Array): void {
    if (size > treeSize(tx)) ahead = Math.max(ahead, size);
    else if (equalBytes(rootOf(tx, size), root)) lastGood = Math.max(lastGood, size);
    else firstBad = Math.min(firstBad, size);
  }

  // Whoever signed it, what says the same as this log is no finding.
  function judgeStranger(tx: ReadTx, size: number, root: Uint8Array): void {
    if (size <= treeSize(tx) && equalBytes(rootOf(tx, size), root)) return;
    stranger = Math.max(stranger ?? 0, size);
  }

  return {
    take(tx, held) {
      if ('size' in held) {
        if (held.size > treeSize(tx)) ahead = Math.max(ahead, held.size);
        return;
      }
      const signed = readOwn(tx, held.note, today);
      if (signed === undefined) return;
      if (signed.by === 'store') lastGood = Math.max(lastGood, signed.size);
      else if (signed.by === 'stranger') judgeStranger(tx, signed.size, signed.root);
      else judge(tx, signed.size, signed.root);
    },
    conclude(tx) {
      const size = treeSize(tx);
      const forked = firstBad !== Number.POSITIVE_INFINITY;
      if (ahead === 0 && !forked) return strangerFinding(anchor, stranger);
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

/** A store from before a change of keys doesn't know the key that signed after it, so this can't be passed over as somebody's noise. */
function strangerFinding(anchor: string, size: number | undefined): AnchorFinding | undefined {
  if (size === undefined) return undefined;
  return {
    detail: `the anchor ${anchor} holds a checkpoint for #${size} of this log by a key that the store does not have: a store from before a change of keys was put back, or somebody else writes there`,
    firstBadSeq: null,
  };
}

/** `store`: byte for byte what the store keeps itself; `stranger`: this log's by its name, but not by its key. */
type Own = { readonly size: number; readonly root: Uint8Array; readonly by: 'store' | 'key' | 'stranger' };

/** undefined for what is no checkpoint of this log. */
function readOwn(tx: ReadTx, note: string, today: Today): Own | undefined {
  try {
    const { origin, size, root } = parseCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1));
    if (origin !== today.origin) return undefined;
    // The stored root may itself be one that no entries lead to; that is the self-check's to find, and cheaper than 60 µs a signature.
    if (findCheckpoint(tx, size)?.note === note) return { size, root, by: 'store' };
    const opened = openNote(nodePrimitives, note, readLogKeys(tx, today).all);
    const good = opened.verifiedBy.length > 0 && opened.wrong.length === 0;
    return { size, root, by: good ? 'key' : 'stranger' };
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
