// Events that come as the evidence of what was found elsewhere: stored like any other, and shown to no detector.
import { toHex } from '../../../base/bytes.ts';
import type { Event } from '../../../engine/event.ts';
import type { WriteTx } from '../../store/store.ts';
import { recordOf, rejectionReason } from './event-record.ts';
import { findStored, insertEvent } from './events-table.ts';

export type KeepEvidence = (
  tx: WriteTx,
  event: Event,
  now: number,
) => { readonly sha256: string } | { readonly reason: string };

/** @returns the hash of what is stored under the event's id and time, or why it can't be stored. */
export const keepEvidence: KeepEvidence = (tx, event, now) => {
  let stored: ReturnType<typeof recordOf>;
  try {
    stored = recordOf(event);
  } catch (error) {
    return { reason: rejectionReason(error) };
  }
  if (insertEvent(tx, event, { ...stored, format: 'scan', receivedAt: now })) {
    tx.announce('events.taken', null, 1);
    return { sha256: toHex(stored.sha256) };
  }
  return { sha256: toHex(findStored(tx, event) ?? stored.sha256) };
};
