// What stands beside the store and says how far it was: `store.mark` with the last commit, `checkpoints.log` with every signed
// checkpoint. An older store that is put back, or one that lost its last commits, contradicts them.

import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { splitNotes } from '../../../src-shared/evidence/note-file.ts';
import type { MarkReading, StoreMarks } from '../../core/ports.ts';
import { syncFolder } from './key-file-store.ts';

const magic = 0x4748_4d31;
/** Two slots, each in a sector of its own: a write that was cut short leaves the other one whole. */
const slotSize = 512;
const sealLength = 32;
/** Magic, sequence, commit, whether a seal follows, the seal; then the CRC of all that. */
const sequenceAt = 4;
const commitAt = 12;
const sealedAt = 20;
const sealAt = 21;
const crcAt = sealAt + sealLength;
/** The last checkpoints; one is about 200 bytes. */
const tailLength = 16_384;

type Slot = { readonly sequence: bigint; readonly commit: number; readonly seal: Uint8Array | undefined };

export function createStoreMarks(folder: string): StoreMarks {
  const store = join(folder, 'store.db');
  const markPath = join(folder, 'store.mark');
  const checkpointPath = join(folder, 'checkpoints.log');
  let file: number | undefined;
  let sequence = 0n;
  const slot = Buffer.alloc(crcAt + 4);

  function put(commit: number, seal: Uint8Array | undefined): void {
    if (file === undefined) throw new Error('the commit mark is not open');
    sequence += 1n;
    slot.fill(0);
    slot.writeUInt32BE(magic, 0);
    slot.writeBigUInt64BE(sequence, sequenceAt);
    slot.writeBigUInt64BE(BigInt(commit), commitAt);
    slot[sealedAt] = seal === undefined ? 0 : 1;
    if (seal !== undefined) slot.set(seal, sealAt);
    slot.writeUInt32BE(crc32(slot.subarray(0, crcAt)), crcAt);
    // One write at its place: after a kill the page cache holds it, after a power cut an older one may stand there, never a newer.
    writeSync(file, slot, 0, slot.length, Number(sequence % 2n) * slotSize);
  }

  return {
    read(): MarkReading {
      if (!existsSync(markPath)) return 'missing';
      const found = newest(readFileSync(markPath));
      if (found === undefined) return 'unreadable';
      return { commit: found.commit, seal: found.seal };
    },
    opened(commit) {
      const before = existsSync(markPath) ? newest(readFileSync(markPath)) : undefined;
      sequence = before?.sequence ?? 0n;
      file = openSync(markPath, existsSync(markPath) ? 'r+' : 'wx+', 0o600);
      // Both slots: a seal of the bytes at rest must not outlive their first change, not even in the slot that is not the newest.
      put(commit, undefined);
      put(commit, undefined);
      fsyncSync(file);
      syncFolder(folder);
    },
    committed: (commit) => put(commit, undefined),
    closed(commit, seal) {
      if (file === undefined) return;
      try {
        if (seal !== undefined) put(commit, seal);
        fsyncSync(file);
      } finally {
        closeSync(file);
        file = undefined;
      }
    },
    fingerprint: () => fingerprintOf(store),
    appendCheckpoint: (note) => appendWhole(checkpointPath, note),
    lastCheckpoints: () => (existsSync(checkpointPath) ? tailOf(checkpointPath) : undefined),
    setAside: (at) => setAside(folder, [markPath, checkpointPath], at),
  };
}

function newest(bytes: Buffer): Slot | undefined {
  const slots = [0, slotSize]
    .map((at) => readSlot(bytes.subarray(at, at + crcAt + 4)))
    .filter((one) => one !== undefined);
  return slots.sort((left, right) => (left.sequence < right.sequence ? 1 : -1))[0];
}

