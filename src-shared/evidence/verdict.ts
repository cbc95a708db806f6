// The vocabulary of verification: verdicts, checks, findings, and the words in which the outcome is told. What the verifier shows
// and what the command line exits with both derive from here.

import type { Manifest } from './manifest.ts';

export type VerdictWord = 'VERIFIED' | 'VERIFIED WITH LIMITS' | 'NOT VERIFIED' | 'CANNOT CHECK';
export type CheckState = 'proven' | 'limited' | 'failed' | 'not_checkable';
export type Check = { id: CheckId; title: string; state: CheckState; detail: string };

/** Titles of the rows in the order in which they are shown. */
export const CHECK_TITLES = {
  file_form: 'File readable',
  file_set: 'File set complete',
  manifest_signature: 'Manifest signature',
  signer_known: 'Signer known',
  entries_unaltered: 'Entries unaltered',
  chain_continuous: 'Chain continuous',
  tail_covered: 'Tail covered by checkpoint',
  held_checkpoint: 'Checkpoint you hold',
  manifest_hmac: 'HMAC of the manifest',
  evidence_hashes: 'Evidence hashes',
  pdf_matches: 'PDF matches data',
  time_claims: 'Time claims',
} as const;
export type CheckId = keyof typeof CHECK_TITLES;

const LIMITS: { [id in CheckId]?: string } = {
  signer_known: 'signer not known',
  chain_continuous: 'a filtered selection',
  held_checkpoint: 'not connected to the checkpoint you hold',
  pdf_matches: 'printed pages not compared',
  time_claims: 'time not confirmed by those you named',
};

/** What limits a verdict with this check, for the headline. */
export function limitWord(id: CheckId): string {
  return LIMITS[id] ?? id;
}

/** Every finding there is, with the check that it makes fail. */
export const FINDING_CHECKS = {
  'bad-argument': 'file_form',
  'unknown-version': 'file_form',
  'file-damaged': 'file_form',
  'manifest-unreadable': 'manifest_signature',
  'manifest-type': 'manifest_signature',
  'manifest-signature': 'manifest_signature',
  'signer-field': 'manifest_signature',
  'signer-unknown': 'signer_known',
  'key-history': 'signer_known',
  'attachment-missing': 'file_set',
  'attachment-unlisted': 'file_set',
  'attachment-altered': 'evidence_hashes',
  'entry-malformed': 'entries_unaltered',
  'entry-altered': 'entries_unaltered',
  'entry-tags': 'entries_unaltered',
  'field-altered': 'entries_unaltered',
  'field-unknown': 'entries_unaltered',
  'content-digest': 'entries_unaltered',
  'field-counts': 'entries_unaltered',
  'entry-count': 'chain_continuous',
  'entries-missing': 'chain_continuous',
  'entry-duplicated': 'chain_continuous',
  'entry-out-of-order': 'chain_continuous',
  'entry-out-of-range': 'chain_continuous',
  'filter-contradicted': 'chain_continuous',
  'filter-malformed': 'chain_continuous',
  'workspace-sequence': 'chain_continuous',
  'inclusion-proof': 'chain_continuous',
  'range-proof': 'chain_continuous',
  'checkpoint-malformed': 'tail_covered',
  'checkpoint-signature': 'tail_covered',
  'checkpoint-origin': 'tail_covered',
  'checkpoint-size': 'tail_covered',
  'consistency-proof': 'tail_covered',
  'held-checkpoint-origin': 'held_checkpoint',
  'held-checkpoint-rollback': 'held_checkpoint',
  'held-checkpoint-fork': 'held_checkpoint',
  'hmac-mismatch': 'manifest_hmac',
  'erased-fields': 'entries_unaltered',
  'pdf-mismatch': 'pdf_matches',
  'anchored-checkpoint': 'time_claims',
  'witness-signature': 'time_claims',
  'time-stamp': 'time_claims',
} as const satisfies { [code: string]: CheckId };
export type FindingCode = keyof typeof FINDING_CHECKS;

