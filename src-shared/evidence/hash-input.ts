// Putting bytes together that are to be hashed, many times over: a verification makes millions of hashes, and the arrays around them would
// cost as much.

const keptViews = 1024;

/**
 * Bytes to be hashed, put together in one buffer time after time. A view of it is needed for each hash, and making one costs a quarter of
 * the hash: those of the usual lengths are kept.
 */
export class HashInput {
  bytes = new Uint8Array(4096);
  private views: (Uint8Array | undefined)[] = new Array<undefined>(keptViews);

  /** Room for so many, with what is there. */
  reserve(length: number): void {
    if (length <= this.bytes.length) return;
    const larger = new Uint8Array(2 * length);
    larger.set(this.bytes);
    this.bytes = larger;
    this.views = new Array<undefined>(keptViews);
  }

  upTo(length: number): Uint8Array {
    if (length >= keptViews) return this.bytes.subarray(0, length);
    let view = this.views[length];
    if (view === undefined) {
      view = this.bytes.subarray(0, length);
      this.views[length] = view;
    }
    return view;
  }
}

/** Copies [start, end) to `target` from `at` and gives the place after it. Short copies are faster by hand than by `set`. */
export function copyBytes(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  if (end - start > 100) target.set(source.subarray(start, end), at);
  else for (let i = start; i < end; i++) target[at + i - start] = source[i] ?? 0;
  return at + end - start;
}
