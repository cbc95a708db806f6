// Verification step "Chain continuous": the entries are those of the signed tree, in order, each once, and none is missing where the
// bundle claims a whole range. Order is by seq alone: clocks may have jumped, and that must not look like an attack.

import type { BundleParts } from './bundle-reader.ts';
import { readEntry } from './bundle-reader.ts';
import type { BundleSource } from './bundle-source.ts';
import { equalBytes } from './bytes.ts';
import type { EntryTable } from './entry-reader.ts';
import type { Manifest } from './manifest.ts';
import { rootFromRange } from './merkle-verify.ts';
import type { Primitives } from './primitives.ts';
import { type Check, count, counted, type Findings } from './verdict.ts';

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
  diagnoseOrder(manifest, entries, findings);
  if (entries.seqs.length !== manifest.counts.entries) {
    const detail = `${counted(manifest.counts.entries, 'entry was', 'entries were')} signed, the file has ${count(entries.seqs.length)}`;
    findings.add('entry-count', 'manifest.counts', detail);
  }
  const range = `#${count(from)} to #${count(to)}`;
  const number = counted(entries.seqs.length, 'entry', 'entries');
  if (manifest.filter === null) {
    checkRange(primitives, parts, manifest, findings);
    return findings.check('chain_continuous', 'proven', `${range}, ${number}, 0 missing`);
  }
  if (parts.rangeProof !== null) {
    findings.add('range-proof', 'range_proof', 'a filtered bundle carries no range proof');
  }
  const share = checkWorkspaceShare(source, manifest, entries, findings) + checkPruned(manifest, entries, findings);
  const detail = `${number} chosen by a filter from ${range}, each in the tree${share}; that no other matches cannot be proven`;
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

function diagnoseOrder(manifest: Manifest, entries: EntryTable, findings: Findings): void {
  const { from, to } = manifest.range;
  const { seqs } = entries;
  const whole = manifest.filter === null;
  if (whole && seqs.length === to - from + 1 && seqs.every((seq, i) => seq === from + i)) return;
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

// A filter for one workspace and nothing else can be checked further: the leaves count that workspace's entries.
function checkWorkspaceShare(
  source: BundleSource,
  manifest: Manifest,
  entries: EntryTable,
  findings: Findings,
): string {
  const workspace = manifest.filter?.workspace;
  if (typeof workspace !== 'string' || Object.keys(manifest.filter ?? {}).length !== 1) return '';
  let previous: number | undefined;
  entries.seqs.forEach((seq, i) => {
    if (seq === 0) return;
    const number = entries.workspaceSeqs[i] ?? 0;
    if (readEntry(source, entries, i).leaf.workspace !== workspace) {
      findings.add('entry-out-of-range', `entries[${i}]`, `entry #${count(seq)} is of another workspace`, seq);
    } else if (previous !== undefined && number !== previous + 1) {
      const detail = `between entries ${count(previous)} and ${count(number)} of the workspace some are missing`;
      findings.add('entries-missing', `entries[${i}]`, detail, seq);
    }
    previous = number;
  });
  const first = entries.workspaceSeqs[0];
  if (first === undefined || previous === undefined) return '';
  return `, the workspace's entries ${count(first)} to ${count(previous)} without a gap`;
}
