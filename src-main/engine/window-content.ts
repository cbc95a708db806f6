// What stands in one window, kept up to date as entries come and go: its count, sum, distinct values and so on, each in constant
// time, ranks in the time of moving a list.
import type { Observation, WindowSpec } from './window-state.ts';

export interface Entry extends Observation {
  /** Events this entry stands for; more than one only after thinning. */
  readonly weight: number;
}

export interface WindowContent {
  add(entry: Entry): void;
  remove(entry: Entry): void;
  /** @param newest the entry at which the window ends. */
  value(newest: Entry): number;
}

export function createWindowContent(spec: WindowSpec): WindowContent {
  switch (spec.aggregate) {
    case 'count':
    case 'sum':
    case 'average':
      return createTotals(spec.aggregate);
    case 'distinct':
    case 'share':
    case 'near':
      return createValues(spec.aggregate);
    case 'percentile':
      return createRanks(spec.percentile ?? 50);
    case 'minimum':
      return createRanks(0);
    case 'maximum':
      return createRanks(100);
    case 'ordered':
      return createSteps(spec.spanMs);
  }
}

function createTotals(kind: 'count' | 'sum' | 'average'): WindowContent {
  let count = 0;
  let sum = 0;
  return {
    add(entry) {
      count += entry.weight;
      if (kind !== 'count') sum += Number(entry.value);
    },
    remove(entry) {
      count -= entry.weight;
      // From zero again when empty, so that rounding doesn't add up over the life of a busy group.
      if (kind !== 'count') sum = count === 0 ? 0 : sum - Number(entry.value);
    },
    value() {
      if (kind === 'count') return count;
      return kind === 'sum' ? sum : sum / Math.max(1, count);
    },
  };
}

function createValues(kind: 'distinct' | 'share' | 'near'): WindowContent {
  const counts = new Map<string, number>();
  let total = 0;
  let forbidden = 0;
  return {
    add(entry) {
      const value = String(entry.value);
      total += entry.weight;
      if (kind === 'near' && value.startsWith('!')) forbidden += 1;
      else counts.set(value, (counts.get(value) ?? 0) + entry.weight);
    },
    remove(entry) {
      const value = String(entry.value);
      total -= entry.weight;
      if (kind === 'near' && value.startsWith('!')) {
        forbidden -= 1;
        return;
      }
      const left = (counts.get(value) ?? entry.weight) - entry.weight;
      if (left <= 0) counts.delete(value);
      else counts.set(value, left);
    },
    value(newest) {
      if (kind === 'share') return (100 * (counts.get(String(newest.value)) ?? 0)) / Math.max(1, total);
      return forbidden > 0 ? 0 : counts.size;
    },
  };
}

/** Numbers in order. Nearest rank: the smallest of which at least so many percent are at most as large. */
function createRanks(percentile: number): WindowContent {
  const sorted: number[] = [];
  function placeOf(number: number): number {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
  return {
    add(entry) {
      const number = Number(entry.value);
      sorted.splice(placeOf(number), 0, number);
    },
    remove(entry) {
      const number = Number(entry.value);
      const place = placeOf(number);
      if (sorted[place] === number) sorted.splice(place, 1);
    },
    value: () => sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)] ?? 0,
  };
}

/** Steps 0, 1, 2 … that follow each other: per step the latest time at which such a row can have begun. */
function createSteps(spanMs: number): WindowContent {
  const begun: number[] = [];
  return {
    add(entry) {
      const step = Number(entry.value);
      const start = step === 0 ? entry.timeMs : begun[step - 1];
      if (start !== undefined) begun[step] = start;
    },
    // What is older than the window is passed over when the value is asked for.
    remove() {},
    value(newest) {
      for (let step = begun.length - 1; step >= 0; step--) {
        if ((begun[step] ?? Number.NEGATIVE_INFINITY) >= newest.timeMs - spanMs) return step + 1;
      }
      return 0;
    },
  };
}
