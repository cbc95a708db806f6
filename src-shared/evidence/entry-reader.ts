// Reads the entries of a bundle one after the other, straight from the file's bytes: each entry's form, its leaf hash and its proof;
// the opened fields are opening-checker.ts's. Nearly all of a verification's time goes here, so it builds no values.

import { equalBytes } from './bytes.ts';
import type { CanonicalReader } from './canonical-reader.ts';
import { LatestTime, WorkspaceShares } from './entry-claims.ts';
import { entryFault } from './entry-members.ts';
import { FormatError } from './format-error.ts';
import { copyBytes, HashInput } from './hash-input.ts';
import { isInstantAt } from './instant-form.ts';
import { createContentDigest } from './manifest.ts';
import { HASH_BYTES } from './merkle.ts';
import { rootFromInclusion } from './merkle-verify.ts';
import { enlarged, OpeningChecker } from './opening-checker.ts';
import type { Primitives } from './primitives.ts';
import { type Findings, printable } from './verdict.ts';

/** How the entries of this bundle are proven, as far as the manifest and its checkpoint could be read. */
export type ProofPlan =
  | { kind: 'range' }
  | { kind: 'each'; size: number; root: Uint8Array }
  /** The manifest is unreadable: entries are read, but there is nothing to prove them against. */
  | { kind: 'none' };

/** What was read; index i is the i-th entry of the file. Malformed entries have seq 0 and a leaf hash of zeros. */
export type EntryTable = {
  seqs: number[];
  workspaceSeqs: number[];
  /** Of the entries that are not malformed. */
  shares: WorkspaceShares;
  latest: LatestTime;
  /** Places in the file, end exclusive. */
  starts: number[];
  ends: number[];
  /** Leaf hashes, 32 bytes each, one after the other. */
  leaves: Uint8Array;
  /** Indexes of the entries for which something was found. */
  suspects: Set<number>;
  openedFields: number;
  redactedFields: number;
  contentDigest: string;
};

/**
 * Reads the items of the `entries` array, about `expected` of them, up to its end bracket. Throws FormatError only where the file itself
 * is damaged.
 */
export function readEntries(
  primitives: Primitives,
  reader: CanonicalReader,
  plan: ProofPlan,
  expected: number,
  findings: Findings,
): EntryTable {
  const entries = new EntryReader(primitives, reader, plan, expected, findings);
  if (!reader.step(() => reader.take(']'))) {
    while (entries.next());
  }
  return entries.finish();
}

/** Where an entry stands in the window, and whether another follows. */
type EntryPlace = { readonly from: number; readonly to: number; readonly more: boolean };
type Suspicion = {
  readonly code: 'entry-malformed' | 'field-altered' | 'field-unknown' | 'inclusion-proof';
  readonly where: string;
  readonly detail: string;
  readonly seq: number | undefined;
};

class EntryReader {
  private readonly primitives: Primitives;
  private readonly reader: CanonicalReader;
  private readonly plan: ProofPlan;
  private readonly findings: Findings;
  private readonly digest: ReturnType<typeof createContentDigest>;
  private readonly table: EntryTable;
  private readonly fields: OpeningChecker;
  private leaves: Uint8Array;
  // Entries read; the table's arrays may be longer until the end.
  private count = 0;
  // What was found in the entry being read; it counts when the whole entry was in memory.
  private suspicions: Suspicion[] = [];
  private opened = 0;
  // Places in the window of what the leaf being read says.
  private timeStart = 0;
  private workspaceStart = 0;
  private workspaceEnd = 0;
  // A leaf after its zero byte, to be hashed.
  private readonly leafInput = new HashInput();

