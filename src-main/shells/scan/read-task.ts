// The bytes of a task as records: a whole file, packed or not, or the lines that begin in a stretch of one.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { FormatName } from '../../../src-shared/log-formats.ts';
import { createUnpacker } from '../../core/features/events/unpack.ts';
import type { ReaderOptions, RecordResult } from '../../engine/formats/format.ts';
import { createRecordReader } from '../../engine/formats/record-reader.ts';
import type { Task } from './messages.ts';

const chunkBytes = 262_144;
const lineEnd = 10;

export type Piece = {
  readonly results: readonly RecordResult[];
  readonly inner: string | undefined;
  readonly format: FormatName | undefined;
  /** Bytes of the file that were read for it. */
  readonly bytes: number;
  /** Of a stretch: lines that ended in it. */
  readonly lines: number;
};

/** The file has less than when the scan began: what it had was not all seen. */
export class ShortenedError extends Error {
  override readonly name = 'ShortenedError';
}

/** @throws as reading files does, UnpackError, ShortenedError */
export async function* readTask(task: Task, options: ReaderOptions): AsyncGenerator<Piece> {
  const file = openSync(task.path, 'r');
  try {
    if (task.packed || task.format === undefined) yield* readPacked(file, task, options);
    else yield* readPlain(file, task, task.format, options);
    if (fstatSync(file).size < task.size) throw new ShortenedError('the file became shorter while it was scanned');
  } finally {
    closeSync(file);
  }
}

async function* readPlain(file: number, task: Task, format: FormatName, options: ReaderOptions): AsyncGenerator<Piece> {
  const stretch = task.from > 0 || task.to < task.size;
  const reader = createRecordReader(format, { ...options, ...(stretch ? { aRecordALine: true } : {}) });
  const piece = { inner: undefined, format };
  let open = false;
  for (const chunk of stretch ? chunksOfStretch(file, task) : chunksFrom(file, 0)) {
    let lines = 0;
    if (stretch) for (let at = chunk.indexOf(lineEnd); at >= 0; at = chunk.indexOf(lineEnd, at + 1)) lines++;
    open = chunk[chunk.length - 1] !== lineEnd;
    yield { ...piece, results: reader.push(chunk), bytes: chunk.length, lines };
  }
  yield { ...piece, results: reader.end(), bytes: 0, lines: open ? 1 : 0 };
}

async function* readPacked(file: number, task: Task, options: ReaderOptions): AsyncGenerator<Piece> {
  const unpacker = createUnpacker();
  let inner: string | undefined;
  let reader = createRecordReader(task.format ?? 'auto', options);
  let bytes = 0;
  async function* passOn(pieces: ReturnType<typeof unpacker.push>): AsyncGenerator<Piece> {
    for await (const piece of pieces) {
      let results: readonly RecordResult[];
      const of = inner;
      if (piece.kind === 'bytes') results = reader.push(piece.bytes);
      else {
        results = reader.end();
        inner = piece.name;
        reader = createRecordReader(task.format ?? 'auto', options);
      }
      yield { inner: of, format: undefined, results, bytes, lines: 0 };
      bytes = 0;
    }
  }
  try {
    for (const chunk of chunksFrom(file, task.from)) {
      bytes += chunk.length;
      yield* passOn(unpacker.push(chunk));
    }
    yield* passOn(unpacker.end());
    yield { inner, format: undefined, results: reader.end(), bytes, lines: 0 };
  } finally {
    unpacker.destroy();
  }
}

/** Each is used up before the next is asked for: they share their memory. */
function* chunksFrom(file: number, from: number): Generator<Uint8Array> {
  const buffer = new Uint8Array(chunkBytes);
  let at = from;
  for (;;) {
    const length = readSync(file, buffer, 0, chunkBytes, at);
    if (length === 0) return;
    yield buffer.subarray(0, length);
    at += length;
  }
}

/** From the first line that begins at or after `from` to the end of the last that begins before `to`. */
function* chunksOfStretch(file: number, { from, to }: Task): Generator<Uint8Array> {
  let at = from === 0 ? 0 : from - 1;
  let skipping = from > 0;
  for (const whole of chunksFrom(file, at)) {
    let chunk = whole;
    if (skipping) {
      const end = chunk.indexOf(lineEnd);
      if (end >= 0) {
        skipping = false;
        chunk = chunk.subarray(end + 1);
        at += end + 1;
      } else at += chunk.length;
      // A line that goes on to the end of the stretch belongs to the one before.
      if (at >= to) return;
      if (skipping) continue;
    }
    if (at + chunk.length >= to) {
      const end = chunk.indexOf(lineEnd, Math.max(0, to - 1 - at));
      if (end >= 0) {
        yield chunk.subarray(0, end + 1);
        return;
      }
    }
    at += chunk.length;
    yield chunk;
  }
}
