// Intake: events into the store, through the detectors, in slices that each commit as a whole. What is counted as accepted is durable.
import type { Event } from '../../../engine/event.ts';
import type { Host } from '../../ports.ts';
import type { Store, WriteTx } from '../../store/store.ts';
import { type EventItem, recordOf, rejectionReason } from './event-record.ts';
import { insertEvent } from './events-table.ts';

/** Spec 03: a slice is small enough that nothing waits longer than 50 ms for it. */
const sliceSize = 500;

export type Taken =
  | { readonly status: 'accepted' }
  | { readonly status: 'duplicate' }
  | { readonly status: 'rejected'; readonly reason: string };

export type NewEvent = { readonly event: Event; readonly sha256: Uint8Array };

/** The detectors, as intake sees them. Called inside the slice's transaction with the events that are new. */
export type Detect = {
  /** Settled when the windows stand as the stored events left them; intake waits for it after a start. */
  ready(workspace: string): Promise<void>;
  /** Before anything of the slice is stored: windows that must be rebuilt are, from what is stored so far. */
  prepare(tx: WriteTx): void;
  /** @returns how many alerts were raised (repeats not counted). */
  run(tx: WriteTx, events: readonly NewEvent[], now: number): number;
  /** The transaction was rolled back: windows hold events that are not stored and must be rebuilt before they are used again. */
  invalidate(workspace: string): void;
};

export type Intake = {
  /** Commits slice after slice and lets other work run between them. `results` stand in the order of `items`. */
  take(workspace: string, items: readonly EventItem[]): Promise<{ results: Taken[]; alerts: number }>;
  /** Events of the console itself, inside the transaction that they tell of. */
  within(tx: WriteTx, items: readonly EventItem[], now: number): { results: Taken[]; alerts: number };
};

export function createIntake(host: Host, store: () => Store, detect: Detect): Intake {
  function slice(tx: WriteTx, items: readonly EventItem[], now: number): { results: Taken[]; alerts: number } {
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
    within: slice,
    async take(workspace, items) {
      const results: Taken[] = [];
      let alerts = 0;
      await detect.ready(workspace);
      for (let from = 0; from < items.length; from += sliceSize) {
        if (from > 0) await host.timers.breathe();
        const taken = store().write(workspace, (tx) =>
          slice(tx, items.slice(from, from + sliceSize), host.clock.now()),
        );
        results.push(...taken.results);
        alerts += taken.alerts;
      }
      return { results, alerts };
    },
  };
}

function takeOne(tx: WriteTx, item: EventItem, now: number, fresh: NewEvent[]): Taken {
  if (item.kind === 'rejected') return { status: 'rejected', reason: item.reason };
  let stored: ReturnType<typeof recordOf>;
  try {
    stored = recordOf(item.event);
  } catch (error) {
    return { status: 'rejected', reason: rejectionReason(error) };
  }
  if (!insertEvent(tx, item.event, { ...stored, format: item.format, receivedAt: now })) return { status: 'duplicate' };
  fresh.push({ event: item.event, sha256: stored.sha256 });
  return { status: 'accepted' };
}
