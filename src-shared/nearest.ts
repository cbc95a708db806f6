// What somebody who misspelt a name most likely meant.

/** The nearest of `candidates` by changed letters, where one is near enough to be what was meant. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const [nearest] = candidates
    .map((known) => ({ known, distance: editDistance(name, known) }))
    .sort((left, right) => left.distance - right.distance);
  // Of a short name nothing would be left if three letters could change.
  const most = Math.max(Math.min(3, Math.ceil(name.length / 2)), name.length / 4);
  return nearest !== undefined && nearest.distance <= most ? nearest.known : undefined;
}

/** Damerau's with neighbours exchanged (optimal string alignment): letters left out, put in, changed, or in the wrong order. */
function editDistance(left: string, right: string): number {
  let before: readonly number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const isSame = left[row - 1] === right[column - 1];
      const isExchanged = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      current.push(
        Math.min(
          (previous[column - 1] ?? 0) + (isSame ? 0 : 1),
          (previous[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          isExchanged && row > 1 && column > 1 ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = previous;
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
