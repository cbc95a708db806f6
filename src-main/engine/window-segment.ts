// One stretch of event time of one group: its events in order of time, the newest window's running total, and the run that is on.
// A group has several when an old log is imported beside live events. Which segment an event belongs to is decided outside.
import { createWindowContent, type Entry, type WindowContent } from './window-content.ts';
import { meets, type Observation, type WindowReading, type WindowSpec } from './window-state.ts';

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
  /** What stands in that window. */
  content: WindowContent;
  /** Entries that were dropped because they were too old: earlier events can no longer be counted with this segment. */
  dropped: boolean;
  run: Run | undefined;
}

const mostTracked = 50;
const dropStep = 64;

export function createSegment(spec: WindowSpec): Segment {
  return { entries: [], windowStart: 0, content: createWindowContent(spec), dropped: false, run: undefined };
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
  const { timeMs, eventId, value, tracked } = observation;
  const entry: Entry = { timeMs, eventId, value, tracked, weight: 1 };
  const inOrder = timeMs >= newestOf(segment);
  if (inOrder) {
    append(segment, spec, entry, latenessMs);
    const reached = segment.content.value(entry);
    const best = meets(spec.condition, reached)
      ? { value: reached, from: segment.windowStart, to: segment.entries.length }
      : undefined;
    return advanceRun(segment, spec, entry, best);
  }
  const at = placeFor(segment.entries, timeMs);
  insert(segment, spec, entry, at);
  return advanceRun(
    segment,
    spec,
    entry,
    isNearEnd(segment, spec, at) ? bestFromEnd(segment, spec, at) : bestWindow(segment.entries, spec, at),
  );
}

/**
 * Is it less work to go back from the newest window than to count all windows around the entry from scratch? Clocks of several hosts
 * differ by a little all the time, and it must not cost the whole window each time. Sums are left out: what is added and taken away
 * again leaves its rounding behind.
 */
function isNearEnd({ entries, windowStart }: Segment, { aggregate }: WindowSpec, at: number): boolean {
  if (aggregate === 'sum' || aggregate === 'average' || aggregate === 'ordered') return false;
  return at >= windowStart && (entries.length - at) * 4 < entries.length - windowStart;
}

/** As `bestWindow`, of an entry in the newest window: its content goes back entry by entry, and forth again. */
function bestFromEnd(segment: Segment, spec: WindowSpec, at: number): Found | undefined {
  const { entries, content } = segment;
  let from = segment.windowStart;
  let best: Found | undefined;
  for (let to = entries.length - 1; to >= at; to--) {
    const last = entries[to];
    if (last === undefined) break;
    for (let before = entries[from - 1]; before !== undefined && before.timeMs >= last.timeMs - spec.spanMs; ) {
      content.add(before);
      before = entries[--from - 1];
    }
    const value = content.value(last);
    // Of equal windows the earliest, as when they are counted from scratch.
    if (meets(spec.condition, value) && (best === undefined || value >= best.value)) best = { value, from, to: to + 1 };
    if (to > at) content.remove(last);
  }
  for (let to = at + 1; to < entries.length; to++) {
    const next = entries[to];
    if (next !== undefined) content.add(next);
  }
  for (; from < segment.windowStart; from++) {
    const first = entries[from];
    if (first !== undefined) content.remove(first);
  }
  return best;
}

function append(segment: Segment, spec: WindowSpec, entry: Entry, latenessMs: number): void {
  segment.entries.push(entry);
  segment.content.add(entry);
  const start = entry.timeMs - spec.spanMs;
  for (let first = segment.entries[segment.windowStart]; first !== undefined && first.timeMs < start; ) {
    segment.content.remove(first);
    first = segment.entries[++segment.windowStart];
  }
  dropOlderThan(segment, start - latenessMs);
}

/** Old entries are cut off in large steps, because moving an array's rest costs its length. */
function dropOlderThan(segment: Segment, timeMs: number): void {
  const { entries, windowStart } = segment;
  let count = Math.min(dropStep, (entries.length + 1) >> 1);
  // Unless the last of such a step is old enough there is no step to take; looking at it alone costs the same at every event.
  if (count > windowStart || (entries[count - 1]?.timeMs ?? timeMs) >= timeMs) return;
  while (count < windowStart && (entries[count]?.timeMs ?? timeMs) < timeMs) count++;
  entries.splice(0, count);
  segment.windowStart -= count;
  segment.dropped = true;
}

function insert(segment: Segment, spec: WindowSpec, entry: Entry, at: number): void {
  segment.entries.splice(at, 0, entry);
  if (entry.timeMs < newestOf(segment) - spec.spanMs) segment.windowStart++;
  else if (spec.aggregate === 'ordered') recount(segment, spec);
  else segment.content.add(entry);
}

/** The newest window from scratch. */
export function recount(segment: Segment, spec: WindowSpec): void {
  const start = newestOf(segment) - spec.spanMs;
  segment.content = createWindowContent(spec);
  segment.windowStart = 0;
  for (const entry of segment.entries) {
    if (entry.timeMs < start) segment.windowStart++;
    else segment.content.add(entry);
  }
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

interface Found {
  readonly value: number;
  readonly from: number;
  readonly to: number;
}

/** Of all windows that contain the entry at `at`, end at an entry and fulfil the condition, the one with the highest value. */
function bestWindow(entries: readonly Entry[], spec: WindowSpec, at: number): Found | undefined {
  const timeMs = entries[at]?.timeMs ?? 0;
  let from = at;
  while (from > 0 && (entries[from - 1]?.timeMs ?? 0) >= timeMs - spec.spanMs) from--;
  let best: Found | undefined;
  const content = createWindowContent(spec);
  for (let to = from; to < entries.length; to++) {
    const entry = entries[to];
    if (entry === undefined || entry.timeMs > timeMs + spec.spanMs) break;
    content.add(entry);
    for (let first = entries[from]; first !== undefined && first.timeMs < entry.timeMs - spec.spanMs; ) {
      content.remove(first);
      first = entries[++from];
    }
    if (to < at) continue;
    const value = content.value(entry);
    if (meets(spec.condition, value) && (best === undefined || value > best.value)) best = { value, from, to: to + 1 };
  }
  return best;
}

function advanceRun(
  segment: Segment,
  spec: WindowSpec,
  entry: Entry,
  best: Found | undefined,
): WindowReading | undefined {
  if (best === undefined) {
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
