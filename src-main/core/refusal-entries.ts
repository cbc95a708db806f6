// Somebody known, a user or an API key, was refused: an entry of the log. Of the same refusal within a minute the first is an entry at once
// and the others one together, so that nobody can make a durable write, or a log that grows, of each call. Strangers leave events alone.
import { problems } from '../../src-shared/contract/problems.ts';
import type { RefusedCall } from './dispatch/dispatch.ts';
import type { NewEntry } from './dispatch/performing.ts';
import { defaultWorkspace } from './feature.ts';
import type { Host } from './ports.ts';
import type { Store, WriteTx } from './store/store.ts';

export type RefusalEntries = Disposable & {
  refused(call: RefusedCall): void;
  /** Writes those that are due; all that wait where the console ends. */
  flush(scope: 'due' | 'all'): void;
};

type Known = RefusedCall & { readonly known: NonNullable<RefusedCall['known']> };
type Gathered = { readonly first: Known; calls: number };

const gatherMs = 60_000;
/** One commit; whoever is refused in more ways than this within a minute is not told of each. */
const mostWaiting = 200;

export function recordRefusals(
  host: Host,
  store: Store,
  record: (tx: WriteTx, entry: NewEntry) => void,
): RefusalEntries {
  /** By what they have in common: those to be written at the next flush, and those that follow one of this minute. */
  let due = new Map<string, Gathered>();
  let following = new Map<string, Gathered>();
  let toldOf = new Set<string>();
  let dropped = 0;

  function gather(place: Map<string, Gathered>, key: string, call: Known): void {
    const gathered = place.get(key);
    if (gathered !== undefined) gathered.calls += 1;
    else if (due.size + following.size < mostWaiting) place.set(key, { first: call, calls: 1 });
    else dropped += 1;
  }

  function flush(scope: 'due' | 'all'): void {
    const written = scope === 'all' ? [...due, ...following] : [...due];
    if (written.length === 0 || store.writesPaused()) return;
    store.write(defaultWorkspace, (tx) => {
      for (const [, gathered] of written) record(tx, entryOf(gathered));
    });
    if (dropped > 0) host.log.warn('refused calls not kept as entries', { count: dropped });
    dropped = 0;
    for (const key of due.keys()) toldOf.add(key);
    due = new Map();
    if (scope === 'all') following = new Map();
  }

  const timer = host.timers.every(gatherMs, () => {
    for (const [key, gathered] of following) due.set(key, gathered);
    // Whoever goes on is told of once a minute.
    toldOf = new Set(following.keys());
    following = new Map();
  });
  return {
    refused(call) {
      if (!isKnown(call)) return;
      const { actor } = call.known;
      const key = JSON.stringify([actor.kind, actor.id, call.origin.ip, call.operation, call.code]);
      gather(toldOf.has(key) ? following : due, key, call);
    },
    flush,
    [Symbol.dispose]: () => timer[Symbol.dispose](),
  };
}

function isKnown(call: RefusedCall): call is Known {
  return call.known !== undefined;
}

function entryOf({ first, calls }: Gathered): NewEntry {
  const { known, origin, operation, code, at } = first;
  return {
    type: 'api_call',
    action: operation,
    success: false,
    actor: known.actor,
    resource: undefined,
    origin,
    sessionId: known.sessionId,
    traceId: known.traceId,
    details: { code, status: problems[code as keyof typeof problems]?.status ?? 403, calls },
    dataAccessed: undefined,
    at,
  };
}
