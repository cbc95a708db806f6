// What log formats have in common: their names, the options of a reader, and what it answers per record.
import type { Event, EventDraft } from '../event.ts';

export const formatNames = ['auth', 'access', 'json', 'windows', 'syslog'] as const;
export type FormatName = (typeof formatNames)[number];

export interface ReaderOptions {
  /** From `fileIdentity(first line)`: makes record ids repeatable. */
  readonly fileIdentity: Uint8Array;
  /** IANA name or `+HH:MM` for lines without a zone; UTC when absent. */
  readonly zone?: string;
  /** Lines without a year get the nearest past date seen from here. */
  readonly referenceTimeMs: number;
  /** `source` of records that don't name a host; the format's name when absent. */
  readonly source?: string;
}

/** `line` counts from 1, `offset` is that of the record's first byte. */
export type RecordResult =
  | { readonly kind: 'event'; readonly event: Event; readonly line: number; readonly offset: number }
  | { readonly kind: 'rejected'; readonly line: number; readonly offset: number; readonly reason: string };

export interface RecordReader {
  /** Takes the next bytes of the file, cut anywhere. */
  push(chunk: Uint8Array): RecordResult[];
  /** The file is complete: answers what was left. */
  end(): RecordResult[];
}

/** One record as its parser sees it: an event without id, several equal ones, or the reason why not. */
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
