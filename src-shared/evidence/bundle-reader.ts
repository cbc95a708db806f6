// Takes a `.ghbundle` file apart: its members in their one order and spelling, the manifest before the entries that it describes.
// It decides nothing about truth; verify-bundle.ts does.

import { type BundleSource, readSpan } from './bundle-source.ts';
import { decodePaddedSpan, decodeUtf8Strict } from './bytes.ts';
import type { JsonValue } from './canonical-json.ts';
import { CanonicalReader, KeyOrder } from './canonical-reader.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import type { Envelope } from './dsse.ts';
import type { BundleEntry } from './entry.ts';
import { type EntryTable, type ProofPlan, readEntries, readHashes } from './entry-reader.ts';
import { FormatError } from './format-error.ts';
import { FORMAT_VERSION, laterVersion, type Manifest, readManifest } from './manifest.ts';
import type { Primitives } from './primitives.ts';
import { parseNote } from './signed-note.ts';
import { parseStrictJsonBytes } from './strict-json.ts';
import type { EntrySpans, Findings } from './verdict.ts';

/** The base64 of an attachment stands at [dataStart, dataEnd) of the file. */
export type AttachmentPlace = { name: string; dataStart: number; dataEnd: number };

export type BundleParts = {
  attachments: AttachmentPlace[];
  envelope: Envelope;
  /** Undefined, with a finding, where the payload is no manifest of format 1. */
  manifest: Manifest | undefined;
  /** The version of a manifest that is of another format. */
  manifestVersion: number | undefined;
  /** The checkpoint inside the manifest's note, its signature not yet checked; undefined, with a finding, where malformed. */
  checkpoint: Checkpoint | undefined;
  entries: EntryTable;
  rangeProof: Uint8Array[] | null;
  signer: string;
};

// The members of a leaf alone take more.
const SMALLEST_ENTRY = 200;

/** Reads a whole file. Throws FormatError, with the offset in bytes, where it is not a canonical bundle of format 1. */
export function readBundle(primitives: Primitives, source: BundleSource, findings: Findings): BundleParts {
  const reader = new CanonicalReader(source);
  const { attachments, envelope } = readBeginning(reader);
  const { manifest, version: manifestVersion } = manifestOf(envelope, findings);
  const checkpoint = manifest && checkpointOf(manifest, findings);
  // Room for as many as were signed, if the file can hold them at all.
  const expected = Math.min(manifest?.counts.entries ?? 0, Math.floor(source.size / SMALLEST_ENTRY));
  const entries = readEntries(primitives, reader, proofPlan(manifest, checkpoint), expected, findings);
  const { rangeProof, signer } = reader.step(() => readEnd(reader));
  return { attachments, envelope, manifest, manifestVersion, checkpoint, entries, rangeProof, signer };
}

/**
 * The signed checkpoint that an earlier bundle carries, for holding a later one against it; nothing else of that bundle is looked at.
 * Throws FormatError where it is no bundle.
 */
export function checkpointIn(source: BundleSource): string {
  const { envelope } = readBeginning(new CanonicalReader(source));
  return readManifest(parsePayload(envelope.payload)).checkpoint;
}

function readBeginning(reader: CanonicalReader): Pick<BundleParts, 'attachments' | 'envelope'> {
  const attachments = readAttachmentPlaces(reader);
  const envelope = reader.step(() => {
    reader.literal(',"dsse":');
    const read = readEnvelope(reader);
    reader.literal(',"entries":[');
    return read;
  });
  return { attachments, envelope };
}

function readEnd(reader: CanonicalReader): Pick<BundleParts, 'rangeProof' | 'signer'> {
  reader.literal(',"format":"gatehouse-bundle","range_proof":');
  const rangeProof = readRangeProof(reader);
  reader.literal(',"signer":');
  reader.string();
  const signer = reader.text();
  reader.literal(`,"version":${FORMAT_VERSION}}`);
  if (reader.at < reader.bytes.length) throw reader.refusal('expected the end of the file', reader.at);
  return { rangeProof, signer };
}

// A file of a later format may be of any size; beyond this one its version is not looked for and it counts as damaged.
const LARGEST_UNREAD = 256 * 1024 * 1024;

/**
 * The format version that a file claims, for telling "newer than this verifier" from "damaged": undefined unless the whole file is
 * one canonical JSON object with the format's name and a version.
 */
