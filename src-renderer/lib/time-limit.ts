// What a limit looks like at a moment: calm, in its last quarter, or over. Computed from stored instants, so that it survives
// restart, sleep and a moved clock.

import { shortDuration, spacedDuration } from './durations.ts';

export type LimitState = 'calm' | 'soon' | 'late';

export interface TimeLimit {
  readonly state: LimitState;
  /** '44m', '+3m' */
  readonly short: string;
  /** '44 min 10 s left', 'over by 3 min' */
  readonly spoken: string;
}

/** All in milliseconds UTC. A limit that began in the future counts as whole. */
export function timeLimitAt(now: number, startedAt: number, dueAt: number): TimeLimit {
  const left = dueAt - now;
  if (left < 0) return { state: 'late', short: `+${shortDuration(left)}`, spoken: `over by ${spacedDuration(left)}` };
  const quarter = Math.max(0, dueAt - startedAt) / 4;
  return {
    state: left <= quarter ? 'soon' : 'calm',
    short: shortDuration(left),
    spoken: `${spacedDuration(left)} left`,
  };
}
