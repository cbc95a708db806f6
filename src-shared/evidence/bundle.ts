// Makes `.ghbundle` files: one canonical JSON object with entries, proofs and attachments, and a signed manifest that covers them.
// It signs through a function it is given. Reading and judging bundles is verify-bundle.ts.

import { concatBytes, encodeBase64, encodeBase64Url, encodeHex, encodeUtf8 } from './bytes.ts';
import { canonicalize, type JsonObject } from './canonical-json.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { preAuthenticationEncoding } from './dsse.ts';
import type { FormattedEntry } from './entry.ts';
import { FormatError } from './format-error.ts';
import {
  type AttachmentRecord,
  createContentDigest,
  DIGEST_METHOD,
  entryTag,
  FORMAT_VERSION,
  isAttachmentName,
  MANIFEST_TYPE,
  type Manifest,
  manifestHmac,
} from './manifest.ts';
import type { Primitives } from './primitives.ts';
import { parseNote, type VerifierKey } from './signed-note.ts';

// Entries go out in parts of about this many characters; base64 of as many bytes, whole groups of three.
const BATCH_LENGTH = 3 * 16 * 1024;
const TAGS_AT_ONCE = 4096;

export type BundleInput = {
  /** Name that people gave the console. */
  console: string;
  /** The key that signs both the checkpoint and the manifest; its name is the origin. */
  signer: VerifierKey;
  /** The signed note of the checkpoint, by the same key. */
  checkpoint: string;
  /** First and last seq looked at; without a filter the entries must be exactly these. */
  range: { from: number; to: number };
  /** Null for a whole range; otherwise the complete filter. */
  filter: JsonObject | null;
  /**
   * Gives the entries in order of seq, each as formatEntry made it: without proof for a whole range, with its inclusion proof under
   * a filter. Called twice and must give the same both times: the signed manifest stands before the entries.
   */
  entries: () => Iterable<FormattedEntry>;
  /** rangeProof(from - 1, to, size) for a whole range, null under a filter. */
  rangeProof: readonly Uint8Array[] | null;
  attachments?: readonly { name: string; media_type: string; data: Uint8Array }[];
  /** Proofs from earlier checkpoints, so that whoever holds one of them can check that nothing was rewritten since. */
  consistency?: readonly { size: number; root: Uint8Array; hashes: readonly Uint8Array[] }[];
  keyHistory?: readonly string[];
  hmac?: { keyId: string; secret: Uint8Array };
  /** RFC 3339, UTC. */
  exportedAt: string;
  exportedBy: Manifest['exported_by'];
  reason: string;
};

/** A whole bundle in memory; see bundleParts for large ones. `sign` signs with the private half of `input.signer`. */
export function buildBundle(
  primitives: Primitives,
  input: BundleInput,
  sign: (message: Uint8Array) => Uint8Array,
): Uint8Array {
  return concatBytes(...bundleParts(primitives, input, sign));
}

/**
 * The bytes of a bundle, part by part, in bounded memory. Throws FormatError for input that would make a bundle no verifier could
 * accept (attachment names, empty or mismatching range, proof for the wrong case), before the first part.
 */
export function* bundleParts(
  primitives: Primitives,
  input: BundleInput,
  sign: (message: Uint8Array) => Uint8Array,
): Generator<Uint8Array<ArrayBuffer>> {
  const content = createContent(primitives);
  for (const entry of input.entries()) content.add(entry);
  const frame = frameBundle(primitives, input, content, sign);
  yield* frame.head();
  const batch = createEntryBatch();
  for (const entry of input.entries()) {
    const part = batch.add(entry.text);
    if (part !== undefined) yield part;
  }
  yield batch.rest();
  yield frame.tail;
}

/** What the manifest says of the entries, gathered as they come: the first of the two times that they are gone through. */
export type BundleContent = {
  add(entry: FormattedEntry): void;
  readonly counts: Manifest['counts'];
  /** Bytes of the entries with the commas between them. */
  readonly size: number;
  /** No entry may be added after the first call. */
  finish(): Pick<Manifest, 'content_digest' | 'counts' | 'entry_tags'>;
};

