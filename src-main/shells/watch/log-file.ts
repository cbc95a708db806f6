// One log file as it lies on the disk, plain or as gzip: its first line, the bytes before a place, the bytes from there on.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import { fileIdentity } from '../../engine/record-id.ts';

/** How much of a file is looked at for its first line and its format. */
const headBytes = 65_536;
/** How much before a place tells whether a file is the one that was read up to there. */
const tailBytes = 256;

export type LogFile = AsyncDisposable & {
  readonly path: string;
  readonly packed: boolean;
  /** Changes with every change of the file. */
  readonly stamp: string;
  readonly modifiedAtMs: number;
  /** Of a plain file; what is packed is over where its bytes end. */
  readonly size: number;
  /** The first bytes, unpacked. */
  readonly head: Uint8Array;
  /** The bytes from `offset` on, at most `length`; fewer at the end only. */
  read(offset: number, length: number): Promise<Uint8Array>;
};

/** undefined when it is not there, or no file. */
export async function openLog(path: string): Promise<LogFile | undefined> {
  // SECURITY: not waiting for whoever may never write to a named pipe: that would hold up every file, and the end of the program.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    // Between a look at the folder and this, a rotation may have taken it away.
    if (error.code === 'ENOENT' || error.code === 'EISDIR' || error.code === 'ENXIO') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const found = await file.stat();
    if (!found.isFile()) {
      await file.close();
      return undefined;
    }
    const start = await readAt(file, 0, headBytes);
    const common = { path, stamp: stampOf(found), modifiedAtMs: found.mtimeMs, size: found.size };
    if (start[0] !== 0x1f || start[1] !== 0x8b) {
      return {
        ...common,
        packed: false,
        head: start,
        read: (offset, length) => readAt(file, offset, length),
        [Symbol.asyncDispose]: () => file.close(),
      };
    }
    const plain = unpacked(file);
    return {
      ...common,
      packed: true,
      head: await plain.read(0, headBytes),
      read: plain.read,
      async [Symbol.asyncDispose]() {
        plain[Symbol.dispose]();
        await file.close();
      },
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

export function stampOf(found: {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}): string {
  return [found.dev, found.ino, found.size, found.mtimeMs, found.ctimeMs].join('.');
}

/**
 * What tells files apart and survives renaming, copying and packing: the first line that isn't empty. undefined while it isn't complete,
 * unless `isFinal` says that nothing more will come.
 */
export function identityOf(head: Uint8Array, isFinal: boolean): Uint8Array | undefined {
  let from = 0;
  while (from < head.length && (head[from] === 10 || head[from] === 13)) from += 1;
  const end = head.indexOf(10, from);
  if (end < 0 && head.length < headBytes && !isFinal) return undefined;
  if (from === head.length) return undefined;
  return fileIdentity(head.subarray(from, end < 0 ? head.length : end));
}

/** A digest of the bytes just before `offset`: another file of the same first line has others there. */
export async function tailBefore(file: LogFile, offset: number): Promise<string | undefined> {
  const from = Math.max(0, offset - tailBytes);
  const bytes = await file.read(from, offset - from);
  return bytes.length === offset - from ? tailOf(bytes) : undefined;
}

/** The bytes from a place on, with those before it: read together, so that they are of the same file. */
export type Piece = {
  readonly bytes: Uint8Array;
  /** The digest of what stands before. */
  readonly tail: string;
  /** The digest of what stands before the byte at `length` of `bytes`. */
  tailAfter(length: number): string;
  /** The identity, where the piece begins early enough to hold it. */
  identity(isFinal: boolean): Uint8Array | 'not in it' | undefined;
};

export async function readPiece(file: LogFile, offset: number, length: number): Promise<Piece | undefined> {
  const from = Math.max(0, offset - tailBytes);
  const before = offset - from;
  const window = await file.read(from, before + length);
  if (window.length < before) return undefined;
  return {
    bytes: window.subarray(before),
    tail: tailOf(window.subarray(0, before)),
    tailAfter: (count) => tailOf(window.subarray(Math.max(0, before + count - tailBytes), before + count)),
    identity: (isFinal) => (from > 0 ? 'not in it' : identityOf(window.subarray(0, headBytes), isFinal)),
  };
}

function tailOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32);
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** What a packed file holds, by place. Reading on from about where the last read ended goes on there; going back begins anew. */
type Unpacked = Disposable & { read(offset: number, length: number): Promise<Uint8Array> };

function unpacked(file: FileHandle): Unpacked {
  let stream = begin(file);
  let chunks = stream[Symbol.asyncIterator]();
  /** The bytes from `at` on that were unpacked and are kept. */
  let kept: Uint8Array = new Uint8Array(0);
  let at = 0;
  return {
    async read(offset, length) {
      if (offset < at) {
        stream.destroy();
        stream = begin(file);
        chunks = stream[Symbol.asyncIterator]();
        kept = new Uint8Array(0);
        at = 0;
      }
      const parts = [kept];
      let end = at + kept.length;
      while (end < offset + length) {
        const next = await chunks.next();
        if (next.done === true) break;
        end += next.value.length;
        parts.push(next.value);
        while (parts.length > 0 && at + (parts[0]?.length ?? 0) <= offset) at += parts.shift()?.length ?? 0;
      }
      kept = Buffer.concat(parts);
      const from = Math.min(offset - at, kept.length);
      kept = kept.subarray(from);
      at += from;
      return kept.subarray(0, length);
    },
    [Symbol.dispose]() {
      stream.destroy();
    },
  };
}

/** From the open file: its path may be gone by now, or another file's. */
function begin(file: FileHandle): Gunzip {
  const plain = createGunzip();
  pipeline(bytesOf(file), plain).catch(() => undefined);
  return plain;
}

async function* bytesOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    const bytes = await readAt(file, at, headBytes);
    if (bytes.length === 0) return;
    at += bytes.length;
    yield bytes;
  }
}
