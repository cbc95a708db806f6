// Correlation windows in memory: bounded in groups and in events, by giving up the groups that were quiet longest.
import { sha256Hex } from '../base/hashes.ts';
import type { Entry } from './window-content.ts';
import { joinSegments, thin } from './window-reshape.ts';
import { createSegment, newestOf, observeIn, oldestOf, type Segment } from './window-segment.ts';
import type { Observation, WindowReading, WindowSpec, WindowState } from './window-state.ts';

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
  groups: 400_000,
  events: 1_000_000,
  eventsPerGroup: 10_000,
};

export interface MemoryWindowState extends WindowState {
  /** Gives up the windows of all rules but these (`WindowSpec.id`): the others are not part of the plan any more. */
  retain(specIds: ReadonlySet<string>): void;
  /** `evicted` counts groups given up while they may still have mattered. */
  usage(): { groups: number; events: number; evicted: number };
}

/** Live events, and two imports of older logs, of the same group at once. */
const mostSegments = 3;
const longestKey = 256;

interface Group {
  /** In order of time. */
  segments: Segment[];
  /** When it was last put to the end of its map. */
  movedAt: number;
}

/**
 * The groups of one rule. Most groups of a flood have one event and never a second: they are kept as that event alone, and are the
 * first to be given up, so that a million passing addresses don't wash away the few that are being counted. Both maps are in order
 * of use, the one quiet longest first.
 */
interface RuleGroups {
  readonly single: Map<string, Entry>;
  readonly counted: Map<string, Group>;
}

export function createMemoryWindowState(limits: WindowLimits = defaultWindowLimits): MemoryWindowState {
  const rules = new Map<string, RuleGroups>();
  let groups = 0;
  let events = 0;
  let evicted = 0;
  let clock = 0;

  function rulesOf(id: string): RuleGroups {
    const known = rules.get(id);
    if (known !== undefined) return known;
    const created = { single: new Map(), counted: new Map() };
    rules.set(id, created);
    return created;
  }

  /** A share at a time, from the rule that holds most, so that looking for it costs little. */
  function evict(): void {
    const share = Math.max(1, limits.groups >> 8);
    while (groups > limits.groups || events > limits.events) {
      const before = groups;
      const single = largest('single');
      if (single !== undefined) dropSingles(single, share);
      else dropCounted(largest('counted')?.counted, share);
      if (groups === before) return;
    }
  }

  function largest(kind: keyof RuleGroups): RuleGroups | undefined {
    let found: RuleGroups | undefined;
    for (const one of rules.values()) if (one[kind].size > (found?.[kind].size ?? 0)) found = one;
    return found;
  }

  function dropSingles({ single }: RuleGroups, share: number): void {
    let left = share;
    for (const key of single.keys()) {
      if (left-- === 0) return;
      single.delete(key);
      groups--;
      events--;
      evicted++;
    }
  }

  function dropCounted(counted: Map<string, Group> | undefined, share: number): void {
    let left = share;
    let spared = 0;
    for (const [key, group] of counted ?? []) {
      if (left === 0) return;
      // A group whose alert is on is passed over, unless there is hardly anything else.
      if (group.segments.some((segment) => segment.run !== undefined) && spared++ < 1000) continue;
      counted?.delete(key);
      groups--;
      events -= sizeOf(group);
      evicted++;
      left--;
    }
  }

  /** The group, made from its first event when this is the second. */
  function groupOf({ single, counted }: RuleGroups, key: string, spec: WindowSpec): Group | undefined {
    const known = counted.get(key);
    if (known !== undefined) {
      // Moving it at every event would cost more than counting; a coarse order of use is enough.
      if (clock - known.movedAt > counted.size >> 2) {
        counted.delete(key);
        counted.set(key, known);
        known.movedAt = clock;
      }
      return known;
    }
    const first = single.get(key);
    if (first === undefined) return undefined;
    single.delete(key);
    const segment = createSegment(spec);
    observeIn(segment, spec, first, limits.latenessMs);
    const group = { segments: [segment], movedAt: clock };
    counted.set(key, group);
    return group;
  }

  function begin(held: RuleGroups, key: string, spec: WindowSpec, observation: Observation): WindowReading | undefined {
    const segment = createSegment(spec);
    const reading = observeIn(segment, spec, observation, limits.latenessMs);
    const [entry] = segment.entries;
    if (reading === undefined && entry !== undefined) held.single.set(key, entry);
    else held.counted.set(key, { segments: [segment], movedAt: clock });
    groups++;
    events++;
    return reading;
  }

  return {
    observe(spec, group, observation) {
      clock++;
      const held = rulesOf(spec.id);
      const key = group.length > longestKey ? sha256Hex(group) : group;
      const state = groupOf(held, key, spec);
      let reading: WindowReading | undefined;
      if (state === undefined) reading = begin(held, key, spec, observation);
      else {
        const before = sizeOf(state);
        const segment = segmentFor(state, spec, observation.timeMs, limits.latenessMs);
        reading = observeIn(segment, spec, observation, limits.latenessMs);
        if (segment.entries.length > limits.eventsPerGroup) thin(segment, spec);
        events += sizeOf(state) - before;
      }
      if (groups > limits.groups || events > limits.events) evict();
      return reading;
    },
    retain(specIds) {
      for (const [id, { single, counted }] of rules) {
        if (specIds.has(id)) continue;
        groups -= single.size + counted.size;
        events -= single.size;
        for (const group of counted.values()) events -= sizeOf(group);
        rules.delete(id);
      }
    },
    usage: () => ({ groups, events, evicted }),
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
  const created = createSegment(spec);
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
