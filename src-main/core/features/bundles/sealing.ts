// Sealing a bundle: the entries are counted, then read for the manifest, and once more while the file is sent. Nothing of it is kept but
// what the manifest says of each entry (eight characters), so a million entries need no more memory than a page of them, and no copy in
// clear text comes to lie on the disk. That reading twice gives the same bytes is the log's nature: it only grows, salts are derived from
// stored seeds, and the proofs lead to one signed checkpoint. A pruning in between is seen by the digest, and the file is not finished.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import {
  type BundleFrame,
  type BundleInput,
  createContent,
  createEntryBatch,
  frameInStages,
} from '../../../../src-shared/evidence/bundle.ts';
import { type FormattedEntry, formatEntry } from '../../../../src-shared/evidence/entry.ts';
import { erasedName, formatErased } from '../../../../src-shared/evidence/erased-fields.ts';
import { createContentDigest } from '../../../../src-shared/evidence/manifest.ts';
import { inclusionProof, type ReadNode, rangeProof } from '../../../../src-shared/evidence/merkle.ts';
import type { VerifierKey } from '../../../../src-shared/evidence/signed-note.ts';
import { utf8 } from '../../../base/bytes.ts';
import { nodePrimitives } from '../../../base/evidence-primitives.ts';
import type { ReadTx, Store } from '../../store/store.ts';
import {
  anchorEvidence,
  entriesInWindow,
  keyHistory,
  measureWindow,
  prunedBetween,
  readApart,
  readNode,
  type Selection,
  type Signer,
  type SubjectVault,
  signCheckpoint,
  signedByToday,
} from '../audit/index.ts';
import { type Asked, isDisclosed } from './selection.ts';

export type SealingParts = {
  readonly store: Store;
  /** Asked anew for each signature: the key may be rotated while the log is read. */
  readonly signer: () => Signer;
  readonly subjectVault: SubjectVault;
  readonly workspace: string;
  readonly asked: Asked;
  readonly console: string;
  readonly exportedBy: BundleInput['exportedBy'];
  readonly hmac: BundleInput['hmac'];
  readonly now: () => number;
  /** Between slices of the work: others get their turn. Throws to stop it. */
  pause(): Promise<void>;
  progress(phase: 'counting' | 'reading', done: number, total: number): void;
};

/** Everything that is fixed before the manifest is signed. */
export type Gathered = {
  /** First and last seq that were looked at. */
  readonly from: number;
  readonly to: number;
  readonly whole: boolean;
  readonly checkpoint: { readonly size: number; readonly root: Uint8Array };
  /** May be called more than once, each time with other attachments, which may hold the key that signs. */
  sign(attachmentsBy: (key: VerifierKey) => NonNullable<BundleInput['attachments']>): Promise<SealedFile>;
};

export type SealedFile = Pick<BundleFrame, 'manifest' | 'size'> & {
  /** Of the key that signed it. */
  readonly verifierKey: VerifierKey;
  /** The bytes of the file. @throws ProblemError bundles/state when the log no longer holds what was sealed. */
  parts(): AsyncGenerator<Uint8Array<ArrayBuffer>>;
};

/** The first and the last entry that match, and how many there are. */
type Matching = { readonly from: number | null; readonly to: number | null; readonly entries: number };
type Measured = { readonly from: number; readonly to: number; readonly entries: number };

/** Entries looked at, and entries read, before others get their turn: a few milliseconds each. */
const looked = 2_000;
const read = 100;
/** A proof is some twenty hashes more. */
const readWithProofs = 40;
/** Hashes from this level on stand in the proofs of many entries. */
const sharedLevel = 5;

