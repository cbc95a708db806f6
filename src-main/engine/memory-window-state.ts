// Correlation windows in memory: bounded in groups, by giving up those that have gathered least (window-groups.ts), and in events, by
// merging neighbours in the groups that hold most.
import { sha256Hex } from '../base/hashes.ts';
import {
  addGroup,
  createRuleGroups,
  dropGroups,
  type Group,
  largestGroup,
  type RuleGroups,
  settleGroup,
} from './window-groups.ts';
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
  /**
   * What is held, and what was lost for want of room, which whoever runs it reports: `evicted` groups were given up, `evictedCounting`
   * of them had more than one event; `merged` events are no longer held by themselves (counts and sums keep them).
   */
  usage(): { groups: number; events: number; evicted: number; evictedCounting: number; merged: number };
}

/** Live events, and two imports of older logs, of the same group at once. */
const mostSegments = 3;
const longestKey = 256;
/** Segments smaller than this are not thinned to save room. */
const leastThinned = 64;

export function createMemoryWindowState(limits: WindowLimits = defaultWindowLimits): MemoryWindowState {
  const rules = new Map<string, { readonly held: RuleGroups; spec: WindowSpec }>();
  let groups = 0;
  /** Of them, those with a single event. */
  let singles = 0;
  let events = 0;
  let evicted = 0;
  let evictedCounting = 0;
  let merged = 0;
  let clock = 0;

  function groupsOf(spec: WindowSpec): RuleGroups {
    const known = rules.get(spec.id);
    if (known !== undefined) return known.held;
    const held = createRuleGroups();
    rules.set(spec.id, { held, spec });
    return held;
  }

  /** A share at a time, from the rule that holds most, so that looking for it costs little. */
  function makeRoom(): void {
    while (events > limits.events && groups <= limits.groups && thinLargest()) {}
    const share = Math.max(1, limits.groups >> 8);
    while (groups > limits.groups || events > limits.events) {
      // Some places are always for groups with one event: else no new one could ever have a second.
      const dropped =
        singles > limits.groups >> 3
          ? dropSingles(share) || dropCounted(share)
          : dropCounted(share) || dropSingles(share);
      if (dropped === 0) return;
      evicted += dropped;
    }
  }

  function largest(kind: 'single' | 'counted'): RuleGroups | undefined {
    let found: RuleGroups | undefined;
    for (const { held } of rules.values()) if (held[kind].size > (found?.[kind].size ?? 0)) found = held;
    return found;
  }

  function dropSingles(share: number): number {
    const held = largest('single');
    let dropped = 0;
    for (const key of held?.single.keys() ?? []) {
      if (dropped === share) break;
      held?.single.delete(key);
      dropped++;
    }
    groups -= dropped;
    singles -= dropped;
    events -= dropped;
    return dropped;
  }

  function dropCounted(share: number): number {
    const held = largest('counted');
    const dropped = held === undefined ? [] : dropGroups(held, share);
    for (const { size } of dropped) events -= size;
    groups -= dropped.length;
    evictedCounting += dropped.length;
    return dropped.length;
  }

  /** Room for events is made in the group that holds most: its counts stay, the others are left alone. */
  function thinLargest(): boolean {
    let found: { readonly group: Group; readonly held: RuleGroups; readonly spec: WindowSpec } | undefined;
    for (const { held, spec } of rules.values()) {
      const group = largestGroup(held);
      if (group !== undefined && group.size > (found?.group.size ?? 0)) found = { group, held, spec };
    }
    if (found === undefined) return false;
    for (const segment of found.group.segments) if (segment.entries.length > leastThinned) thin(segment, found.spec);
    const change = settleGroup(found.held, found.group, clock);
    events += change;
    merged -= change;
    return change < 0;
  }

  /** The group, made from its first event when this is the second. */
  function groupOf(held: RuleGroups, key: string, spec: WindowSpec): Group | undefined {
    const known = held.counted.get(key);
    if (known !== undefined) return known;
    const first = held.single.get(key);
    if (first === undefined) return undefined;
    held.single.delete(key);
    singles--;
    const segment = createSegment(spec);
    observeIn(segment, spec, first, limits.latenessMs);
    return addGroup(held, key, [segment], clock);
  }

  function begin(held: RuleGroups, key: string, spec: WindowSpec, observation: Observation): WindowReading | undefined {
    const segment = createSegment(spec);
    const reading = observeIn(segment, spec, observation, limits.latenessMs);
    const [entry] = segment.entries;
    if (reading === undefined && entry !== undefined) {
      held.single.set(key, entry);
      singles++;
    } else addGroup(held, key, [segment], clock);
    groups++;
    events++;
    return reading;
  }

  return {
    observe(spec, group, observation) {
      clock++;
      const held = groupsOf(spec);
      const key = group.length > longestKey ? sha256Hex(group) : group;
      const state = groupOf(held, key, spec);
      let reading: WindowReading | undefined;
      if (state === undefined) reading = begin(held, key, spec, observation);
      else {
        const segment = segmentFor(state, spec, observation.timeMs, limits.latenessMs);
        reading = observeIn(segment, spec, observation, limits.latenessMs);
        if (segment.entries.length > limits.eventsPerGroup) {
          const before = segment.entries.length;
          thin(segment, spec);
          merged += before - segment.entries.length;
        }
        events += settleGroup(held, state, clock);
      }
      if (groups > limits.groups || events > limits.events) makeRoom();
      return reading;
    },
    retain(specIds) {
      for (const [id, { held }] of rules) {
        if (specIds.has(id)) continue;
        groups -= held.single.size + held.counted.size;
        singles -= held.single.size;
        events -= held.single.size;
        for (const { size } of held.counted.values()) events -= size;
        rules.delete(id);
      }
    },
    usage: () => ({ groups, events, evicted, evictedCounting, merged }),
  };
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
