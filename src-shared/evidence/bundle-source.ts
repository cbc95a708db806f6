// The bytes of a bundle file, of which a verifier holds only a part at a time: a bundle of a million entries must not need its size in
// memory. Reading is synchronous because the verification is: Node reads files so, and a browser's worker has FileReaderSync.

export type BundleSource = {
  /** Length of the file in bytes; it must not change while the file is read. */
  readonly size: number;
  /** How many bytes to hold at a time; 4 MiB unless said. What is longer than that, such as an attachment, is held as a whole. */
  readonly window?: number;
  /** Fills `target` from `offset` on and answers how many bytes there were; fewer than asked only at the end of the file. */
  read(offset: number, target: Uint8Array): number;
};

/** The file isn't what it was when reading began: nothing can be said of it. */
export class SourceCut extends Error {
  override readonly name = 'SourceCut';
}

/** A file that is wholly in memory. */
export function sourceOf(bytes: Uint8Array): BundleSource {
  return {
    size: bytes.length,
    read(offset, target) {
      const part = bytes.subarray(offset, offset + target.length);
      target.set(part);
      return part.length;
    },
  };
}

/** The bytes [start, end) of the file, in an array of their own; fewer where the file ends before. */
export function readSpan(source: BundleSource, start: number, end: number): Uint8Array {
  const target = new Uint8Array(Math.max(0, Math.min(end, source.size) - start));
  return target.subarray(0, source.read(start, target));
}
