// Retention of events: those received longer ago than their days go, oldest first, in short transactions, and with each its terms in the
// search's index. What an alert names as its evidence stays with the alert, and what a legal hold over everything covers stays too.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { defaultWorkspace } from '../../feature.ts';
import { createSliceSize } from '../../pace.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store, WriteTx } from '../../store/store.ts';
import { activeHolds } from '../audit/index.ts';
import { deleteEvents, deleteRejectionsBefore, firstReceivedSince, type OldEvent, oldEvents } from '../events/index.ts';
import { forgetEvents } from '../search/index.ts';
import { readProgress, setProgress } from './progress-table.ts';

const dayMs = 24 * 3_600_000;
const countedAtOnce = 200;
const fewest = 5;
const most = 200;

export type EventRetention = {
  readonly host: Host;
  readonly days: number;
  /** The entry of one run. */
  record(tx: WriteTx, details: Record<string, unknown>): void;
};

type Span = { readonly first: number; readonly end: number; readonly before: number };

/** How many are looked at by a run now, and how many went so far. */
export function previewEvents(tx: ReadTx, days: number, now: number) {
  const { done_seq, deleted } = readProgress(tx);
  const { first, end } = spanOf(tx, days, now);
  const isHeld = holdsOnEvents(tx).some(({ since, until }) => since === null && until === null);
  return { days, expired: isHeld ? 0 : Math.max(0, end - Math.max(first, done_seq + 1)), deleted };
}

/** Of a hold that was released, everything is looked at anew. */
export function lookAnew(tx: WriteTx): void {
  setProgress(tx, { ...readProgress(tx), done_seq: 0 });
}

/** @returns how many went. The entry of the run, with their number, comes before the first of them goes. */
export async function pruneEvents(store: Store, parts: EventRetention, signal: AbortSignal): Promise<number> {
  const { host, days } = parts;
  const now = host.clock.now();
  const span = store.read(defaultWorkspace, (tx) => spanOf(tx, days, now));
  const planned = await countGoing(store, host, span, signal);
  await store.writable();
  // What was refused never became an event: it is no evidence, and no hold is about it.
  store.write(defaultWorkspace, (tx) => deleteRejectionsBefore(tx, span.before));
  if (planned === 0) {
    store.write(defaultWorkspace, (tx) => passOver(tx, span));
    return 0;
  }
  store.write(defaultWorkspace, (tx) => {
    parts.record(tx, { of: 'events', entries: planned, before: new Date(span.before).toISOString(), days });
  });
  const before = store.read(defaultWorkspace, readProgress).deleted;
  const sliceSize = createSliceSize(fewest, most);
  for (let more = true; more; ) {
    await nextTurn(store, host, signal);
    more = store.write(defaultWorkspace, (tx) => {
      const started = host.stopwatch.worked();
      const slice = deleteSlice(tx, span, sliceSize.now());
      sliceSize.took(slice.length, host.stopwatch.worked() - started);
      return slice.length > 0;
    });
  }
  return store.read(defaultWorkspace, readProgress).deleted - before;
}

/** Up to the first that isn't old. */
function spanOf(tx: ReadTx, days: number, now: number): Span {
  const before = now - days * dayMs;
  return { ...firstReceivedSince(tx, before), before };
}

/** All of them stay. */
function passOver(tx: WriteTx, { end }: Span): void {
  const progress = readProgress(tx);
  if (end - 1 > progress.done_seq) setProgress(tx, { ...progress, done_seq: end - 1 });
}

async function countGoing(store: Store, host: Host, span: Span, signal: AbortSignal): Promise<number> {
  let { done_seq: after } = store.read(defaultWorkspace, readProgress);
  let going = 0;
  for (;;) {
    await nextTurn(store, host, signal);
    const found = store.read(defaultWorkspace, (tx) => {
      const events = oldEvents(tx, { after, end: span.end, before: span.before }, countedAtOnce);
      going += goingOf(tx, events).length;
      return events;
    });
    const last = found.at(-1);
    if (last === undefined) return going;
    after = last.seq;
  }
}

function deleteSlice(tx: WriteTx, span: Span, limit: number): readonly OldEvent[] {
  const progress = readProgress(tx);
  const events = oldEvents(tx, { after: progress.done_seq, end: span.end, before: span.before }, limit);
  const last = events.at(-1);
  if (last === undefined) return events;
  const going = goingOf(tx, events);
  forgetEvents(tx, going);
  deleteEvents(
    tx,
    going.map(({ seq }) => seq),
  );
  setProgress(tx, { done_seq: last.seq, deleted: progress.deleted + going.length });
  return events;
}

function goingOf<T extends { readonly at: number; readonly isCited: number }>(tx: ReadTx, events: readonly T[]): T[] {
  const holds = holdsOnEvents(tx);
  return events.filter(
    ({ at, isCited }) => isCited === 0 && !holds.some(({ since, until }) => at >= (since ?? at) && at <= (until ?? at)),
  );
}

/** Holds of one category are about the audit log's entries. */
function holdsOnEvents(tx: ReadTx): ReturnType<typeof activeHolds> {
  return activeHolds(tx).filter(({ category }) => category === null);
}

async function nextTurn(store: Store, host: Host, signal: AbortSignal): Promise<void> {
  await store.writable();
  await host.timers.breathe();
  if (signal.aborted) throw new ProblemError('console/stopping', 'the console is stopping');
}
