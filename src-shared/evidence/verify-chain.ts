// Verification step "Chain continuous": the entries are those of the signed tree, in order, each once, and none is missing where the
// bundle claims a whole range. Order is by seq alone: clocks may have jumped, and that must not look like an attack.

import type { BundleParts } from './bundle-reader.ts';
import type { BundleSource } from './bundle-source.ts';
import { equalBytes } from './bytes.ts';
import type { EntryTable } from './entry-reader.ts';
import type { Manifest } from './manifest.ts';
import { rootFromRange } from './merkle-verify.ts';
import type { Primitives } from './primitives.ts';
import { type Check, count, counted, type Findings } from './verdict.ts';
import { checkFilter } from './verify-filter.ts';

/** Under a filter the row is limited at best: each entry is proven, that no other matches is not. */
export function checkChain(
  primitives: Primitives,
  source: BundleSource,
  parts: BundleParts,
  findings: Findings,
): Check {
  const { manifest, entries } = parts;
  if (manifest === undefined) {
    return findings.check('chain_continuous', 'not_checkable', 'the manifest is not readable');
  }
  const { from, to } = manifest.range;
  if (from < 1 || to < from || to > manifest.tree_size) {
    const detail = `a range from #${count(from)} to #${count(to)} cannot be in ${count(manifest.tree_size)} entries`;
    findings.add('entry-out-of-range', 'manifest.range', detail);
  }
  const isInOrder = diagnoseOrder(manifest, entries, findings);
  if (entries.seqs.length !== manifest.counts.entries) {
    const detail = `${counted(manifest.counts.entries, 'entry was', 'entries were')} signed, the file has ${count(entries.seqs.length)}`;
    findings.add('entry-count', 'manifest.counts', detail);
  }
  const range = `#${count(from)} to #${count(to)}`;
  const number = counted(entries.seqs.length, 'entry', 'entries');
  if (manifest.filter === null) {
    checkRange(primitives, parts, manifest, findings);
    if (isInOrder) checkWorkspaceNumbers(entries, findings);
    return findings.check('chain_continuous', 'proven', `${range}, ${number}, 0 missing`);
  }
  if (parts.rangeProof !== null) {
    findings.add('range-proof', 'range_proof', 'a filtered bundle carries no range proof');
  }
  checkFilter(source, manifest.filter, entries, findings);
  const share = checkWorkspaceShare(manifest, entries, findings) + checkPruned(manifest, entries, findings);
  const detail = `${number} chosen by a filter from ${range}, each in the tree${gapless(entries)}${share}; that no other matches cannot be proven`;
  return findings.check('chain_continuous', 'limited', detail);
}

function checkRange(primitives: Primitives, parts: BundleParts, manifest: Manifest, findings: Findings): void {
  const { entries, rangeProof, checkpoint } = parts;
  if (rangeProof === null) {
    findings.add('range-proof', 'range_proof', 'a whole range must carry a range proof');
    return;
  }
  if (checkpoint === undefined) return;
  const { from, to } = manifest.range;
  const root = rootFromRange(primitives, entries.leaves, from - 1, to, checkpoint.size, rangeProof);
  if (root !== undefined && equalBytes(root, checkpoint.root)) return;
  const entriesAreSigned = entries.contentDigest === manifest.content_digest.value;
  const detail = entriesAreSigned
    ? 'the entries are as signed, but with this proof they do not lead to the root: the proof or the checkpoint is wrong'
    : 'entries and proof do not lead to the signed root';
  findings.add('range-proof', 'range_proof', detail);
}

function gapless({ seqs }: EntryTable): string {
  const [first = 0] = seqs;
  if (seqs.length < 2 || !seqs.every((seq, i) => seq === first + i)) return '';
  return `, none missing between #${count(first)} and #${count(first + seqs.length - 1)}`;
}

/** Whether the entries of a whole range are exactly those. */
function diagnoseOrder(manifest: Manifest, entries: EntryTable, findings: Findings): boolean {
  const { from, to } = manifest.range;
  const { seqs } = entries;
  const whole = manifest.filter === null;
  if (whole && seqs.length === to - from + 1 && seqs.every((seq, i) => seq === from + i)) return true;
  const seen = new Set<number>();
  let highest = 0;
  seqs.forEach((seq, i) => {
    const where = `entries[${i}]`;
    // Seq 0 marks an entry that could not be read, which has its own finding.
    if (seq === 0) return;
    if (seq < from || seq > to) {
      const detail = `entry #${count(seq)} is outside the range #${count(from)} to #${count(to)}`;
      findings.add('entry-out-of-range', where, detail, seq);
    } else if (seen.has(seq)) {
      findings.add('entry-duplicated', where, `entry #${count(seq)} stands there twice`, seq);
    } else if (seq < highest) {
      const detail = `entry #${count(seq)} comes after #${count(highest)}`;
      findings.add('entry-out-of-order', where, detail, seq);
    }
    seen.add(seq);
    highest = Math.max(highest, seq);
  });
  if (whole) nameGaps(seen, seqs.includes(0), from, to, findings);
  return false;
}

