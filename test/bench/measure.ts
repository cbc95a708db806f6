// What every benchmark shares: percentiles, pairs in turn, and a printed ratio with its figures.

export type Load = { readonly perSecond: number; readonly p50Ms: number; readonly p99Ms: number };

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function median(values: readonly number[]): number {
  return percentile(
    [...values].sort((left, right) => left - right),
    0.5,
  );
}

/** Runs `ours` and `theirs` in turn, so that a drifting machine hurts both alike; medians of the ratios pair by pair. */
export async function inPairs<T>(
  rounds: number,
  ours: () => Promise<T>,
  theirs: () => Promise<T>,
): Promise<{ ours: T; theirs: T }[]> {
  const pairs: { ours: T; theirs: T }[] = [];
  for (let round = 0; round < rounds; round++) pairs.push({ ours: await ours(), theirs: await theirs() });
  return pairs;
}

export function report(name: string, ratio: number, goal: string, figures: string): void {
  process.stdout.write(`${name.padEnd(34)} ${ratio.toFixed(2).padStart(6)} ×   goal ${goal.padEnd(10)} ${figures}\n`);
}

/** `connections` workers call `once` for `durationMs`; one warm-up third is not counted. */
export async function load(connections: number, durationMs: number, once: () => Promise<void>): Promise<Load> {
  await spin(connections, durationMs / 3, once);
  const latencies = await spin(connections, durationMs, once);
  const sorted = latencies.sort((left, right) => left - right);
  return {
    perSecond: (latencies.length / durationMs) * 1000,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
  };
}

async function spin(connections: number, durationMs: number, once: () => Promise<void>): Promise<number[]> {
  const latencies: number[] = [];
  const end = performance.now() + durationMs;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < end) {
        const started = performance.now();
        await once();
        latencies.push(performance.now() - started);
      }
    }),
  );
  return latencies;
}
