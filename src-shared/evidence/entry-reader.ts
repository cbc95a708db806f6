// Reads the entries of a bundle one after the other, straight from the file's bytes: each entry's form, its leaf hash, and whether
// every opened field is what the leaf commits to. This is where nearly all of a verification's time goes, so it builds no values.

import { encodeUtf8, equalBytes } from './bytes.ts';
import { type CanonicalReader, KeyOrder, textOfString } from './canonical-reader.ts';
import { COMMITMENT_LABEL, SALT_BYTES } from './entry.ts';
import { FormatError } from './format-error.ts';
import { createContentDigest } from './manifest.ts';
import { HASH_BYTES } from './merkle.ts';
import { rootFromInclusion } from './merkle-verify.ts';
import type { Primitives } from './primitives.ts';
import { type Findings, printable } from './verdict.ts';

const LABEL = encodeUtf8(COMMITMENT_LABEL);

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

/** Reads the items of the `entries` array up to its end bracket. Throws FormatError only where the file itself is damaged. */
export function readEntries(
  primitives: Primitives,
  reader: CanonicalReader,
  plan: ProofPlan,
  findings: Findings,
): EntryTable {
  const entries = new EntryReader(primitives, reader, plan, findings);
  if (!reader.take(']')) {
    do entries.next();
    while (reader.take(','));
    reader.literal(']');
  }
  return entries.finish();
}

class EntryReader {
  private readonly primitives: Primitives;
  private readonly reader: CanonicalReader;
  private readonly plan: ProofPlan;
  private readonly findings: Findings;
  private readonly digest: ReturnType<typeof createContentDigest>;
  private readonly table: EntryTable;
  private leaves = new Uint8Array(1024 * HASH_BYTES);
  // What is hashed next: a leaf after its zero byte, or a commitment's parts.
  private leafInput = new Uint8Array(4096);
  private commitmentInput = new Uint8Array(4096);
  private readonly digestOfField = new Uint8Array(HASH_BYTES);
  private readonly salt = new Uint8Array(SALT_BYTES);
  // The commitments of the entry being read: their values one after the other, and where their paths stand in the file.
  private stated = new Uint8Array(16 * HASH_BYTES);
  private readonly pathStarts: number[] = [];
  private readonly pathEnds: number[] = [];
  private commitments = 0;

  constructor(primitives: Primitives, reader: CanonicalReader, plan: ProofPlan, findings: Findings) {
    this.primitives = primitives;
    this.reader = reader;
    this.plan = plan;
    this.findings = findings;
    this.digest = createContentDigest(primitives);
    this.commitmentInput.set(LABEL);
    this.table = {
      seqs: [],
      workspaceSeqs: [],
      starts: [],
      ends: [],
      leaves: this.leaves,
      suspects: new Set(),
      openedFields: 0,
      redactedFields: 0,
      contentDigest: '',
    };
  }

  finish(): EntryTable {
    this.table.leaves = this.leaves.subarray(0, this.table.seqs.length * HASH_BYTES);
    this.table.contentDigest = this.digest.value();
    return this.table;
  }

  next(): void {
    const { reader, table } = this;
    const start = reader.at;
    const index = table.seqs.length;
    try {
      this.entry(index);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      // Canonical JSON but no entry of ours: named and passed over. If even that fails the file is damaged here.
      reader.at = start;
      reader.value(-8);
      table.seqs.length = index;
      table.workspaceSeqs.length = index;
      this.record(index, 0, 0);
      this.suspect(index, 'entry-malformed', '', `${error.reason} at offset ${error.offset}`);
    }
    table.starts.push(start);
    table.ends.push(reader.at);
    this.digest.add(reader.bytes.subarray(start, reader.at));
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
    this.table.openedFields += opened;
    this.table.redactedFields += this.commitments - opened;
    this.checkProof(index, seq, proof);
  }

  // The leaf's members in their one order; gives the two numbers and leaves the commitments' places in the arrays.
  private leaf(): { seq: number; workspaceSeq: number } {
    const { reader } = this;
    reader.literal('{"action":');
    reader.string();
    reader.literal(',"commitments":{');
    this.commitments = 0;
    if (!reader.take('}')) {
      const order = new KeyOrder(reader);
      do {
        reader.string();
        order.next();
        this.pathStarts[this.commitments] = reader.stringStart;
        this.pathEnds[this.commitments] = reader.stringEnd;
        reader.literal(':');
        this.makeRoomForCommitment();
        reader.base64Url(HASH_BYTES, this.stated, this.commitments * HASH_BYTES);
        this.commitments++;
      } while (reader.take(','));
      reader.literal('}');
    }
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
    reader.literal(',"v":1,"workspace":');
    reader.string();
    reader.literal(',"workspace_seq":');
    const workspaceSeq = reader.wholeNumber();
    reader.literal('}');
    return { seq, workspaceSeq };
  }

