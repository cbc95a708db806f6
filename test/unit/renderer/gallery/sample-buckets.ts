// A day of alerts by hour: the 24 bars of the queue's strip and of Home.

import type { Bucket } from '../../../../src-renderer/ui/data/histogram-geometry.ts';

const hourMs = 3_600_000;
const start = Math.floor(Date.now() / hourMs) * hourMs - 23 * hourMs;

const counts = [
  [0, 1, 2, 2, 1],
  [0, 0, 3, 1, 1],
  [0, 0, 1, 2, 0],
  [0, 1, 1, 1, 1],
  [0, 0, 0, 1, 1],
  [0, 0, 1, 1, 6],
  [1, 1, 2, 1, 1],
  [0, 1, 3, 2, 1],
  [0, 0, 3, 2, 0],
  [0, 0, 3, 1, 1],
  [0, 1, 3, 2, 1],
  [0, 2, 4, 3, 2],
  [0, 1, 3, 3, 1],
  [0, 1, 3, 4, 1],
  [0, 2, 4, 3, 1],
  [0, 1, 5, 3, 2],
  [0, 2, 3, 4, 1],
  [0, 1, 4, 3, 2],
  [0, 2, 6, 4, 1],
  [0, 2, 5, 3, 1],
  [1, 3, 6, 4, 2],
  [1, 4, 6, 3, 1],
  [2, 5, 7, 4, 1],
  [0, 0, 6, 4, 1],
] as const;

export const sampleBuckets: readonly Bucket[] = counts.map(([critical, high, medium, low, info], hour) => ({
  from: start + hour * hourMs,
  to: start + (hour + 1) * hourMs,
  counts: { critical, high, medium, low, info },
}));