/** @throws ProblemError audit/range when nothing matches. */
export async function gatherBundle(parts: SealingParts): Promise<Gathered> {
  const { store, signer, workspace, asked } = parts;
  await store.writable();
  const checkpoint = store.write(workspace, (tx) => {
    const signed = signCheckpoint(tx, signer(), parts.now());
    if (signed === undefined) throw new ProblemError('audit/range', 'the log is empty; there is nothing to export');
    return signed;
  });
  const matching = await measure({ ...parts, selection: asked.selection, size: checkpoint.size });
  const { from, to, entries } = someOf(matching);
  const claim = store.readAll((tx) => claimOf(tx, parts, { from, to, entries }, checkpoint.size));
  const whole = claim.filter === null;
  const content = createContent(nodePrimitives);
  const erased = new Map<number, readonly string[]>();
  let done = 0;
  for await (const page of pages(erased)) {
    for (const entry of page) content.add(entry);
    done += page.length;
    parts.progress('reading', done, entries);
  }
  if (content.counts.entries !== entries) throw pruned();
  const proof = whole
    ? store.read(workspace, (tx) => rangeProof(nodePrimitives, from - 1, to, checkpoint.size, nodesOf(tx)))
    : null;
  const anchored = store.readAll((tx) => anchorEvidence(tx, to, checkpoint.size));
  const input = {
    console: parts.console,
    consistency: anchored.consistency,
    ...claim,
    rangeProof: proof,
    exportedAt: new Date(parts.now()).toISOString(),
    exportedBy: parts.exportedBy,
    reason: asked.reason,
    ...(parts.hmac === undefined ? {} : { hmac: parts.hmac }),
  };

  /** @param erased takes the fields that nobody can open any more. */
  async function* pages(erased?: Map<number, readonly string[]>): AsyncGenerator<FormattedEntry[]> {
    const shared = new Map<string, Uint8Array>();
    let after = from - 1;
    while (after < to) {
      await parts.pause();
      const window = { after, until: Math.min(after + looked, to) };
      const limit = whole ? read : readWithProofs;
      const page = store.read(workspace, (tx) => {
        const nodes = nodesOf(tx, shared);
        const found = entriesInWindow(tx, asked.selection, window, limit);
        after = found.length < limit ? window.until : (found.at(-1)?.seq ?? window.until);
        const first = found[0];
        const last = found.at(-1);
        const apart = first && last && readApart(tx, parts.subjectVault, first.seq, last.seq);
        for (const [seq, fields] of apart ?? []) {
          const gone = fields.filter(({ opening }) => opening === undefined).map(({ path }) => path);
          if (gone.length > 0 && found.some((entry) => entry.seq === seq)) erased?.set(seq, gone);
        }
        return found.map(({ seq, leaf, body, seed }) => {
          const path = whole ? undefined : inclusionProof(nodePrimitives, seq - 1, checkpoint.size, nodes);
          const disclosed = (field: string): boolean => isDisclosed(asked.redaction, body, field);
          return formatEntry(nodePrimitives, leaf, body, seed, disclosed, path, apart?.get(seq));
        });
      });
      if (page.length > 0) yield page;
    }
  }

  return {
    ...claim.range,
    whole,
    checkpoint,
    async sign(attachmentsBy) {
      for (;;) {
        const today = signer();
        const { verifierKey } = today;
        const given = attachmentsBy(verifierKey);
        // Somebody's own file of that name is what was asked for.
        const names = new Set(given.map(({ name }) => name));
        const attachments = [
          ...given,
          ...anchored.attachments.filter(({ name }) => !names.has(name)),
          ...(erased.size === 0
            ? []
            : [{ name: erasedName, media_type: 'application/json', data: formatErased(erased) }]),
        ];
        const { note } = signedByToday(checkpoint, today);
        const keys = { signer: verifierKey, checkpoint: note, keyHistory: store.readAll(keyHistory) };
        const stages = frameInStages(nodePrimitives, { ...input, ...keys, attachments }, content, today.sign);
        // A key that was rotated in between can't sign any more: then once more, by the new one.
        while (signer() === today) {
          const stage = stages.next();
          if (stage.done === true) {
            const { manifest, size } = stage.value;
            return { manifest, size, verifierKey, parts: () => fileOf(stage.value, pages, parts.pause) };
          }
          await parts.pause();
        }
      }
    },
  };
}

/**
 * What the manifest says of the choice. Only a range that is here without a gap, and was asked for by nothing but its ends, needs no words:
 * everything else that was asked for stands in the filter, with the workspace and what was pruned, over all that was looked at.
 */
