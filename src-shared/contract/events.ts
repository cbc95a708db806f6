// Events: what tools send and what files bring. The search over both is search.ts.
import { z } from 'zod';
import { lineFormats, recordFormats } from '../declared-formats.ts';
import { formatNames } from '../log-formats.ts';
import { none, operation, permission } from './grammar.ts';
import { done, instant, instantIn, page, pageInput, uuid } from './values.ts';

/** The event's fields on the wire (spec 05). `details` is free; everything else is refused when misspelt. */
export const eventIn = z.strictObject({
  id: uuid,
  time: instantIn,
  source: z.string().min(1).max(200),
  event_type: z.string().min(1).max(100),
  actor: z.string().max(256).optional(),
  success: z.boolean().optional(),
  ip_address: z.string().max(64).optional(),
  user_agent: z.string().max(1024).optional(),
  resource_type: z.string().max(100).optional(),
  resource_id: z.string().max(1024).optional(),
  action: z.string().max(200).optional(),
  session_id: z.string().max(200).optional(),
  trace_id: z.string().max(200).optional(),
  bytes: z.int().min(0).optional(),
  details: z.record(z.string().max(200), z.unknown()).optional(),
});
export type EventIn = z.output<typeof eventIn>;

/** Among the events of a batch, for a line that could not be read: why not, and how it begins. */
export type UnreadEvent = readonly [reason: string, text: string];

export function isUnread(value: unknown): value is UnreadEvent {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string');
}

const signature = z
  .strictObject({ alg: z.literal('HMAC-SHA256'), canon: z.literal('v2'), value: z.string().length(44) })
  .optional()
  .describe("HMAC-SHA256 over the RFC 8785 form of the event without this, by the API key's event secret; base64");

/** How an event is sent: the signature covers everything else that is sent in it. */
export const sentEvent = eventIn.extend({ signature });
/** Or a log record of another tool that says its format, and has its own members beside that. */
export const sentRecord = z
  .looseObject({ format: z.enum(recordFormats), signature })
  .describe('a JSON log record: its members beside the format, or alone under `record`');
export const sentLine = z.strictObject({
  format: z.enum(lineFormats),
  line: z.string().max(1_048_576).describe('one line of such a log'),
  zone: z.string().max(60).optional().describe('time zone of a line without one'),
  signature,
});

export const eventOut = z.strictObject({
  ...eventIn.shape,
  time: instant,
  signed_by: z.string().optional().describe('the API key whose signature it bore when it was taken in'),
  received_at: instant,
  sha256: z.string(),
  format: z.string(),
});
export type EventOut = z.output<typeof eventOut>;

const result = z.strictObject({
  index: z.int(),
  id: z.string().nullable(),
  status: z.enum(['accepted', 'duplicate', 'rejected']),
  reason: z.string().optional(),
});

export const logFormat = z.enum(['auto', ...formatNames]);
export type LogFormatChoice = z.infer<typeof logFormat>;

const importState = z.strictObject({
  id: uuid,
  name: z.string(),
  format: z.string().nullable(),
  size_bytes: z.number().nullable(),
  bytes: z.number(),
  records: z.number(),
  accepted: z.number(),
  duplicates: z.number(),
  rejected: z.number(),
  alerts: z.number(),
  /** The first 100 bad lines; `rejected` counts them all. */
  bad_lines: z.array(z.strictObject({ line: z.int(), reason: z.string() })),
  state: z.enum(['running', 'finished', 'cancelled']),
  started_at: instant,
  finished_at: instant.nullable(),
});
export type ImportState = z.output<typeof importState>;

const importChoices = {
  format: logFormat.optional(),
  zone: z.string().max(60).optional().describe('time zone of lines without one, such as Europe/Berlin'),
  columns: z
    .record(z.string().min(1).max(200), z.string().min(1).max(200))
    .optional()
    .describe(
      'of CSV files: event field to column, by its name in the header, or all by number from 1 where there is none',
    ),
};

