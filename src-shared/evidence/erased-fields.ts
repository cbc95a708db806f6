// Which of the fields that a bundle does not open were erased: nobody can open them any more, since the key of the person whom they are
// about was destroyed. To a proof it is the same as a field kept back; to a reader it is not. The list travels as an attachment, so it
// is signed, and verifiers that do not know it take it for a file like any other.

import type { BundleParts } from './bundle-reader.ts';
import { type BundleSource, readSpan } from './bundle-source.ts';
import { decodeUtf8Strict, encodeUtf8, equalBytes } from './bytes.ts';
import { canonicalize } from './canonical-json.ts';
import type { BundleEntry } from './entry.ts';
import { FormatError } from './format-error.ts';
import { parseStrictJsonBytes } from './strict-json.ts';
import type { ErasedFields, Findings } from './verdict.ts';
import { readAttachment } from './verify-content.ts';

export const erasedName = 'gatehouse-erased-fields.json';
const format = 'gatehouse-erased-fields/1';

export function formatErased(fields: ErasedFields): Uint8Array<ArrayBuffer> {
  const entries = [...fields].map(([seq, paths]) => [seq, [...paths]]);
  return encodeUtf8(canonicalize({ entries, format }));
}

/**
 * The list of a bundle, empty where it has none. Each field of it must be one that its entry commits to and does not open: otherwise,
 * and where the list can't be read, there is a finding.
 */
export function checkErased(source: BundleSource, parts: BundleParts, findings: Findings): ErasedFields {
  const index = parts.attachments.findIndex(({ name }) => name === erasedName);
  const bytes = index < 0 ? undefined : readAttachment(source, parts, index);
  if (bytes === undefined) return new Map();
  const where = `attachments[${index}]`;
  let fields: Map<number, readonly string[]>;
  try {
    fields = parseErased(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    findings.add('erased-fields', where, `the list of erased fields is not readable: ${error.reason}`);
    return new Map();
  }
  const { seqs, starts, ends } = parts.entries;
  const places = new Map<number, number>();
  seqs.forEach((seq, at) => {
    if (fields.has(seq)) places.set(seq, at);
  });
  for (const [seq, paths] of fields) {
    const at = places.get(seq);
    const entry = at === undefined ? undefined : entryOf(readSpan(source, starts[at] ?? 0, ends[at] ?? 0));
    const wrong = paths.find(
      (path) => entry === undefined || !Object.hasOwn(entry.leaf.commitments, path) || Object.hasOwn(entry.open, path),
    );
    if (wrong === undefined) continue;
    const detail = `a field of entry #${seq} is said to be erased, and is open or was never there`;
    findings.add('erased-fields', where, detail, seq);
  }
  return fields;
}

/** Throws FormatError. */
function parseErased(bytes: Uint8Array): Map<number, readonly string[]> {
  const json = parseStrictJsonBytes(bytes, { integers: 'safe' });
  if (!equalBytes(encodeUtf8(canonicalize(json)), bytes)) throw new FormatError('not in canonical form', 0);
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
  const entries = isObject && json.format === format && Object.keys(json).length === 2 ? json.entries : undefined;
  if (!Array.isArray(entries)) throw new FormatError('expected a list of entries', 0);
  const fields = new Map<number, readonly string[]>();
  let last = 0;
  for (const entry of entries) {
    const [seq, paths, ...rest] = Array.isArray(entry) ? entry : [];
    if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq <= last || rest.length > 0)
      throw new FormatError('expected entries in the order of their seq, each once', 0);
    if (!Array.isArray(paths) || paths.length === 0 || !paths.every((path) => typeof path === 'string'))
      throw new FormatError('expected paths of fields', 0);
    if (new Set(paths).size < paths.length) throw new FormatError('a field that stands there twice', 0);
    fields.set(seq, paths);
    last = seq;
  }
  return fields;
}

/** undefined for an entry that is malformed, which has its own finding. */
function entryOf(bytes: Uint8Array): BundleEntry | undefined {
  try {
    const entry = JSON.parse(decodeUtf8Strict(bytes)) as Partial<BundleEntry> | null;
    const { leaf, open } = entry ?? {};
    const isEntry = typeof leaf?.commitments === 'object' && leaf.commitments !== null && typeof open === 'object';
    return isEntry && open !== null ? (entry as BundleEntry) : undefined;
  } catch {
    return undefined;
  }
}
