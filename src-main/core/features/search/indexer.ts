// Fills the index, in slices that each commit by themselves: new events as they come, and those from before the index was there, latest
// first. The same work goes on after a crash, from where the last slice ended that reached the disk.

import { defaultWorkspace } from '../../feature.ts';
import { createSliceSize } from '../../pace.ts';
import type { Host } from '../../ports.ts';
import type { Store, WriteTx } from '../../store/store.ts';
import { eventsNumbered, lastNumber, type NumberedEvent } from '../events/index.ts';
import { type IndexState, insertTerms, mergeTerms, readIndex, secondOf, setIndex } from './index-table.ts';
import { termsOf } from './index-terms.ts';

/** Between these a slice has as many events as take the time of a turn. */
const fewestEvents = 16;
const mostEvents = 250;
const sliceCharacters = 256 * 1024;
/** More than a slice makes necessary; well below a turn's time. */
const pagesMerged = 64;
const lookEveryMs = 500;

export type Indexer = {
  /** Looks for new events from time to time. */
  start(): Disposable;
  /**
   * Settles when the events that are stored now can be found; at once while writes are paused or fail, and then the latest can't.
   * @returns how many can't
   */
  caughtUp(): Promise<number>;
};

export function createIndexer(host: Host, store: () => Store): Indexer {
  const sliceSize = createSliceSize(fewestEvents, mostEvents);
  let working: Promise<void> | undefined;
  let stopped = false;

  /** One at a time; whoever comes meanwhile waits for the same. */
  function work(): Promise<void> {
    working ??= fill().finally(() => {
      working = undefined;
    });
    return working;
  }

  async function fill(): Promise<void> {
    while (!stopped && !store().writesPaused() && step()) {
      await host.timers.breathe();
      if (stopped || store().writesPaused()) return;
      store().write(defaultWorkspace, merge, 'later');
      await host.timers.breathe();
    }
  }

  /** @returns false when there was nothing to do. */
  function step(): boolean {
    const { state, last } = store().readAll((tx) => ({ state: readIndex(tx), last: lastNumber(tx) }));
    if (state.high <= last) store().write(defaultWorkspace, (tx) => forward(tx, state), 'later');
    else if (state.low > 1) store().write(defaultWorkspace, (tx) => backward(tx, state), 'later');
    else return false;
    if (state.low > 1 && state.low <= mostEvents) host.log.info('all events are in the index');
    return true;
  }

  function merge(tx: WriteTx): void {
    mergeTerms(tx, pagesMerged);
  }

  function forward(tx: WriteTx, state: IndexState): void {
    const events = eventsNumbered(tx, { from: state.high, limit: sliceSize.now(), order: 'up' });
    const taken = insert(tx, events);
    setIndex(tx, { ...state, high: (taken.last?.seq ?? state.high) + 1, cut: state.cut + taken.cut });
  }

  function backward(tx: WriteTx, state: IndexState): void {
    const events = eventsNumbered(tx, { from: state.low - 1, limit: sliceSize.now(), order: 'down' });
    const taken = insert(tx, events);
    setIndex(tx, { ...state, low: taken.last?.seq ?? 1, cut: state.cut + taken.cut });
  }

  function insert(tx: WriteTx, events: readonly NumberedEvent[]): { last: NumberedEvent | undefined; cut: number } {
    const started = host.stopwatch.worked();
    let characters = 0;
    let cut = 0;
    const rows: { second: number; seq: number; text: string }[] = [];
    let last: NumberedEvent | undefined;
    for (const event of events) {
      if (characters > sliceCharacters) break;
      characters += event.record.length;
      const record = JSON.parse(event.record) as Record<string, unknown>;
      const { text, isCut } = termsOf({ ...record, format: event.format }, event.workspace);
      if (isCut) cut += 1;
      rows.push({ second: secondOf(event.at), seq: event.seq, text });
      last = event;
    }
    // FTS5 begins a new segment wherever the order of a transaction's rows goes back.
    rows.sort((a, b) => a.second - b.second || a.seq - b.seq);
    for (const { text, ...place } of rows) insertTerms(tx, place, text);
    sliceSize.took(rows.length, host.stopwatch.worked() - started);
    return { last, cut };
  }

  return {
    async caughtUp() {
      const target = store().readAll(lastNumber);
      while (!stopped && !store().writesPaused()) {
        if (store().readAll(readIndex).high > target) return 0;
        // The latest events only, not all that was there before the index.
        try {
          store().write(defaultWorkspace, (tx) => forward(tx, readIndex(tx)), 'later');
          await host.timers.breathe();
          if (stopped || store().writesPaused()) break;
          store().write(defaultWorkspace, merge, 'later');
        } catch (error) {
          // A full disk must not keep anybody from reading what the index has; answers say how many events it lacks.
          host.log.error('the index of the events could not be filled', { error: String(error) });
          break;
        }
        await host.timers.breathe();
      }
      return Math.max(0, target + 1 - store().readAll(readIndex).high);
    },
    start() {
      const timer = host.timers.every(lookEveryMs, () => {
        work().catch((error: unknown) => {
          // A console that is stopped meanwhile just leaves this undone.
          if (!stopped) host.log.error('the index of the events could not be filled', { error: String(error) });
        });
      });
      return {
        [Symbol.dispose]() {
          stopped = true;
          timer[Symbol.dispose]();
        },
      };
    },
  };
}
