// The manifest of a bundle, format 1: what the signature covers and everything else in the file is checked against. Its members,
// its strict reading, and the digests that stand in it; docs/bundle-format.md says the same for people.

import { concatBytes, encodeBase64Url, encodeHex, encodeUtf8 } from './bytes.ts';
import { canonicalize, type JsonObject, type JsonValue } from './canonical-json.ts';
import { FormatError, pointerStep } from './format-error.ts';
import { isInstant } from './instant-form.ts';
import type { Primitives } from './primitives.ts';

export const FORMAT_VERSION = 1;
export const MANIFEST_TYPE = 'application/vnd.gatehouse.bundle.manifest.v1+json';
/** SHA-256 over, for each entry in order, its length in bytes as 8 bytes big-endian and its canonical bytes. */
export const DIGEST_METHOD = 'sha256-length-prefixed-v1';
/** Characters of one entry tag: 6 bytes in base64url. */
export const TAG_LENGTH = 8;

export type AttachmentRecord = { media_type: string; name: string; sha256: string; size: number };

export type ConsistencyRecord = { hashes: string[]; root: string; size: number };

export type Manifest = {
  attachments: AttachmentRecord[];
  /** The signed note of the checkpoint that all proofs lead to. */
  checkpoint: string;
  /** Consistency proofs from earlier trees of this log to the checkpoint; hashes in base64url. */
  consistency: ConsistencyRecord[];
  /** The console's name, as its owner chose it. */
  console: string;
  content_digest: { method: string; value: string };
  counts: { entries: number; opened_fields: number; redacted_fields: number };
  /** For each entry the first 6 bytes of SHA-256 of its canonical bytes, joined: says which entry is wrong when the digest is, and proves nothing. */
  entry_tags: string;
  exported_at: string;
  exported_by: { id: string; kind: string; name: string };
  /** Null: every entry of the range is here. Otherwise the whole filter, as it was asked for. */
  filter: JsonObject | null;
  format_version: 1;
  hmac: { algorithm: 'HMAC-SHA256'; key_id: string; value: string } | null;
  /** Key rotations as signed notes, oldest first. */
  key_history: string[];
  /** Name of the log: `gatehouse/<instance id>`; also the name of its signing key. */
  origin: string;
  /** First and last seq that were looked at. */
  range: { from: number; to: number };
  reason: string;
  tree_size: number;
};

/** The version that a manifest claims, where it is another than this verifier knows; undefined for what is no version at all. */
export function laterVersion(json: JsonValue): number | undefined {
  const version = isObject(json) ? json.format_version : undefined;
  const isVersion = typeof version === 'number' && Number.isSafeInteger(version) && version >= 0;
  return isVersion && version !== FORMAT_VERSION ? version : undefined;
}

/** Reads a manifest out of parsed JSON: exactly these members, of these types. Throws FormatError with pointer. */
export function readManifest(json: JsonValue): Manifest {
  const top = members(json, '', [
    'attachments',
    'checkpoint',
    'consistency',
    'console',
    'content_digest',
    'counts',
    'entry_tags',
    'exported_at',
    'exported_by',
    'filter',
    'format_version',
    'hmac',
    'key_history',
    'origin',
    'range',
    'reason',
    'tree_size',
  ]);
  const digest = members(top.content_digest, '/content_digest', ['method', 'value']);
  const counts = members(top.counts, '/counts', ['entries', 'opened_fields', 'redacted_fields']);
  const exporter = members(top.exported_by, '/exported_by', ['id', 'kind', 'name']);
  const range = members(top.range, '/range', ['from', 'to']);
  if (top.format_version !== FORMAT_VERSION) throw new FormatError('expected 1', 0, '/format_version');
  const exportedAt = text(top.exported_at, '/exported_at');
  if (!isInstant(exportedAt)) {
    throw new FormatError('expected an instant in UTC such as 2026-11-21T14:05:00.000Z', 0, '/exported_at');
  }
  return {
    attachments: list(top.attachments, '/attachments').map(readAttachment),
    checkpoint: text(top.checkpoint, '/checkpoint'),
    consistency: list(top.consistency, '/consistency').map(readConsistency),
    console: text(top.console, '/console'),
    content_digest: {
      method: text(digest.method, '/content_digest/method'),
      value: text(digest.value, '/content_digest/value'),
    },
    counts: {
      entries: count(counts.entries, '/counts/entries'),
      opened_fields: count(counts.opened_fields, '/counts/opened_fields'),
      redacted_fields: count(counts.redacted_fields, '/counts/redacted_fields'),
    },
    entry_tags: readTags(top.entry_tags),
    exported_at: exportedAt,
    exported_by: {
      id: text(exporter.id, '/exported_by/id'),
      kind: text(exporter.kind, '/exported_by/kind'),
      name: text(exporter.name, '/exported_by/name'),
    },
    filter: top.filter === null ? null : object(top.filter, '/filter'),
    format_version: FORMAT_VERSION,
    hmac: top.hmac === null ? null : readHmac(top.hmac),
    key_history: list(top.key_history, '/key_history').map((note, i) => text(note, `/key_history/${i}`)),
    origin: text(top.origin, '/origin'),
    range: { from: count(range.from, '/range/from'), to: count(range.to, '/range/to') },
    reason: text(top.reason, '/reason'),
    tree_size: count(top.tree_size, '/tree_size'),
  };
}

