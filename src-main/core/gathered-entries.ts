// Entries of calls that leave no trace of their own in the store: searches, and refusals of somebody known. Of the same kind within a minute
// the first is an entry at once and the others one together, so that nobody can make a durable write, or a log that grows, of each call.
// What waits is in memory: a process that is killed loses what came within the last flush, and the counts of at most a minute.
import type { NewEntry } from './dispatch/performing.ts';
import { defaultWorkspace } from './feature.ts';
import type { Host } from './ports.ts';
import type { Store, WriteTx } from './store/store.ts';

export type GatheredEntries = Disposable & {
  /**
   * @param kind what calls of one kind have in common
   * @param entry of the first of them, when it is known how many there were
   */
  add(kind: string, entry: (calls: number) => NewEntry): void;
  /** Writes those that are due; all that wait where the console ends. Where writing is paused they wait on. */
  flush(scope: 'due' | 'all'): void;
};

type Gathered = { readonly entry: (calls: number) => NewEntry; calls: number };

const gatherMs = 60_000;
/** One commit; whoever calls in more ways than this within a minute leaves no entry for each. */
const mostWaiting = 200;

export function gatherEntries(
  host: Host,
  store: () => Store,
  record: (tx: WriteTx, entry: NewEntry) => void,
): GatheredEntries {
  /** By kind: those to be written at the next flush, and those that follow one of this minute. */
  let due = new Map<string, Gathered>();
  let following = new Map<string, Gathered>();
  let toldOf = new Set<string>();
  let dropped = 0;

  function gather(place: Map<string, Gathered>, kind: string, entry: Gathered['entry']): void {
    const gathered = place.get(kind);
    if (gathered !== undefined) gathered.calls += 1;
    else if (due.size + following.size < mostWaiting) place.set(kind, { entry, calls: 1 });
    else dropped += 1;
  }

  const timer = host.timers.every(gatherMs, () => {
    for (const [kind, gathered] of following) due.set(kind, gathered);
    // Whoever goes on is told of once a minute.
    toldOf = new Set(following.keys());
    following = new Map();
  });
  return {
    add: (kind, entry) => gather(toldOf.has(kind) ? following : due, kind, entry),
    flush(scope) {
      const written = scope === 'all' ? [...due, ...following] : [...due];
      if (written.length === 0 || store().writesPaused()) return;
      store().write(defaultWorkspace, (tx) => {
        for (const [, { entry, calls }] of written) record(tx, entry(calls));
      });
      if (dropped > 0) host.log.warn('calls not kept as entries', { count: dropped });
      dropped = 0;
      for (const kind of due.keys()) toldOf.add(kind);
      due = new Map();
      if (scope === 'all') following = new Map();
    },
    [Symbol.dispose]: () => timer[Symbol.dispose](),
  };
}
