// An event as it is stored and answered: its canonical record (RFC 8785), the hash of that, and the engine's view of it.
import { type EventIn, type EventOut, eventIn, isUnread } from '../../../../src-shared/contract/events.ts';
import { inWords } from '../../../../src-shared/contract/issue-words.ts';
import { canonicalize } from '../../../../src-shared/evidence/canonical-json.ts';
import { FormatError } from '../../../../src-shared/evidence/format-error.ts';
import { toHex } from '../../../base/bytes.ts';
import { sha256 } from '../../../base/hashes.ts';
import { instant } from '../../../base/instants.ts';
import { canonicalAddress } from '../../../engine/address.ts';
import type { Event, JsonObject } from '../../../engine/event.ts';

/** Ready to be stored, or the reason why not. */
export type EventItem =
  | {
      readonly kind: 'event';
      readonly event: Event;
      readonly format: string;
      /** Why it is not stored unless it is there already: then it is a duplicate like any other. */
      readonly late?: string;
    }
  | { readonly kind: 'rejected'; readonly reason: string };

export type StoredEvent = {
  readonly seq: number;
  readonly id: string;
  readonly at: number;
  readonly received_at: number;
  readonly record: string;
  readonly sha256: Uint8Array;
  readonly format: string;
};

const latestMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** The canonical record: the event's wire form without what the console adds. @throws FormatError for what JSON can't carry safely. */
export function recordOf(event: Event): { record: string; sha256: Uint8Array } {
  const { timeMs, ...fields } = event;
  const wire: Record<string, unknown> = { time: instant(timeMs) };
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) wire[name] = value;
  // Windows logs hold 64-bit flags; the text they came as is what is hashed.
  const record = canonicalize(wire, { integers: 'any' });
  return { record, sha256: sha256(record) };
}

/** One element of an ingest batch, without its signature. A text is the reason why it could not be read, as is that of an unread line. */
export function parseEvent(value: unknown): EventItem {
  if (typeof value === 'string') return { kind: 'rejected', reason: value };
  if (isUnread(value)) return { kind: 'rejected', reason: value[0] };
  const outcome = eventIn.safeParse(value, { error: inWords });
  if (!outcome.success) {
    const issue = outcome.error.issues[0];
    const where = issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : issue?.path.join('.');
    const what = issue?.code === 'unrecognized_keys' ? 'unknown field' : issue?.message;
    return {
      kind: 'rejected',
      reason: `${where === '' || where === undefined ? 'event' : where}: ${what ?? 'does not fit'}`,
    };
  }
  const { ip_address: address } = outcome.data;
  // What is none would be grouped, enriched and shown as one. Log formats leave such a text in details.
  if (address !== undefined && address !== '' && canonicalAddress(address) === undefined)
    return { kind: 'rejected', reason: 'ip_address: is no IPv4 or IPv6 address; leave it out, or put it into details' };
  const event = toEvent(outcome.data);
  // An offset can carry the last hours of 9999 into a year that RFC 3339 can't write.
  if (event.timeMs > latestMs) return { kind: 'rejected', reason: 'time: is later than the year 9999' };
  return { kind: 'event', event, format: 'api' };
}

function toEvent(input: EventIn): Event {
  const { id, time, details, ip_address, ...fields } = input;
  // The contract's optional fields are the event's; absent ones stay absent.
  return {
    ...(fields as Omit<Event, 'id' | 'timeMs' | 'details' | 'ip_address'>),
    // UUIDs are the same in capitals (RFC 9562 section 4): sent again that way, the event is still a duplicate.
    id: id.toLowerCase(),
    timeMs: Date.parse(time),
    details: (details ?? {}) as JsonObject,
    // One spelling each, as the log formats give: another one must not be another address to the detectors.
    ...(ip_address === undefined || ip_address === ''
      ? {}
      : { ip_address: canonicalAddress(ip_address) ?? ip_address }),
  };
}

/** Back from the store, for replaying. */
export function eventOf(stored: Pick<StoredEvent, 'record' | 'at'>): Event {
  const { time: _time, ...fields } = JSON.parse(stored.record) as Record<string, unknown>;
  return { ...(fields as unknown as Omit<Event, 'timeMs'>), timeMs: stored.at };
}

export function wireEvent(stored: StoredEvent): EventOut {
  return {
    ...(JSON.parse(stored.record) as EventIn),
    received_at: instant(stored.received_at),
    sha256: toHex(stored.sha256),
    format: stored.format,
  };
}

/** The reason for a rejection, or rethrows what isn't one. */
export function rejectionReason(error: unknown): string {
  if (error instanceof FormatError) return `details: ${error.message}`;
  throw error;
}
