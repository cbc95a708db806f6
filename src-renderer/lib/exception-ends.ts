// When exceptions from rules end, for whoever has to be reminded: the list of them, and Home.

export const remindedMs = 7 * 86_400_000;

interface Ending {
  readonly expires_at: string;
  readonly expired: boolean;
}

/** Does it end within a week? */
export function endsSoon({ expires_at, expired }: Ending, now: number): boolean {
  return !expired && Date.parse(expires_at) - now < remindedMs;
}

/** Those that end soon first, the nearest end before; then the others; ended ones last. */
export function byEnd<T extends Ending>(items: readonly T[]): T[] {
  return items.toSorted(
    (left, right) =>
      Number(left.expired) - Number(right.expired) || Date.parse(left.expires_at) - Date.parse(right.expires_at),
  );
}