  constructor(primitives: Primitives, reader: CanonicalReader, plan: ProofPlan, expected: number, findings: Findings) {
    this.primitives = primitives;
    this.reader = reader;
    this.plan = plan;
    this.findings = findings;
    // At their full length from the beginning: growing to a million leaves several times that to the garbage collector.
    this.leaves = new Uint8Array(Math.max(expected, 1024) * HASH_BYTES);
    this.digest = createContentDigest(primitives);
    this.fields = new OpeningChecker(primitives, reader);
    this.table = {
      seqs: new Array<number>(expected),
      workspaceSeqs: new Array<number>(expected),
      shares: new WorkspaceShares(),
      latest: new LatestTime(),
      starts: new Array<number>(expected),
      ends: new Array<number>(expected),
      leaves: this.leaves,
      suspects: new Set(),
      openedFields: 0,
      redactedFields: 0,
      contentDigest: '',
    };
  }

  finish(): EntryTable {
    const { table, count } = this;
    for (const each of [table.seqs, table.workspaceSeqs, table.starts, table.ends]) each.length = count;
    this.table.leaves = this.leaves.subarray(0, count * HASH_BYTES);
    this.table.contentDigest = this.digest.value();
    return this.table;
  }

  /** Reads one entry and what follows it; answers whether there is another. */
  next(): boolean {
    const { reader, table } = this;
    const start = reader.offset;
    const index = this.count;
    let read: EntryPlace;
    try {
      read = reader.step(
        () => this.place(() => this.entry(index)),
        () => this.forget(),
      );
      table.openedFields += this.opened;
      table.redactedFields += this.fields.commitments - this.opened;
      this.follow(index);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      // Canonical JSON but no entry of ours: named and passed over. If even that fails the file is damaged here.
      reader.at = start - reader.base;
      read = reader.step(() => this.place(() => reader.value(-8)));
      const { suspicions } = this;
      this.forget();
      this.suspicions = suspicions;
      this.record(index, 0, 0);
      const fault = entryFault(reader.bytes.subarray(read.from, read.to), error);
      this.suspect(index, 'entry-malformed', '', `${fault} at offset ${error.offset}`);
    }
    table.starts[index] = start;
    table.ends[index] = reader.base + read.to;
    this.count++;
    this.digest.add(reader.bytes.subarray(read.from, read.to));
    if (this.suspicions.length > 0) this.report(index);
    return read.more;
  }

  private place(read: () => void): EntryPlace {
    const { reader } = this;
    const from = reader.at;
    read();
    const to = reader.at;
    const more = reader.take(',');
    if (!more) reader.literal(']');
    return { from, to, more };
  }

  private follow(index: number): void {
    const { bytes } = this.reader;
    const number = this.table.workspaceSeqs[index] ?? 0;
    this.table.shares.add(bytes, this.workspaceStart, this.workspaceEnd, number, index);
    this.table.latest.add(bytes, this.timeStart, index);
  }

  private forget(): void {
    this.suspicions = [];
  }

  private report(index: number): void {
    this.table.suspects.add(index);
    for (const { code, where, detail, seq } of this.suspicions) this.findings.add(code, where, detail, seq);
    this.suspicions = [];
  }

  private entry(index: number): void {
    const { reader } = this;
    reader.literal('{"leaf":');
    const leafStart = reader.at;
    const { seq, workspaceSeq } = this.leaf();
    const leafEnd = reader.at;
    this.record(index, seq, workspaceSeq);
    this.hashLeaf(leafStart, leafEnd, index);
    const opened = this.openings(index, seq);
    let proof: Uint8Array[] | undefined;
    if (reader.take(',')) {
      reader.literal('"proof":');
      proof = readHashes(reader);
    }
    reader.literal('}');
    this.opened = opened;
    this.checkProof(index, seq, proof);
  }

