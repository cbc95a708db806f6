// Pruning: bodies of expired entries go, their leaf hashes stay. What a run takes away is fixed and recorded, with a digest over its exact
// ranges in an entry of the log, before the first body goes; a run that was cut short is finished by the next start.

import { auditTypes } from '../../../../src-shared/audit-types.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { categoryOf, type RetentionCategory, retentionCategories } from '../../../../src-shared/contract/retention.ts';
import { toHex, utf8 } from '../../../base/bytes.ts';
import { sha256 } from '../../../base/hashes.ts';
import { defaultWorkspace } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store, WriteTx } from '../../store/store.ts';
import { treeSize } from './audit-table.ts';
import {
  allRuns,
  countExpired,
  countOfTypes,
  deleteSome,
  digestInEntry,
  type Expired,
  expiredSeqs,
  finishRuns,
  hasPruning,
  hasUnfinishedRun,
  insertRun,
  nextRun,
  prunedBetween,
  type Range,
  rangesOf,
} from './pruning-table.ts';

const dayMs = 24 * 3_600_000;
/** One run takes away at most so many, so that its transaction stays short; more expired ones are the next run's. */
const entriesInRun = 5_000;
const deletedAtOnce = 200;

export type RetentionDays = Readonly<Record<RetentionCategory, number>>;

export type PruningParts = {
  readonly host: Host;
  readonly days: RetentionDays;
  /** The entry of one run. */
  record(tx: WriteTx, details: Record<string, unknown>): void;
};

const listedTypes = Object.keys(auditTypes);

function expiredOf(category: RetentionCategory, days: RetentionDays, now: number): Expired {
  const before = now - days[category] * dayMs;
  // Types that this version doesn't know any more are compliance too.
  return category === 'compliance'
    ? { category, types: listedTypes.filter((type) => categoryOf(type) !== 'compliance'), except: true, before }
    : { category, types: listedTypes.filter((type) => categoryOf(type) === category), except: false, before };
}

export function previewPruning(tx: ReadTx, days: RetentionDays, now: number) {
  return retentionCategories.map((category) => {
    const expired = expiredOf(category, days, now);
    return { category, days: days[category], entries: countOfTypes(tx, expired), ...countExpired(tx, expired) };
  });
}

/** Runs until nothing is expired. @returns how many bodies went. */
export async function prune(store: Store, parts: PruningParts, signal: AbortSignal): Promise<number> {
  const { host } = parts;
  await finish(store, host, signal);
  let total = 0;
  for (;;) {
    await store.writable();
    const planned = store.write(defaultWorkspace, (tx) => begin(tx, parts));
    if (planned === 0) return total;
    await finish(store, host, signal);
    total += planned;
  }
}

/** Deletes what recorded runs have left to delete. */
async function finish(store: Store, host: Host, signal: AbortSignal): Promise<void> {
  if (!store.readAll(hasUnfinishedRun)) return;
  for (;;) {
    await store.writable();
    if (signal.aborted) throw new ProblemError('console/stopping', 'the console is stopping');
    const deleted = store.write(defaultWorkspace, (tx) => {
      const some = deleteSome(tx, deletedAtOnce);
      if (some < deletedAtOnce) finishRuns(tx, host.clock.now());
      return some;
    });
    if (deleted < deletedAtOnce) return;
    await host.timers.breathe();
  }
}

/** Ends a run that was cut short, and begins none. */
export async function resumePruning(store: Store, host: Host, signal: AbortSignal): Promise<number> {
  await finish(store, host, signal);
  return 0;
}

function begin(tx: WriteTx, { host, days, record }: PruningParts): number {
  const now = host.clock.now();
  const taken: number[] = [];
  const shares: Record<string, unknown>[] = [];
  for (const category of retentionCategories) {
    const expired = expiredOf(category, days, now);
    const seqs = expiredSeqs(tx, expired, entriesInRun - taken.length);
    if (seqs.length === 0) continue;
    taken.push(...seqs);
    shares.push({
      category,
      days: days[category],
      before: new Date(expired.before).toISOString(),
      entries: seqs.length,
    });
  }
  if (taken.length === 0) return 0;
  const ranges = asRanges(taken.sort((left, right) => left - right));
  const id = nextRun(tx);
  const digest = digestOf(ranges);
  record(tx, {
    run: id,
    entries: taken.length,
    from_seq: ranges[0]?.from_seq ?? 0,
    to_seq: ranges.at(-1)?.to_seq ?? 0,
    ranges: ranges.length,
    ranges_sha256: digest,
    categories: shares,
  });
  insertRun(tx, { id, entry_seq: treeSize(tx), digest }, now, ranges);
  return taken.length;
}

function asRanges(seqs: readonly number[]): Range[] {
  const ranges: { from_seq: number; to_seq: number }[] = [];
  for (const seq of seqs) {
    const last = ranges.at(-1);
    if (last !== undefined && last.to_seq === seq - 1) last.to_seq = seq;
    else ranges.push({ from_seq: seq, to_seq: seq });
  }
  return ranges;
}

function digestOf(ranges: readonly Range[]): string {
  return toHex(sha256(utf8(ranges.map(({ from_seq, to_seq }) => `${from_seq}-${to_seq}`).join(','))));
}

export type Pruned = { readonly isPruned: (seq: number) => boolean; readonly fault: string | undefined };

/** For the self-check: which bodies may be missing, because an entry says that a run took exactly them. */
export function readPruned(tx: ReadTx): Pruned {
  if (!hasPruning(tx)) return { isPruned: () => false, fault: undefined };
  for (const run of allRuns(tx)) {
    if (digestOf(rangesOf(tx, run.id)) !== run.digest || digestInEntry(tx, run.entry_seq) !== run.digest) {
      return {
        isPruned: () => false,
        fault: `pruning run ${run.id} is not the one that entry #${run.entry_seq} records`,
      };
    }
  }
  const ranges = prunedBetween(tx, 1, treeSize(tx));
  return {
    fault: undefined,
    isPruned(seq) {
      let low = 0;
      let high = ranges.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((ranges[middle]?.to_seq ?? 0) < seq) low = middle + 1;
        else high = middle;
      }
      return (ranges[low]?.from_seq ?? Number.POSITIVE_INFINITY) <= seq;
    },
  };
}
