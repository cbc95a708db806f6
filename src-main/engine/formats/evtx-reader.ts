// Windows event log files (EVTX): a header, then chunks of 64 KiB that each stand alone. What is damaged is named and passed over;
// everything that can still be read is: a log is copied from a running machine, cut off, or carved from a disk. Layout as documented
// by libyal's libevtx.
import { crc32 } from 'node:zlib';
import type { JsonObject, JsonValue } from '../event.ts';
import { fileIdentity, recordId } from '../record-id.ts';
import { type BinXmlChunk, createBinXmlChunk } from './binxml.ts';
import { BinXmlError, fileTime } from './binxml-values.ts';
import { complete, type ReaderOptions, type RecordReader, type RecordResult } from './format.ts';
import { isObject } from './json-value.ts';
import { createLocalClock } from './time.ts';
import { readWindowsEvent } from './windows.ts';

const headerBytes = 4096;
const chunkBytes = 65_536;
const chunkHeaderBytes = 512;
const recordHeadBytes = 24;
const recordMagic = 0x00002a2a;

/** Do these bytes begin an EVTX file? */
export function isEvtx(start: Uint8Array): boolean {
  return Buffer.from(start.buffer, start.byteOffset, Math.min(8, start.length)).toString('latin1') === 'ElfFile\0';
}

export function createEvtxReader(options: ReaderOptions): RecordReader {
  const clock = createLocalClock('UTC');
  let held = new Uint8Array(chunkBytes);
  let heldLength = 0;
  let offset = 0;
  let started = false;
  let refused = false;
  let dirty = false;
  let chunkNumber = 0;
  let record = 0;
  let results: RecordResult[] = [];

  /** Something is wrong that is not one record: the records after it keep their numbers. */
  function reject(at: number, reason: string): void {
    results.push({ kind: 'rejected', line: record + 1, record, offset: at, reason });
  }
  function rejectRecord(at: number, reason: string): void {
    reject(at, reason);
    record++;
  }

  function header(bytes: Uint8Array): void {
    const view = viewOf(bytes);
    if (!isEvtx(bytes)) {
      refused = true;
      reject(0, 'not a Windows event log: it does not begin with ElfFile');
      return;
    }
    // Where the checksum doesn't fit, what the header says isn't to be trusted: take the careful way.
    dirty = (view.getUint32(120, true) & 1) !== 0 || crc32(bytes.subarray(0, 120)) !== view.getUint32(124, true);
  }

  function chunk(bytes: Uint8Array, start: number): void {
    chunkNumber++;
    if (bytes.every((byte) => byte === 0)) return;
    const name = `chunk ${chunkNumber}`;
    if (bytes.length < chunkHeaderBytes || Buffer.from(bytes.subarray(0, 8)).toString('latin1') !== 'ElfChnk\0') {
      reject(start, `${name} is no chunk of a Windows event log`);
      return;
    }
    const view = viewOf(bytes);
    const declared = view.getUint32(48, true);
    const free = declared >= chunkHeaderBytes && declared <= chunkBytes ? declared : chunkBytes;
    const headerSum = crc32(bytes.subarray(128, chunkHeaderBytes), crc32(bytes.subarray(0, 120)));
    const fits =
      headerSum === view.getUint32(124, true) &&
      crc32(bytes.subarray(chunkHeaderBytes, Math.min(free, bytes.length))) === view.getUint32(52, true);
    // A log that was being written has chunks that are ahead of their checksums.
    if (!fits && !dirty) reject(start, `${name} fails its checksum; its records were taken as far as they can be read`);
    records(bytes, view, { start, free: Math.min(free, bytes.length), beyond: dirty || !fits, name });
    if (bytes.length < chunkBytes && free > bytes.length) reject(start + bytes.length, `the file ends inside ${name}`);
  }

  function records(
    bytes: Uint8Array,
    view: DataView,
    { start, free, beyond, name }: { start: number; free: number; beyond: boolean; name: string },
  ): void {
    const xml = createBinXmlChunk(view);
    let at = chunkHeaderBytes;
    let previous: bigint | undefined;
    while (at + recordHeadBytes + 4 <= bytes.length) {
      const whole = recordAt(view, at);
      if (whole === undefined) {
        if (at >= free) return;
        reject(start + at, `${name}: damaged at byte ${at}`);
        at = nextRecord(bytes, view, at + 1);
        continue;
      }
      // After the end of a chunk stand the remains of what was there before; only what goes on counting is of this one.
      if (at >= free && !(beyond && previous !== undefined && whole.id === previous + 1n)) return;
      previous = whole.id;
      take(xml, view, at, whole.size, start);
      at += whole.size;
    }
  }

  function take(xml: BinXmlChunk, view: DataView, at: number, size: number, start: number): void {
    const number = view.getBigUint64(at + 8, true);
    try {
      const fields = xml.read(at + recordHeadBytes, at + size - 4);
      const parsed = readWindowsEvent(withTime(fields, view.getBigUint64(at + 16, true)), clock, options.keepTimeless);
      if (parsed.kind === 'rejected') {
        rejectRecord(start + at, parsed.reason);
        return;
      }
      const { draft } = parsed;
      const id =
        options.fileIdentity === undefined ? '' : identify(draft.details, number, view.getBigUint64(at + 16, true));
      const timeless = draft.timeMs === undefined ? ({ timeless: true } as const) : undefined;
      const event = complete(draft, id);
      results.push({ kind: 'event', event, line: record + 1, record, offset: start + at, ...timeless });
      record++;
    } catch (error) {
      // RangeError: a read beyond the chunk. Both mean bytes that are not what they claim.
      if (!(error instanceof BinXmlError) && !(error instanceof RangeError)) throw error;
      rejectRecord(
        start + at,
        `record ${number} is damaged${error instanceof BinXmlError ? `: ${error.message}` : ''}`,
      );
    }
  }

  function consume(bytes: Uint8Array): void {
    if (!started) {
      started = true;
      header(bytes);
    } else chunk(bytes, offset);
    offset += bytes.length;
  }
  function taken(): RecordResult[] {
    const done = results;
    results = [];
    return done;
  }
  return {
    push(data) {
      let from = 0;
      while (from < data.length && !refused) {
        const wanted = (started ? chunkBytes : headerBytes) - heldLength;
        const part = data.subarray(from, from + wanted);
        held.set(part, heldLength);
        heldLength += part.length;
        from += part.length;
        if (part.length < wanted) break;
        const whole = held.subarray(0, heldLength);
        heldLength = 0;
        consume(whole);
      }
      return taken();
    },
    end() {
      const rest = held.subarray(0, heldLength);
      held = new Uint8Array(0);
      heldLength = 0;
      if (rest.length > 0 && !refused) {
        if (!started) reject(0, 'the file ends inside its header');
        else consume(rest);
      }
      return taken();
    },
  };
}