const previewedRecord = z.strictObject({
  line: z.int(),
  raw: z.string().nullable().describe('the line as it stands, cut where it is long; null of binary formats'),
  reason: z.string().nullable().describe('why it would be refused'),
  event: z
    .strictObject({
      time: instant,
      source: z.string(),
      event_type: z.string(),
      actor: z.string().nullable(),
      ip_address: z.string().nullable(),
      success: z.boolean().nullable(),
      action: z.string().nullable(),
    })
    .nullable(),
});
const importPreview = z.strictObject({
  detected: z.string().nullable().describe('the format that it is taken for where none is said'),
  format: z.string().nullable().describe('the format that it was read as; null where it has none'),
  reason: z.string().nullable().describe('why it could not be read at all'),
  inner: z.string().nullable().describe('the file of the archive that was read'),
  records: z.int(),
  rejected: z.int(),
  items: z.array(previewedRecord).describe('the first 20'),
  bad_lines: z.array(previewedRecord).describe('the first 20 that would be refused'),
});
export type ImportPreview = z.output<typeof importPreview>;

const rejection = z.strictObject({
  received_at: instant,
  sent_by: z.string().describe('the API key or user that sent it'),
  file: z.string().nullable().describe('the file that it came from; null of events sent over the API'),
  place: z.int().describe('its line in the file, or its place in the batch from 0'),
  reason: z.string(),
  text: z
    .string()
    .nullable()
    .describe('the event as it was sent, cut at 2,000 characters; null of files and of what was no JSON'),
  more: z.int().describe('further ones of the same batch or file, which were counted and not kept'),
});
export type EventRejection = z.output<typeof rejection>;

export const eventsOperations = {
  'events.ingest': operation({
    summary:
      'Take in one event or log record with a declared format, an array of them, or NDJSON; says per event what became of it',
    method: 'POST',
    path: '/api/v1/events',
    access: permission('events.write'),
    body: 'events',
    input: z.strictObject({ events: z.array(z.unknown()).min(1).max(10_000) }),
    output: z.strictObject({
      accepted: z.int(),
      duplicates: z.int(),
      rejected: z.int(),
      results: z.array(result).describe('one per event, in order'),
    }),
    audit: none('events are themselves the record; a batch would add an entry per second and tool'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'rejections.list': operation({
    summary: 'Events that were refused, with their reasons, newest first; the latest 10,000 are kept',
    method: 'GET',
    path: '/api/v1/events/rejections',
    access: permission('events.read'),
    input: z.strictObject(pageInput),
    output: page(rejection).extend({ total: z.int().describe('ever refused, also those no longer listed') }),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'imports.preview': operation({
    summary: 'How the first lines of a log file would be read, and which would be refused; takes nothing in',
    method: 'POST',
    path: '/api/v1/events/import-preview',
    access: permission('events.write'),
    input: z.strictObject({
      name: z.string().min(1).max(400),
      sample: z.base64().max(360_000).describe('the first bytes of the file, at most 256 KiB'),
      is_whole: z.boolean().describe('the file ends with the sample'),
      ...importChoices,
    }),
    output: importPreview,
    audit: none('takes nothing in'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'imports.start': operation({
    summary: 'Begin importing a log file; its bytes follow in chunks',
    method: 'POST',
    path: '/api/v1/events/imports',
    access: permission('events.write'),
    input: z.strictObject({
      name: z.string().min(1).max(400),
      size_bytes: z.int().min(0).optional(),
      ...importChoices,
    }),
    output: importState,
    audit: none('the finished import is the entry'),
    effect: 'task',
    rate: 'general',
    window: true,
    success: 201,
  }),
  'imports.append': operation({
    summary: 'Send the next chunk (at most 1 MiB); answers with the progress so far',
    method: 'PUT',
    path: '/api/v1/events/imports/{id}/chunks/{offset}',
    access: permission('events.write'),
    body: 'bytes',
    input: z.strictObject({ id: uuid, offset: z.int().min(0), data: z.instanceof(Uint8Array) }),
    output: importState,
    audit: none('the finished import is the entry'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'imports.finish': operation({
    summary: 'Say that the file is complete; answers with the final counts',
    method: 'POST',
    path: '/api/v1/events/imports/{id}/finish',
    access: permission('events.write'),
    input: z.strictObject({ id: uuid }),
    output: importState,
    audit: 'events_import',
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'imports.cancel': operation({
    summary: 'Stop an import; what was taken in stays, and importing again adds only the rest',
    method: 'DELETE',
    path: '/api/v1/events/imports/{id}',
    access: permission('events.write'),
    input: z.strictObject({ id: uuid }),
    output: done,
    audit: 'events_import',
    effect: 'task',
    rate: 'general',
    window: true,
  }),
};
