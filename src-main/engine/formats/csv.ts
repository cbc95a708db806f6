// CSV files as events: each row becomes a record with the header's names, or those that the caller gives its columns, and is then
// read like JSON. RFC 4180 quoting; the delimiter is the one that the first row has most of.
import type { JsonValue } from '../event.ts';
import { looksLikeCloudTrail, readCloudTrailRecord } from './cloudtrail.ts';
import { type CsvColumns, type Parsed, type ReaderOptions, type RecordParser, rejected } from './format.ts';
import { readJsonRecord } from './json.ts';
import { createLocalClock } from './time.ts';
import { looksLikeWindows, readWindowsEvent } from './windows.ts';

const mostColumns = 1000;
const longestName = 200;
const delimiters = [',', ';', '\t', '|'] as const;

/** Columns that are all numbers: the file has no header. */
export function hasHeader(columns: CsvColumns | undefined): boolean {
  return columns === undefined || Object.values(columns).some((column) => !/^[1-9]\d{0,3}$/.test(column));
}

interface Shape {
  readonly delimiter: string;
  /** The field of each column; undefined for one that nobody asked for. */
  readonly names: readonly (string | undefined)[];
  readonly width: number | undefined;
}

export function createCsvParser(options: ReaderOptions): RecordParser {
  const clock = createLocalClock(options.zone);
  const { columns, keepTimeless } = options;
  let shape: Shape | undefined;
  let broken: string | undefined;
  return (text): Parsed | undefined => {
    if (broken !== undefined) return rejected(broken);
    if (shape === undefined) {
      const delimiter = delimiterOf(text);
      const first = splitRow(text, delimiter);
      shape = { delimiter, ...shapeOf(first, columns) };
      const lost = Object.values(columns ?? {}).filter((column) => hasHeader(columns) && !first.includes(column));
      if (lost.length > 0) {
        broken = `the header has no column ${lost.map((column) => JSON.stringify(column)).join(', ')}`;
        return rejected(broken);
      }
      if (first.length > mostColumns) broken = `more than ${mostColumns} columns`;
      if (hasHeader(columns)) return broken === undefined ? undefined : rejected(broken);
    }
    const row = splitRow(text, shape.delimiter);
    if (shape.width !== undefined && row.length !== shape.width)
      return rejected(`${row.length} columns where the header has ${shape.width}`);
    const record: Record<string, JsonValue> = {};
    for (const [at, name] of shape.names.entries()) {
      const value = row[at];
      // An empty column is a field that this row doesn't have.
      if (name !== undefined && value !== undefined && value !== '') record[name] = value;
    }
    if (looksLikeWindows(record)) return readWindowsEvent(record, clock, keepTimeless);
    if (looksLikeCloudTrail(record)) return readCloudTrailRecord(record, clock, keepTimeless);
    return readJsonRecord(record, clock, options.source ?? 'csv', keepTimeless);
  };
}

function shapeOf(first: readonly string[], columns: CsvColumns | undefined): Pick<Shape, 'names' | 'width'> {
  if (columns === undefined) return { names: first.map(nameOf), width: first.length };
  // The columns that have a field of their own; the others of a header keep their names.
  const names: (string | undefined)[] = hasHeader(columns) ? first.map(nameOf) : [];
  for (const [field, column] of Object.entries(columns)) {
    const at = hasHeader(columns) ? first.indexOf(column) : Number(column) - 1;
    if (at >= 0) names[at] = nameOf(field);
  }
  return { names: Array.from(names), width: hasHeader(columns) ? first.length : undefined };
}

function nameOf(name: string): string | undefined {
  const trimmed = name.trim().slice(0, longestName);
  return trimmed === '' || trimmed === '__proto__' ? undefined : trimmed;
}

/** The delimiter that stands most often in a row outside quotes; a comma when none does. */
export function delimiterOf(row: string): string {
  const bare = row.slice(0, 65_536).replace(/"[^"]*"/g, '');
  let best: string = ',';
  let most = 0;
  for (const delimiter of delimiters) {
    const count = bare.split(delimiter).length - 1;
    if (count > most) {
      most = count;
      best = delimiter;
    }
  }
  return best;
}

export function splitRow(row: string, delimiter: string): string[] {
  const values: string[] = [];
  let at = 0;
  while (at <= row.length) {
    if (row[at] === '"') {
      let end = row.indexOf('"', at + 1);
      while (end >= 0 && row[end + 1] === '"') end = row.indexOf('"', end + 2);
      const close = end < 0 ? row.length : end;
      // What stands between the closing quote and the delimiter is kept: nothing may hide there.
      const next = row.indexOf(delimiter, close + 1);
      const rest = next < 0 ? row.length : next;
      values.push(row.slice(at + 1, close).replaceAll('""', '"') + row.slice(close + 1, rest));
      at = rest + 1;
    } else {
      const next = row.indexOf(delimiter, at);
      const end = next < 0 ? row.length : next;
      values.push(row.slice(at, end));
      at = end + 1;
    }
  }
  return values;
}
