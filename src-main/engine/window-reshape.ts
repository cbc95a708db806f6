// Segments reshaped as a whole: two joined into one, one thinned that grew too large. Rare; the daily work is window-segment.ts.
import { add, createSegment, type Entry, newestOf, type Segment } from './window-segment.ts';
import type { WindowSpec } from './window-state.ts';

/** Joins a later segment onto an earlier one that has grown up to it. */
export function joinSegments(earlier: Segment, later: Segment, spec: WindowSpec): Segment {
  const joined = createSegment();
  for (const entry of earlier.entries.concat(later.entries).sort((a, b) => a.timeMs - b.timeMs))
    joined.entries.push(entry);
  joined.dropped = earlier.dropped;
  joined.run = later.run ?? earlier.run;
  recount(joined, spec);
  return joined;
}

/**
 * Halves a segment that grew too large, keeping its totals: neighbours of the older half are merged, at the later one's time, so a
 * window's edge gets coarser but nothing is lost. Of distinct values only the newest occurrence is kept, and if that is not enough
 * the oldest values go: the count is then a lower bound. Ids of merged events are no longer listed.
 */
export function thin(segment: Segment, spec: WindowSpec): void {
  const { entries } = segment;
  const half = entries.length >> 1;
  const kept: Entry[] = [];
  if (spec.aggregate === 'distinct') {
    const seen = new Set<string>();
    for (let at = entries.length - 1; at >= 0; at--) {
      const entry = entries[at];
      if (entry === undefined || seen.has(String(entry.value))) continue;
      seen.add(String(entry.value));
      kept.push(entry);
    }
    kept.reverse();
    if (kept.length > entries.length - (half >> 2)) kept.splice(0, half);
  } else if (spec.aggregate === 'ordered') {
    kept.push(...entries.slice(half));
  } else {
    for (let at = 0; at < half; at += 2) {
      const first = entries[at];
      const second = entries[at + 1];
      if (first === undefined) continue;
      if (second === undefined || at + 1 >= half) kept.push(first);
      else kept.push(merged(first, second));
    }
    kept.push(...entries.slice(half));
  }
  entries.length = 0;
  for (const entry of kept) entries.push(entry);
  recount(segment, spec);
}

function merged(first: Entry, second: Entry): Entry {
  return {
    ...second,
    weight: first.weight + second.weight,
    value: typeof first.value === 'number' ? first.value + Number(second.value) : second.value,
  };
}

function recount(segment: Segment, spec: WindowSpec): void {
  const start = newestOf(segment) - spec.spanMs;
  segment.distinct.clear();
  segment.total = 0;
  segment.windowStart = 0;
  for (const entry of segment.entries) {
    if (entry.timeMs < start) segment.windowStart++;
    else add(segment, spec, entry);
  }
}
