// Follows one path through rotation. No file is held open: at each look every file that the path's lines may be in (the path itself, and
// those beside it that it was renamed, copied or packed to) is recognised by its first line and by the bytes before the place that was
// reached, and read on from there. So renaming, copy-and-truncate and gzip are all the same to it, also when they happen while it is
// stopped.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { detectFormat } from '../../engine/formats/detect.ts';
import { longestRecord } from '../../engine/formats/format.ts';
import { identityOf, type LogFile, openLog, type Piece, readPiece, stampOf, tailBefore } from './log-file.ts';
import { type LineFormat, lineFormats, readBlock } from './records.ts';
import type { Results, Sender, WireEvent } from './sender.ts';
import type { Entry, Watched, WatchState } from './state.ts';

const blockBytes = 256 * 1024;
const eventsAtOnce = 500;
const charactersAtOnce = 512 * 1024;
/** A file that was rotated away may still be written to; after so long without a change it is taken to be finished. */
const settledMs = 5_000;
const lookAroundMs = 10_000;
const mostEntries = 100;

export type FollowerParts = {
  readonly path: string;
  readonly format: LineFormat | 'auto';
  readonly zone: string | undefined;
  readonly fromStart: boolean;
  readonly state: WatchState;
  readonly sender: Sender;
  /** Is it followed by itself? */
  isWatched(path: string): boolean;
  readonly stop: AbortSignal;
  say(line: string): void;
};

export type Counts = { accepted: number; duplicates: number; rejected: number };

export type Follower = {
  /** Takes in whatever has come. */
  look(): Promise<void>;
  readonly counts: Counts;
};

/** What was found at a path at the last look that read it to its end. */
type Seen = { readonly stamp: string; readonly complete: boolean };

