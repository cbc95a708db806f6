// The list of what an alert kept quiet, each with the events that it would have been raised of.
import type { Input, Output } from '../../../../src-shared/contract/contract.ts';
import { instant } from '../../../base/instants.ts';
import type { ReadTx } from '../../store/store.ts';
import { findAlert } from './alerts-table.ts';
import { brokenCursor, isCount } from './filter.ts';
import { type FindEvents, noSuchAlert, withRecords } from './queue.ts';
import { findSuppressedEvents, listSuppressed } from './suppression-table.ts';

const usualLimit = 20;
const eventsShown = 10;

/** @throws ProblemError alerts/not-found, and request/invalid for a cursor that is none. */
export function showSuppressed(
  tx: ReadTx,
  { id, cursor, limit = usualLimit }: Input<'alerts.suppressed'>,
  findEvents: FindEvents,
): Output<'alerts.suppressed'> {
  const alert = findAlert(tx, id);
  if (alert === undefined) throw noSuchAlert(id);
  const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor);
  if (!isCount(before)) throw brokenCursor();
  const found = listSuppressed(tx, alert.key, before, limit + 1);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(({ key, firstSeenAt, lastSeenAt, count, ...told }) => ({
      ...told,
      first_seen_at: instant(firstSeenAt),
      last_seen_at: instant(lastSeenAt),
      events_total: count,
      events: withRecords(tx, findSuppressedEvents(tx, key, eventsShown), findEvents),
    })),
    next_cursor: found.length > limit && last !== undefined ? String(last.key) : null,
  };
}
