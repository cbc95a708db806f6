// Bundles by somebody who holds the signing key and lies: any change to what a bundle says, with everything that depends on it made anew
// where the forger wants that. Written out in a spelling of its own, since canonical JSON refuses half of what has to be tried.

import { nodePrimitives } from '../../src-main/base/evidence-primitives.ts';
import { decodeBase64Url, encodeBase64, encodeBase64Url, encodeUtf8 } from '../../src-shared/evidence/bytes.ts';
import { checkpointText } from '../../src-shared/evidence/checkpoint.ts';
import { preAuthenticationEncoding } from '../../src-shared/evidence/dsse.ts';
import { commit } from '../../src-shared/evidence/entry.ts';
import { createContentDigest, entryTag, MANIFEST_TYPE } from '../../src-shared/evidence/manifest.ts';
import { appendNodes, inclusionProof, leafHash, rangeProof, rootAt } from '../../src-shared/evidence/merkle.ts';
import { formatNote } from '../../src-shared/evidence/signed-note.ts';
import type { SampleLog } from '../unit/evidence/sample-log.ts';

/** Stands in the file as this text. */
export class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Part = null | boolean | number | string | Raw | Part[] | Members;
export type Members = { [name: string]: Part };

export type Forgery = {
  /** The bundle, without its payload: that is the manifest. */
  bundle: Members;
  manifest: Members;
  /** Instead of the manifest. */
  payload?: string;
};

/** In the order of canonical JSON; what canonical JSON would refuse stands there as it is. */
export function spelled(part: Part): string {
  if (part instanceof Raw) return part.text;
  if (Array.isArray(part)) return `[${part.map(spelled).join(',')}]`;
  if (typeof part !== 'object' || part === null) return JSON.stringify(part);
  const names = Object.keys(part).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${spelled(part[name] ?? null)}`).join(',')}}`;
}

export function isMembers(part: Part | undefined): part is Members {
  return typeof part === 'object' && part !== null && !Array.isArray(part) && !(part instanceof Raw);
}

export function takenApart(bytes: Uint8Array): Forgery {
  const bundle = JSON.parse(Buffer.from(bytes).toString('utf8')) as Members & { dsse: Members };
  const manifest = JSON.parse(Buffer.from(String(bundle.dsse.payload), 'base64').toString('utf8')) as Members;
  return { bundle, manifest };
}

/** The file as it is after a change, its manifest signed as it was. */
export function written({ bundle }: Forgery): Uint8Array {
  return encodeUtf8(spelled(bundle));
}

/** The file with its manifest signed again. */
export function resigned({ bundle, manifest, payload }: Forgery, log: SampleLog): Uint8Array {
  const bytes = encodeUtf8(payload ?? spelled(manifest));
  const sig = encodeBase64(log.signer.sign(preAuthenticationEncoding(MANIFEST_TYPE, bytes)));
  const dsse = {
    payload: encodeBase64(bytes),
    payloadType: MANIFEST_TYPE,
    signatures: [{ keyid: log.signer.key.id, sig }],
  };
  return written({ bundle: { ...bundle, dsse }, manifest });
}

/** The file with tree, proofs, commitments, digest, counts and signatures made anew for its entries, whatever these are. */
export function resealed(forged: Forgery, log: SampleLog): Uint8Array {
  const { bundle, manifest } = { bundle: cloned(forged.bundle), manifest: cloned(forged.manifest) };
  const entries = bundle.entries;
  if (!Array.isArray(entries)) return resigned(forged, log);
  const leaves = [...log.leaves];
  const { from } = manifest.range as { from: number };
  const places = entries.map((entry, i) => {
    recommit(entry);
    const leaf = isMembers(entry) ? entry.leaf : null;
    const seq = isMembers(leaf) && isPlace(leaf.seq) ? leaf.seq : from + i;
    const place = Math.min(seq, leaves.length) - 1;
    if (leaf !== undefined) leaves[place] = spelled(leaf);
    return place;
  });
  const nodes = new Map<string, Uint8Array>();
  const read = (level: number, index: number): Uint8Array => nodes.get(`${level}/${index}`) ?? new Uint8Array(32);
  leaves.forEach((leaf, size) => {
    const hash = leafHash(nodePrimitives, encodeUtf8(leaf));
    for (const made of appendNodes(nodePrimitives, size, hash, read))
      nodes.set(`${made.level}/${made.index}`, made.hash);
  });
  const size = leaves.length;
  if (manifest.filter === null) {
    const { to } = manifest.range as { to: number };
    bundle.range_proof = rangeProof(nodePrimitives, from - 1, to, size, read).map(encodeBase64Url);
  } else {
    entries.forEach((entry, i) => {
      if (!isMembers(entry) || !Array.isArray(entry.proof)) return;
      entry.proof = inclusionProof(nodePrimitives, places[i] ?? 0, size, read).map(encodeBase64Url);
    });
  }
  const { key, sign } = log.signer;
  manifest.checkpoint = formatNote(checkpointText(key.name, size, rootAt(nodePrimitives, size, read)), key, sign);
  manifest.consistency = [];
  restate(manifest, entries);
  return resigned({ bundle, manifest }, log);
}

/** What the manifest says of the entries. */
function restate(manifest: Members, entries: readonly Part[]): void {
  const digest = createContentDigest(nodePrimitives);
  let tags = '';
  const counts = { entries: entries.length, opened_fields: 0, redacted_fields: 0 };
  for (const entry of entries) {
    const bytes = encodeUtf8(spelled(entry));
    digest.add(bytes);
    tags += entryTag(nodePrimitives, bytes);
    const { leaf, open } = isMembers(entry) ? entry : { leaf: null, open: null };
    const opened = isMembers(open) ? Object.keys(open).length : 0;
    const committed = isMembers(leaf) && isMembers(leaf.commitments) ? Object.keys(leaf.commitments).length : 0;
    counts.opened_fields += opened;
    counts.redacted_fields += Math.max(0, committed - opened);
  }
  Object.assign(manifest, {
    counts,
    entry_tags: tags,
    content_digest: { method: 'sha256-length-prefixed-v1', value: digest.value() },
  });
}

function isPlace(seq: Part | undefined): seq is number {
  return typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 1;
}

export function cloned<T extends Part>(part: T): T {
  if (part instanceof Raw || typeof part !== 'object' || part === null) return part;
  if (Array.isArray(part)) return part.map(cloned) as T;
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, cloned(value)])) as T;
}

function recommit(entry: Part): void {
  if (!isMembers(entry) || !isMembers(entry.leaf) || !isMembers(entry.open)) return;
  const { commitments } = entry.leaf;
  if (!isMembers(commitments)) return;
  for (const [path, opening] of Object.entries(entry.open)) {
    const salt = isMembers(opening) && typeof opening.salt === 'string' ? decodeBase64Url(opening.salt) : undefined;
    if (!isMembers(opening) || salt === undefined || typeof commitments[path] !== 'string') continue;
    commitments[path] = encodeBase64Url(commit(nodePrimitives, path, salt, spelled(opening.value ?? null)));
  }
}