function claimOf(
  tx: ReadTx,
  { asked, workspace }: SealingParts,
  { from, to, entries }: Measured,
  size: number,
): Pick<BundleInput, 'range' | 'filter'> {
  const { from_seq, to_seq } = asked.selection;
  const range = { from: from_seq ?? 1, to: Math.min(to_seq ?? size, size) };
  const pruned = prunedBetween(tx, range.from, range.to).map((gone): [number, number] => [gone.from_seq, gone.to_seq]);
  const without = (first: number, last: number): number =>
    pruned.reduce((sum, gone) => sum + Math.max(0, Math.min(gone[1], last) - Math.max(gone[0], first) + 1), 0);
  const isRange = Object.keys(asked.filter).every((name) => name === 'from_seq' || name === 'to_seq');
  // Whoever asked for everything gets what is left of it; whoever named an end is told that it was pruned.
  const startsThere = from === range.from || (from_seq === undefined && without(1, from - 1) === from - 1);
  const endsThere = to === range.to || (to_seq === undefined && without(to + 1, size) === size - to);
  if (isRange && startsThere && endsThere && entries === to - from + 1) return { range: { from, to }, filter: null };
  const isComplete = isRange && entries + without(range.from, range.to) === range.to - range.from + 1;
  const filter = {
    ...asked.filter,
    ...(isComplete ? {} : { workspace }),
    ...(pruned.length === 0 ? {} : { pruned }),
  };
  return { range, filter };
}

async function* fileOf(
  frame: BundleFrame,
  pages: () => AsyncIterable<FormattedEntry[]>,
  pause: () => Promise<void>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (const part of frame.head()) {
    await pause();
    yield part;
  }
  const batch = createEntryBatch();
  const digest = createContentDigest(nodePrimitives);
  for await (const page of pages()) {
    for (const { text } of page) {
      digest.add(utf8(text));
      const part = batch.add(text);
      if (part !== undefined) yield part;
    }
  }
  yield batch.rest();
  if (digest.value() !== frame.manifest.content_digest.value) throw pruned();
  // Without these last bytes it is no bundle, and shorter than was announced.
  yield frame.tail;
}

function someOf({ from, to, entries }: Matching): Measured {
  if (from === null || to === null) {
    throw new ProblemError('audit/range', 'no entries match; widen the range or the filter');
  }
  return { from, to, entries };
}

type Measuring = Pick<SealingParts, 'store' | 'workspace' | 'pause'> & {
  readonly selection: Selection;
  /** Of the log: entries that come meanwhile are not looked at. */
  readonly size: number;
  progress?: SealingParts['progress'];
};

/** How many entries of the log match, and which are the first and the last. */
export async function measure({ store, workspace, selection, size, pause, progress }: Measuring): Promise<Matching> {
  const { from_seq = 1, to_seq = size } = selection;
  const end = Math.min(to_seq, size);
  let from: number | null = null;
  let to: number | null = null;
  let entries = 0;
  for (let after = from_seq - 1; after < end; after += looked) {
    await pause();
    const window = { after, until: Math.min(after + looked, end) };
    const found = store.read(workspace, (tx) => measureWindow(tx, selection, window));
    from ??= found.first;
    to = found.last ?? to;
    entries += found.count;
    progress?.('counting', window.until - from_seq + 1, end - from_seq + 1);
  }
  return { from, to, entries };
}

function nodesOf(tx: ReadTx, shared?: Map<string, Uint8Array>): ReadNode {
  return (level, index) => {
    if (shared === undefined || level < sharedLevel) return readNode(tx, level, index);
    const name = `${level}/${index}`;
    const known = shared.get(name);
    if (known !== undefined) return known;
    if (shared.size > 10_000) shared.clear();
    const hash = readNode(tx, level, index);
    shared.set(name, hash);
    return hash;
  };
}

function pruned(): ProblemError {
  return new ProblemError('bundles/state', 'entries of the range were pruned meanwhile; export it again');
}
