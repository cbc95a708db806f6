// The first lines of a file as an import would read them, before anything is taken in: format, records, and what is wrong with which line.
import type { Input, Output } from '../../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { formatNames } from '../../../../src-shared/log-formats.ts';
import { concatBytes } from '../../../base/bytes.ts';
import { instant } from '../../../base/instants.ts';
import { detectFormat, sampleLength } from '../../../engine/formats/detect.ts';
import type { RecordResult } from '../../../engine/formats/format.ts';
import { createRecordReader } from '../../../engine/formats/record-reader.ts';
import { checkZone } from './imports.ts';
import { type Piece, UnpackError } from './inflater.ts';
import { createUnpacker } from './unpack.ts';

type Asked = Input<'imports.preview'>;
type Preview = Output<'imports.preview'>;

const recordsShown = 20;
const badLinesShown = 20;
/** Packed data may unpack to far more than is looked at. */
const mostPlain = 1_048_576;
const rawCharacters = 300;

/** @param consoleZone of lines that name none, where the caller doesn't say. */
export async function previewImport(now: number, asked: Asked, consoleZone?: string): Promise<Preview> {
  if (asked.zone !== undefined) checkZone(asked.zone);
  const zone = asked.zone ?? consoleZone;
  const { start, inner, isWhole } = await firstFile(asked);
  const found = detectFormat(start.subarray(0, sampleLength));
  const known = found === 'binary' || found === 'unknown' ? undefined : found;
  const format = asked.format === undefined || asked.format === 'auto' ? known : asked.format;
  const told = { detected: known ?? null, inner: inner ?? null };
  if (format === undefined) {
    const reason =
      found === 'binary'
        ? 'it is not a text log: it holds binary data'
        : `its format is none that Gatehouse knows by itself; say which it is (${formatNames.join(', ')})`;
    return { ...told, format: null, reason, records: 0, rejected: 0, items: [], bad_lines: [] };
  }
  const reader = createRecordReader(format, {
    referenceTimeMs: now,
    ...(zone === undefined ? {} : { zone }),
    ...(asked.columns === undefined ? {} : { columns: asked.columns }),
  });
  const results = [...reader.push(start), ...(isWhole ? reader.end() : [])];
  const bad = results.filter((one) => one.kind === 'rejected');
  return {
    ...told,
    format,
    reason: null,
    records: results.length,
    rejected: bad.length,
    items: results.slice(0, recordsShown).map((one) => wireRecord(one, start, format)),
    bad_lines: bad.slice(0, badLinesShown).map((one) => wireRecord(one, start, format)),
  };
}

function wireRecord(result: RecordResult, start: Uint8Array, format: string): Preview['items'][number] {
  const { line } = result;
  const raw = format === 'evtx' ? null : rawAt(start, result.offset);
  if (result.kind === 'rejected') return { line, raw, reason: result.reason, event: null };
  const { timeMs, source, event_type, actor, ip_address, success, action } = result.event;
  return {
    line,
    raw,
    reason: null,
    event: {
      time: instant(timeMs),
      source,
      event_type,
      actor: actor ?? null,
      ip_address: ip_address ?? null,
      success: success ?? null,
      action: action ?? null,
    },
  };
}

/** The line that begins there, as it stands; cut where it is long. */
function rawAt(start: Uint8Array, offset: number): string {
  const end = start.indexOf(10, offset);
  const bytes = start.subarray(offset, Math.min(end < 0 ? start.length : end, offset + 4 * rawCharacters));
  return new TextDecoder().decode(bytes).slice(0, rawCharacters).toWellFormed();
}

/** The plain begin of the file, or of the first one in it. @throws ProblemError events/import-format when it can't be unpacked. */
async function firstFile(
  asked: Asked,
): Promise<{ readonly start: Uint8Array; readonly inner: string | undefined; readonly isWhole: boolean }> {
  const unpacker = createUnpacker();
  const pieces: Uint8Array[] = [];
  let length = 0;
  let inner: string | undefined;
  let isWhole = false;

  /** @returns whether there is enough. */
  async function gather(from: AsyncIterable<Piece>): Promise<boolean> {
    for await (const piece of from) {
      if (piece.kind === 'file') {
        // What follows is another file.
        if (length > 0) return true;
        inner = piece.name;
      } else {
        pieces.push(piece.bytes.slice());
        length += piece.bytes.byteLength;
        if (length >= mostPlain) return true;
      }
    }
    return false;
  }

  try {
    const isEnough = await gather(unpacker.push(Uint8Array.from(Buffer.from(asked.sample, 'base64'))));
    if (!isEnough && asked.is_whole) {
      isWhole = true;
      await gather(unpacker.end());
    }
  } catch (error) {
    if (!(error instanceof UnpackError)) throw error;
    // Of a sample that ends in the middle of packed data there is what came before.
    if (length === 0)
      throw new ProblemError('events/import-format', `${asked.name}: ${error.message}`, { cause: error });
  } finally {
    unpacker.destroy();
  }
  return { start: concatBytes(...pieces), inner, isWhole };
}
