// One stretch of event time of one group: its events in order of time, the newest window's running total, and the run that is on.
// A group has several when an old log is imported beside live events. Which segment an event belongs to is decided outside.
import { meets, type Observation, type WindowReading, type WindowSpec } from './window-state.ts';

export interface Entry extends Observation {
  /** Events this entry stands for; more than one only after thinning. */
  readonly weight: number;
}

interface Run {
  events: number;
  firstAtMs: number;
  lastAtMs: number;
  peak: number;
  readonly tracked: Set<string>[];
}

export interface Segment {
  readonly entries: Entry[];
  /** First entry of the window that ends at the newest one; those before it wait for late events only. */
  windowStart: number;
  /** Count, sum or number of distinct values of that window. */
  total: number;
  readonly distinct: Map<string, number>;
  /** Entries that were dropped because they were too old: earlier events can no longer be counted with this segment. */
  dropped: boolean;
  run: Run | undefined;
}

const mostTracked = 50;

export function createSegment(): Segment {
  return { entries: [], windowStart: 0, total: 0, distinct: new Map(), dropped: false, run: undefined };
}

export function newestOf(segment: Segment): number {
  return segment.entries[segment.entries.length - 1]?.timeMs ?? Number.NEGATIVE_INFINITY;
}

export function oldestOf(segment: Segment): number {
  return segment.entries[0]?.timeMs ?? Number.POSITIVE_INFINITY;
}

/** Counts one event in and says whether the condition holds in a window that contains it. */
export function observeIn(
  segment: Segment,
  spec: WindowSpec,
  observation: Observation,
  latenessMs: number,
): WindowReading | undefined {
  const entry: Entry = { ...observation, weight: 1 };
  const inOrder = observation.timeMs >= newestOf(segment);
  const at = inOrder ? segment.entries.length : placeFor(segment.entries, observation.timeMs);
  if (inOrder) append(segment, spec, entry, latenessMs);
  else insert(segment, spec, entry, at);
  const best = inOrder
    ? { value: newestTotal(segment, spec), from: segment.windowStart, to: segment.entries.length }
    : bestWindow(segment.entries, spec, at);
  return advanceRun(segment, spec, entry, best);
}

function append(segment: Segment, spec: WindowSpec, entry: Entry, latenessMs: number): void {
  segment.entries.push(entry);
  add(segment, spec, entry);
  const start = entry.timeMs - spec.spanMs;
  for (let first = segment.entries[segment.windowStart]; first !== undefined && first.timeMs < start; ) {
    remove(segment, spec, first);
    first = segment.entries[++segment.windowStart];
  }
  dropOlderThan(segment, start - latenessMs);
}

/** Old entries are cut off in large steps, because moving an array's rest costs its length. */
function dropOlderThan(segment: Segment, timeMs: number): void {
  if ((segment.entries[0]?.timeMs ?? timeMs) >= timeMs) return;
  let count = 0;
  while (count < segment.windowStart && (segment.entries[count]?.timeMs ?? timeMs) < timeMs) count++;
  if (count === 0 || (count < 64 && count * 2 < segment.entries.length)) return;
  segment.entries.splice(0, count);
  segment.windowStart -= count;
  segment.dropped = true;
}

function insert(segment: Segment, spec: WindowSpec, entry: Entry, at: number): void {
  segment.entries.splice(at, 0, entry);
  if (entry.timeMs >= newestOf(segment) - spec.spanMs) add(segment, spec, entry);
  else segment.windowStart++;
}

/** After all entries with the same time or an earlier one. */
function placeFor(entries: readonly Entry[], timeMs: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.timeMs ?? 0) <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Adds one entry to the newest window's total. */
export function add(segment: Segment, spec: WindowSpec, entry: Entry): void {
  if (spec.aggregate === 'distinct') {
    const value = String(entry.value);
    const before = segment.distinct.get(value) ?? 0;
    segment.distinct.set(value, before + 1);
    segment.total = segment.distinct.size;
  } else segment.total += amount(spec, entry);
}

