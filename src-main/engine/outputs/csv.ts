// CSV (RFC 4180), one line an event. Cells that a spreadsheet would take for a formula are made text.
import type { OutputEvent } from './output-event.ts';
import { printableText, wireOf } from './wire.ts';

const columns = [
  'time',
  'id',
  'source',
  'event_type',
  'actor',
  'success',
  'ip_address',
  'action',
  'resource_type',
  'resource_id',
  'user_agent',
  'session_id',
  'trace_id',
  'bytes',
  'details',
  'signed_by',
  'format',
  'received_at',
  'sha256',
] as const;

export const csvHeader = columns.join(',');

export function csvLine(event: OutputEvent): string {
  const wire = wireOf(event);
  return columns.map((name) => csvCell(name === 'details' ? JSON.stringify(wire.details) : wire[name])).join(',');
}

export function csvCell(value: unknown): string {
  if (value === undefined || value === null) return '';
  // Line ends within cells are allowed, but half of all readers break on them.
  const text = printableText(String(value));
  // The full-width signs begin a formula where Excel is Japanese.
  const safe =
    typeof value === 'string' && /^[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/.test(text.trimStart()) ? `'${text}` : text;
  return /[",]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}