export function createContent(primitives: Primitives): BundleContent {
  const digest = createContentDigest(primitives);
  // Joined a few thousand at a time: a million texts joined at the end would hold up whoever waits.
  const joinedTags: string[] = [];
  let tags: string[] = [];
  const counts = { entries: 0, opened_fields: 0, redacted_fields: 0 };
  let size = 0;
  let finished: ReturnType<BundleContent['finish']> | undefined;
  return {
    counts,
    get size() {
      return size + Math.max(0, counts.entries - 1);
    },
    add(entry) {
      const bytes = encodeUtf8(entry.text);
      digest.add(bytes);
      tags.push(entryTag(primitives, bytes));
      if (tags.length === TAGS_AT_ONCE) {
        joinedTags.push(tags.join(''));
        tags = [];
      }
      size += bytes.length;
      counts.entries++;
      counts.opened_fields += entry.opened;
      counts.redacted_fields += entry.redacted;
    },
    finish() {
      finished ??= {
        content_digest: { method: DIGEST_METHOD, value: digest.value() },
        counts,
        entry_tags: [...joinedTags, ...tags].join(''),
      };
      return finished;
    },
  };
}

/** All of a bundle but its entries. */
export type BundleFrame = {
  readonly manifest: Manifest;
  /** Of the whole file. */
  readonly size: number;
  /** The bytes before the entries. */
  head(): Iterable<Uint8Array<ArrayBuffer>>;
  /** The bytes after them. */
  readonly tail: Uint8Array<ArrayBuffer>;
};

/** Signs the manifest for entries that were all added to `content`. Throws as bundleParts does. */
export function frameBundle(
  primitives: Primitives,
  input: Omit<BundleInput, 'entries'>,
  content: BundleContent,
  sign: (message: Uint8Array) => Uint8Array,
): BundleFrame {
  const stages = frameInStages(primitives, input, content, sign);
  for (;;) {
    const stage = stages.next();
    if (stage.done === true) return stage.value;
  }
}

/**
 * The same with a rest between its steps: a manifest of a million entries has 8 MB, and all of it at once would hold up whoever waits
 * by a tenth of a second. `sign` is called in the last step.
 */
export function* frameInStages(
  primitives: Primitives,
  input: Omit<BundleInput, 'entries'>,
  content: BundleContent,
  sign: (message: Uint8Array) => Uint8Array,
): Generator<void, BundleFrame> {
  const files: AttachmentRecord[] = [];
  for (const { name, media_type, data } of input.attachments ?? []) {
    files.push({ media_type, name, sha256: encodeHex(primitives.sha256(data)), size: data.length });
    yield;
  }
  const plain = createManifest(input, content, files);
  yield;
  const manifest = withHmac(primitives, plain, input.hmac);
  yield;
  const payload = encodeUtf8(canonicalize(manifest));
  yield;
  const signature = sign(preAuthenticationEncoding(MANIFEST_TYPE, payload));
  const attachments = input.attachments ?? [];
  // Members in canonical order; the manifest comes before the entries, so a reader knows what to expect of them.
  const opening = encodeUtf8('{"attachments":[');
  const dsse = encodeUtf8('],"dsse":{"payload":"');
  const signed = encodeUtf8(
    `","payloadType":"${MANIFEST_TYPE}","signatures":[{"keyid":"${input.signer.id}","sig":"${encodeBase64(signature)}"}]},"entries":[`,
  );
  const proof = input.rangeProof === null ? null : input.rangeProof.map(encodeBase64Url);
  const tail = encodeUtf8(
    `],"format":"gatehouse-bundle","range_proof":${canonicalize(proof)},"signer":${canonicalize(input.signer.text)}` +
      `,"version":${FORMAT_VERSION}}`,
  );
  const around = attachments.map(({ name }, index) => ({
    before: encodeUtf8(`${index === 0 ? '' : ','}{"data":"`),
    after: encodeUtf8(`","name":${canonicalize(name)}}`),
  }));
  let size = opening.length + dsse.length + base64Length(payload) + signed.length + content.size + tail.length;
  for (const { data } of attachments) size += base64Length(data);
  for (const { before, after } of around) size += before.length + after.length;
  return {
    manifest,
    size,
    *head() {
      yield opening;
      for (const [index, { data }] of attachments.entries()) {
        const place = around[index];
        if (place === undefined) continue;
        yield place.before;
        yield* base64Parts(data);
        yield place.after;
      }
      yield dsse;
      yield* base64Parts(payload);
      yield signed;
    },
    tail,
  };
}

