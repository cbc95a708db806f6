// How fast something goes, from the readings of its progress: the average since it was first seen, so that the figure does not jump.

const readableAfterMs = 1_500;

export interface ProgressRate {
  /** Another reading of `id`. @returns units in a second, once two readings lie far enough apart. */
  read(id: string, done: number): number | undefined;
  /** Nothing runs: the next reading is a first one. */
  reset(): void;
}

/** @param now milliseconds that never go back. */
export function createProgressRate(now: () => number): ProgressRate {
  let first: { readonly id: string; readonly at: number; readonly done: number } | undefined;
  return {
    read(id, done) {
      if (first === undefined || first.id !== id || done < first.done) {
        first = { id, at: now(), done };
        return undefined;
      }
      const passed = now() - first.at;
      const perSecond = Math.round(((done - first.done) / passed) * 1000);
      return passed < readableAfterMs || perSecond === 0 ? undefined : perSecond;
    },
    reset() {
      first = undefined;
    },
  };
}
