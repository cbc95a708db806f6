// Packed files, unpacked as they come: gzip and zip, also one inside the other, in bounded memory and with a bound on how much a
// small file may turn into. Reading a zip's entries is unzip.ts.
import { constants, createGunzip, createInflateRaw } from 'node:zlib';
import { createUnzip, isZip } from './unzip.ts';

/** Real logs pack up to about 30 times; far beyond that somebody wants our disk. */
const largestRatio = 200;
const freeBytes = 64 * 1_048_576;
const deepestPacking = 3;
/** In small pieces: gzip may turn each byte into a thousand, and all of a piece is in memory at once. */
const packedPieceBytes = 8_192;

/** The packed data is damaged, or unpacks to far more than a log would. */
export class UnpackError extends Error {
  override readonly name = 'UnpackError';
}

/** Plain bytes, or the start of the next file of an archive; its name comes from the archive and is no path to go to. */
export type Piece =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly name: string };

export type Unpacker = {
  /** Bytes of the file in, one piece at a time out: nothing is unpacked before it is asked for. @throws UnpackError */
  push(chunk: Uint8Array): AsyncIterable<Piece>;
  end(): AsyncIterable<Piece>;
  destroy(): void;
};

/** Counts what comes out of every layer against what went in at the outside. */
export type Budget = { packed: number; take(bytes: number): void };

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
export function createLayer(budget: Budget, depth: number): Unpacker {
  let chosen: Unpacker | undefined;
  let held = new Uint8Array(0);

  function choose(): Unpacker {
    if (isPacked(held) && depth >= deepestPacking) throw new UnpackError(`packed more than ${deepestPacking} times`);
    if (isGzip(held)) return createGzip(budget, depth);
    return isZip(held) ? createUnzip(budget, depth) : plain;
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
  return isGzip(start) || isZip(start);
}

function isGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

function createGzip(budget: Budget, depth: number): Unpacker {
  const gunzip = createInflater('gzip', budget);
  const inner = createLayer(budget, depth + 1);
  return {
    async *push(chunk) {
      for (let from = 0; from < chunk.byteLength; from += packedPieceBytes) {
        for (const bytes of await gunzip.push(chunk.subarray(from, from + packedPieceBytes))) yield* inner.push(bytes);
      }
    },
    async *end() {
      for (const bytes of await gunzip.end()) yield* inner.push(bytes);
      yield* inner.end();
    },
    destroy() {
      gunzip.destroy();
      inner.destroy();
    },
  };
}

export type Inflater = {
  push(chunk: Uint8Array): Promise<Uint8Array[]>;
  end(): Promise<Uint8Array[]>;
  /** Packed bytes that were used: fewer than were given when the packed data ended among them. */
  used(): number;
  destroy(): void;
};

export function createInflater(kind: 'gzip' | 'raw', budget: Budget): Inflater {
  const options = { finishFlush: constants.Z_FINISH, chunkSize: 65_536 };
  const stream = kind === 'gzip' ? createGunzip(options) : createInflateRaw(options);
  let plainBytes: Uint8Array[] = [];
  let failure: unknown;
  stream.on('data', (bytes: Uint8Array) => {
    try {
      budget.take(bytes.byteLength);
      plainBytes.push(bytes);
    } catch (error) {
      failure = error;
      stream.destroy();
    }
  });
  const failed = new Promise<never>((_, reject) => {
    stream.on('error', (cause) =>
      reject(new UnpackError(`the ${kind === 'gzip' ? 'gzip' : 'zip'} data is damaged or cut off`, { cause })),
    );
    stream.on('close', () => {
      if (failure !== undefined) reject(failure);
    });
  });
  failed.catch(() => undefined);

  async function settle(write: (done: () => void) => void): Promise<Uint8Array[]> {
    await Promise.race([failed, new Promise<void>((resolve) => write(() => resolve()))]);
    if (failure !== undefined) throw failure;
    const out = plainBytes;
    plainBytes = [];
    return out;
  }
  return {
    push: (chunk) => settle((done) => stream.write(chunk, () => done())),
    end: () => settle((done) => (stream.readableEnded ? done() : stream.once('end', done).end())),
    used: () => stream.bytesWritten,
    destroy: () => void stream.destroy(),
  };
}
