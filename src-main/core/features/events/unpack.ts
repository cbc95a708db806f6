// Packed files, unpacked as they come: gzip, zstd and zip, also one inside the other, in bounded memory and with a bound on how much a
// small file may turn into; and UTF-16 text made UTF-8. Reading a zip's entries is unzip.ts.
import { type Budget, createInflater, damaged, type Piece, UnpackError, type Unpacker } from './inflater.ts';
import { createUnzip, isZip } from './unzip.ts';

/** Real logs pack up to about 30 times; far beyond that somebody wants our disk. */
const largestRatio = 200;
const freeBytes = 64 * 1_048_576;
const deepestPacking = 3;
/** In small pieces: gzip may turn each byte into a thousand, and all of a piece is in memory at once. */
const packedPieceBytes = 8_192;
/** zstd says 128 KiB in four bytes. */
const zstdPieceBytes = 1_024;

/** What passes plain bytes through and unpacks packed ones, told by their first bytes. */
export function createUnpacker(): Unpacker {
  let unpacked = 0;
  const budget: Budget = {
    packed: 0,
    take(bytes) {
      unpacked += bytes;
      if (unpacked > freeBytes && unpacked > budget.packed * largestRatio)
        throw new UnpackError(`the file unpacks to more than ${largestRatio} times its size`);
    },
  };
  const inner = createLayer(budget, 0);
  return {
    async *push(chunk) {
      budget.packed += chunk.byteLength;
      yield* inner.push(chunk);
    },
    end: () => inner.end(),
    destroy: () => inner.destroy(),
  };
}

/** One layer of packing, or none. */
function createLayer(budget: Budget, depth: number): Unpacker {
  let chosen: Unpacker | undefined;
  let held = new Uint8Array(0);

  function choose(): Unpacker {
    if (isPacked(held) && depth >= deepestPacking) throw new UnpackError(`packed more than ${deepestPacking} times`);
    if (isGzip(held)) return createStream('gzip', packedPieceBytes, budget, depth);
    if (isZstd(held)) return createStream('zstd', zstdPieceBytes, budget, depth);
    const order = byteOrderOf(held);
    if (order !== undefined) return createTranscoder(order);
    return isZip(held) ? createUnzip(budget, () => createLayer(budget, depth + 1)) : plain;
  }
  async function* begin(): AsyncIterable<Piece> {
    chosen = choose();
    const start = held;
    held = new Uint8Array(0);
    if (start.byteLength > 0) yield* chosen.push(start);
  }
  return {
    async *push(chunk) {
      if (chosen !== undefined) return yield* chosen.push(chunk);
      held = new Uint8Array(Buffer.concat([held, chunk]));
      if (held.byteLength >= 4) yield* begin();
    },
    async *end() {
      if (chosen === undefined) yield* begin();
      if (chosen !== undefined) yield* chosen.end();
    },
    destroy: () => chosen?.destroy(),
  };
}

const plain: Unpacker = {
  async *push(bytes) {
    yield { kind: 'bytes', bytes };
  },
  async *end() {},
  destroy: () => undefined,
};

/** Is this the start of a file that has to be unpacked? */
export function isPacked(start: Uint8Array): boolean {
  return isGzip(start) || isZstd(start) || isZip(start) || byteOrderOf(start) !== undefined;
}

function isGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

/** RFC 8878: a frame's magic number, or that of a skippable frame before it. */
function isZstd(start: Uint8Array): boolean {
  const [a = 0, b, c, d] = start;
  return (
    (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) || (a >> 4 === 5 && b === 0x2a && c === 0x4d && d === 0x18)
  );
}

/** Of UTF-16 text, by its byte order mark. */
function byteOrderOf([first, second]: Uint8Array): 'little' | 'big' | undefined {
  if (first === 0xff && second === 0xfe) return 'little';
  return first === 0xfe && second === 0xff ? 'big' : undefined;
}

/** UTF-16 as UTF-8; what is not well formed becomes U+FFFD. */
function createTranscoder(order: 'little' | 'big'): Unpacker {
  const decoder = new TextDecoder('utf-16le');
  const encoder = new TextEncoder();
  let odd = new Uint8Array(0);

  function* pieces(text: string): Generator<Piece> {
    if (text !== '') yield { kind: 'bytes', bytes: encoder.encode(text) };
  }
  return {
    async *push(chunk) {
      const whole = new Uint8Array(Buffer.concat([odd, chunk]));
      const even = whole.subarray(0, whole.byteLength & ~1);
      odd = whole.slice(even.byteLength);
      if (order === 'big') Buffer.from(even.buffer, even.byteOffset, even.byteLength).swap16();
      yield* pieces(decoder.decode(even, { stream: true }));
    },
    async *end() {
      yield* pieces(decoder.decode(odd));
    },
    destroy: () => undefined,
  };
}

function createStream(kind: 'gzip' | 'zstd', pieceBytes: number, budget: Budget, depth: number): Unpacker {
  const inner = createLayer(budget, depth + 1);
  let inflater = createInflater(kind, budget);
  let given = 0;

  /** Node's reader of zstd ends with the frame: what is left of the piece is the begin of the next one. */
  async function* inflate(piece: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let rest = piece; ; ) {
      given += rest.byteLength;
      yield* await inflater.push(rest);
      const left = kind === 'zstd' ? given - inflater.used() : 0;
      if (left === 0) return;
      if (left >= rest.byteLength) throw new UnpackError(damaged(kind));
      rest = rest.subarray(rest.byteLength - left);
      inflater.destroy();
      inflater = createInflater(kind, budget);
      given = 0;
    }
  }
  return {
    async *push(chunk) {
      for (let from = 0; from < chunk.byteLength; from += pieceBytes) {
        for await (const bytes of inflate(chunk.subarray(from, from + pieceBytes))) yield* inner.push(bytes);
      }
    },
    async *end() {
      for (const bytes of await inflater.end()) yield* inner.push(bytes);
      yield* inner.end();
    },
    destroy() {
      inflater.destroy();
      inner.destroy();
    },
  };
}
