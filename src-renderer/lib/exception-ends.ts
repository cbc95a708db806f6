// When exceptions from rules end, for whoever has to be reminded: the list of them, and Home.

export const remindedMs = 7 * 86_400_000;

interface Ending {
  /** null: never. */
  readonly expires_at: string | null;
  readonly expired: boolean;
}

/** Does it end within a week? */
export function endsSoon({ expires_at, expired }: Ending, now: number): boolean {
  return !expired && endOf({ expires_at }) - now < remindedMs;
}

/** Those that end soon first, the nearest end before; then the others; ended ones last. */
export function byEnd<T extends Ending>(items: readonly T[]): T[] {
  return items.toSorted(
    (left, right) =>
      Number(left.expired) - Number(right.expired) ||
      (endOf(left) < endOf(right) ? -1 : Number(endOf(left) > endOf(right))),
  );
}

/** In milliseconds UTC; of one that never ends, after all others. */
export function endOf({ expires_at }: Pick<Ending, 'expires_at'>): number {
  return expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(expires_at);
}
