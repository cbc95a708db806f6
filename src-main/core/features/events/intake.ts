// Intake: events into the store, through the detectors, in slices that each commit as a whole. What is counted as accepted is durable.
import { equalBytes } from '../../../base/bytes.ts';
import { instant } from '../../../base/instants.ts';
import type { Event } from '../../../engine/event.ts';
import { createSliceSize } from '../../pace.ts';
import type { Host } from '../../ports.ts';
import type { Store, WriteTx } from '../../store/store.ts';
import { type EventItem, recordOf, rejectionReason } from './event-record.ts';
import { findStored, insertEvent } from './events-table.ts';

/** Between these a slice has as many events as take the time of a turn. */
const fewestEvents = 16;
const mostEvents = 250;
const sliceCharacters = 256 * 1024;
/** Beyond it no clock is merely wrong, and what is dated so would head every list, and outlive every term, for good. */
const furthestAheadMs = 10 * 365 * 24 * 3_600_000;

export type Taken =
  | { readonly status: 'accepted' }
  /** `differs`: what is stored under its id and time, and stays, is not the same. */
  | { readonly status: 'duplicate'; readonly differs?: true }
  | { readonly status: 'rejected'; readonly reason: string };

export type NewEvent = { readonly event: Event; readonly sha256: Uint8Array };

/** The detectors, as intake sees them. Called inside the slice's transaction with the events that are new. */
export type Detect = {
  /** Settled when the windows stand as the stored events left them, and the rules are ready for events such as these. */
  ready(workspace: string, events: readonly Event[]): Promise<void>;
  /** Before anything of the slice is stored: windows that must be rebuilt are, from what is stored so far. */
  prepare(tx: WriteTx): void;
  /** @returns how many alerts were raised (repeats not counted). */
  run(tx: WriteTx, events: readonly NewEvent[], now: number): number;
  /** The transaction was rolled back: windows hold events that are not stored and must be rebuilt before they are used again. */
  invalidate(workspace: string): void;
};

/** An event with its record made, or the reason why there is none. */
type Prepared =
  | { readonly kind: 'rejected'; readonly reason: string }
  | (Extract<EventItem, { kind: 'event' }> & { readonly stored: ReturnType<typeof recordOf> });

export type Intake = {
  /** Commits slice after slice and lets other work run between them. `results` stand in the order of `items`. */
  take(workspace: string, items: readonly EventItem[]): Promise<{ results: Taken[]; alerts: number }>;
  /** Events of the console itself, inside the transaction that they tell of. */
  within(tx: WriteTx, items: readonly EventItem[], now: number): { results: Taken[]; alerts: number };
};

export function createIntake(host: Host, store: () => Store, detect: Detect): Intake {
  const sliceSize = createSliceSize(fewestEvents, mostEvents);

  function slice(tx: WriteTx, items: readonly Prepared[], now: number): { results: Taken[]; alerts: number } {
    const results: Taken[] = [];
    const fresh: NewEvent[] = [];
    detect.prepare(tx);
    tx.onRollback(() => detect.invalidate(tx.workspace));
    for (const item of items) results.push(takeOne(tx, item, now, fresh));
    const alerts = fresh.length === 0 ? 0 : detect.run(tx, fresh, now);
    if (fresh.length > 0) tx.announce('events.taken', null, fresh.length);
    return { results, alerts };
  }

  return {
    within: (tx, items, now) =>
      slice(
        tx,
        items.map((item) => prepare(item, now)),
        now,
      ),
    async take(workspace, items) {
      const results: Taken[] = [];
      let alerts = 0;
      for (let from = 0; from < items.length; ) {
        // Reading a large request took its time already.
        if (from > 0 || items.length > sliceSize.now()) await host.timers.breathe();
        const started = host.stopwatch.worked();
        const prepared = prepareSlice(items, from, sliceSize.now(), host.clock.now());
        const preparing = host.stopwatch.worked() - started;
        from += prepared.length;
        await detect.ready(
          workspace,
          prepared.flatMap((item) => (item.kind === 'event' ? item.event : [])),
        );
        await store().writable();
        const run = (tx: WriteTx): ReturnType<typeof slice> => {
          const begun = host.stopwatch.worked();
          const result = slice(tx, prepared, host.clock.now());
          sliceSize.took(prepared.length, preparing + host.stopwatch.worked() - begun);
          return result;
        };
        // The answer is given for all slices together: the last one waits for the disk.
        const taken = store().write(workspace, run, from < items.length ? 'later' : 'now');
        results.push(...taken.results);
        alerts += taken.alerts;
      }
      return { results, alerts };
    },
  };
}

function prepareSlice(items: readonly EventItem[], from: number, most: number, now: number): Prepared[] {
  const prepared: Prepared[] = [];
  let characters = 0;
  for (let at = from; at < items.length && prepared.length < most && characters < sliceCharacters; at++) {
    const item = items[at];
    if (item === undefined) break;
    const next = prepare(item, now);
    characters += next.kind === 'event' ? next.stored.record.length : 0;
    prepared.push(next);
  }
  return prepared;
}

function prepare(item: EventItem, now: number): Prepared {
  if (item.kind === 'rejected') return item;
  const { timeMs } = item.event;
  if (timeMs < 0 || timeMs > now + furthestAheadMs) {
    const where = timeMs < 0 ? 'lies before 1970' : 'lies more than ten years ahead';
    return {
      kind: 'rejected',
      reason: `time: ${instant(timeMs)} ${where}; set the clock of its source, or the time zone of the file`,
    };
  }
  try {
    return { ...item, stored: recordOf(item.event) };
  } catch (error) {
    return { kind: 'rejected', reason: rejectionReason(error) };
  }
}

function takeOne(tx: WriteTx, item: Prepared, now: number, fresh: NewEvent[]): Taken {
  if (item.kind === 'rejected') return { status: 'rejected', reason: item.reason };
  const { event, format, stored } = item;
  if (item.late !== undefined && findStored(tx, event) === undefined) return { status: 'rejected', reason: item.late };
  if (!insertEvent(tx, event, { ...stored, format, receivedAt: now })) return duplicate(tx, item);
  fresh.push({ event, sha256: stored.sha256 });
  return { status: 'accepted' };
}

/** Ids of files' records are made from their content; only those of senders can stand for two, and signatures are senders'. */
function duplicate(tx: WriteTx, { event, format, stored }: Extract<Prepared, { kind: 'event' }>): Taken {
  const first = format === 'api' || event.signed_by !== undefined ? findStored(tx, event) : undefined;
  return first === undefined || equalBytes(first, stored.sha256)
    ? { status: 'duplicate' }
    : { status: 'duplicate', differs: true };
}