  private openings(index: number, seq: number): number {
    const { reader } = this;
    let opened = 0;
    let commitment = 0;
    reader.literal(',"open":{');
    if (reader.take('}')) return 0;
    const order = new KeyOrder(reader);
    do {
      reader.string();
      order.next();
      const { stringStart: pathStart, stringEnd: pathEnd, stringIsPlain: plain } = reader;
      reader.literal(':{"salt":');
      reader.base64Url(SALT_BYTES, this.salt, 0);
      reader.literal(',"value":');
      const valueStart = reader.at;
      reader.value();
      const valueEnd = reader.at;
      reader.literal('}');
      opened++;
      // Both lists are in the same order, so one walk through the commitments serves all openings.
      while (commitment < this.commitments && !this.isPath(commitment, pathStart, pathEnd)) commitment++;
      if (commitment === this.commitments) {
        const name = printable(textOfString(reader.bytes, pathStart, pathEnd));
        this.suspect(index, 'field-unknown', name, 'the entry does not commit to this field', seq);
      } else if (!this.isCommitted(commitment, pathStart, pathEnd, plain, valueStart, valueEnd)) {
        const name = printable(textOfString(reader.bytes, pathStart, pathEnd));
        this.suspect(index, 'field-altered', name, 'value or salt are not what was recorded', seq);
      }
    } while (reader.take(','));
    reader.literal('}');
    return opened;
  }

  private isPath(commitment: number, start: number, end: number): boolean {
    const { bytes } = this.reader;
    const from = this.pathStarts[commitment] ?? 0;
    if ((this.pathEnds[commitment] ?? 0) - from !== end - start) return false;
    for (let i = 0; i < end - start; i++) if (bytes[from + i] !== bytes[start + i]) return false;
    return true;
  }

  // See commit() in entry.ts: the same bytes, put together without building strings.
  private isCommitted(
    commitment: number,
    pathStart: number,
    pathEnd: number,
    plain: boolean,
    valueStart: number,
    valueEnd: number,
  ): boolean {
    const { bytes } = this.reader;
    const longest = LABEL.length + (pathEnd - pathStart) + 1 + SALT_BYTES + valueEnd - valueStart;
    if (longest > this.commitmentInput.length) {
      this.commitmentInput = new Uint8Array(2 * longest);
      this.commitmentInput.set(LABEL);
    }
    const input = this.commitmentInput;
    let end: number;
    if (plain) end = copy(bytes, pathStart, pathEnd, input, LABEL.length);
    else {
      const path = encodeUtf8(textOfString(bytes, pathStart, pathEnd));
      // A path with a zero byte could be read as a shorter path and another salt.
      if (path.includes(0)) return false;
      end = copy(path, 0, path.length, input, LABEL.length);
    }
    input[end++] = 0;
    end = copy(this.salt, 0, SALT_BYTES, input, end);
    end = copy(bytes, valueStart, valueEnd, input, end);
    const { digestOfField, stated } = this;
    this.primitives.sha256Into(input.subarray(0, end), digestOfField, 0);
    const from = commitment * HASH_BYTES;
    for (let i = 0; i < HASH_BYTES; i++) if (digestOfField[i] !== stated[from + i]) return false;
    return true;
  }

  private makeRoomForCommitment(): void {
    if ((this.commitments + 1) * HASH_BYTES <= this.stated.length) return;
    const larger = new Uint8Array(2 * this.stated.length);
    larger.set(this.stated);
    this.stated = larger;
  }

  private hashLeaf(start: number, end: number, index: number): void {
    const length = 1 + end - start;
    if (length > this.leafInput.length) this.leafInput = new Uint8Array(2 * length);
    copy(this.reader.bytes, start, end, this.leafInput, 1);
    this.primitives.sha256Into(this.leafInput.subarray(0, length), this.leaves, index * HASH_BYTES);
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
      const larger = new Uint8Array(2 * this.leaves.length);
      larger.set(this.leaves);
      this.leaves = larger;
    }
    this.leaves.fill(0, index * HASH_BYTES, (index + 1) * HASH_BYTES);
    this.table.seqs.push(seq);
    this.table.workspaceSeqs.push(workspaceSeq);
  }

  private suspect(
    index: number,
    code: 'entry-malformed' | 'field-altered' | 'field-unknown' | 'inclusion-proof',
    field: string,
    what: string,
    seq?: number,
  ): void {
    this.table.suspects.add(index);
    const entry = seq === undefined ? `entry ${index + 1} of the file` : `entry #${seq}`;
    const place = field === '' || field === 'proof' ? field : `field ${field}`;
    this.findings.add(
      code,
      `entries[${index}]${place && ` ${place}`}`,
      `${entry}${place && `, ${place}`}: ${what}`,
      seq,
    );
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

// Short copies are faster by hand than through a view and `set`.
function copy(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  if (end - start > 40) target.set(source.subarray(start, end), at);
  else for (let i = start; i < end; i++) target[at + i - start] = source[i] ?? 0;
  return at + end - start;
}
