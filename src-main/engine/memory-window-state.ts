// Correlation windows in memory: bounded in groups and in events, by giving up the groups that were quiet longest.
import { sha256Hex } from '../base/hashes.ts';
import { joinSegments, thin } from './window-reshape.ts';
import { createSegment, newestOf, observeIn, oldestOf, type Segment } from './window-segment.ts';
import type { WindowSpec, WindowState } from './window-state.ts';

export interface WindowLimits {
  /** An event may arrive this much after events with later times and still count exactly. */
  readonly latenessMs: number;
  readonly groups: number;
  /** Events held over all groups. */
  readonly events: number;
  /** Events held of one group and stretch of time; beyond it neighbours are merged. */
  readonly eventsPerGroup: number;
}

export const defaultWindowLimits: WindowLimits = {
  latenessMs: 600_000,
  groups: 200_000,
  events: 1_000_000,
  eventsPerGroup: 10_000,
};

export interface MemoryWindowState extends WindowState {
  /** `evicted` counts groups given up while they may still have mattered. */
  usage(): { groups: number; events: number; evicted: number };
}

/** Live events, and two imports of older logs, of the same group at once. */
const mostSegments = 3;
const longestKey = 256;

interface Group {
  /** In order of time. */
  segments: Segment[];
}

export function createMemoryWindowState(limits: WindowLimits = defaultWindowLimits): MemoryWindowState {
  // A Map keeps the order of insertion: a group that is touched moves to the end, so the first is the one quiet longest.
  const groups = new Map<string, Group>();
  let events = 0;
  let evicted = 0;

  function evict(): void {
    let looked = 0;
    for (const [key, group] of groups) {
      if (groups.size <= limits.groups && events <= limits.events) return;
      // A group whose alert is on is passed over, unless there is hardly anything else.
      if (group.segments.some((segment) => segment.run !== undefined) && looked++ < 1000) continue;
      groups.delete(key);
      events -= sizeOf(group);
      evicted++;
    }
  }

  return {
    observe(spec, group, observation) {
      const key = `${spec.id}\n${group.length > longestKey ? sha256Hex(group) : group}`;
      const known = groups.get(key);
      const state = known ?? { segments: [] };
      if (known !== undefined) groups.delete(key);
      groups.set(key, state);
      const before = sizeOf(state);
      const segment = segmentFor(state, spec, observation.timeMs, limits.latenessMs);
      const reading = observeIn(segment, spec, observation, limits.latenessMs);
      if (segment.entries.length > limits.eventsPerGroup) thin(segment, spec);
      events += sizeOf(state) - before;
      if (groups.size > limits.groups || events > limits.events) evict();
      return reading;
    },
    usage: () => ({ groups: groups.size, events, evicted }),
  };
}

function sizeOf(group: Group): number {
  let size = 0;
  for (const segment of group.segments) size += segment.entries.length;
  return size;
}

/** The segment whose windows can contain `timeMs`; made when there is none. */
function segmentFor(group: Group, spec: WindowSpec, timeMs: number, latenessMs: number): Segment {
  const { segments } = group;
  for (let at = segments.length - 1; at >= 0; at--) {
    const segment = segments[at];
    if (segment === undefined || !reaches(segment, spec, timeMs, latenessMs)) continue;
    const earlier = segments[at - 1];
    // An import that has caught up: both stretches now share windows.
    if (earlier !== undefined && reaches(earlier, spec, timeMs, latenessMs)) {
      const joined = joinSegments(earlier, segment, spec);
      segments.splice(at - 1, 2, joined);
      return joined;
    }
    return segment;
  }
  const created = createSegment();
  const place = segments.findIndex((segment) => oldestOf(segment) > timeMs);
  segments.splice(place < 0 ? segments.length : place, 0, created);
  if (segments.length > mostSegments) {
    // The oldest in event time goes, unless it is the new one: then its neighbour.
    segments.splice(segments[0] === created ? 1 : 0, 1);
  }
  return created;
}

function reaches(segment: Segment, spec: WindowSpec, timeMs: number, latenessMs: number): boolean {
  const newest = newestOf(segment);
  if (timeMs > newest + spec.spanMs + latenessMs) return false;
  if (timeMs < oldestOf(segment) - spec.spanMs - latenessMs) return false;
  return !segment.dropped || timeMs >= newest - spec.spanMs - latenessMs;
}