/** One thing that is wrong: where in the file (`entries[3] field details.request`, `range_proof`), and which entry, if one. */
export type Finding = { code: FindingCode; where: string; detail: string; seq?: number };

/** Paths of the erased fields by the entries' seq. */
export type ErasedFields = ReadonlyMap<number, readonly string[]>;

/** Where an entry stands in the file's bytes. */
export type EntrySpans = { seqs: readonly number[]; starts: readonly number[]; ends: readonly number[] };

export type Verdict = {
  verdict: VerdictWord;
  /** The verdict with its foremost reason, for one line: `VERIFIED WITH LIMITS: signer not known`. */
  headline: string;
  checks: Check[];
  /** At most MAXIMUM_FINDINGS; `findings_left_out` says how many more there were. */
  findings: Finding[];
  findings_left_out: number;
  summary: string;
  not_proven: string[];
  /** Only where it could be read; to be believed only when the verdict says so. */
  manifest?: Manifest;
  entries?: EntrySpans;
  /** The verifier key in the file (for pinning after comparing it with the sender), and the root that all proofs lead to. */
  signer?: string;
  root?: Uint8Array;
  /** Fields that nobody can open any more, as far as the bundle names them. */
  erased?: ErasedFields;
};

export const MAXIMUM_FINDINGS = 1000;

/** Exit code of `gatehouse audit verify`: 0 genuine, 1 not genuine, 2 could not be checked, 3 genuine with limits under --strict. */
export function exitCode(verdict: VerdictWord, strict: boolean): 0 | 1 | 2 | 3 {
  if (verdict === 'CANNOT CHECK') return 2;
  if (verdict === 'NOT VERIFIED') return 1;
  return verdict === 'VERIFIED WITH LIMITS' && strict ? 3 : 0;
}

/** Collects findings, at most MAXIMUM_FINDINGS in full, and knows which checks have failed. */
export class Findings {
  readonly list: Finding[] = [];
  leftOut = 0;
  /** Words for what limits a check, where they are others than usual. */
  readonly limitWords = new Map<CheckId, string>();
  private readonly perCheck = new Map<CheckId, { first: Finding; count: number }>();

  add(code: FindingCode, where: string, detail: string, seq?: number): void {
    const finding: Finding = seq === undefined ? { code, where, detail } : { code, where, detail, seq };
    const check = FINDING_CHECKS[code];
    const known = this.perCheck.get(check);
    this.perCheck.set(check, { first: known?.first ?? finding, count: (known?.count ?? 0) + 1 });
    if (this.list.length < MAXIMUM_FINDINGS) this.list.push(finding);
    else this.leftOut++;
  }

  /** The check's row: failed with its first finding if there is one, otherwise as given. */
  check(id: CheckId, state: Exclude<CheckState, 'failed'>, detail: string): Check {
    const failure = this.perCheck.get(id);
    if (failure === undefined) return { id, title: CHECK_TITLES[id], state, detail };
    const more = failure.count > 1 ? `, and ${count(failure.count - 1)} more` : '';
    return { id, title: CHECK_TITLES[id], state: 'failed', detail: failure.first.detail + more };
  }
}

/** A number with thousands separated by commas, the same on every machine. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `1 entry`, `2 entries`. */
export function counted(value: number, one: string, many: string): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/**
 * A text out of a bundle, safe to print: control characters, line breaks and the characters that turn writing direction are shown
 * as U+FFFD, and what is long is cut. SECURITY: bundles come from strangers and these words end up in terminals.
 */
export function printable(text: string): string {
  return printableUpTo(200, text);
}

/** The same for sentences that were put together here, which may be longer than what a bundle says in one place. */
export function printableWhole(text: string): string {
  return printableUpTo(4_000, text);
}

function printableUpTo(most: number, text: string): string {
  const shown = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, '\ufffd');
  return shown.length > most ? `${shown.slice(0, most - 1)}…` : shown;
}

/** `2026-11-21T14:05:00.000Z` as `2026-11-21 14:05:00 UTC`; anything else as it is, made printable. */
export function readableTime(time: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?Z$/.exec(time);
  return match === null ? printable(time) : `${match[1]} ${match[2]} UTC`;
}
