// Reads a backup file that nobody vouches for: every byte is looked at, in bounded memory, and what doesn't fit is named. Without a
// key the digest and the signature are checked; with it each chunk is opened too.
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, fsyncSync, openSync } from 'node:fs';
import { toHex } from '../../base/bytes.ts';
import {
  type ChunkSealer,
  contentLength,
  type Layout,
  layoutOf,
  type Place,
} from '../../core/features/backups/chunks.ts';
import { BackupCancelled, BackupDamaged } from '../../core/features/backups/damage.ts';
import { type ParsedHeader, parseHeader, parsePrelude, preludeLength } from '../../core/features/backups/header.ts';
import { longestManifest, readManifest } from '../../core/features/backups/manifest.ts';
import type { Manifest } from '../../core/features/backups/manifest-format.ts';
import { chunkSealerFor, discard, flushBehind, headerHash, readWhole, writeWhole } from './container-writer.ts';

/** So many other places are tried for a chunk that doesn't fit where it stands, to say whether it was moved. */
const placesTried = 2_048;

export type BackupFile = Disposable & {
  readonly parsed: ParsedHeader;
  readonly layout: Layout;
  readonly size: number;
  readonly descriptor: number;
};

/** Opens the file and reads its header. @throws BackupDamaged, NewerBackup, and what the system says about the path */
export function openBackupFile(path: string): BackupFile {
  // Without waiting: a pipe that nobody writes to would hold up whoever looks through a folder. Windows has neither.
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new BackupDamaged('not_a_backup', 'this is not a file');
    const prelude = readPart(descriptor, 0, preludeLength, stat.size);
    const length = preludeLength + parsePrelude(prelude);
    if (stat.size < length) throw cut(stat.size, length);
    const parsed = parseHeader(readPart(descriptor, 0, length, stat.size));
    const layout = layoutOf(parsed.header, length);
    return { parsed, layout, size: stat.size, descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

export type ReadRequest = {
  /** Opens the chunks; without it only digest and signature are checked. */
  readonly dataKey: Uint8Array | undefined;
  /** Public keys of which one must have signed; none: the signature is not judged. */
  readonly signers: readonly Uint8Array[];
  /** Where the content goes; the caller removes it when this throws. */
  readonly target?: string;
  progress(doneBytes: number): void;
  cancelled(): boolean;
};

export type ReadResult = { readonly sha256: string; readonly manifest: Manifest };

/** Reads all of it. @throws BackupDamaged with what is wrong first, BackupCancelled */
export async function readContainer(file: BackupFile, request: ReadRequest): Promise<ReadResult> {
  const { parsed, layout } = file;
  // Before anything long: most damage is a copy that broke off.
  if (file.size < layout.end + 4) throw cut(file.size, layout.end + 4);
  const hash = createHash('sha256').update(parsed.bytes);
  const target = request.target === undefined ? undefined : openSync(request.target, 'wx', 0o600);
  try {
    await readChunks(file, request, (bytes) => hash.update(bytes), target);
    if (target !== undefined) fsyncSync(target);
  } finally {
    if (target !== undefined) closeSync(target);
  }
  const before = toHex(hash.copy().digest());
  const end = readEnd(file);
  const { manifest, signedBy } = readManifest(end.subarray(4), parsed.header.signer, request.signers);
  compare(manifest, file, before);
  if (request.signers.length > 0 && signedBy.length === 0) {
    throw new BackupDamaged('signature', 'its manifest is not signed by the console it claims to be from');
  }
  return { sha256: hash.update(end).digest('hex'), manifest };
}

async function readChunks(
  { parsed, layout, descriptor }: BackupFile,
  request: ReadRequest,
  digest: (bytes: Uint8Array) => void,
  target: number | undefined,
): Promise<void> {
  const { dataKey } = request;
  const behind = target === undefined ? undefined : flushBehind(target);
  // Chunks that are not encrypted carry their own checksum: no key is needed to look at them.
  const chunks =
    dataKey !== undefined || parsed.header.encryption === null
      ? chunkSealerFor(parsed.header, parsed.bytes, dataKey ?? new Uint8Array(32))
      : undefined;
  const buffer = Buffer.alloc(layout.chunkBytes + layout.trailer);
  try {
    let at = layout.start;
    for (let index = 0; index < layout.chunks; index++) {
      if (request.cancelled()) throw new BackupCancelled('cancelled');
      const length = contentLength(layout, index);
      const record = buffer.subarray(0, length + layout.trailer);
      readWhole(descriptor, record, at);
      digest(record);
      if (chunks !== undefined) {
        const body = record.subarray(0, length);
        const trailer = record.subarray(length);
        const content = chunks.open(body, trailer, { index, last: index === layout.chunks - 1 });
        if (content === undefined) throw diagnose(chunks, body, trailer, index, layout);
        if (target !== undefined) writeWhole(target, content);
        behind?.wrote(length);
        if (content !== body) discard(content);
      }
      at += record.byteLength;
      request.progress(index * layout.chunkBytes + length);
    }
    await behind?.done();
  } catch (error) {
    await behind?.settled();
    throw error;
  }
}

/** A chunk that fits elsewhere was moved or doubled; one that fits nowhere was changed. */
function diagnose(
  chunks: ChunkSealer,
  body: Uint8Array,
  trailer: Uint8Array,
  index: number,
  layout: Layout,
): BackupDamaged {
  const here = `chunk ${index + 1} of ${layout.chunks}`;
  for (const place of otherPlaces(index, layout)) {
    if (chunks.open(body, trailer, place) !== undefined) {
      return new BackupDamaged(
        'order',
        `${here} was written as chunk ${place.index + 1}: chunks were moved or left out`,
      );
    }
  }
  return new BackupDamaged('chunk', `${here} is not what was written, or the header before it was changed`);
}

function* otherPlaces(index: number, { chunks }: Layout): Generator<Place> {
  let tried = 0;
  for (let distance = 0; distance < chunks && tried < placesTried; distance++) {
    for (const other of distance === 0 ? [index] : [index - distance, index + distance]) {
      if (other < 0 || other >= chunks) continue;
      for (const last of [false, true]) {
        if (other === index && last === (index === chunks - 1)) continue;
        tried += 1;
        yield { index: other, last };
      }
    }
  }
}

function readEnd({ descriptor, size, layout }: BackupFile): Uint8Array {
  const lengthBytes = readPart(descriptor, layout.end, 4, size);
  const length = new DataView(lengthBytes.buffer, lengthBytes.byteOffset).getUint32(0);
  if (length === 0 || length > longestManifest)
    throw new BackupDamaged('manifest', `its manifest would be ${length} bytes long`);
  const end = layout.end + 4 + length;
  if (size < end) throw cut(size, end);
  if (size > end) throw new BackupDamaged('appended', `${size - end} bytes follow its end`);
  return readPart(descriptor, layout.end, 4 + length, size);
}

function compare(manifest: Manifest, { parsed, layout }: BackupFile, sha256: string): void {
  const wrong = (what: string): BackupDamaged => new BackupDamaged('digest', `its manifest was signed for ${what}`);
  if (manifest.backup_id !== parsed.header.backup_id) throw wrong('another backup');
  if (manifest.header_sha256 !== toHex(headerHash(parsed.bytes))) throw wrong('another header');
  if (manifest.bytes !== layout.end || manifest.chunks !== layout.chunks) throw wrong('another length');
  if (manifest.sha256 !== sha256) throw wrong('other content');
}

function cut(size: number, atLeast: number): BackupDamaged {
  return new BackupDamaged('truncated', `it has ${size} bytes where at least ${atLeast} belong: its end is missing`);
}

function readPart(descriptor: number, at: number, length: number, size: number): Uint8Array {
  if (size < at + length) throw cut(size, at + length);
  const bytes = new Uint8Array(length);
  readWhole(descriptor, bytes, at);
  return bytes;
}
