// The reader of one file or stream: splits bytes into records, has them parsed, gives them ids. The parsers know no bytes, ids or
// line numbers; this file knows no formats.

import { type FormatName, formatNames } from '../../../src-shared/log-formats.ts';
import { recordId } from '../record-id.ts';
import { createAccessParser } from './access.ts';
import { createAuditdParser } from './auditd.ts';
import { createCefParser } from './cef.ts';
import { createCloudTrailParser } from './cloudtrail.ts';
import { createCsvParser, hasHeader } from './csv.ts';
import { createCsvSplitter } from './csv-records.ts';
import { binaryWords, detectFormat, sampleLength } from './detect.ts';
import { createEvtxReader } from './evtx-reader.ts';
import {
  complete,
  longestRecord,
  type ReaderOptions,
  type RecordParser,
  type RecordReader,
  type RecordResult,
} from './format.ts';
import { createJsonParser } from './json.ts';
import { createJsonSplitter } from './json-records.ts';
import { createLineSplitter, type Line, type LineSplitter } from './lines.ts';
import { createSyslogParser } from './syslog.ts';
import { createWindowsParser } from './windows.ts';

/**
 * Reads a file incrementally; how it is cut into chunks never changes the results. Bad records are answered as rejected and harm
 * only themselves; a file of no known format gives one rejection that says so.
 * @throws Error when `options.zone` isn't a known time zone.
 */
export function createRecordReader(format: FormatName | 'auto', options: ReaderOptions): RecordReader {
  return format === 'auto' ? createDetectingReader(options) : createFormatReader(format, options);
}

const parsers: Readonly<Record<Exclude<FormatName, 'evtx'>, (options: ReaderOptions) => RecordParser>> = {
  auth: createSyslogParser,
  syslog: createSyslogParser,
  access: createAccessParser,
  json: createJsonParser,
  windows: createWindowsParser,
  auditd: createAuditdParser,
  cloudtrail: createCloudTrailParser,
  cef: createCefParser,
  csv: createCsvParser,
};

/** Of single records that come without a file around them; `read` below refuses what is too long or holds NUL bytes, this doesn't. */
export function createRecordParser(format: keyof typeof parsers, options: ReaderOptions): RecordParser {
  return parsers[format](options);
}

function splitterFor(format: FormatName, { columns, aRecordALine }: ReaderOptions): LineSplitter {
  if (format === 'csv') return createCsvSplitter(hasHeader(columns) ? -1 : 0);
  return isJsonFormat(format) ? createJsonSplitter(aRecordALine) : createLineSplitter();
}

/** Are its records JSON objects? */
export function isJsonFormat(format: FormatName): boolean {
  return format === 'json' || format === 'windows' || format === 'cloudtrail';
}

function createFormatReader(format: FormatName, options: ReaderOptions): RecordReader {
  if (format === 'evtx') return createEvtxReader(options);
  const parse = parsers[format](options);
  const splitter = splitterFor(format, options);
  const reading = { ...options, keepText: options.keepText === true && isJsonFormat(format) };
  const passOver = isJsonFormat(format) ? options.passOver : undefined;
  let results: RecordResult[] = [];

  function take(line: Line): void {
    if (line.bytes === undefined || passOver?.(line.bytes) !== true) read(line, parse, reading, results);
  }
  function taken(): RecordResult[] {
    const done = results;
    results = [];
    return done;
  }
  return {
    push(chunk) {
      splitter.push(chunk, take);
      return taken();
    },
    end() {
      splitter.end(take);
      return taken();
    },
  };
}

function read(from: Line, parse: RecordParser, options: ReaderOptions, results: RecordResult[]): void {
  const { line, record, offset, bytes } = from;
  function reject(reason: string): void {
    const shown = options.keepRefused === true && bytes !== undefined ? { text: beginningOf(bytes) } : undefined;
    results.push({ kind: 'rejected', line, record, offset, reason, ...shown });
  }
  if (bytes === undefined) {
    reject(`longer than ${longestRecord / 1024} KiB`);
    return;
  }
  if (bytes.includes(0)) {
    reject('holds NUL bytes, which text logs do not have');
    return;
  }
  // Bytes that aren't UTF-8 become U+FFFD: one bad byte in a user name must not hide the line. The id is made from the bytes.
  let text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  if (offset === 0 && text.charCodeAt(0) === 0xfeff) text = text.slice(1);
  if (isBlank(text)) return;
  const parsed = parse(text);
  if (parsed === undefined) return;
  if (parsed.kind === 'rejected') {
    reject(parsed.reason);
    return;
  }
  const repeat = parsed.repeat ?? 1;
  const extra = {
    ...(parsed.draft.timeMs === undefined ? ({ timeless: true } as const) : undefined),
    ...(options.keepText === true ? { text } : undefined),
  };
  for (let n = 0; n < repeat; n++) {
    const { fileIdentity } = options;
    const id = parsed.draft.id ?? (fileIdentity === undefined ? '' : recordId(fileIdentity, offset, bytes, n));
    results.push({ kind: 'event', event: complete(parsed.draft, id), line, record, offset, ...extra });
  }
}

const shownOfRefused = 8_192;

function beginningOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, shownOfRefused)).toString('utf8');
}

function isBlank(text: string): boolean {
  const first = text.charCodeAt(0);
  return !(first > 32 && first < 127) && text.trim() === '';
}

/** Holds the first 64 KiB back until the format is clear. */
function createDetectingReader(options: ReaderOptions): RecordReader {
  let inner: RecordReader | undefined;
  let refused = false;
  let held: Uint8Array[] = [];
  let heldLength = 0;

  function decide(): RecordResult[] {
    const start = Buffer.concat(held, heldLength);
    held = [];
    const format = detectFormat(start);
    if (format === 'binary' || format === 'unknown') {
      refused = true;
      return start.length === 0
        ? []
        : [{ kind: 'rejected', line: 1, record: 0, offset: 0, reason: refusal(format, start) }];
    }
    inner = createFormatReader(format, options);
    return inner.push(start);
  }
  return {
    push(chunk) {
      if (refused) return [];
      if (inner !== undefined) return inner.push(chunk);
      held.push(chunk.slice());
      heldLength += chunk.length;
      return heldLength >= sampleLength ? decide() : [];
    },
    end() {
      const first = refused || inner !== undefined ? [] : decide();
      return inner === undefined ? first : [...first, ...inner.end()];
    },
  };
}

function refusal(kind: 'binary' | 'unknown', start: Uint8Array): string {
  if (kind === 'unknown') return `the format was not recognised; name it: ${formatNames.join(', ')}`;
  return `the file is ${binaryWords(start)}`;
}
