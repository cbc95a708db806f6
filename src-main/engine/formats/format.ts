// What log formats have in common: the options of a reader, and what it answers per record.
import type { Event, EventDraft } from '../event.ts';

export interface ReaderOptions {
  /** From `fileIdentity(first line)`: makes record ids repeatable. Without it events have no ids: enough where nothing is stored. */
  readonly fileIdentity?: Uint8Array;
  /** IANA name or `+HH:MM` for lines without a zone; UTC when absent. */
  readonly zone?: string;
  /** Lines without a year get the nearest past date seen from here. */
  readonly referenceTimeMs: number;
  /** `source` of records that don't name a host; the format's name when absent. */
  readonly source?: string;
  /** Records without a time are events too, marked `timeless`, instead of being rejected. */
  readonly keepTimeless?: boolean;
  /** Of JSON: true for a record that nobody wants to have read; it gets no result. */
  readonly passOver?: (record: Uint8Array) => boolean;
  /** Events of JSON records come with the record's text. */
  readonly keepText?: boolean;
  /** Refused records come with how they begin. */
  readonly keepRefused?: boolean;
  /** Of JSON: this is a part of a file that is known to hold a record a line. */
  readonly aRecordALine?: boolean;
  /** Of CSV files: event field → column. Absent: the header's names are the fields. */
  readonly columns?: CsvColumns;
}

/** Columns by the name in the header; or all by their numbers from 1, and the file has no header then. */
export type CsvColumns = Readonly<Record<string, string>>;

/**
 * `line` counts from 1; of files that have no lines, records do. `record` is the place in the file from 0: of line formats the line's,
 * otherwise that among the records. `offset` is that of the record's first byte.
 */
export type RecordResult =
  | {
      readonly kind: 'event';
      readonly event: Event;
      readonly line: number;
      readonly record: number;
      readonly offset: number;
      /** The record says no time; the event's is 0. */
      readonly timeless?: true;
      readonly text?: string;
    }
  | {
      readonly kind: 'rejected';
      readonly line: number;
      readonly record: number;
      readonly offset: number;
      readonly reason: string;
      readonly text?: string;
    };

export interface RecordReader {
  /** Takes the next bytes of the file, cut anywhere. */
  push(chunk: Uint8Array): RecordResult[];
  /** The file is complete: answers what was left. */
  end(): RecordResult[];
}

/** One record as its parser sees it: an event without id and, if that is allowed, time; several equal ones; or the reason why not. */
export type Parsed =
  | { readonly kind: 'draft'; readonly draft: EventDraft; readonly repeat?: number }
  | { readonly kind: 'rejected'; readonly reason: string };

/** Parses one record. `undefined` is a record to pass over, such as a comment. */
export type RecordParser = (text: string) => Parsed | undefined;

export function rejected(reason: string): Parsed {
  return { kind: 'rejected', reason };
}

/** Longest line or JSON record. Longer ones are rejected without being held in memory. */
export const longestRecord = 1_048_576;

/** A draft as an event. @throws Error when its parser left out what every event has. */
export function complete(draft: EventDraft, id: string): Event {
  const { timeMs = 0, source, event_type } = draft;
  if (source === undefined || event_type === undefined) throw new Error('a parser left a field out');
  // One shape for all events keeps field access fast.
  return { ...draft, id, timeMs, source, event_type, details: draft.details };
}
