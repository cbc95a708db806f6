// Signed events that come too late, or under the id of others: each is rejected or stays as it was, and the detectors hear of it, for that
// is what somebody does who recorded a sender's events.
import { uuidV7 } from '../../../base/ids.ts';
import type { Principal } from '../../dispatch/principal.ts';
import type { Host } from '../../ports.ts';
import type { EventItem } from './event-record.ts';
import type { Taken } from './intake.ts';

/** The event that tells of it, if any of `items` was replayed. One for a request, however many there are. */
export function replayedEvent(
  host: Pick<Host, 'random'>,
  items: readonly EventItem[],
  results: readonly Taken[],
  caller: { readonly principal: Principal; readonly ip: string | null; readonly now: number },
): EventItem | undefined {
  const replayed = items.filter((item, index): item is Extract<EventItem, { kind: 'event' }> => {
    if (item.kind !== 'event' || item.event.signed_by === undefined) return false;
    const result = results[index];
    // One from the future is a wrong clock, and nobody recorded it before.
    if (result?.status === 'rejected') return item.late !== undefined && item.event.timeMs < caller.now;
    return result?.status === 'duplicate' && result.differs === true;
  });
  const [first] = replayed;
  const { principal, ip, now } = caller;
  if (first === undefined || principal.kind !== 'key') return undefined;
  return {
    kind: 'event',
    format: 'gatehouse',
    event: {
      id: uuidV7(now, host.random.bytes(10)),
      timeMs: now,
      source: 'gatehouse',
      event_type: 'events_replayed',
      action: 'events.ingest',
      success: false,
      actor: principal.name.slice(0, 256).toWellFormed(),
      ...(ip === null ? {} : { ip_address: ip }),
      details: { count: replayed.length, key_id: principal.keyId, first: first.event.id },
    },
  };
}
