// Verification steps about what the bundle holds: attachments, the entries' bytes and fields, and the insiders' HMAC.

import type { BundleParts } from './bundle-reader.ts';
import { type BundleSource, readSpan } from './bundle-source.ts';
import { decodeBase64Span, decodeHex, encodeHex, equalBytesConstantTime } from './bytes.ts';
import type { EntryTable } from './entry-reader.ts';
import { DIGEST_METHOD, entryTag, type Manifest, manifestHmac, TAG_LENGTH } from './manifest.ts';
import type { Primitives } from './primitives.ts';
import { type Check, count, counted, type ErasedFields, type Findings, printable } from './verdict.ts';

const MANIFEST_UNREADABLE = 'the manifest is not readable';

/** Steps "File set complete" and "Evidence hashes": the attachments are those of the manifest, in its order, byte for byte. */
export function checkAttachments(
  primitives: Primitives,
  source: BundleSource,
  parts: BundleParts,
  findings: Findings,
): [fileSet: Check, evidence: Check] {
  const listed = parts.manifest?.attachments ?? [];
  const state = parts.manifest === undefined ? 'not_checkable' : 'proven';
  listed.forEach((record, i) => {
    const place = parts.attachments[i];
    const where = `attachments[${i}]`;
    if (place?.name !== record.name) {
      findings.add(
        'attachment-missing',
        where,
        `${printable(record.name)} is named in the manifest but not in its place`,
      );
      return;
    }
    const data = readAttachment(source, parts, i);
    if (data?.length !== record.size || encodeHex(primitives.sha256(data)) !== record.sha256) {
      findings.add('attachment-altered', where, `${printable(record.name)} does not match its SHA-256 in the manifest`);
    }
  });
  parts.attachments.slice(listed.length).forEach(({ name }, i) => {
    const where = `attachments[${listed.length + i}]`;
    findings.add('attachment-unlisted', where, `${printable(name)} is in the file but not named in the manifest`);
  });
  const files = `${parts.attachments.length} of ${counted(listed.length, 'file', 'files')}`;
  const none = listed.length === 0;
  return [
    findings.check('file_set', state, none ? 'no files attached' : `${files} named in the manifest, none besides`),
    findings.check(
      'evidence_hashes',
      state,
      none ? 'no files attached' : `${files} ${listed.length === 1 ? 'matches its' : 'match their'} SHA-256`,
    ),
  ];
}

/** The bytes of an attachment, whether they are those of the manifest or not; undefined where they are no base64. */
export function readAttachment(
  source: BundleSource,
  { attachments }: BundleParts,
  index: number,
): Uint8Array | undefined {
  const place = attachments[index];
  if (place === undefined) return undefined;
  const text = readSpan(source, place.dataStart, place.dataEnd);
  const data = new Uint8Array(Math.floor((text.length * 3) / 4));
  const size = decodePadded(text, data);
  return size < 0 ? undefined : data.subarray(0, size);
}

/** Step "Entries unaltered": the entries are byte for byte those that were signed, and each opened field is what was recorded. */
export function checkEntries(
  primitives: Primitives,
  source: BundleSource,
  parts: BundleParts,
  erased: ErasedFields,
  findings: Findings,
): Check {
  const { manifest, entries } = parts;
  if (manifest === undefined) return findings.check('entries_unaltered', 'not_checkable', MANIFEST_UNREADABLE);
  if (manifest.content_digest.method !== DIGEST_METHOD) {
    const method = printable(manifest.content_digest.method);
    findings.add('content-digest', 'manifest.content_digest', `the digest method ${method} is not known to format 1`);
  } else if (entries.contentDigest !== manifest.content_digest.value) {
    locateAltered(primitives, source, manifest, entries, findings);
    const detail = 'the entries taken together are not those that were signed';
    findings.add('content-digest', 'manifest.content_digest', detail);
  }
  const { opened_fields, redacted_fields } = manifest.counts;
  if (entries.openedFields !== opened_fields || entries.redactedFields !== redacted_fields) {
    const signed = `${count(opened_fields)} opened and ${count(redacted_fields)} redacted fields`;
    const found = `${count(entries.openedFields)} and ${count(entries.redactedFields)}`;
    findings.add('field-counts', 'manifest.counts', `${signed} were signed, the file has ${found}`);
  }
  if (manifest.entry_tags.length !== TAG_LENGTH * manifest.counts.entries) {
    findings.add('entry-tags', 'manifest.entry_tags', `expected ${TAG_LENGTH} characters for each entry`);
  }
  const fields = counted(opened_fields, 'field matches', 'fields match');
  const gone = [...erased.values()].reduce((sum, paths) => sum + paths.length, 0);
  const redacted = redacted_fields === gone ? 'none redacted' : `${count(redacted_fields - gone)} redacted`;
  const lost = gone === 0 ? '' : `, ${count(gone)} erased: nobody can open ${gone === 1 ? 'it' : 'them'} any more`;
  return findings.check(
    'entries_unaltered',
    'proven',
    `${counted(entries.seqs.length, 'entry', 'entries')} as signed, ${fields} what was recorded, ${redacted}${lost}`,
  );
}

/** Step "HMAC of the manifest": for holders of the secret only; without it the row never reads as passed. */
export function checkHmac(
  primitives: Primitives,
  manifest: Manifest | undefined,
  secret: Uint8Array | undefined,
  findings: Findings,
): Check {
  if (manifest === undefined) return findings.check('manifest_hmac', 'not_checkable', MANIFEST_UNREADABLE);
  if (manifest.hmac === null) return findings.check('manifest_hmac', 'not_checkable', 'this bundle carries none');
  if (secret === undefined) {
    return findings.check('manifest_hmac', 'not_checkable', "needs the signer's secret, not checkable by design");
  }
  const stated = decodeHex(manifest.hmac.value) ?? new Uint8Array(0);
  if (!equalBytesConstantTime(stated, manifestHmac(primitives, manifest, secret))) {
    const detail = 'the HMAC does not belong to this manifest and the secret you gave';
    findings.add('hmac-mismatch', 'manifest.hmac', detail);
  }
  return findings.check('manifest_hmac', 'proven', `HMAC-SHA256, key ${printable(manifest.hmac.key_id)}, valid`);
}

// The digest only says that something differs. The signed tags say which entries, except where a more exact finding has already.
function locateAltered(
  primitives: Primitives,
  source: BundleSource,
  manifest: Manifest,
  entries: EntryTable,
  findings: Findings,
): void {
  const signed = new Set<string>();
  for (let i = 0; i < manifest.entry_tags.length; i += TAG_LENGTH) {
    signed.add(manifest.entry_tags.slice(i, i + TAG_LENGTH));
  }
  entries.seqs.forEach((seq, i) => {
    if (entries.suspects.has(i)) return;
    const tag = entryTag(primitives, readSpan(source, entries.starts[i] ?? 0, entries.ends[i] ?? 0));
    if (signed.has(tag)) return;
    findings.add('entry-altered', `entries[${i}]`, `entry #${seq} is not as it was signed`, seq);
  });
}

function decodePadded(text: Uint8Array, target: Uint8Array): number {
  if (text.length % 4 !== 0) return -1;
  let last = text.length;
  while (last > 0 && text.length - last < 2 && text[last - 1] === 0x3d) last--;
  return decodeBase64Span('standard', text, 0, last, target, 0);
}
