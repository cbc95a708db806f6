// Writes a backup file: header, the store's bytes in sealed chunks, signed manifest. Under a name that nobody takes for a backup until
// all of it is on the disk.
import { createHash } from 'node:crypto';
import { closeSync, fdatasync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { fromBase64, toHex } from '../../base/bytes.ts';
import {
  type ChunkSealer,
  contentKey,
  contentLength,
  createEncryptedChunks,
  createPlainChunks,
  layoutOf,
} from '../../core/features/backups/chunks.ts';
import { BackupCancelled } from '../../core/features/backups/damage.ts';
import type { BackupHeader } from '../../core/features/backups/header.ts';
import { formatManifest } from '../../core/features/backups/manifest-format.ts';
import type { Written } from '../../core/features/backups/ports.ts';

/** What is written goes to the disk in pieces of this size while the next is being sealed, not all at the end. */
const flushBytes = 64 * 1024 * 1024;

export const partSuffix = '.part';

export type WriteRequest = {
  /** Descriptor of the store's file, whose bytes don't change meanwhile. */
  readonly source: number;
  readonly target: string;
  readonly header: BackupHeader;
  /** As `formatHeader` makes them. */
  readonly headerBytes: Uint8Array;
  readonly dataKey: Uint8Array;
  sign(message: Uint8Array): Promise<Uint8Array>;
  progress(doneBytes: number): void;
  cancelled(): boolean;
};

/** @throws BackupCancelled; whatever is thrown, nothing stays behind. */
export async function writeContainer(request: WriteRequest): Promise<Written> {
  const part = `${request.target}${partSuffix}`;
  const file = openSync(part, 'wx', 0o600);
  try {
    let written: Written;
    try {
      written = await writeAll(file, request);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(part, request.target);
    syncFolder(dirname(request.target));
    return written;
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

async function writeAll(file: number, request: WriteRequest): Promise<Written> {
  const { header, headerBytes } = request;
  const layout = layoutOf(header, headerBytes.byteLength);
  const hash = createHash('sha256');
  const chunks = chunkSealerFor(header, headerBytes, request.dataKey);
  const behind = flushBehind(file);

  function put(bytes: Uint8Array): void {
    hash.update(bytes);
    writeWhole(file, bytes);
  }

  put(headerBytes);
  try {
    const content = Buffer.alloc(layout.chunkBytes);
    for (let index = 0; index < layout.chunks; index++) {
      if (request.cancelled()) throw new BackupCancelled('the backup was cancelled');
      const plain = content.subarray(0, contentLength(layout, index));
      readWhole(request.source, plain, index * layout.chunkBytes);
      const { body, trailer } = chunks.seal(plain, { index, last: index === layout.chunks - 1 });
      put(body);
      put(trailer);
      if (body !== plain) discard(body);
      behind.wrote(plain.byteLength);
      request.progress(index * layout.chunkBytes + plain.byteLength);
    }
    await behind.done();
  } catch (error) {
    await behind.settled();
    throw error;
  }
  const before = hash.copy().digest();
  const manifest = await formatManifest(
    {
      format: 'gatehouse-backup-manifest',
      version: 1,
      backup_id: header.backup_id,
      header_sha256: toHex(headerHash(headerBytes)),
      sha256: toHex(before),
      bytes: layout.end,
      chunks: layout.chunks,
    },
    header.signer,
    (message) => request.sign(message),
  );
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, manifest.byteLength);
  put(length);
  put(manifest);
  return { sizeBytes: layout.end + length.byteLength + manifest.byteLength, sha256: toHex(hash.digest()) };
}

export function chunkSealerFor(header: BackupHeader, headerBytes: Uint8Array, dataKey: Uint8Array): ChunkSealer {
  const digest = headerHash(headerBytes);
  if (header.encryption === null) return createPlainChunks(digest);
  return createEncryptedChunks(contentKey(dataKey), fromBase64(header.encryption.nonce_prefix), digest);
}

export function headerHash(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

/**
 * Sends what was written to the disk while more is being written. `done` must be awaited: an error is told once, here or to the last sync;
 * and `settled` before the file is closed for another reason.
 */
export function flushBehind(file: number): {
  wrote(bytes: number): void;
  done(): Promise<unknown>;
  settled(): Promise<unknown>;
} {
  const flushed: Promise<void>[] = [];
  let waiting = 0;
  return {
    wrote(bytes) {
      waiting += bytes;
      if (waiting < flushBytes) return;
      waiting = 0;
      const one = new Promise<void>((resolve, reject) => {
        fdatasync(file, (error) => (error === null ? resolve() : reject(error)));
      });
      // Looked at when all are awaited; until then a failure must not count as unhandled.
      one.catch(() => undefined);
      flushed.push(one);
    },
    done: () => Promise.all(flushed),
    settled: () => Promise.allSettled(flushed),
  };
}

/** @throws Error when the file is shorter than it was when its size was taken. */
export function readWhole(file: number, target: Uint8Array, at: number): void {
  for (let read = 0; read < target.byteLength; ) {
    const more = readSync(file, target, read, target.byteLength - read, at + read);
    if (more === 0) throw new Error(`the file ends at byte ${at + read}, before it should`);
    read += more;
  }
}

/** One write may take only a part when the disk is nearly full. */
export function writeWhole(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.byteLength; ) written += writeSync(file, bytes, written);
}

/** Gives the memory of a chunk back at once: the collector would let hundreds of them gather first. */
export function discard(chunk: Uint8Array): void {
  const { buffer } = chunk;
  // A small one may share its buffer with others.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === chunk.byteLength) buffer.transfer(0);
}

export function syncFolder(path: string): void {
  // Windows can't open a folder for syncing; NTFS journals the rename by itself.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
