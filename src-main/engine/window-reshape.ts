// Segments reshaped as a whole: two joined into one, one thinned that grew too large. Rare; the daily work is window-segment.ts.
import type { Entry } from './window-content.ts';
import { createSegment, recount, type Segment } from './window-segment.ts';
import type { WindowSpec } from './window-state.ts';

/** Joins a later segment onto an earlier one that has grown up to it. */
export function joinSegments(earlier: Segment, later: Segment, spec: WindowSpec): Segment {
  const joined = createSegment(spec);
  for (const entry of earlier.entries.concat(later.entries).sort((a, b) => a.timeMs - b.timeMs))
    joined.entries.push(entry);
  joined.dropped = earlier.dropped;
  joined.run = later.run ?? earlier.run;
  recount(joined, spec);
  return joined;
}

/**
 * Halves a segment that grew too large, keeping its totals: neighbours of the older half are merged, at the later one's time, so a
 * window's edge gets coarser but counts, sums and averages lose nothing. Of distinct values only the newest occurrence is kept, and
 * if that is not enough the oldest values go: the count is then a lower bound. Ranks and shares are estimated from every second
 * entry of the older half. Ids of merged events are no longer listed.
 */
export function thin(segment: Segment, spec: WindowSpec): void {
  const { entries } = segment;
  const kept = keep(entries, spec);
  entries.length = 0;
  for (const entry of kept) entries.push(entry);
  recount(segment, spec);
}

function keep(entries: readonly Entry[], { aggregate }: WindowSpec): Entry[] {
  const half = entries.length >> 1;
  switch (aggregate) {
    case 'distinct':
    case 'near':
      return newestOfEach(entries);
    case 'ordered':
      return entries.slice(half);
    case 'percentile':
    case 'share':
      return entries.filter((_, at) => at >= half || at % 2 === 0);
    default:
      return pairs(entries.slice(0, half), aggregate).concat(entries.slice(half));
  }
}

function newestOfEach(entries: readonly Entry[]): Entry[] {
  const kept: Entry[] = [];
  const seen = new Set<string>();
  for (let at = entries.length - 1; at >= 0; at--) {
    const entry = entries[at];
    if (entry === undefined || seen.has(String(entry.value))) continue;
    seen.add(String(entry.value));
    kept.push({ ...entry, weight: 1 });
  }
  kept.reverse();
  return kept.length > entries.length - (entries.length >> 3) ? kept.slice(entries.length >> 1) : kept;
}

function pairs(entries: readonly Entry[], aggregate: WindowSpec['aggregate']): Entry[] {
  const kept: Entry[] = [];
  for (let at = 0; at < entries.length; at += 2) {
    const first = entries[at];
    const second = entries[at + 1];
    if (first !== undefined) kept.push(second === undefined ? first : merged(first, second, aggregate));
  }
  return kept;
}

function merged(first: Entry, second: Entry, aggregate: WindowSpec['aggregate']): Entry {
  const [one, two] = [Number(first.value), Number(second.value)];
  const value = aggregate === 'minimum' ? Math.min(one, two) : aggregate === 'maximum' ? Math.max(one, two) : one + two;
  return { ...second, weight: first.weight + second.weight, value };
}
