// One anchor's work: what it holds is asked back first, then what is queued for it is delivered, with patience and one step at a time.
// Where the two contradict each other nothing is sent there any more: what lies there is evidence.
import { consistencyProof } from '../../../../src-shared/evidence/merkle.ts';
import { nodePrimitives } from '../../../base/evidence-primitives.ts';
import { defaultWorkspace } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { Store } from '../../store/store.ts';
import { type Anchor, AnchorContradiction, type AnchoredCheckpoint, AnchorFault, type Held } from './anchor.ts';
import { type AnchorFinding, compareWith } from './anchor-check.ts';
import { countQueued, dequeue, findAnchor, nextQueued, saveAnchor, saveReceipt } from './anchors-table.ts';
import { findCheckpoint, lastCheckpoint, readNode, type StoredCheckpoint, treeSize } from './audit-table.ts';
import type { Signer } from './checkpoints.ts';

/** Over one delivery or comparison, whatever the adapter's own patience is. */
const patienceMs = 120_000;
const firstWaitMs = 2_000;
const longestWaitMs = 600_000;
/** An anchor that fails so long has stopped. */
const stoppedAfterMs = 1_800_000;
const heldAtOnce = 200;

export type Scope = 'newest' | 'all';

export type Lane = Disposable & {
  readonly anchor: Anchor;
  /** Why the last try failed; undefined while all is well. */
  readonly fault: string | undefined;
  readonly finding: AnchorFinding | undefined;
  /** Of the outage that lasts. */
  readonly failingSince: number | undefined;
  /** It has lasted for long: by timers, since clocks are set. */
  readonly hasStopped: boolean;
  /** Something was queued. */
  wake(): void;
  compare(scope: Scope): void;
  /** Somebody waits for it: at once, whatever pause it is in. */
  retry(): void;
  /** Settles when nothing can be done at the moment. */
  idle(): Promise<void>;
};

type Step = { readonly kind: 'compare' | 'deliver'; run(signal: AbortSignal): Promise<void> };

export type LaneParts = {
  readonly host: Host;
  readonly store: Store;
  /** Of now: the key may be rotated while this works. */
  signer(): Signer;
  /** Called for each new finding. */
  found(finding: AnchorFinding): void;
  /** It failed again, has stopped, or works for the first time or again. */
  turned(): void;
};

