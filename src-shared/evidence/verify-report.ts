// Verification step "PDF matches data". A PDF proves nothing by itself; what can be said is whether these very bytes were signed beside
// the entries, and whether it says itself that it was made from them. What its pages show is not read: nothing could be proven by that.

import type { BundleParts } from './bundle-reader.ts';
import type { BundleSource } from './bundle-source.ts';
import { encodeHex } from './bytes.ts';
import { DIGEST_METHOD } from './manifest.ts';
import type { Primitives } from './primitives.ts';
import { type Check, counted, type Findings, printable } from './verdict.ts';
import { readAttachment } from './verify-content.ts';

/** The report that the console itself attaches. */
export const reportName = 'report.pdf';

/** A PDF that was given with the bundle: beside it, or around it. */
export type GivenPdf = {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly carriesBundle: boolean;
};

/** How a report names, in its document information, the entries that it was made from: as one text of the PDF, readable as it stands. */
export const digestKey = 'ContentDigest';
export function digestText(digest: string): string {
  return `${DIGEST_METHOD}:${digest}`;
}

/** The digest of entries that a PDF says it was made from; undefined where it says none, or more than one thing. */
export function statedDigest(pdf: Uint8Array): string | undefined {
  const found: string[] = [];
  const begin = `(${digestText('')}`;
  for (let at = find(pdf, begin, 0); at >= 0; at = find(pdf, begin, at + 1)) {
    const from = at + begin.length;
    let text = '';
    for (let i = from; i < from + 65; i++) text += String.fromCharCode(pdf[i] ?? 0);
    if (/^[0-9a-f]{64}\)$/.test(text)) found.push(text.slice(0, 64));
  }
  return found.length === 1 ? found[0] : undefined;
}

export function checkReport(
  primitives: Primitives,
  source: BundleSource,
  parts: BundleParts,
  given: GivenPdf | undefined,
  findings: Findings,
): Check {
  const { manifest } = parts;
  if (manifest === undefined) return findings.check('pdf_matches', 'not_checkable', 'the manifest is not readable');
  const digest = manifest.content_digest.value;
  if (given !== undefined) return judgeGiven(primitives, parts, given, digest, findings);
  const index = manifest.attachments.findIndex(({ name }) => name === reportName);
  const others = manifest.attachments.filter(
    ({ name, media_type }) => name !== reportName && media_type === 'application/pdf',
  );
  const besides =
    others.length === 0
      ? ''
      : `; ${counted(others.length, 'other PDF is', 'other PDFs are')} evidence and not compared`;
  if (index < 0) {
    return findings.check(
      'pdf_matches',
      'not_checkable',
      `no report of these entries is attached or was given${besides}`,
    );
  }
  const report = readAttachment(source, parts, index);
  if (report === undefined || encodeHex(primitives.sha256(report)) !== manifest.attachments[index]?.sha256) {
    return findings.check('pdf_matches', 'not_checkable', `${reportName} is not as it was signed`);
  }
  const stated = statedDigest(report);
  if (stated === undefined) {
    const detail = `${reportName} is as it was signed, and does not say which entries it was made from: not compared${besides}`;
    return findings.check('pdf_matches', 'not_checkable', detail);
  }
  if (stated !== digest) {
    findings.add('pdf-mismatch', `attachments[${index}]`, `${reportName} says that it was made from other entries`);
  }
  const detail = `${reportName} is byte for byte what was signed with these entries, and names their digest; its pages were not read${besides}`;
  return findings.check('pdf_matches', 'proven', detail);
}

function judgeGiven(
  primitives: Primitives,
  { manifest }: BundleParts,
  { name, bytes, carriesBundle }: GivenPdf,
  digest: string,
  findings: Findings,
): Check {
  const hash = encodeHex(primitives.sha256(bytes));
  const attached = manifest?.attachments.find(({ sha256, size }) => sha256 === hash && size === bytes.length);
  if (attached !== undefined) {
    const detail = `${printable(name)} is byte for byte the attached ${printable(attached.name)}, signed with these entries`;
    return findings.check('pdf_matches', 'proven', detail);
  }
  const stated = statedDigest(bytes);
  if (stated !== undefined && stated !== digest) {
    findings.add('pdf-mismatch', printable(name), `${printable(name)} says that it was made from other entries`);
  }
  const what = carriesBundle ? 'the printed pages around the bundle are' : `${printable(name)} is`;
  const detail = `${what} signed by nobody, and not compared with the entries: read those instead`;
  return findings.check('pdf_matches', 'limited', detail);
}

function find(bytes: Uint8Array, text: string, from: number): number {
  const first = text.charCodeAt(0);
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let i = 1;
    while (i < text.length && bytes[at + i] === text.charCodeAt(i)) i++;
    if (i === text.length) return at;
  }
  return -1;
}