export function claimedVersion(source: BundleSource): number | undefined {
  if (source.size > LARGEST_UNREAD) return undefined;
  const bytes = readSpan(source, 0, source.size);
  const reader = new CanonicalReader(bytes);
  let isBundle = false;
  let version: number | undefined;
  try {
    reader.literal('{');
    const order = new KeyOrder(reader);
    do {
      reader.string();
      order.next();
      const name = reader.text();
      reader.literal(':');
      const start = reader.at;
      reader.value(-8);
      if (name === 'format') isBundle = decodeUtf8Strict(bytes.subarray(start, reader.at)) === '"gatehouse-bundle"';
      if (name === 'version') version = wholeNumberIn(bytes.subarray(start, reader.at));
    } while (reader.take(','));
    reader.literal('}');
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
  return isBundle && reader.at === bytes.length ? version : undefined;
}

function wholeNumberIn(bytes: Uint8Array): number | undefined {
  const reader = new CanonicalReader(bytes);
  try {
    const number = reader.wholeNumber();
    return reader.at === bytes.length ? number : undefined;
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/**
 * Entry `index` of a file that was read, as values. Throws FormatError for an entry that had a finding entry-malformed; what it says
 * is to be believed only as far as the verdict goes.
 */
export function readEntry(source: BundleSource, spans: EntrySpans, index: number): BundleEntry {
  const text = decodeUtf8Strict(readSpan(source, spans.starts[index] ?? 0, spans.ends[index] ?? 0));
  if ((spans.seqs[index] ?? 0) === 0) throw new FormatError('not an entry of format 1', spans.starts[index] ?? 0);
  // The reader has walked over these bytes and found exactly the members of an entry.
  return JSON.parse(text) as BundleEntry;
}

function readAttachmentPlaces(reader: CanonicalReader): AttachmentPlace[] {
  const places: AttachmentPlace[] = [];
  const empty = reader.step(() => {
    reader.literal('{"attachments":[');
    return reader.take(']');
  });
  let more = !empty;
  while (more) {
    const read = reader.step(() => {
      const place = readAttachmentPlace(reader);
      const another = reader.take(',');
      if (!another) reader.literal(']');
      return { place, another };
    });
    places.push(read.place);
    more = read.another;
  }
  return places;
}

function readAttachmentPlace(reader: CanonicalReader): AttachmentPlace {
  reader.literal('{"data":');
  reader.string();
  const dataStart = reader.base + reader.stringStart;
  const dataEnd = reader.base + reader.stringEnd;
  reader.literal(',"name":');
  reader.string();
  const name = reader.text();
  reader.literal('}');
  return { name, dataStart, dataEnd };
}

function readEnvelope(reader: CanonicalReader): Envelope {
  reader.literal('{"payload":');
  const payload = readBase64(reader);
  reader.literal(',"payloadType":');
  reader.string();
  const payloadType = reader.text();
  // Format 1 has one signature: a second one that nobody checks could be changed without anybody noticing.
  reader.literal(',"signatures":[{"keyid":');
  reader.string();
  const keyid = reader.text();
  reader.literal(',"sig":');
  const sig = readBase64(reader);
  reader.literal('}]}');
  return { payloadType, payload, signatures: [{ keyid, sig }] };
}

function readRangeProof(reader: CanonicalReader): Uint8Array[] | null {
  if (reader.bytes[reader.at] !== 'n'.charCodeAt(0)) return readHashes(reader);
  reader.literal('null');
  return null;
}

// From the file's bytes: the manifest of a million entries would pass through several texts of 11 MB.
function readBase64(reader: CanonicalReader): Uint8Array {
  reader.string();
  const { bytes, stringStart: start, stringEnd: end } = reader;
  const data = new Uint8Array(Math.floor(((end - start) * 3) / 4));
  const length = decodePaddedSpan(bytes, start, end, data);
  if (length === -1) throw reader.refusal('expected base64', start);
  return data.subarray(0, length);
}

function manifestOf(
  envelope: Envelope,
  findings: Findings,
): { manifest: Manifest | undefined; version: number | undefined } {
  try {
    const json = parsePayload(envelope.payload);
    const version = laterVersion(json);
    return { manifest: version === undefined ? readManifest(json) : undefined, version };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    findings.add(
      'manifest-unreadable',
      `dsse.payload${error.pointer}`,
      `the manifest is not readable: ${error.message}`,
    );
    return { manifest: undefined, version: undefined };
  }
}

function parsePayload(payload: Uint8Array): JsonValue {
  const json = parseStrictJsonBytes(payload, { integers: 'safe' });
  const reader = new CanonicalReader(payload);
  reader.value();
  if (reader.at < payload.length) throw reader.refusal('expected the end', reader.at);
  return json;
}

function checkpointOf(manifest: Manifest, findings: Findings): Checkpoint | undefined {
  try {
    return parseCheckpoint(parseNote(manifest.checkpoint).text);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    findings.add('checkpoint-malformed', 'manifest.checkpoint', `the checkpoint is not readable: ${error.message}`);
    return undefined;
  }
}

function proofPlan(manifest: Manifest | undefined, checkpoint: Checkpoint | undefined): ProofPlan {
  if (manifest === undefined || checkpoint === undefined) return { kind: 'none' };
  return manifest.filter === null ? { kind: 'range' } : { kind: 'each', size: checkpoint.size, root: checkpoint.root };
}
