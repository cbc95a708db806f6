// The entries of a zip archive in the order in which they lie in the file, as it streams by: local headers are followed, the directory
// at the end is not waited for. Sizes and checksums are held against what came out.
import { crc32 } from 'node:zlib';
import { type Budget, createInflater, type Inflater, type Piece, UnpackError, type Unpacker } from './inflater.ts';

const localHeader = 0x04034b50;
const directoryHeaders = new Set([0x02014b50, 0x06054b50, 0x06064b50, 0x08064b50]);
const descriptorMark = 0x08074b50;
const headerBytes = 30;
const mostEntries = 10_000;
const mostNameBytes = 4096;
const pieceBytes = 8_192;

type Entry = {
  readonly name: string;
  readonly folder: boolean;
  /** Undefined when it stands after the data. */
  readonly size: number | undefined;
  readonly sum: number | undefined;
  readonly inflater: Inflater | undefined;
  readonly layer: Unpacker;
  taken: number;
  /** Of what came out. */
  runningSum: number;
};

export function isZip(start: Uint8Array): boolean {
  // An archive without entries begins with the end of its directory.
  return (
    start[0] === 0x50 && start[1] === 0x4b && ((start[2] === 3 && start[3] === 4) || (start[2] === 5 && start[3] === 6))
  );
}

/** @param layer unpacks what an entry holds, packed again or not */
export function createUnzip(budget: Budget, layer: () => Unpacker): Unpacker {
  let held: Buffer = Buffer.alloc(0);
  let entry: Entry | undefined;
  let afterData: Entry | undefined;
  let entries = 0;
  let over = false;

  /** The next entry's header, once it is whole. */
  function open(): Entry | undefined {
    if (held.length < 4) return undefined;
    const mark = held.readUInt32LE(0);
    if (directoryHeaders.has(mark)) {
      over = true;
      return undefined;
    }
    if (mark !== localHeader) throw new UnpackError('the zip archive is damaged');
    if (held.length < headerBytes) return undefined;
    const nameLength = held.readUInt16LE(26);
    const whole = headerBytes + nameLength + held.readUInt16LE(28);
    if (nameLength > mostNameBytes) throw new UnpackError('the zip archive is damaged: a name of more than 4096 bytes');
    if (held.length < whole) return undefined;
    entries++;
    if (entries > mostEntries) throw new UnpackError(`the zip archive has more than ${mostEntries} entries`);
    const opened = entryOf(held.subarray(0, whole), nameLength);
    held = held.subarray(whole);
    return opened;
  }

  function entryOf(header: Buffer, nameLength: number): Entry {
    const flags = header.readUInt16LE(6);
    const method = header.readUInt16LE(8);
    const name = header.toString('utf8', headerBytes, headerBytes + nameLength);
    if ((flags & 1) !== 0) throw new UnpackError(`${name} in the zip archive is encrypted`);
    if (method !== 0 && method !== 8)
      throw new UnpackError(
        `${name} in the zip archive is packed in a way (${method}) that is not known; only deflate is`,
      );
    const later = (flags & 8) !== 0;
    const size = sizeOf(header, nameLength);
    if (later && method === 0) throw new UnpackError(`${name} in the zip archive is stored without its size`);
    return {
      name,
      folder: name.endsWith('/'),
      size: later ? undefined : size,
      sum: later ? undefined : header.readUInt32LE(14),
      inflater: method === 8 ? createInflater('raw', budget) : undefined,
      layer: layer(),
      taken: 0,
      runningSum: 0,
    };
  }

  /** Passes on what there is of the entry's data; true when that was all of it. */
  async function* data(current: Entry): AsyncIterable<Piece> {
    const { size, inflater } = current;
    const left = size === undefined ? held.length : Math.min(held.length, size - current.taken);
    for (let from = 0; from < left; from += pieceBytes) {
      const part = held.subarray(from, Math.min(from + pieceBytes, left));
      const before = inflater?.used() ?? 0;
      const out = inflater === undefined ? [part] : await inflater.push(part);
      for (const bytes of out) yield* pass(current, bytes);
      const used = inflater === undefined || size !== undefined ? part.length : inflater.used() - before;
      current.taken += used;
      if (used < part.length) {
        held = held.subarray(from + used);
        afterData = current;
        entry = undefined;
        return;
      }
    }
    held = held.subarray(left);
    if (current.taken !== size) return;
    entry = undefined;
    yield* close(current, current.sum);
  }

  async function* pass(current: Entry, bytes: Uint8Array): AsyncIterable<Piece> {
    current.runningSum = crc32(bytes, current.runningSum);
    if (!current.folder) yield* current.layer.push(bytes);
  }

  async function* close(current: Entry, sum: number | undefined): AsyncIterable<Piece> {
    if (current.inflater !== undefined) {
      for (const bytes of await current.inflater.end()) yield* pass(current, bytes);
      current.inflater.destroy();
    }
    if (sum !== current.runningSum) throw new UnpackError(`${current.name} in the zip archive fails its checksum`);
    if (!current.folder) yield* current.layer.end();
  }

  /** Where sizes and checksum come after the data: with or without a mark, with sizes of four or eight bytes. */
  function descriptor(complete: boolean): { sum: number } | undefined {
    const marked = held.length >= 4 && held.readUInt32LE(0) === descriptorMark ? 4 : 0;
    for (const length of [12, 20]) {
      if (held.length < marked + length + 4) break;
      const next = held.readUInt32LE(marked + length);
      if (next !== localHeader && !directoryHeaders.has(next)) continue;
      const sum = held.readUInt32LE(marked);
      held = held.subarray(marked + length);
      return { sum };
    }
    if (complete || held.length >= 28) throw new UnpackError('the zip archive is damaged');
    return undefined;
  }

  async function* advance(complete: boolean): AsyncIterable<Piece> {
    while (!over) {
      if (afterData !== undefined) {
        const found = descriptor(complete);
        if (found === undefined) return;
        const current = afterData;
        afterData = undefined;
        yield* close(current, found.sum);
      } else if (entry === undefined) {
        entry = open();
        if (entry === undefined) return;
        if (!entry.folder) yield { kind: 'file', name: entry.name };
        yield* data(entry);
      } else {
        if (held.length === 0) return;
        yield* data(entry);
      }
    }
    held = Buffer.alloc(0);
  }

  return {
    async *push(chunk) {
      if (over) return;
      held = Buffer.concat([held, chunk]);
      yield* advance(false);
    },
    async *end() {
      yield* advance(true);
      if (!over) throw new UnpackError('the zip archive is cut off');
    },
    destroy() {
      for (const one of [entry, afterData]) {
        one?.inflater?.destroy();
        one?.layer.destroy();
      }
    },
  };
}

/** The packed size; of archives beyond 4 GiB it stands in an extra field. */
function sizeOf(header: Buffer, nameLength: number): number {
  const size = header.readUInt32LE(18);
  if (size !== 0xffff_ffff) return size;
  let at = headerBytes + nameLength;
  while (at + 4 <= header.length) {
    const length = header.readUInt16LE(at + 2);
    if (header.readUInt16LE(at) === 1 && length >= 16 && at + 20 <= header.length)
      return Number(header.readBigUInt64LE(at + 12));
    at += 4 + length;
  }
  throw new UnpackError('the zip archive is damaged: a size is missing');
}
