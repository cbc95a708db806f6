// Which lines of a text are new in another one and which are gone: for showing, so the fewest lines are looked for only where the texts
// are of a size that people read.

export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
  /** From 1; undefined where the line does not stand in that text. */
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/** Beyond so many pairs of lines what differs is shown as one block gone and one block new. */
const mostPairs = 4_000_000;

export function diffLines(before: string, after: string): DiffLine[] {
  const old = linesOf(before);
  const next = linesOf(after);
  let head = 0;
  while (head < old.length && head < next.length && old[head] === next[head]) head += 1;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < next.length - head &&
    old[old.length - 1 - tail] === next[next.length - 1 - tail]
  )
    tail += 1;
  const lines: DiffLine[] = [];
  const same = (from: number, to: number, shift: number) => {
    for (let at = from; at < to; at++)
      lines.push({ kind: 'same', text: old[at] ?? '', before: at + 1, after: at + 1 + shift });
  };
  same(0, head, 0);
  lines.push(...middle(old.slice(head, old.length - tail), next.slice(head, next.length - tail), head));
  same(old.length - tail, old.length, next.length - old.length);
  return lines;
}

/** A last line end makes no line of its own. */
function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function middle(old: readonly string[], next: readonly string[], offset: number): DiffLine[] {
  const lines: DiffLine[] = [];
  const lengths = old.length * next.length > mostPairs ? undefined : commonLengths(old, next);
  const width = next.length + 1;
  let i = 0;
  let j = 0;
  while (i < old.length || j < next.length) {
    if (lengths !== undefined && i < old.length && j < next.length && old[i] === next[j]) {
      lines.push({ kind: 'same', text: old[i] ?? '', before: offset + i + 1, after: offset + j + 1 });
      i += 1;
      j += 1;
    } else if (
      j >= next.length ||
      (i < old.length &&
        (lengths === undefined || (lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)))
    ) {
      lines.push({ kind: 'removed', text: old[i] ?? '', before: offset + i + 1, after: undefined });
      i += 1;
    } else {
      lines.push({ kind: 'added', text: next[j] ?? '', before: undefined, after: offset + j + 1 });
      j += 1;
    }
  }
  return lines;
}

/** How many lines the rests have in common at the most, by the begins of the rests. */
function commonLengths(old: readonly string[], next: readonly string[]): Uint16Array {
  const width = next.length + 1;
  const lengths = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = next.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        old[i] === next[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  return lengths;
}

/** Lines with only `context` unchanged ones around changes; a number stands for so many unchanged lines left out. */
export function foldUnchanged(lines: readonly DiffLine[], context: number): readonly (DiffLine | number)[] {
  const isNear = new Uint8Array(lines.length);
  for (const [index, { kind }] of lines.entries())
    if (kind !== 'same') isNear.fill(1, Math.max(0, index - context), index + context + 1);
  const shown: (DiffLine | number)[] = [];
  for (const [index, line] of lines.entries()) {
    const last = shown.at(-1);
    if (isNear[index] === 1) shown.push(line);
    else if (typeof last === 'number') shown[shown.length - 1] = last + 1;
    else shown.push(1);
  }
  return shown;
}
