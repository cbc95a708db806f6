// One stream of packed data, unpacked piece by piece: gzip, zstd, and the deflated data of a zip's entry.
import { constants, createGunzip, createInflateRaw, createZstdDecompress } from 'node:zlib';

/** How far back zstd may refer, as a power of two: that much memory a file can ask for. */
const zstdWindow = 25;

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

export type Inflater = {
  push(chunk: Uint8Array): Promise<Uint8Array[]>;
  end(): Promise<Uint8Array[]>;
  /** Packed bytes that were used: fewer than were given when the packed data ended among them. */
  used(): number;
  destroy(): void;
};

export function createInflater(kind: 'gzip' | 'raw' | 'zstd', budget: Budget): Inflater {
  const stream = streamFor(kind);
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
    stream.on('error', (cause) => reject(new UnpackError(whyNot(kind, cause), { cause })));
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

function streamFor(kind: 'gzip' | 'raw' | 'zstd') {
  const options = { finishFlush: constants.Z_FINISH, chunkSize: 65_536 };
  if (kind === 'gzip') return createGunzip(options);
  if (kind === 'raw') return createInflateRaw(options);
  return createZstdDecompress({ chunkSize: 131_072, params: { [constants.ZSTD_d_windowLogMax]: zstdWindow } });
}

function whyNot(kind: 'gzip' | 'raw' | 'zstd', error: Error): string {
  if ('code' in error && error.code === 'ZSTD_error_frameParameter_windowTooLarge')
    return `the zstd data needs more than ${2 ** (zstdWindow - 20)} MiB of memory to unpack; unpack it with zstd -d --long=31`;
  return damaged(kind === 'raw' ? 'zip' : kind);
}

export function damaged(what: string): string {
  return `the ${what} data is damaged or cut off`;
}