  // The leaf's members in their one order; gives the two numbers and leaves the commitments' places in the arrays.
  private leaf(): { seq: number; workspaceSeq: number } {
    const { reader } = this;
    reader.literal('{"action":');
    reader.string();
    reader.literal(',"commitments":');
    this.fields.readCommitments();
    reader.literal(',"event_type":');
    reader.string();
    reader.literal(',"id":');
    reader.string();
    reader.literal(',"phi":');
    reader.boolean();
    reader.literal(',"seq":');
    const seq = reader.wholeNumber();
    if (seq < 1) throw reader.refusal('expected a seq from 1 on', reader.at - 1);
    reader.literal(',"success":');
    reader.boolean();
    reader.literal(',"time":');
    reader.string();
    this.timeStart = reader.stringStart;
    if (!isInstantAt(reader.bytes, reader.stringStart, reader.stringEnd)) {
      throw reader.refusal('expected an instant such as 2026-11-21T14:05:00.000Z as time', reader.stringStart);
    }
    reader.literal(',"v":1,"workspace":');
    reader.string();
    this.workspaceStart = reader.stringStart;
    this.workspaceEnd = reader.stringEnd;
    reader.literal(',"workspace_seq":');
    const workspaceSeq = reader.wholeNumber();
    if (workspaceSeq < 1) throw reader.refusal('expected a workspace_seq from 1 on', reader.at - 1);
    reader.literal('}');
    return { seq, workspaceSeq };
  }

  private openings(index: number, seq: number): number {
    this.reader.literal(',"open":');
    return this.fields.readOpenings((fault, path) => {
      const what =
        fault === 'field-unknown'
          ? 'the entry does not commit to this field'
          : 'value or salt are not what was recorded';
      this.suspect(index, fault, printable(path), what, seq);
    });
  }

  private hashLeaf(start: number, end: number, index: number): void {
    const length = 1 + end - start;
    this.leafInput.reserve(length);
    copyBytes(this.reader.bytes, start, end, this.leafInput.bytes, 1);
    this.primitives.sha256Into(this.leafInput.upTo(length), this.leaves, index * HASH_BYTES);
  }

  private checkProof(index: number, seq: number, proof: Uint8Array[] | undefined): void {
    const { plan } = this;
    if (plan.kind === 'none') return;
    if (plan.kind === 'range') {
      if (proof !== undefined)
        this.suspect(index, 'inclusion-proof', 'proof', 'a proof that does not belong here', seq);
      return;
    }
    const leaf = this.leaves.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
    const root = proof && rootFromInclusion(this.primitives, leaf, seq - 1, plan.size, proof);
    if (root === undefined || !equalBytes(root, plan.root)) {
      const what =
        proof === undefined ? 'the inclusion proof is missing' : 'the proof does not lead to the signed root';
      this.suspect(index, 'inclusion-proof', 'proof', what, seq);
    }
  }

  private record(index: number, seq: number, workspaceSeq: number): void {
    if ((index + 1) * HASH_BYTES > this.leaves.length) {
      this.leaves = enlarged(this.leaves);
    }
    this.leaves.fill(0, index * HASH_BYTES, (index + 1) * HASH_BYTES);
    this.table.seqs[index] = seq;
    this.table.workspaceSeqs[index] = workspaceSeq;
  }

  private suspect(index: number, code: Suspicion['code'], field: string, what: string, seq?: number): void {
    const entry = seq === undefined ? `entry ${index + 1} of the file` : `entry #${seq}`;
    const place = field === '' || field === 'proof' ? field : `field ${field}`;
    this.suspicions.push({
      code,
      where: `entries[${index}]${place && ` ${place}`}`,
      detail: `${entry}${place && `, ${place}`}: ${what}`,
      seq,
    });
  }
}

/** Consumes an array of hashes (32 bytes each, base64url); throws FormatError. */
export function readHashes(reader: CanonicalReader): Uint8Array[] {
  const hashes: Uint8Array[] = [];
  reader.literal('[');
  if (reader.take(']')) return hashes;
  do hashes.push(readHash(reader));
  while (reader.take(','));
  reader.literal(']');
  return hashes;
}

/** Consumes one hash (32 bytes, base64url); throws FormatError. */
export function readHash(reader: CanonicalReader): Uint8Array {
  const hash = new Uint8Array(HASH_BYTES);
  reader.base64Url(HASH_BYTES, hash, 0);
  return hash;
}
