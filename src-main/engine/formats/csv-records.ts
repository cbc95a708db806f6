// Cuts a byte stream into CSV rows: a quoted value may hold line ends. Only quotes and line ends are looked at.
import { longestRecord } from './format.ts';
import type { Line, LineSplitter } from './lines.ts';

const quote = 0x22;
/** Before a quote that opens a value: start of row, or one of the delimiters that csv.ts knows. */
const openers = new Set([0x2c, 0x3b, 0x09, 0x7c]);

/**
 * A quote that is never closed would swallow the rest of the file: rows end at 1 MiB, and reading goes on at the next line.
 * @param firstRecord number of the first row; -1 when that is the header.
 */
export function createCsvSplitter(firstRecord: number): LineSplitter {
  let record = firstRecord;
  let line = 1;
  let startLine = 1;
  let startOffset = 0;
  let offset = 0;
  let held: Uint8Array[] = [];
  let heldLength = 0;
  let overlong = false;
  let quoted = false;
  let atStart = true;
  /** The byte before closed a value: another quote now means that it stood for one inside. */
  let closed = false;

  function hold(part: Uint8Array): void {
    if (overlong || part.length === 0) return;
    if (heldLength + part.length > longestRecord) {
      overlong = true;
      quoted = false;
      held = [];
      return;
    }
    held.push(part.slice());
    heldLength += part.length;
  }
  function finish(take: (line: Line) => void): void {
    let bytes: Uint8Array | undefined;
    if (!overlong) {
      bytes = Buffer.concat(held, heldLength);
      if (bytes.length > 0 && bytes[bytes.length - 1] === 13) bytes = bytes.subarray(0, bytes.length - 1);
    }
    // Rows without anything in them don't count: a blank line at the end is no record.
    if (bytes === undefined || bytes.length > 0)
      take({ line: startLine, record: record++, offset: startOffset, bytes });
    held = [];
    heldLength = 0;
    overlong = false;
    quoted = false;
    closed = false;
    atStart = true;
  }
  return {
    push(chunk, take) {
      let from = 0;
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at] ?? 0;
        if (byte === quote) {
          const opens = !quoted && (atStart || closed);
          closed = quoted;
          quoted = opens && !overlong;
          atStart = false;
          continue;
        }
        closed = false;
        if (byte === 10) {
          line++;
          if (quoted && heldLength + at - from <= longestRecord) continue;
          hold(chunk.subarray(from, at));
          finish(take);
          from = at + 1;
          startLine = line;
          startOffset = offset + at + 1;
        } else atStart = openers.has(byte);
      }
      hold(chunk.subarray(from));
      offset += chunk.length;
    },
    end(take) {
      if (heldLength > 0 || overlong) finish(take);
    },
  };
}