function readSlot(bytes: Buffer): Slot | undefined {
  if (bytes.length < crcAt + 4 || bytes.readUInt32BE(0) !== magic) return undefined;
  if (bytes.readUInt32BE(crcAt) !== crc32(bytes.subarray(0, crcAt))) return undefined;
  const commit = Number(bytes.readBigUInt64BE(commitAt));
  if (!Number.isSafeInteger(commit)) return undefined;
  return {
    sequence: bytes.readBigUInt64BE(sequenceAt),
    commit,
    seal: bytes[sealedAt] === 1 ? new Uint8Array(bytes.subarray(sealAt, crcAt)) : undefined,
  };
}

const readAtOnce = 1 << 20;
const pageSizeAt = 16;
const reservedAt = 20;

/**
 * Of all bytes of the store's file, in the time it takes to read them: a CRC over everything, and SHA-256 over the authentication tag
 * that the cipher keeps at the end of each page. The tag vouches for the page, so a page can't be exchanged for any other one,
 * not even for its own older self. undefined while the write-ahead log holds changes that the file lacks.
 */
function fingerprintOf(path: string): Uint8Array | undefined {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if ((log?.size ?? 0) > 0 || !existsSync(path)) return undefined;
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    const chunk = Buffer.alloc(Math.min(readAtOnce, size));
    const hash = createHash('sha256');
    let sum = 0;
    let pageSize = 0;
    let reserved = 0;
    for (let at = 0; at < size; ) {
      const length = readSync(file, chunk, 0, chunk.length, at);
      if (length === 0) break;
      if (at === 0) {
        pageSize = size < 100 ? 0 : chunk.readUInt16BE(pageSizeAt);
        reserved = size < 100 ? 0 : (chunk[reservedAt] ?? 0);
      }
      const read = chunk.subarray(0, length);
      sum = crc32(read, sum);
      if (pageSize >= 512 && readAtOnce % pageSize === 0) {
        for (let end = pageSize; end <= length; end += pageSize) hash.update(read.subarray(end - reserved, end));
      }
      at += length;
    }
    const whole = Buffer.alloc(12);
    whole.writeBigUInt64BE(BigInt(size), 0);
    whole.writeUInt32BE(sum, 8);
    return new Uint8Array(hash.update(whole).digest());
  } finally {
    closeSync(file);
  }
}

/** Appends and syncs. What a write that was cut off left at the end is no note and goes: the next one would be spoilt by it. */
function appendWhole(path: string, note: string): void {
  const file = openSync(path, existsSync(path) ? 'r+' : 'wx+', 0o600);
  try {
    const { start, size, text } = readTail(file);
    // Where somebody left bytes that are no UTF-8, their replacements are longer: then less is cut off, never a whole note.
    const end = Math.min(size, start + Buffer.byteLength(text.slice(0, splitNotes(text).end)));
    if (end < size) ftruncateSync(file, end);
    const bytes = Buffer.from(note, 'utf8');
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(file, bytes, written, bytes.length - written, end + written);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function tailOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    return readTail(file).text;
  } finally {
    closeSync(file);
  }
}

/** From a line's beginning on, so that no character is cut in two. */
function readTail(file: number): { start: number; size: number; text: string } {
  const size = fstatSync(file).size;
  const from = Math.max(0, size - tailLength);
  const bytes = readFrom(file, from, size - from);
  const skipped = from === 0 ? 0 : bytes.indexOf('\n') + 1;
  return { start: from + skipped, size, text: bytes.subarray(skipped).toString('utf8') };
}

function readFrom(file: number, start: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const more = readSync(file, bytes, read, length - read, start + read);
    if (more === 0) break;
    read += more;
  }
  return bytes.subarray(0, read);
}

function setAside(folder: string, paths: readonly string[], at: number): string[] {
  const stamp = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const moved: string[] = [];
  for (const path of paths) {
    if (!existsSync(path)) continue;
    let name = `${path}.aside-${stamp}`;
    // Evidence: an earlier file of that name is never written over.
    for (let n = 2; existsSync(name); n++) name = `${path}.aside-${stamp}-${n}`;
    renameSync(path, name);
    moved.push(name);
  }
  if (moved.length > 0) syncFolder(folder);
  return moved;
}
