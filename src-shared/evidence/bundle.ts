// Makes `.ghbundle` files: one canonical JSON object with entries, proofs and attachments, and a signed manifest that covers them.
// It signs through a function it is given. Reading and judging bundles is verify-bundle.ts.

import { concatBytes, encodeBase64, encodeBase64Url, encodeHex, encodeUtf8 } from './bytes.ts';
import { canonicalize, type JsonObject } from './canonical-json.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { createEnvelope } from './dsse.ts';
import type { FormattedEntry } from './entry.ts';
import { FormatError } from './format-error.ts';
import {
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

// Entries go out in parts of about this many characters: few calls, little memory.
const BATCH_LENGTH = 64 * 1024;

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
  const manifest = createManifest(primitives, input);
  const payload = encodeUtf8(canonicalize(manifest));
  const envelope = createEnvelope(MANIFEST_TYPE, payload, input.signer.id, sign);
  // Members in canonical order; the manifest comes before the entries, so a reader knows what to expect of them.
  yield encodeUtf8('{"attachments":[');
  let separator = '';
  for (const { name, data } of input.attachments ?? []) {
    yield encodeUtf8(`${separator}{"data":"${encodeBase64(data)}","name":${canonicalize(name)}}`);
    separator = ',';
  }
  yield encodeUtf8(`],"dsse":${canonicalize(envelope)},"entries":[`);
  let batch = '';
  separator = '';
  for (const entry of input.entries()) {
    batch += separator + entry.text;
    separator = ',';
    if (batch.length < BATCH_LENGTH) continue;
    yield encodeUtf8(batch);
    batch = '';
  }
  yield encodeUtf8(batch);
  const proof = input.rangeProof === null ? null : input.rangeProof.map(encodeBase64Url);
  yield encodeUtf8(
    `],"format":"gatehouse-bundle","range_proof":${canonicalize(proof)},"signer":${canonicalize(input.signer.text)}` +
      `,"version":${FORMAT_VERSION}}`,
  );
}

function createManifest(primitives: Primitives, input: BundleInput): Manifest {
  const digest = createContentDigest(primitives);
  const tags: string[] = [];
  const counts = { entries: 0, opened_fields: 0, redacted_fields: 0 };
  for (const entry of input.entries()) {
    const bytes = encodeUtf8(entry.text);
    digest.add(bytes);
    tags.push(entryTag(primitives, bytes));
    counts.entries++;
    counts.opened_fields += entry.opened;
    counts.redacted_fields += entry.redacted;
  }
  const checkpoint = parseCheckpoint(parseNote(input.checkpoint).text);
  refuseImpossible(input, counts.entries, checkpoint.size);
  const manifest: Manifest = {
    attachments: (input.attachments ?? []).map(({ name, media_type, data }) => ({
      media_type,
      name,
      sha256: encodeHex(primitives.sha256(data)),
      size: data.length,
    })),
    checkpoint: input.checkpoint,
    consistency: (input.consistency ?? []).map(({ size, root, hashes }) => ({
      hashes: hashes.map(encodeBase64Url),
      root: encodeBase64Url(root),
      size,
    })),
    console: input.console,
    content_digest: { method: DIGEST_METHOD, value: digest.value() },
    counts,
    entry_tags: tags.join(''),
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
  if (input.hmac === undefined) return manifest;
  const value = encodeHex(manifestHmac(primitives, manifest, input.hmac.secret));
  return { ...manifest, hmac: { algorithm: 'HMAC-SHA256', key_id: input.hmac.keyId, value } };
}

function refuseImpossible(input: BundleInput, entries: number, treeSize: number): void {
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
