// Lines of a followed file as events. Ids are made as an import of the whole file would make them, so that nothing is in twice,
// whichever way it came and however often.

import type { FormatName } from '../../../src-shared/log-formats.ts';
import type { ReaderOptions } from '../../engine/formats/format.ts';
import { createRecordReader } from '../../engine/formats/record-reader.ts';
import { recordId } from '../../engine/record-id.ts';
import type { WireEvent } from './sender.ts';

/** Formats in which a line is a record by itself, so that reading can begin at any line. */
export const lineFormats = ['auth', 'access', 'json', 'windows', 'syslog', 'auditd', 'cef'] as const;
export type LineFormat = (typeof lineFormats)[number] & FormatName;

export type LineOutcome =
  | { readonly kind: 'event'; readonly event: WireEvent }
  | { readonly kind: 'rejected'; readonly offset: number; readonly reason: string };

export type Block = {
  /** SHA-256 of the file's first line. */
  readonly identity: Uint8Array;
  /** Of the block's first byte in the file. */
  readonly offset: number;
  /** Whole lines. */
  readonly bytes: Uint8Array;
};

/** Ids that readers make with it are no record's: they are made anew with the place in the file. */
const nobody = new Uint8Array(0);

export function readBlock(
  format: LineFormat,
  block: Block,
  { zone, now }: { readonly zone: string | undefined; readonly now: number },
): LineOutcome[] {
  // The time is told anew for each block: lines without a year get the nearest past date, seen from the time they are read.
  const options = { fileIdentity: nobody, referenceTimeMs: now, ...(zone === undefined ? {} : { zone }) };
  if (format !== 'json' && format !== 'windows') return readPiece(format, block, options);
  // An object that isn't closed would take the lines after it with it.
  const outcomes: LineOutcome[] = [];
  for (let from = 0; from < block.bytes.length; ) {
    const newline = block.bytes.indexOf(10, from);
    const end = newline < 0 ? block.bytes.length : newline + 1;
    const line = { ...block, offset: block.offset + from, bytes: block.bytes.subarray(from, end) };
    outcomes.push(...readPiece(format, line, options));
    from = end;
  }
  return outcomes;
}

function readPiece(format: LineFormat, { identity, offset, bytes }: Block, options: ReaderOptions): LineOutcome[] {
  const reader = createRecordReader(format, options);
  let repeat = 0;
  let before = -1;
  return [...reader.push(bytes), ...reader.end()].map((result): LineOutcome => {
    const at = offset + result.offset;
    if (result.kind === 'rejected') return { kind: 'rejected', offset: at, reason: result.reason };
    repeat = result.offset === before ? repeat + 1 : 0;
    before = result.offset;
    const { timeMs, id, signed_by: _signer, ...fields } = result.event;
    // A record may bring an id of its own; any other is made anew of the same bytes.
    const record = spansAt(bytes, result.offset).find((span) => id === recordId(nobody, result.offset, span, repeat));
    const event = { ...fields, id: record === undefined ? id : recordId(identity, at, record, repeat) };
    return { kind: 'event', event: { ...event, time: new Date(timeMs).toISOString() } };
  });
}

/** What the record's bytes can be: its line without the line end, or of JSON the object alone. */
function spansAt(bytes: Uint8Array, from: number): Uint8Array[] {
  const newline = bytes.indexOf(10, from);
  const end = newline < 0 ? bytes.length : newline;
  const brace = bytes.lastIndexOf(125, end - 1) + 1;
  return [bytes.subarray(from, bytes[end - 1] === 13 ? end - 1 : end), bytes.subarray(from, Math.max(from, brace))];
}
