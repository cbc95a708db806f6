// Entries of systemd's journal as `journalctl -o json` writes them: what programs sent to syslog, so their messages are read like syslog
// lines. All fields of the entry stay under details with their own names.
import { clip, type EventDraft, fieldLimits, type JsonObject, type JsonValue } from '../event.ts';
import { readAuthMessage } from './auth-messages.ts';
import { type Parsed, rejected } from './format.ts';
import { copyObject } from './json-value.ts';

const longestMessage = 16_384;

export function looksLikeJournal(record: JsonObject): boolean {
  return record.__REALTIME_TIMESTAMP !== undefined && record.MESSAGE !== undefined;
}

export function readJournalEntry(record: JsonObject, source: string, keepTimeless: boolean = false): Parsed {
  const timeMs = microseconds(record.__REALTIME_TIMESTAMP);
  if (timeMs === undefined && !keepTimeless)
    return rejected('no time: expected __REALTIME_TIMESTAMP in microseconds since 1970');
  const details = copyObject(record);
  const host = textOf(record._HOSTNAME);
  const app = textOf(record.SYSLOG_IDENTIFIER) ?? textOf(record._COMM) ?? '';
  const pid = textOf(record._PID) ?? textOf(record.SYSLOG_PID);
  const message = textOf(record.MESSAGE) ?? '';
  Object.assign(details, { message: clip(message, longestMessage) });
  if (host !== undefined) details.host = host;
  if (app !== '') details.app = app;
  if (pid !== undefined) details.pid = pid;
  const draft: EventDraft = {
    ...(timeMs === undefined ? {} : { timeMs }),
    source: clip(host ?? source, fieldLimits.source),
    event_type: 'other',
    details,
  };
  if (app !== '') readAuthMessage(app, message, draft);
  return { kind: 'draft', draft };
}

function microseconds(value: JsonValue | undefined): number | undefined {
  const text = textOf(value);
  return text !== undefined && /^\d{1,16}$/.test(text) ? Math.floor(Number(text) / 1000) : undefined;
}

/** A field may be there several times, and is a list of bytes where it is no UTF-8; null is one that was too long to be shown. */
function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const items = value as readonly JsonValue[];
  const bytes = items.filter((item): item is number => typeof item === 'number');
  return bytes.length === items.length ? Buffer.from(bytes).toString('utf8') : textOf(items[0]);
}
