// Cuts a byte stream into lines, in bounded memory. Knows nothing of their content.
import { longestRecord } from './format.ts';

/** A line without its line end (LF or CRLF); `bytes` is undefined when it was longer than the limit. */
export interface Line {
  readonly line: number;
  /** The record's number in the file, from 0. */
  readonly record: number;
  readonly offset: number;
  readonly bytes: Uint8Array | undefined;
}

export interface LineSplitter {
  push(chunk: Uint8Array, take: (line: Line) => void): void;
  end(take: (line: Line) => void): void;
}

export function createLineSplitter(limit: number = longestRecord): LineSplitter {
  let held: Uint8Array[] = [];
  let heldLength = 0;
  let overlong = false;
  let line = 1;
  let lineOffset = 0;

  function hold(part: Uint8Array): void {
    if (overlong || part.length === 0) return;
    if (heldLength + part.length > limit + 1) {
      overlong = true;
      held = [];
      return;
    }
    // A copy: the caller may reuse its buffer after push returns.
    held.push(part.slice());
    heldLength += part.length;
  }

  function finish(lastPart: Uint8Array, take: (line: Line) => void, length: number): void {
    let bytes: Uint8Array | undefined;
    if (!overlong) {
      bytes = heldLength === 0 ? lastPart : join(held, heldLength, lastPart);
      if (bytes.length > 0 && bytes[bytes.length - 1] === 13) bytes = bytes.subarray(0, bytes.length - 1);
      if (bytes.length > limit) bytes = undefined;
    }
    take({ line, record: line - 1, offset: lineOffset, bytes });
    line++;
    lineOffset += length;
    held = [];
    heldLength = 0;
    overlong = false;
  }

  let pending = 0;
  return {
    push(chunk, take) {
      let start = 0;
      for (let at = chunk.indexOf(10, start); at >= 0; at = chunk.indexOf(10, start)) {
        finish(chunk.subarray(start, at), take, pending + at - start + 1);
        pending = 0;
        start = at + 1;
      }
      hold(chunk.subarray(start));
      pending += chunk.length - start;
    },
    end(take) {
      if (pending > 0) finish(new Uint8Array(0), take, pending);
      pending = 0;
    },
  };
}

function join(parts: readonly Uint8Array[], length: number, last: Uint8Array): Uint8Array {
  const joined = new Uint8Array(length + last.length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  joined.set(last, offset);
  return joined;
}
