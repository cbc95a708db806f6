// Gzip, unpacked as it comes, with bounded memory and a bound on how much a small file may turn into.
import { constants, createGunzip } from 'node:zlib';

/** Real logs pack up to about 30 times; far beyond that somebody wants our disk. */
const largestRatio = 200;
const freeBytes = 64 * 1_048_576;

/** The packed data is damaged, or unpacks to far more than a log would. */
export class UnpackError extends Error {
  override readonly name = 'UnpackError';
}

export type Unpacker = {
  /** Packed bytes in, the plain bytes that they complete out. @throws UnpackError */
  push(chunk: Uint8Array): Promise<Uint8Array[]>;
  end(): Promise<Uint8Array[]>;
  destroy(): void;
};

export function isGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

export function createGzipUnpacker(): Unpacker {
  const gunzip = createGunzip({ finishFlush: constants.Z_FINISH });
  let plain: Uint8Array[] = [];
  let packed = 0;
  let unpacked = 0;
  let failure: UnpackError | undefined;
  gunzip.on('data', (bytes: Uint8Array) => {
    unpacked += bytes.byteLength;
    if (unpacked > freeBytes && unpacked > packed * largestRatio) {
      failure = new UnpackError(`the file unpacks to more than ${largestRatio} times its size`);
      gunzip.destroy();
      return;
    }
    plain.push(bytes);
  });
  const failed = new Promise<never>((_, reject) => {
    gunzip.on('error', (cause) => reject(new UnpackError('the gzip data is damaged or cut off', { cause })));
    gunzip.on('close', () => {
      if (failure !== undefined) reject(failure);
    });
  });
  failed.catch(() => undefined);

  async function settle(write: (done: () => void) => void): Promise<Uint8Array[]> {
    await Promise.race([failed, new Promise<void>((resolve) => write(() => resolve()))]);
    if (failure !== undefined) throw failure;
    const out = plain;
    plain = [];
    return out;
  }

  return {
    push(chunk) {
      packed += chunk.byteLength;
      return settle((done) => gunzip.write(chunk, () => done()));
    },
    end: () => settle((done) => gunzip.once('end', done).end()),
    destroy: () => void gunzip.destroy(),
  };
}
