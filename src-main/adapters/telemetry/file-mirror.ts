// A mirror in a file of JSON lines beside the store. Its own last line says how far it is, so that after a kill nothing comes twice.
import { closeSync, constants, openSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { MirrorStream } from '../../../src-shared/contract/mirrors.ts';
import { type Mirror, MirrorFault, type MirrorRecord } from '../../core/features/mirrors/index.ts';
import {
  isInPlace,
  type LogLimits,
  lastLine,
  logFileFlags,
  logFileWords,
  rotateLogFile,
  settleLogFile,
} from './log-file.ts';

export type FileMirrorParts = {
  readonly name: string;
  path(): string;
  readonly stream: MirrorStream;
  readonly limits: LogLimits;
};

type OpenFile = { readonly handle: FileHandle; readonly path: string; size: number };

export function createFileMirror({ name, path, stream, limits }: FileMirrorParts): Mirror {
  let file: OpenFile | undefined;
  // A disk that hangs may answer after all patience: its write must not get between those of the next try.
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const next = turn.then(run).catch((error: unknown) => {
      throw error instanceof MirrorFault ? error : new MirrorFault(logFileWords(path(), error), { cause: error });
    });
    turn = next.catch(() => undefined);
    return next;
  }

  async function close(): Promise<void> {
    const closing = file;
    file = undefined;
    await closing?.handle.close();
  }

  async function usable(): Promise<OpenFile> {
    if (file !== undefined && (file.path !== path() || !isInPlace(file.handle.fd, file.path, file.size))) await close();
    if (file !== undefined) return file;
    const at = path();
    const handle = await open(at, logFileFlags, 0o600);
    try {
      file = { handle, path: at, size: settleLogFile(handle.fd, at) };
      return file;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async function append(records: readonly MirrorRecord[]): Promise<void> {
    let to = await usable();
    let text: string[] = [];
    let bytes = 0;
    async function write(): Promise<void> {
      if (bytes === 0) return;
      await to.handle.appendFile(text.join(''));
      to.size += bytes;
      text = [];
      bytes = 0;
    }
    for (const { line } of records) {
      const length = Buffer.byteLength(line) + 1;
      if (to.size + bytes > 0 && to.size + bytes + length > limits.maxBytes) {
        await write();
        await to.handle.datasync();
        await close();
        rotateLogFile(to.path, limits.count);
        to = await usable();
      }
      text.push(line, '\n');
      bytes += length;
    }
    await write();
    // The position is noted after this: what it says is there has to be there after a power cut too.
    await to.handle.datasync();
  }

  async function readLast(): Promise<Pick<MirrorRecord, 'seq' | 'id'> | undefined> {
    const { handle, size, path: at } = await usable();
    // A kill within a rotation leaves no file, or an empty one.
    return parseLast(size > 0 ? lastLine(handle.fd, size) : lastRotated(`${at}.1`));
  }

  return {
    name,
    kind: 'file',
    format: 'json',
    streams: [stream],
    encrypted: true,
    last: () => inTurn(readLast),
    async send(records) {
      await inTurn(() => append(records));
      return 0;
    },
    close: () => void inTurn(close).catch(() => undefined),
  };
}

function lastRotated(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(
      path,
      constants.O_RDWR | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
  } catch {
    // None, or none of ours: the position in the store counts.
    return undefined;
  }
  try {
    return lastLine(fd, settleLogFile(fd, path));
  } finally {
    closeSync(fd);
  }
}

function parseLast(line: string | undefined): Pick<MirrorRecord, 'seq' | 'id'> | undefined {
  if (line === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('seq' in value) || !('id' in value)) return undefined;
  const { seq, id } = value;
  return Number.isSafeInteger(seq) && typeof seq === 'number' && typeof id === 'string' ? { seq, id } : undefined;
}