function base64Length(bytes: Uint8Array): number {
  return 4 * Math.ceil(bytes.length / 3);
}

/** Whoever writes them out lets others have their turn in between: a manifest of a million entries has 8 MB. */
function* base64Parts(bytes: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += BATCH_LENGTH) {
    yield encodeUtf8(encodeBase64(bytes.subarray(at, at + BATCH_LENGTH)));
  }
}

/** Entries on their way into the file, in parts of a useful size: few calls, little memory. */
export function createEntryBatch(): {
  /** The part that became full with this entry, if one did. */
  add(text: string): Uint8Array<ArrayBuffer> | undefined;
  rest(): Uint8Array<ArrayBuffer>;
} {
  let batch = '';
  let separator = '';
  return {
    add(text) {
      batch += separator + text;
      separator = ',';
      if (batch.length < BATCH_LENGTH) return undefined;
      const part = encodeUtf8(batch);
      batch = '';
      return part;
    },
    rest: () => encodeUtf8(batch),
  };
}

function createManifest(
  input: Omit<BundleInput, 'entries'>,
  content: BundleContent,
  attachments: readonly AttachmentRecord[],
): Manifest {
  const checkpoint = parseCheckpoint(parseNote(input.checkpoint).text);
  refuseImpossible(input, content.counts.entries, checkpoint.size);
  return {
    ...content.finish(),
    attachments: [...attachments],
    checkpoint: input.checkpoint,
    consistency: (input.consistency ?? []).map(({ size, root, hashes }) => ({
      hashes: hashes.map(encodeBase64Url),
      root: encodeBase64Url(root),
      size,
    })),
    console: input.console,
    exported_at: input.exportedAt,
    exported_by: input.exportedBy,
    filter: input.filter,
    format_version: FORMAT_VERSION,
    hmac: null,
    key_history: [...(input.keyHistory ?? [])],
    origin: input.signer.name,
    range: input.range,
    reason: input.reason,
    tree_size: checkpoint.size,
  };
}

function withHmac(primitives: Primitives, manifest: Manifest, hmac: BundleInput['hmac']): Manifest {
  if (hmac === undefined) return manifest;
  const value = encodeHex(manifestHmac(primitives, manifest, hmac.secret));
  return { ...manifest, hmac: { algorithm: 'HMAC-SHA256', key_id: hmac.keyId, value } };
}

function refuseImpossible(input: Omit<BundleInput, 'entries'>, entries: number, treeSize: number): void {
  const { from, to } = input.range;
  if (from < 1 || to < from || to > treeSize) {
    throw new FormatError(`no range from ${from} to ${to} in ${treeSize} entries`, 0, '/range');
  }
  if ((input.filter === null) !== (input.rangeProof !== null)) {
    throw new FormatError('a whole range carries a range proof, a filtered one does not', 0, '/range_proof');
  }
  if (input.filter === null && entries !== to - from + 1) {
    throw new FormatError(`expected ${to - from + 1} entries, found ${entries}`, 0, '/entries');
  }
  for (const { name } of input.attachments ?? []) {
    if (!isAttachmentName(name)) throw new FormatError('an attachment needs a plain file name', 0, '/attachments');
  }
}