export function createFollower(parts: FollowerParts): Follower {
  const { path, state, say } = parts;
  const name = basename(path);
  const counts: Counts = { accepted: 0, duplicates: 0, rejected: 0 };
  const seen = new Map<string, Seen>();
  const formats = new Map<Entry, LineFormat>();
  let lastWord = '';
  let nextLookAround = 0;
  let quietUntil = 0;

  function sayOnce(line: string): void {
    if (line === lastWord) return;
    lastWord = line;
    say(line);
  }

  async function look(): Promise<void> {
    const known = state.find(path);
    const isFirst = known === undefined;
    const watched = known ?? state.add(path, Date.now());
    // At once: a kill from here on must not make a later start begin at the file's end again.
    if (isFirst) state.save();
    const current = await stat(path).catch(() => undefined);
    if (current === undefined) {
      sayOnce(`${path} is not there; waiting for it`);
      await lookAround(watched);
      return;
    }
    if (!current.isFile()) {
      sayOnce(`${path} is no file (a folder, a pipe, a device); it is not followed`);
      return;
    }
    const unchanged = seen.get(path)?.stamp === stampOf(current);
    if (unchanged && Date.now() < nextLookAround && Date.now() > quietUntil) return;
    if (!unchanged) {
      await using file = await openLog(path);
      const identity = file === undefined ? undefined : identityOf(file.head, false);
      const entry = file && identity ? await findEntry(file, identity, watched) : undefined;
      // A file that isn't known came in the place of one that is: its last lines come first.
      if (identity !== undefined && entry === undefined && !isFirst) await lookAround(watched);
    }
    if (Date.now() >= nextLookAround || Date.now() <= quietUntil) await lookAround(watched);
    await readOn(path, watched, isFirst && !parts.fromStart ? 'end' : 'start');
  }

  /** Reads what is left in the files beside the path. */
  async function lookAround(watched: Watched): Promise<void> {
    nextLookAround = Date.now() + lookAroundMs;
    const folder = dirname(path);
    const names = (await readdir(folder).catch(() => [])).filter((each) => isRotated(each, name));
    const found: { path: string; modifiedAtMs: number; stamp: string }[] = [];
    for (const each of names) {
      const beside = join(folder, each);
      const there = await stat(beside).catch(() => undefined);
      if (there?.isFile() === true && !parts.isWatched(beside)) {
        found.push({ path: beside, modifiedAtMs: there.mtimeMs, stamp: stampOf(there) });
      }
    }
    // Oldest first; of a file and its packed copy the plain one, which can't be half written.
    found.sort((a, b) => a.modifiedAtMs - b.modifiedAtMs || (a.path < b.path ? -1 : 1));
    for (const each of found) {
      const before = seen.get(each.path);
      if (before?.stamp === each.stamp && before.complete) continue;
      await readOn(each.path, watched, each.modifiedAtMs >= watched.since ? 'start' : 'nowhere');
    }
    for (const each of seen.keys()) if (each !== path && !found.some((one) => one.path === each)) seen.delete(each);
  }

  /** @param unknown where to begin in a file that was never seen before. */
  async function readOn(place: string, watched: Watched, unknown: 'start' | 'end' | 'nowhere'): Promise<void> {
    try {
      await using file = await openLog(place);
      if (file === undefined) return;
      seen.set(place, { stamp: file.stamp, complete: false });
      const isCurrent = place === path;
      const isFinal = !isCurrent && (file.packed || Date.now() - file.modifiedAtMs > settledMs);
      const complete = await readFile(file, isCurrent, isFinal, watched, unknown);
      seen.set(place, { stamp: file.stamp, complete });
    } catch (error) {
      // A packed file that is still being written, or a damaged one: looked at again later.
      if (!(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('Z_')) throw error;
    }
  }

  /** @returns whether nothing more is to be done as long as the file stays as it is. */
  async function readFile(
    file: LogFile,
    isCurrent: boolean,
    isFinal: boolean,
    watched: Watched,
    unknown: 'start' | 'end' | 'nowhere',
  ): Promise<boolean> {
    const identity = identityOf(file.head, isFinal);
    if (identity === undefined) return isFinal || isCurrent;
    let entry = await findEntry(file, identity, watched);
    if (entry === undefined) {
      if (unknown === 'nowhere') return true;
      entry = await addEntry(file, identity, watched, unknown);
      if (isCurrent) {
        // Whoever wrote to the file before it was rotated may go on for a moment.
        quietUntil = Date.now() + settledMs * 2;
        sayOnce(`${path}: following from byte ${entry.offset}`);
      }
    }
    if (entry.done && (file.packed || file.size <= entry.offset)) return true;
    const format = formatOf(file, entry);
    if (format === undefined) return false;
    await readBlocks(file, identity, entry, format, isFinal);
    if (isFinal && !parts.stop.aborted && !entry.done) {
      entry.done = true;
      state.save();
    }
    return isCurrent || isFinal;
  }

  async function readBlocks(
    file: LogFile,
    identity: Uint8Array,
    entry: Entry,
    format: LineFormat,
    isFinal: boolean,
  ): Promise<void> {
    for (let length = blockBytes; !parts.stop.aborted; ) {
      const piece = await readPiece(file, entry.offset, length);
      // Cut off and written anew since it was opened? Then these bytes are of another file, which the next look finds.
      if (piece === undefined || piece.bytes.length === 0 || !isOf(piece, entry, isFinal)) return;
      const { bytes } = piece;
      const newline = entry.passing ? bytes.indexOf(10) : bytes.lastIndexOf(10);
      let end = newline + 1;
      if (newline < 0) {
        if (bytes.length === length && length <= longestRecord) {
          length = longestRecord + blockBytes;
          continue;
        }
        end = bytes.length;
        if (bytes.length > longestRecord || entry.passing) {
          if (!entry.passing) reject(entry.offset, `longer than ${longestRecord / 1024} KiB`);
          entry.passing = true;
          // The last line is not complete: it waits, unless nothing more will come.
        } else if (isFinal) await take(identity, entry, format, bytes);
        else return;
      } else if (entry.passing) entry.passing = false;
      else await take(identity, entry, format, bytes.subarray(0, end));
      // Only now: what was sent and not acknowledged is sent again, and is a duplicate if it was taken in all the same.
      entry.tail = piece.tailAfter(end);
      entry.offset += end;
      entry.done = false;
      state.save();
      length = blockBytes;
    }
  }

  async function take(identity: Uint8Array, entry: Entry, format: LineFormat, bytes: Uint8Array): Promise<void> {
    const block = { identity, offset: entry.offset, bytes };
    const outcomes = readBlock(format, block, { zone: parts.zone, now: Date.now() });
    let batch: WireEvent[] = [];
    let characters = 0;
    for (const outcome of outcomes) {
      if (outcome.kind === 'rejected') {
        reject(outcome.offset, outcome.reason);
        continue;
      }
      batch.push(outcome.event);
      characters += JSON.stringify(outcome.event).length;
      if (batch.length >= eventsAtOnce || characters >= charactersAtOnce) {
        count(await parts.sender.send(batch));
        batch = [];
        characters = 0;
      }
    }
    if (batch.length > 0) count(await parts.sender.send(batch));
  }

  async function findEntry(file: LogFile, identity: Uint8Array, watched: Watched): Promise<Entry | undefined> {
    const head = hexOf(identity);
    for (const entry of watched.entries.toReversed()) {
      if (entry.head !== head) continue;
      if ((file.packed || file.size >= entry.offset) && (await tailBefore(file, entry.offset)) === entry.tail)
        return entry;
    }
    return undefined;
  }

  async function addEntry(
    file: LogFile,
    identity: Uint8Array,
    watched: Watched,
    from: 'start' | 'end',
  ): Promise<Entry> {
    const offset = from === 'start' ? 0 : await lastLineEnd(file);
    const tail = await tailBefore(file, offset);
    const entry: Entry = {
      head: hexOf(identity),
      offset,
      tail: tail ?? '',
      done: false,
      passing: false,
    };
    watched.entries.push(entry);
    const over = watched.entries.length - mostEntries;
    if (over > 0) {
      const dropped = new Set(watched.entries.filter(({ done }) => done).slice(0, over));
      watched.entries = watched.entries.filter((each) => !dropped.has(each));
    }
    state.save();
    return entry;
  }

  function formatOf(file: LogFile, entry: Entry): LineFormat | undefined {
    if (parts.format !== 'auto') return parts.format;
    const known = formats.get(entry);
    if (known !== undefined) return known;
    const detected = detectFormat(file.head);
    const format = lineFormats.find((each) => each === detected);
    if (format === undefined) {
      const what =
        detected === 'unknown' || detected === 'binary' ? 'not recognised' : `${detected}, which can't be followed`;
      sayOnce(`${file.path}: its format is ${what}; name it with --format (${lineFormats.join(', ')})`);
      return undefined;
    }
    formats.set(entry, format);
    return format;
  }

  function count(results: Results): void {
    for (const { status, reason } of results) {
      if (status === 'accepted') counts.accepted += 1;
      else if (status === 'duplicate') counts.duplicates += 1;
      else reject(undefined, reason ?? 'rejected by the console');
    }
  }

  function reject(offset: number | undefined, reason: string): void {
    counts.rejected += 1;
    // A file of another format would fill the journal.
    if (counts.rejected > 20) return;
    say(`${path}${offset === undefined ? '' : `, byte ${offset}`}: ${reason}`);
    if (counts.rejected === 20) say(`${path}: further lines that can't be read are only counted`);
  }

  return { look, counts };
}

function isOf(piece: Piece, entry: Entry, isFinal: boolean): boolean {
  if (piece.tail !== entry.tail) return false;
  const identity = piece.identity(isFinal);
  return identity === 'not in it' || (identity !== undefined && hexOf(identity) === entry.head);
}

function hexOf(identity: Uint8Array): string {
  return Buffer.from(identity).toString('hex');
}

async function lastLineEnd(file: LogFile): Promise<number> {
  const back = Math.max(0, file.size - longestRecord);
  const newline = (await file.read(back, file.size - back)).lastIndexOf(10);
  return newline < 0 ? 0 : back + newline + 1;
}

/** `auth.log.1`, `auth.log-20261121`, `auth.log.2.gz`, and `app-20261121.log` of `app.log`. */
export function isRotated(candidate: string, name: string): boolean {
  if (candidate === name || candidate.endsWith('.new') || candidate.endsWith('~')) return false;
  if (candidate.startsWith(`${name}.`) || candidate.startsWith(`${name}-`))
    return !/\.(zip|xz|bz2|zst)$/.test(candidate);
  const dot = name.lastIndexOf('.');
  if (dot <= 0) return false;
  const [stem, extension] = [name.slice(0, dot), name.slice(dot)];
  const plain = candidate.endsWith('.gz') ? candidate.slice(0, -3) : candidate;
  if (!plain.startsWith(stem) || !plain.endsWith(extension)) return false;
  return /^[-._]\d[\dT:_-]*$/.test(plain.slice(stem.length, plain.length - extension.length));
}
