// The audit entry, format 1: which of its fields stand in the open in the Merkle leaf, which only as salted commitments, and how the
// commitments are made. A committed field can later be redacted or erased without touching the leaf, so old proofs stay good.

import { ByteScratch, decodeBase64Url, encodeBase64Url } from './bytes.ts';
import { canonicalize, type JsonObject, type JsonValue } from './canonical-json.ts';
import type { Primitives } from './primitives.ts';

export type EntryActor = { kind: string; id: string; name: string };
export type EntryResource = { type: string; id: string };

/** What happened, complete; `undefined` members count as absent. */
export type EntryBody = {
  /** Counts from 1; the leaf's index in the tree is seq - 1. */
  seq: number;
  /** Which workspace the entry belongs to, and its number among that workspace's entries, from 1. */
  workspace: string;
  workspace_seq: number;
  id: string;
  /** RFC 3339, UTC, milliseconds. */
  time: string;
  event_type: string;
  action: string;
  success: boolean;
  phi: boolean;
  actor?: EntryActor | undefined;
  resource?: EntryResource | undefined;
  ip_address?: string | undefined;
  user_agent?: string | undefined;
  session_id?: string | undefined;
  trace_id?: string | undefined;
  data_accessed?: JsonValue | undefined;
  details?: JsonObject | undefined;
};

/** A committed field as it stands in a bundle: who has salt and value can check the commitment. */
export type Opening = { salt: string; value: JsonValue };
export type EntryLeaf = {
  action: string;
  commitments: { [path: string]: string };
  event_type: string;
  id: string;
  phi: boolean;
  seq: number;
  success: boolean;
  time: string;
  v: 1;
  workspace: string;
  workspace_seq: number;
};
export type BundleEntry = { leaf: EntryLeaf; open: { [path: string]: Opening }; proof?: string[] };

export type SealedEntry = {
  /** Canonical JSON of the leaf: what is hashed into the tree. */
  leaf: string;
  leafHash: Uint8Array;
  /** 16 bytes for each committed path; derivable from the seed, given for exporting without deriving again. */
  salts: Map<string, Uint8Array>;
};

export const SEED_BYTES = 32;
export const SALT_BYTES = 16;
export const COMMITMENT_LABEL = 'gatehouse/commitment/v1\0';
const SALT_LABEL = 'gatehouse/salt/v1\0';
// Everything here is synchronous, so one buffer serves all calls.
const scratch = new ByteScratch();
// In canonical order, so that nothing has to be sorted for each entry; `details.…` stands between the two lists.
const BEFORE_DETAILS = ['actor', 'data_accessed'] as const;
const AFTER_DETAILS = ['ip_address', 'resource', 'session_id', 'trace_id', 'user_agent'] as const;

/**
 * A field that is not in the body because it is kept apart, sealed for the person that it is about. `opening` is undefined when it can't
 * be opened any more.
 */
export type ApartField = { readonly path: string; readonly commitment: string; readonly opening: Opening | undefined };

/**
 * Makes the leaf of an entry, with the commitments of `apart` in their places. `seed` is 32 random bytes of this entry alone: all salts derive from it, so the store keeps only the
 * seed, and destroying the seed and the body leaves commitments that nobody can guess values for. Throws FormatError for values
 * that canonical JSON cannot hold, RangeError for a seed of another length or a key in `details` that holds U+0000.
 */
export function sealEntry(
  primitives: Primitives,
  body: EntryBody,
  seed: Uint8Array,
  apart: readonly Pick<ApartField, 'path' | 'commitment'>[] = [],
): SealedEntry {
  const salts = new Map<string, Uint8Array>();
  const placed: Placed[] = apart.map(({ path, commitment }) => [path, `"${commitment}"`]);
  for (const [path, value] of committedFields(body)) {
    const salt = deriveSalt(primitives, seed, path);
    salts.set(path, salt);
    placed.push([path, `"${encodeBase64Url(commit(primitives, path, salt, canonicalize(value)))}"`]);
  }
  const fields = inOrder(placed, apart.length > 0);
  // Written out in canonical order: sorting and walking an object again would double the price of an entry.
  const leaf =
    `{"action":${canonicalize(body.action)},"commitments":{${fields.join(',')}},"event_type":${canonicalize(body.event_type)}` +
    `,"id":${canonicalize(body.id)},"phi":${body.phi},"seq":${canonicalize(body.seq)},"success":${body.success}` +
    `,"time":${canonicalize(body.time)},"v":1,"workspace":${canonicalize(body.workspace)}` +
    `,"workspace_seq":${canonicalize(body.workspace_seq)}}`;
  return { leaf, leafHash: primitives.sha256(scratch.clear().byte(0).text(leaf).written), salts };
}