/** Value of `hmac` for a manifest: HMAC-SHA256(secret, "gatehouse/manifest-hmac/v1" ‖ 0x00 ‖ canonical manifest whose hmac is null). */
export function manifestHmac(primitives: Primitives, manifest: Manifest, secret: Uint8Array): Uint8Array {
  const label = encodeUtf8('gatehouse/manifest-hmac/v1\0');
  return primitives.hmacSha256(secret, concatBytes(label, encodeUtf8(canonicalize({ ...manifest, hmac: null }))));
}

/** Tag of an entry's canonical bytes. It finds the wrong entry and proves nothing; the content digest does that. */
export function entryTag(primitives: Primitives, entry: Uint8Array): string {
  return encodeBase64Url(primitives.sha256(entry).subarray(0, 6));
}

/** Takes canonical entries in order and gives the content digest in hex; copies, so buffers may be reused. */
export function createContentDigest(primitives: Primitives): { add(entry: Uint8Array): void; value(): string } {
  const stream = primitives.createSha256();
  // A call per entry and prefix would cost more than the hashing; entries are collected first.
  const buffer = new Uint8Array(64 * 1024);
  const view = new DataView(buffer.buffer);
  let used = 0;
  function flush(): void {
    if (used > 0) stream.update(buffer.subarray(0, used));
    used = 0;
  }
  return {
    add(entry) {
      if (used + 8 + entry.length > buffer.length) flush();
      view.setUint32(used, Math.floor(entry.length / 2 ** 32));
      view.setUint32(used + 4, entry.length % 2 ** 32);
      used += 8;
      if (used + entry.length <= buffer.length) {
        buffer.set(entry, used);
        used += entry.length;
      } else {
        flush();
        stream.update(entry);
      }
    },
    value() {
      flush();
      return encodeHex(stream.digest());
    },
  };
}

/** Whether a name may stand for an attachment: a file name without a path, so that saving it cannot leave the chosen folder. */
export function isAttachmentName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is being refused.
  return /^[^\u0000-\u001f\u007f/\\:*?"<>|]{1,200}$/.test(name) && !/^\.|[. ]$/.test(name);
}

function readAttachment(json: JsonValue, index: number, all: JsonValue[]): AttachmentRecord {
  const pointer = `/attachments/${index}`;
  const record = members(json, pointer, ['media_type', 'name', 'sha256', 'size']);
  const name = text(record.name, `${pointer}/name`);
  const twice = all.some((other, i) => i < index && isObject(other) && other.name === name);
  if (!isAttachmentName(name) || twice) throw new FormatError('expected a file name of its own', 0, `${pointer}/name`);
  const sha256 = text(record.sha256, `${pointer}/sha256`);
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new FormatError('expected 64 hex digits', 0, `${pointer}/sha256`);
  const mediaType = text(record.media_type, `${pointer}/media_type`);
  return { media_type: mediaType, name, sha256, size: count(record.size, `${pointer}/size`) };
}

function readConsistency(json: JsonValue, index: number): ConsistencyRecord {
  const pointer = `/consistency/${index}`;
  const record = members(json, pointer, ['hashes', 'root', 'size']);
  const hashes = list(record.hashes, `${pointer}/hashes`).map((hash, i) => text(hash, `${pointer}/hashes/${i}`));
  return { hashes, root: text(record.root, `${pointer}/root`), size: count(record.size, `${pointer}/size`) };
}

// Their form alone: what they say is a hint, and no verdict rests on it.
function readTags(json: JsonValue | undefined): string {
  const tags = text(json, '/entry_tags');
  if (!/^[A-Za-z0-9_-]*$/.test(tags)) throw new FormatError('expected base64url', 0, '/entry_tags');
  return tags;
}

function readHmac(json: JsonValue | undefined): Manifest['hmac'] {
  const hmac = members(json, '/hmac', ['algorithm', 'key_id', 'value']);
  if (hmac.algorithm !== 'HMAC-SHA256') throw new FormatError('expected HMAC-SHA256', 0, '/hmac/algorithm');
  const value = text(hmac.value, '/hmac/value');
  if (!/^[0-9a-f]{64}$/.test(value)) throw new FormatError('expected 64 hex digits', 0, '/hmac/value');
  return { algorithm: 'HMAC-SHA256', key_id: text(hmac.key_id, '/hmac/key_id'), value };
}

function members(json: JsonValue | undefined, pointer: string, names: string[]): JsonObject {
  const found = object(json, pointer);
  for (const name of names) {
    if (!Object.hasOwn(found, name)) throw new FormatError('expected this member', 0, pointerStep(pointer, name));
  }
  for (const name of Object.keys(found)) {
    if (!names.includes(name)) throw new FormatError('a member that is not known', 0, pointerStep(pointer, name));
  }
  return found;
}

function isObject(json: JsonValue | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function object(json: JsonValue | undefined, pointer: string): JsonObject {
  if (!isObject(json)) throw new FormatError('expected an object', 0, pointer);
  return json;
}

function list(json: JsonValue | undefined, pointer: string): JsonValue[] {
  if (!Array.isArray(json)) throw new FormatError('expected an array', 0, pointer);
  return json;
}

function text(json: JsonValue | undefined, pointer: string): string {
  if (typeof json !== 'string') throw new FormatError('expected a text', 0, pointer);
  return json;
}

function count(json: JsonValue | undefined, pointer: string): number {
  if (typeof json !== 'number' || !Number.isSafeInteger(json) || json < 0) {
    throw new FormatError('expected a whole number', 0, pointer);
  }
  return json;
}
