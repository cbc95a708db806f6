// The port of correlation memory: sliding windows per rule and group. evaluate.ts asks it; memory-window-state.ts is the embedded
// implementation. It holds nothing that replaying stored events would not bring back.

/** `share`: how many of the events carry the newest one's value, in percent. `near`: steps that occurred, while none of those did
 * that must not. */
export type WindowAggregate =
  | 'count'
  | 'distinct'
  | 'sum'
  | 'average'
  | 'percentile'
  | 'minimum'
  | 'maximum'
  | 'share'
  | 'ordered'
  | 'near';

export interface WindowCondition {
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
  readonly eq?: number;
  readonly neq?: number;
}

export interface WindowSpec {
  /** The rule's version: changed parameters start with empty windows. */
  readonly id: string;
  readonly aggregate: WindowAggregate;
  /** Two events are in one window when their times differ by at most this. */
  readonly spanMs: number;
  readonly condition: WindowCondition;
  /** Of `percentile`: 0 to 100, by the nearest rank. */
  readonly percentile?: number;
}

export interface Observation {
  readonly timeMs: number;
  readonly eventId: string;
  /** A number for sums and their like, a value for `distinct` and `share`, the step from '0' for `ordered`; for `near` with `!` before
   * one that must not occur. `count` ignores it. */
  readonly value: number | string;
  /** Values that the rule's texts and entities need of every event, in the rule's own order. */
  readonly tracked: readonly (string | undefined)[];
}

/** A time during which the condition held without a break, over all its events. */
export interface WindowRun {
  readonly events: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  /** Highest count, number of distinct values, sum, or steps in any one window. */
  readonly peak: number;
  /** Distinct tracked values, at most 50 each. */
  readonly tracked: readonly ReadonlySet<string>[];
}

export interface WindowReading {
  /** `opened`: this observation made the condition true. `continued`: it was true already and still is. */
  readonly state: 'opened' | 'continued';
  readonly value: number;
  readonly run: WindowRun;
  /** Ids of the events that belong to the run since the last reading: the whole window when it opened, else the one event. */
  readonly eventIds: readonly string[];
}

export interface WindowState {
  /**
   * Takes one event into the window of `spec` and `group`. Event time counts, not arrival: events that come late, by up to the
   * implementation's lateness, are counted where they belong, and old logs do not disturb live windows of the same group.
   * @returns undefined while the condition does not hold.
   */
  observe(spec: WindowSpec, group: string, observation: Observation): WindowReading | undefined;
}

/** Does `value` fulfil all comparisons? */
export function meets(condition: WindowCondition, value: number): boolean {
  return (
    (condition.gt === undefined || value > condition.gt) &&
    (condition.gte === undefined || value >= condition.gte) &&
    (condition.lt === undefined || value < condition.lt) &&
    (condition.lte === undefined || value <= condition.lte) &&
    (condition.eq === undefined || value === condition.eq) &&
    (condition.neq === undefined || value !== condition.neq)
  );
}