function nameGaps(seen: Set<number>, unreadable: boolean, from: number, to: number, findings: Findings): void {
  const present = [...seen].filter((seq) => seq >= from && seq <= to).sort((a, b) => a - b);
  let expected = from;
  for (const seq of [...present, to + 1]) {
    if (seq > expected) {
      const gap = seq - 1 === expected ? `#${count(expected)}` : `#${count(expected)} to #${count(seq - 1)}`;
      const detail = `${gap} missing${unreadable ? ' or among the entries that are not readable' : ''}`;
      findings.add('entries-missing', 'entries', `${seq - expected > 1 ? 'entries' : 'entry'} ${detail}`, expected);
    }
    expected = seq + 1;
  }
}

/**
 * Entries that the log's retention took away are named by the filter, as ranges. None of them may be there after all, and where nothing
 * else was filtered, every other entry of the range must be.
 */
function checkPruned(manifest: Manifest, entries: EntryTable, findings: Findings): string {
  const { pruned, ...asked } = manifest.filter ?? {};
  if (pruned === undefined) return '';
  const { from, to } = manifest.range;
  const ranges = Array.isArray(pruned) ? pruned.map(asRange) : [undefined];
  let total = 0;
  let last = from - 1;
  for (const range of ranges) {
    if (range === undefined || range.from <= last || range.to < range.from || range.to > to) {
      findings.add('entry-out-of-range', 'manifest.filter.pruned', 'what was pruned is not a list of ranges in order');
      return '';
    }
    total += range.to - range.from + 1;
    last = range.to;
  }
  const gone = (seq: number): boolean => ranges.some((range) => range && seq >= range.from && seq <= range.to);
  entries.seqs.forEach((seq, i) => {
    if (!gone(seq)) return;
    const detail = `entry #${count(seq)} is said to be pruned, and stands there`;
    findings.add('entry-out-of-range', `entries[${i}]`, detail, seq);
  });
  const words = `; ${counted(total, 'entry was', 'entries were')} pruned by the log's retention, only their leaves are left`;
  if (Object.keys(asked).some((name) => name !== 'from_seq' && name !== 'to_seq')) return words;
  const present = entries.seqs.filter((seq) => seq > 0).length;
  if (present + total !== to - from + 1) {
    const detail = `${counted(present, 'entry stands', 'entries stand')} there and ${count(total)} were pruned, of ${count(to - from + 1)}`;
    findings.add('entries-missing', 'entries', detail);
  }
  return `${words}, no other is missing`;
}

function asRange(value: unknown): { from: number; to: number } | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [from, to]: unknown[] = value;
  return Number.isSafeInteger(from) && Number.isSafeInteger(to) ? { from: Number(from), to: Number(to) } : undefined;
}

// In a whole range the leaves count the entries of each workspace as well. Told only where nothing else is wrong with the order: what is
// missing has its own finding.
function checkWorkspaceNumbers(entries: EntryTable, findings: Findings): void {
  for (const { index, previous, number } of entries.shares.breaks) {
    const seq = entries.seqs[index] ?? 0;
    const detail = `entry #${count(seq)} is number ${count(number)} of its workspace, and the one before it number ${count(previous)}`;
    findings.add('workspace-sequence', `entries[${index}]`, detail, seq);
  }
}

// A filter for one workspace and nothing else can be checked further: the leaves count that workspace's entries.
function checkWorkspaceShare(manifest: Manifest, entries: EntryTable, findings: Findings): string {
  if (typeof manifest.filter?.workspace !== 'string' || Object.keys(manifest.filter).length !== 1) return '';
  for (const { index, previous, number } of entries.shares.breaks) {
    const detail = `between entries ${count(previous)} and ${count(number)} of the workspace some are missing`;
    findings.add('entries-missing', `entries[${index}]`, detail, entries.seqs[index]);
  }
  const first = entries.workspaceSeqs[0];
  const last = entries.workspaceSeqs.at(-1);
  if (first === undefined || last === undefined) return '';
  if (manifest.range.from === 1 && first > 1) {
    findings.add(
      'entries-missing',
      'entries[0]',
      `entries of the workspace before its number ${count(first)} are missing`,
    );
  }
  return `, the workspace's entries ${count(first)} to ${count(last)} without a gap`;
}
