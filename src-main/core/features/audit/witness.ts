// Checkpoints that were kept outside the store, held against it: a store that never heard of the last one is an older or another one.
import { parseCheckpoint } from '../../../../src-shared/evidence/checkpoint.ts';
import { FormatError } from '../../../../src-shared/evidence/format-error.ts';
import { rootAt } from '../../../../src-shared/evidence/merkle.ts';
import { splitNotes } from '../../../../src-shared/evidence/note-file.ts';
import { openNote } from '../../../../src-shared/evidence/signed-note.ts';
import { equalBytes } from '../../../base/bytes.ts';
import { nodePrimitives } from '../../../base/evidence-primitives.ts';
import type { Contradiction } from '../../store/opening.ts';
import type { ReadTx } from '../../store/store.ts';
import { findCheckpoint, findNode, hasLog, treeSize } from './audit-table.ts';
import { type LogKeys, readLogKeys, type Today } from './signing-keys.ts';

type Signed = { readonly size: number; readonly root: Uint8Array };

/**
 * @param notes signed notes one after another, the newest last; whoever can write the profile may have written anything.
 * @returns what they say against the store. A log that is damaged inside, but knows of the checkpoint, is left to its self-check.
 */
export function contradictionOf(tx: ReadTx, notes: string, today: Today): Contradiction | undefined {
  const last = lastSigned(notes, readLogKeys(tx, today));
  if (last === undefined) return undefined;
  const size = hasLog(tx) ? treeSize(tx) : 0;
  const known = hasLog(tx) ? findCheckpoint(tx, last.size) : undefined;
  const contradiction = (detail: string): Contradiction => ({ detail, logSize: size, checkpointSize: last.size });
  if (known !== undefined) {
    if (equalBytes(known.root, last.root)) return undefined;
    return contradiction(
      `checkpoints.log holds a checkpoint for #${last.size} with another root than the store's: the store's history is another one`,
    );
  }
  if (size < last.size) {
    return contradiction(
      `the audit log ends at #${size}, but checkpoints.log holds a signed checkpoint for #${last.size}: an older store was put back`,
    );
  }
  if (equalBytes(rootOf(tx, last.size), last.root)) return undefined;
  return contradiction(
    `the audit log up to #${last.size} is not the one that was signed in checkpoints.log: an older store was put back and went on differently`,
  );
}

/** The newest note that is this console's; others say nothing that can be checked. */
function lastSigned(notes: string, keys: LogKeys): Signed | undefined {
  for (const note of splitNotes(notes).notes.reverse()) {
    try {
      const opened = openNote(nodePrimitives, note, keys.all);
      if (opened.verifiedBy.length === 0 || opened.wrong.length > 0) continue;
      const { origin, size, root } = parseCheckpoint(opened.text);
      if (origin === keys.origin) return { size, root };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
  return undefined;
}

/** An empty root where a node is missing: it is unlike every signed one. */
function rootOf(tx: ReadTx, size: number): Uint8Array {
  try {
    return rootAt(nodePrimitives, size, (level, index) => {
      const hash = findNode(tx, level, index);
      if (hash === undefined) throw new MissingNode('missing');
      return hash;
    });
  } catch (error) {
    if (error instanceof MissingNode) return new Uint8Array(0);
    throw error;
  }
}

class MissingNode extends Error {}