export function createLane(anchor: Anchor, { host, store, signer, found, turned }: LaneParts): Lane {
  const stopping = new AbortController();
  let wanted: Scope | undefined = 'newest';
  let running: Promise<void> | undefined;
  let again = false;
  let failures = 0;
  let fault: string | undefined;
  let failing: Step['kind'] | undefined;
  let failingSince: number | undefined;
  let hasWorked = false;
  let finding: AnchorFinding | undefined;
  /** Until it fires, nothing is tried. A clock that is set meanwhile makes the pause neither shorter nor longer. */
  let resting: Disposable | undefined;
  let stopTimer: Disposable | undefined;
  let hasStopped = false;

  function pause(ms: number): void {
    resting?.[Symbol.dispose]();
    resting = host.timers.after(ms, () => {
      resting = undefined;
      pump();
    });
  }

  function pump(): void {
    if (stopping.signal.aborted) return;
    again = true;
    running ??= work().finally(() => {
      running = undefined;
    });
  }

  async function work(): Promise<void> {
    while (again) {
      again = false;
      for (let step = nextStep(); step !== undefined; step = nextStep()) await attempt(step);
    }
  }

  function nextStep(): Step | undefined {
    if (stopping.signal.aborted || resting !== undefined) return undefined;
    const scope = wanted;
    if (scope !== undefined) return { kind: 'compare', run: (signal) => compareNow(scope, signal) };
    if (finding !== undefined) return undefined;
    const queued = store.readAll((tx) => {
      const size = nextQueued(tx, anchor.name, anchor.newestOnly);
      return size === undefined ? undefined : findCheckpoint(tx, size);
    });
    return queued && { kind: 'deliver', run: (signal) => deliver(queued, signal) };
  }

  async function attempt({ kind, run }: Step): Promise<void> {
    const limit = new AbortController();
    const signal = AbortSignal.any([stopping.signal, limit.signal]);
    const ended = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => ended.reject(new AnchorFault('no answer')));
    using _patience = host.timers.after(patienceMs, () => limit.abort());
    try {
      await Promise.race([run(signal), ended.promise]);
      worked(kind);
    } catch (error) {
      if (stopping.signal.aborted) return;
      if (error instanceof AnchorContradiction) contradicted(error);
      else failed(kind, error, limit.signal.aborted);
    }
  }

  /** A place that can be read, or that gives nothing back, may still refuse what is to be written. */
  function worked(kind: Step['kind']): void {
    if (kind === 'compare' && failing === 'deliver') return;
    if (failures > 0) host.log.info('anchor is back', { anchor: anchor.name });
    failures = 0;
    fault = undefined;
    failing = undefined;
    failingSince = undefined;
    stopTimer?.[Symbol.dispose]();
    stopTimer = undefined;
    hasStopped = false;
    // It may have stopped before this console was started. While something waits, taking it is the sign that it works.
    if (kind === 'compare' && store.readAll((tx) => countQueued(tx, anchor.name)) > 0) return;
    if (!hasWorked) turned();
    hasWorked = true;
  }

  function failed(kind: Step['kind'], error: unknown, late: boolean): void {
    // Told once an outage; how it is now stands in the status.
    if (failures === 0) host.log.warn('anchor failed', { anchor: anchor.name, error: String(error) });
    failures += 1;
    failing = kind;
    failingSince ??= host.clock.now();
    stopTimer ??= host.timers.after(stoppedAfterMs, () => {
      hasStopped = true;
      turned();
    });
    hasWorked = false;
    fault = late
      ? `no answer within ${patienceMs / 1000} s`
      : error instanceof AnchorFault
        ? error.message
        : 'it failed; see the log';
    const wait = Math.min(firstWaitMs * 2 ** Math.min(failures - 1, 20), longestWaitMs);
    pause(wait / 2 + (wait / 2) * ((host.random.bytes(1)[0] ?? 0) / 256));
    turned();
  }

  function contradicted({ message, heldSize }: AnchorContradiction): void {
    const size = store.readAll(treeSize);
    const firstBadSeq = heldSize !== undefined && heldSize > size ? size + 1 : null;
    report({ detail: message, firstBadSeq }, wanted ?? 'newest');
  }

  function report(next: AnchorFinding, foundBy: Scope): void {
    const isNew = finding?.detail !== next.detail;
    finding = next;
    // Asked again, and as thoroughly: somebody may put it right, by a new file or by the store that belongs here.
    wanted = foundBy;
    pause(longestWaitMs);
    if (isNew) found(next);
  }

  async function deliver(queued: StoredCheckpoint, signal: AbortSignal): Promise<void> {
    const { name } = anchor;
    const row = store.readAll((tx) => findAnchor(tx, name));
    const receipt = await anchor.publish(toAnchor(queued), row?.memo ?? undefined, signal);
    await store.writable();
    if (signal.aborted) return;
    const now = host.clock.now();
    // A kill before this leaves it queued: it is sent once more, and every anchor takes the same one twice.
    store.write(defaultWorkspace, (tx) => {
      dequeue(tx, name, queued.size);
      const anchored_size = Math.max(queued.size, row?.anchored_size ?? 0);
      saveAnchor(tx, { name, anchored_size, anchored_at: now, memo: receipt.memo ?? null });
      const { cosignatures = null, timeStamp = null } = receipt;
      if (cosignatures === null && timeStamp === null) return;
      saveReceipt(tx, { anchor: name, size: queued.size, received_at: now, cosignatures, time_stamp: timeStamp });
    });
    if (anchor.everyMs > 0) pause(anchor.everyMs);
  }

  async function compareNow(scope: Scope, signal: AbortSignal): Promise<void> {
    const { latest, row } = store.readAll((tx) => ({ latest: lastCheckpoint(tx), row: findAnchor(tx, anchor.name) }));
    const next = latest === undefined ? undefined : await ask(scope, latest, row?.memo ?? undefined, signal);
    if (signal.aborted) return;
    // All of it may have been asked for in the meantime.
    if (wanted === scope) wanted = undefined;
    if (next !== undefined) report(next, scope);
    else finding = undefined;
  }

  async function ask(
    scope: Scope,
    latest: StoredCheckpoint,
    memo: string | undefined,
    signal: AbortSignal,
  ): Promise<AnchorFinding | undefined> {
    if (anchor.held === undefined) return undefined;
    const comparison = compareWith(anchor.name, signer());
    let batch: Held[] = [];
    const take = (): void => {
      store.readAll((tx) => {
        for (const held of batch) comparison.take(tx, held);
      });
      batch = [];
    };
    for await (const held of anchor.held(scope, toAnchor(latest), memo, signal)) {
      if (signal.aborted) return undefined;
      if (batch.push(held) < heldAtOnce) continue;
      take();
      await host.timers.breathe();
    }
    if (signal.aborted) return undefined;
    take();
    return store.readAll((tx) => comparison.conclude(tx));
  }

  function toAnchor({ size, root, note }: StoredCheckpoint): AnchoredCheckpoint {
    return {
      origin: signer().origin,
      size,
      root,
      note,
      proof(fromSize) {
        if (fromSize === 0) return [];
        return store.readAll((tx) =>
          consistencyProof(nodePrimitives, fromSize, size, (level, index) => readNode(tx, level, index)),
        );
      },
    };
  }

  const lastAt = store.readAll((tx) => findAnchor(tx, anchor.name))?.anchored_at;
  const rest = lastAt === undefined ? 0 : lastAt + anchor.everyMs - host.clock.now();
  if (rest > 0) pause(Math.min(rest, anchor.everyMs));

  return {
    anchor,
    get fault() {
      return fault;
    },
    get finding() {
      return finding;
    },
    get failingSince() {
      return failingSince;
    },
    get hasStopped() {
      return hasStopped;
    },
    wake: pump,
    compare(scope) {
      if (wanted !== 'all') wanted = scope;
      pump();
    },
    retry() {
      resting?.[Symbol.dispose]();
      resting = undefined;
      wanted ??= 'newest';
      pump();
    },
    async idle() {
      await running;
    },
    [Symbol.dispose]() {
      resting?.[Symbol.dispose]();
      stopTimer?.[Symbol.dispose]();
      stopping.abort();
    },
  };
}