/** An entry in its canonical bundle form, with how many of its committed fields it opens and how many it keeps back. */
export type FormattedEntry = { text: string; opened: number; redacted: number };

/**
 * The canonical bundle form of an entry: its leaf with the openings of every committed field whose path `disclose` accepts.
 * `leaf` must be what sealEntry gave for this body and seed; `proof` is the inclusion proof in filtered bundles.
 */
export function formatEntry(
  primitives: Primitives,
  leaf: string,
  body: EntryBody,
  seed: Uint8Array,
  disclose: (path: string) => boolean = () => true,
  proof?: readonly Uint8Array[],
  apart: readonly Pick<ApartField, 'path' | 'opening'>[] = [],
): FormattedEntry {
  const placed: Placed[] = [];
  let redacted = 0;
  for (const { path, opening } of apart) {
    if (opening === undefined || !disclose(path)) redacted++;
    else placed.push([path, canonicalize(opening)]);
  }
  for (const [path, value] of committedFields(body)) {
    if (!disclose(path)) {
      redacted++;
      continue;
    }
    const salt = encodeBase64Url(deriveSalt(primitives, seed, path));
    placed.push([path, `{"salt":"${salt}","value":${canonicalize(value)}}`]);
  }
  const open = inOrder(placed, apart.length > 0);
  const tail = proof === undefined ? '' : `,"proof":${JSON.stringify(proof.map(encodeBase64Url))}`;
  return { text: `{"leaf":${leaf},"open":{${open.join(',')}}${tail}}`, opened: open.length, redacted };
}

type Placed = [path: string, text: string];

/** Members of an object in canonical order; those of the body alone stand in it already. */
function inOrder(placed: Placed[], mixed: boolean): string[] {
  if (mixed) placed.sort(([left], [right]) => (left < right ? -1 : 1));
  return placed.map(([path, text]) => `${JSON.stringify(path)}:${text}`);
}

/** The paths and values of an entry that the leaf holds as commitments, in the leaf's order. Throws as sealEntry does. */
export function committedFields(body: EntryBody): [path: string, value: JsonValue][] {
  const fields: [string, JsonValue][] = [];
  const details = body.details ?? {};
  for (const name of BEFORE_DETAILS) take(name, body[name]);
  for (const key of Object.keys(details).sort()) {
    // The path ends at the first zero byte of what is hashed, so it must not hold one itself.
    if (key.includes('\0')) throw new RangeError('a key in the details of an audit entry holds U+0000');
    take(`details.${key}`, details[key]);
  }
  for (const name of AFTER_DETAILS) take(name, body[name]);
  return fields;

  function take(path: string, value: JsonValue | undefined): void {
    if (value !== undefined) fields.push([path, value]);
  }
}

/** Salt of one field: the first 16 bytes of HMAC-SHA256(seed, "gatehouse/salt/v1" ‖ 0x00 ‖ path). One tells nothing about others. */
export function deriveSalt(primitives: Primitives, seed: Uint8Array, path: string): Uint8Array {
  if (seed.length !== SEED_BYTES) throw new RangeError(`expected a seed of ${SEED_BYTES} bytes, found ${seed.length}`);
  const message = scratch.clear().text(SALT_LABEL).text(path).written;
  return primitives.hmacSha256(seed, message).subarray(0, SALT_BYTES);
}

/** Commitment: SHA-256("gatehouse/commitment/v1" ‖ 0x00 ‖ path ‖ 0x00 ‖ salt ‖ canonical value). */
export function commit(primitives: Primitives, path: string, salt: Uint8Array, canonicalValue: string): Uint8Array {
  const message = scratch.clear().text(COMMITMENT_LABEL).text(path).byte(0).raw(salt).text(canonicalValue).written;
  return primitives.sha256(message);
}

/** The paths in `open` that do not match the leaf: no such commitment, a malformed salt, or another value than was committed. */
export function verifyOpenings(primitives: Primitives, entry: Pick<BundleEntry, 'leaf' | 'open'>): string[] {
  return Object.entries(entry.open)
    .filter(([path, { salt, value }]) => {
      const saltBytes = decodeBase64Url(salt);
      if (saltBytes?.length !== SALT_BYTES || !Object.hasOwn(entry.leaf.commitments, path)) return true;
      const commitment = encodeBase64Url(commit(primitives, path, saltBytes, canonicalize(value)));
      return commitment !== entry.leaf.commitments[path];
    })
    .map(([path]) => path);
}
