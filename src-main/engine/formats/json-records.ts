// Cuts a byte stream into JSON records: one a line (NDJSON), the elements of one array, objects over several lines, or the elements
// of the `Records` list that CloudTrail puts its files into.
// Only brackets and strings are looked at; whether a record is valid JSON is for its parser to say.
import { longestRecord } from './format.ts';
import { createLineSplitter, type Line, type LineSplitter } from './lines.ts';

/**
 * NDJSON when the first line that isn't blank holds a whole object; then each line stands alone and a bad line harms only itself.
 * Otherwise elements are found by their brackets, and after something unexpected the search goes on at the next line.
 * @param aRecordALine that is known, because this is a part of such a file.
 */
export function createJsonSplitter(aRecordALine: boolean = false): LineSplitter {
  let inner: LineSplitter | undefined = aRecordALine ? createLineSplitter() : undefined;
  let held: Uint8Array[] = [];
  let heldLength = 0;

  function decide(complete: boolean, take: (line: Line) => void): void {
    const start = Buffer.concat(held, heldLength);
    const choice = chooseLayout(start, complete || heldLength > longestRecord);
    if (choice === undefined) return;
    inner = choice === 'lines' ? createLineSplitter() : createElementSplitter();
    held = [];
    inner.push(start, take);
  }
  return {
    push(chunk, take) {
      if (inner !== undefined) return inner.push(chunk, take);
      held.push(chunk.slice());
      heldLength += chunk.length;
      // While the first line is incomplete, look again only when a line end arrives: keeps tiny chunks linear.
      if (chunk.includes(10) || heldLength > longestRecord) decide(false, take);
    },
    end(take) {
      if (inner === undefined) decide(true, take);
      inner?.end(take);
    },
  };
}

function chooseLayout(held: Uint8Array, complete: boolean): 'lines' | 'elements' | undefined {
  // Never beyond the limit, so that the choice doesn't depend on how the file was cut into chunks.
  const start = held.subarray(0, longestRecord);
  let at = 0;
  while (at < start.length && isBlank(start[at] ?? 0)) at++;
  if (at === start.length) return complete ? 'lines' : undefined;
  if (start[at] === 0x5b || isEnvelope(start.subarray(at, at + longestEnvelope))) return 'elements';
  if (start[at] !== 0x7b) return 'lines';
  const lineEnd = start.indexOf(10, at);
  if (lineEnd < 0 && !complete) return undefined;
  const scan = createElementSplitter();
  let whole = 0;
  scan.push(start.subarray(at, lineEnd < 0 ? start.length : lineEnd), () => whole++);
  return whole > 0 || lineEnd < 0 ? 'lines' : 'elements';
}

/** Does a file that starts so hold a JSON record a line? False also when that much doesn't tell. */
export function isRecordALine(start: Uint8Array): boolean {
  return chooseLayout(start, false) === 'lines';
}

const longestEnvelope = 64;

/** `{"Records": [`: what follows are the records, and not a part of one. */
function isEnvelope(start: Uint8Array): boolean {
  return /^\{\s*"Records"\s*:\s*\[/.test(Buffer.from(start).toString('latin1'));
}

function isBlank(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13) || byte === 0xef || byte === 0xbb || byte === 0xbf;
}

function createElementSplitter(): LineSplitter {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let skipping = false;
  let listOpen = false;
  let envelopes = 0;
  let record = 0;
  let line = 1;
  let offset = 0;
  let startLine = 1;
  let startOffset = 0;
  let held: Uint8Array[] = [];
  let heldLength = 0;
  let overlong = false;

  function hold(part: Uint8Array): void {
    if (part.length === 0 || overlong) return;
    if (heldLength + part.length > longestRecord) {
      overlong = true;
      held = [];
    } else {
      held.push(part.slice());
      heldLength += part.length;
    }
  }
  function opensEnvelope(part: Uint8Array): boolean {
    const length = heldLength + part.length;
    return length <= longestEnvelope && isEnvelope(Buffer.concat([...held, part], length));
  }
  function finish(take: (line: Line) => void): void {
    take({
      line: startLine,
      record: record++,
      offset: startOffset,
      bytes: overlong ? undefined : Buffer.concat(held, heldLength),
    });
    held = [];
    heldLength = 0;
    overlong = false;
  }
  return {
    push(chunk, take) {
      let from = 0;
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at] ?? 0;
        if (byte === 10) line++;
        if (depth > 0) {
          if (inString) {
            if (escaped) escaped = false;
            else if (byte === 0x5c) escaped = true;
            else if (byte === 0x22) inString = false;
          } else if (byte === 0x22) inString = true;
          else if (byte === 0x5b && depth === 1 && opensEnvelope(chunk.subarray(from, at + 1))) {
            depth = 0;
            listOpen = true;
            envelopes++;
            held = [];
            heldLength = 0;
          } else if (byte === 0x7b || byte === 0x5b) depth++;
          else if (byte === 0x7d || byte === 0x5d) {
            depth--;
            if (depth === 0) {
              hold(chunk.subarray(from, at + 1));
              finish(take);
            }
          }
        } else if (skipping) {
          if (byte === 10) {
            hold(chunk.subarray(from, at));
            finish(take);
            skipping = false;
          }
        } else if (byte === 0x5b && !listOpen) {
          listOpen = true;
        } else if (byte === 0x7b || byte === 0x5b) {
          depth = 1;
          from = at;
          startLine = line;
          startOffset = offset + at;
        } else if (byte === 0x5d && listOpen) {
          listOpen = false;
        } else if (byte === 0x7d && envelopes > 0 && !listOpen) {
          envelopes--;
        } else if (!isBlank(byte) && byte !== 0x2c) {
          skipping = true;
          from = at;
          startLine = line;
          startOffset = offset + at;
        }
      }
      if (depth > 0 || skipping) hold(chunk.subarray(from));
      offset += chunk.length;
    },
    end(take) {
      if (depth > 0 || skipping) finish(take);
      depth = 0;
      skipping = false;
    },
  };
}