/** The record's own time stands in its head too: where the XML says none, that is used. */
function withTime(fields: JsonObject, written: bigint): Record<string, JsonValue> {
  const event = fields.Event;
  if (!isObject(event) || !isObject(event.System)) throw new BinXmlError('it holds no Event with System');
  const stamp = isObject(event.System.TimeCreated) ? event.System.TimeCreated : {};
  if (stamp['#attributes'] !== undefined) return { Event: event };
  const time = fileTime(written) ?? null;
  return { Event: { ...event, System: { ...event.System, TimeCreated: { '#attributes': { SystemTime: time } } } } };
}

/** The same event in two exports is one event: what names it is the log's own number and time, not the place in the file. */
function identify(details: JsonObject, number: bigint, written: bigint): string {
  const log = fileIdentity(`evtx\n${details.Computer}\n${details.Channel}`);
  return recordId(log, Number(number % 0x1f_ffff_ffff_ffffn), new TextEncoder().encode(`${number}\n${written}`));
}

function recordAt(view: DataView, at: number): { id: bigint; size: number } | undefined {
  if (at + recordHeadBytes + 4 > view.byteLength || view.getUint32(at, true) !== recordMagic) return undefined;
  const size = view.getUint32(at + 4, true);
  if (size < recordHeadBytes + 4 || at + size > view.byteLength) return undefined;
  return view.getUint32(at + size - 4, true) === size ? { id: view.getBigUint64(at + 8, true), size } : undefined;
}

/** The next place where a whole record begins, or the end. */
function nextRecord(bytes: Uint8Array, view: DataView, from: number): number {
  for (let at = bytes.indexOf(0x2a, from); at >= 0; at = bytes.indexOf(0x2a, at + 1))
    if (recordAt(view, at) !== undefined) return at;
  return bytes.length;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
