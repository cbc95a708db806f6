// How long work goes on before others of the process get their turn: by the time it takes, because no count of rows or events says that.
import type { Host } from './ports.ts';

/** Nothing holds the process up for longer than 50 ms (spec 03); with what else a turn brings this is well below. */
const turnMs = 8;
/** Steps may be long: events of a mebibyte are some milliseconds each. */
const stepsUnasked = 4;

export type Pace = {
  /** Lets others run if this has taken its time; undefined, and nothing to wait for, when it hasn't. */
  step(): Promise<void> | undefined;
};

export function createPace({ stopwatch, timers }: Pick<Host, 'stopwatch' | 'timers'>): Pace {
  let since = stopwatch.worked();
  let steps = 0;
  async function breathe(): Promise<void> {
    await timers.breathe();
    since = stopwatch.worked();
  }
  return {
    step() {
      // Asking costs as much as a small step.
      if (++steps % stepsUnasked !== 0 || stopwatch.worked() - since < turnMs) return undefined;
      return breathe();
    },
  };
}

export type SliceSize = {
  /** How many to do at once. */
  now(): number;
  /** What so many took. */
  took(count: number, ms: number): void;
};

/** A number of rows or events that takes about a turn's time, learnt from how long the last ones took. */
export function createSliceSize(least: number, most: number): SliceSize {
  let size = Math.min(most, Math.max(least, 50));
  return {
    now: () => size,
    took(count, ms) {
      if (count === 0) return;
      const fitting = ms > 0 ? (count * turnMs) / ms : most;
      // Halfway, because one that took long may just have been interrupted.
      size = Math.round(Math.min(most, Math.max(least, (size + fitting) / 2)));
    },
  };
}
