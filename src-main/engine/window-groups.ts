// The groups of one rule in the order in which they are given up when there are too many. Whoever can make up group keys (addresses,
// names) can make groups, so what a group has cost decides: those with one event go before those with two or three, those before
// ones with four to seven, and so on, and among equals the one that was quiet longest. To push out a group that has gathered a
// hundred events takes a hundred events a made-up group, and a rule that counts has an alert on long before. An eighth of the places
// is kept for groups with one event, or a new group would never have a second.
import type { Entry } from './window-content.ts';
import type { Segment } from './window-segment.ts';

export interface Group {
  readonly key: string;
  /** In order of time. */
  segments: Segment[];
  /** Events held. */
  size: number;
  /** Power of two of the size; where it stands. */
  tier: number;
  /** When it was last put to the end of its tier. */
  movedAt: number;
}

export interface RuleGroups {
  /** Of one event, kept as that alone: most groups of a flood never have a second. */
  readonly single: Map<string, Entry>;
  readonly counted: Map<string, Group>;
  /** The groups of `counted` by tier, each in order of use. */
  readonly tiers: Set<Group>[];
}

/** How many groups whose alert is on are passed over before they go like the others. */
const mostSpared = 1000;

export function createRuleGroups(): RuleGroups {
  return { single: new Map(), counted: new Map(), tiers: [] };
}

function tierAt(groups: RuleGroups, tier: number): Set<Group> {
  while (groups.tiers.length <= tier) groups.tiers.push(new Set());
  return groups.tiers[tier] ?? new Set();
}

export function addGroup(groups: RuleGroups, key: string, segments: Segment[], clock: number): Group {
  const size = sizeOf(segments);
  const group = { key, segments, size, tier: Math.max(0, 31 - Math.clz32(size)), movedAt: clock };
  groups.counted.set(key, group);
  tierAt(groups, group.tier).add(group);
  return group;
}

/** After an event was counted in. @returns how many more events the group holds. */
export function settleGroup(groups: RuleGroups, group: Group, clock: number): number {
  const before = group.size;
  group.size = sizeOf(group.segments);
  const tier = Math.max(0, 31 - Math.clz32(group.size));
  // Moving it at every event would cost more than counting; a coarse order of use is enough.
  if (tier !== group.tier || clock - group.movedAt > groups.counted.size >> 2) {
    tierAt(groups, group.tier).delete(group);
    tierAt(groups, tier).add(group);
    group.tier = tier;
    group.movedAt = clock;
  }
  return group.size - before;
}

/** Gives up as many groups of more than one event. @returns those that went. */
export function dropGroups(groups: RuleGroups, share: number): Group[] {
  const dropped: Group[] = [];
  let spared = 0;
  for (const tier of groups.tiers) {
    for (const group of tier) {
      if (dropped.length >= share) return dropped;
      if (group.segments.some(({ run }) => run !== undefined) && spared++ < mostSpared) continue;
      tier.delete(group);
      groups.counted.delete(group.key);
      dropped.push(group);
    }
  }
  return dropped;
}

/** The group that holds about the most events. */
export function largestGroup(groups: RuleGroups): Group | undefined {
  for (let tier = groups.tiers.length - 1; tier >= 0; tier--) {
    for (const group of groups.tiers[tier] ?? []) return group;
  }
  return undefined;
}

function sizeOf(segments: readonly Segment[]): number {
  let size = 0;
  for (const { entries } of segments) size += entries.length;
  return size;
}