function remove(segment: Segment, spec: WindowSpec, entry: Entry): void {
  if (spec.aggregate === 'distinct') {
    const value = String(entry.value);
    const left = (segment.distinct.get(value) ?? 1) - 1;
    if (left === 0) segment.distinct.delete(value);
    else segment.distinct.set(value, left);
    segment.total = segment.distinct.size;
  } else segment.total -= amount(spec, entry);
}

function amount(spec: WindowSpec, entry: Entry): number {
  return spec.aggregate === 'sum' ? Number(entry.value) : entry.weight;
}

function newestTotal(segment: Segment, spec: WindowSpec): number {
  return spec.aggregate === 'ordered'
    ? measure(segment.entries, spec, segment.windowStart, segment.entries.length)
    : segment.total;
}

/** Of all windows that contain the entry at `at` and end at an entry, the one with the highest value. */
function bestWindow(
  entries: readonly Entry[],
  spec: WindowSpec,
  at: number,
): { value: number; from: number; to: number } {
  const timeMs = entries[at]?.timeMs ?? 0;
  let from = at;
  while (from > 0 && (entries[from - 1]?.timeMs ?? 0) >= timeMs - spec.spanMs) from--;
  let best = { value: Number.NEGATIVE_INFINITY, from, to: at + 1 };
  const window = createSegment();
  for (let to = from; to < entries.length; to++) {
    const entry = entries[to];
    if (entry === undefined || entry.timeMs > timeMs + spec.spanMs) break;
    add(window, spec, entry);
    for (let first = entries[from]; first !== undefined && first.timeMs < entry.timeMs - spec.spanMs; ) {
      remove(window, spec, first);
      first = entries[++from];
    }
    if (to < at) continue;
    const value = spec.aggregate === 'ordered' ? measure(entries, spec, from, to + 1) : window.total;
    if (value > best.value) best = { value, from, to: to + 1 };
  }
  return best;
}

/** The steps 0, 1, 2 … that follow each other in time between two places. */
function measure(entries: readonly Entry[], spec: WindowSpec, from: number, to: number): number {
  if (spec.aggregate !== 'ordered') throw new Error('only ordered windows are measured from scratch');
  let step = 0;
  for (let at = from; at < to; at++) if (entries[at]?.value === String(step)) step++;
  return step;
}

function advanceRun(
  segment: Segment,
  spec: WindowSpec,
  entry: Entry,
  best: { value: number; from: number; to: number },
): WindowReading | undefined {
  if (!meets(spec.condition, best.value)) {
    // A late event that changes nothing doesn't end the run; silence in the newest window does.
    if (entry.timeMs >= newestOf(segment)) segment.run = undefined;
    return undefined;
  }
  const { run } = segment;
  if (run !== undefined && entry.timeMs >= run.firstAtMs - spec.spanMs && entry.timeMs <= run.lastAtMs + spec.spanMs) {
    extend(run, entry);
    run.peak = Math.max(run.peak, best.value);
    return { state: 'continued', value: best.value, run, eventIds: [entry.eventId] };
  }
  const opened: Run = {
    events: 0,
    firstAtMs: entry.timeMs,
    lastAtMs: entry.timeMs,
    peak: best.value,
    tracked: entry.tracked.map(() => new Set<string>()),
  };
  const eventIds: string[] = [];
  for (let at = best.from; at < best.to; at++) {
    const member = segment.entries[at];
    if (member === undefined) continue;
    extend(opened, member);
    eventIds.push(member.eventId);
  }
  segment.run = opened;
  return { state: 'opened', value: best.value, run: opened, eventIds };
}

function extend(run: Run, entry: Entry): void {
  run.events += entry.weight;
  run.firstAtMs = Math.min(run.firstAtMs, entry.timeMs);
  run.lastAtMs = Math.max(run.lastAtMs, entry.timeMs);
  entry.tracked.forEach((value, index) => {
    const values = run.tracked[index];
    if (value !== undefined && values !== undefined && values.size < mostTracked) values.add(value);
  });
}
