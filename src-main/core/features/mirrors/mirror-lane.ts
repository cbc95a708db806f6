// One mirror's work: what its streams hold beyond its position is sent, batch by batch, and the position moves when it has arrived. The
// streams' own tables are what waits for it, so an outage of any length costs neither memory nor entries.
import type { MirrorStream } from '../../../../src-shared/contract/mirrors.ts';
import type { Host } from '../../ports.ts';
import type { Store } from '../../store/store.ts';
import { type Mirror, MirrorFault, type MirrorRecord } from './mirror.ts';
import type { MirrorSources } from './streams.ts';

/** Over one batch, whatever the adapter's own patience is. */
const patienceMs = 60_000;
const firstWaitMs = 1_000;
const longestWaitMs = 60_000;
/** At most so long is honoured what a receiver asks for. */
const longestAskedMs = 600_000;
const batchRecords = 200;
/** What follows something that was just sent goes out together: a batch for each entry would cost as much as the entry itself. */
const gatherMs = 100;
/** Rendering them must not hold anybody up for long. */
const batchCharacters = 1 << 19;
/** What was handed over is confirmed so soon after the first of it. */
const confirmAfterMs = 5_000;
export const laggingMs = 300_000;
/** A mirror that fails so long has stopped. */
const stoppedAfterMs = 300_000;

/** How far one stream is: `kept` there for certain, and `sent` but not confirmed. */
export type Progress = { kept: number; sent: number; rejected: number; at: number | null };

export type MirrorLane = Disposable & {
  readonly mirror: Mirror;
  readonly progress: ReadonlyMap<MirrorStream, Readonly<Progress>>;
  /** Why the last try failed; undefined while all is well. */
  readonly fault: string | undefined;
  readonly failingSince: number | undefined;
  /** It has failed for long: by timers, since clocks are set. */
  readonly hasStopped: boolean;
  /** When it last had everything. */
  readonly caughtUpAt: number;
  /** There is something new. */
  wake(): void;
  /** At once, whatever pause it is in. */
  retry(): void;
  /** Sends and confirms what it can; settles when nothing can be done at the moment. */
  drain(): Promise<void>;
};

export type MirrorLaneParts = {
  readonly host: Host;
  readonly store: Store;
  readonly sources: MirrorSources;
  /** As the store has it. */
  readonly positions: ReadonlyMap<MirrorStream, Progress>;
  /** `progress` moved. */
  moved(): void;
  /** It failed again, has stopped, or works for the first time or again. */
  turned(): void;
};

type Batch = { readonly stream: MirrorStream; readonly records: readonly MirrorRecord[]; readonly through: number };

export function createMirrorLane(mirror: Mirror, parts: MirrorLaneParts): MirrorLane {
  const { host, store, sources } = parts;
  const stopping = new AbortController();
  const progress = new Map(parts.positions);
  let resumed = mirror.last === undefined;
  let running: Promise<void> | undefined;
  let again = false;
  let failures = 0;
  let hasWorked = false;
  let fault: string | undefined;
  let failingSince: number | undefined;
  let caughtUpAt = host.clock.now();
  let hasStopped = false;
  let stopTimer: Disposable | undefined;
  let begunAt = Number.NEGATIVE_INFINITY;
  /** Until it fires, nothing is tried. A clock that is set meanwhile makes the pause neither shorter nor longer. */
  let resting: Disposable | undefined;
  let gatherTimer: Disposable | undefined;
  let confirmTimer: Disposable | undefined;
  let confirmWanted = false;

  function wake(): void {
    const rest = begunAt + gatherMs - host.clock.now();
    // A clock that was set back must not hold it up either.
    if (rest <= 0 || rest > gatherMs) pump();
    else gatherTimer ??= host.timers.after(rest, pump);
  }

  function pump(): void {
    gatherTimer?.[Symbol.dispose]();
    gatherTimer = undefined;
    if (stopping.signal.aborted) return;
    again = true;
    // Until now there was nothing to do: it is not behind since when that began.
    if (running === undefined && fault === undefined) caughtUpAt = host.clock.now();
    running ??= work().finally(() => {
      running = undefined;
    });
  }

  async function work(): Promise<void> {
    begunAt = host.clock.now();
    // Whoever woke us is in the middle of answering somebody.
    await host.timers.breathe();
    while (again && !stopping.signal.aborted) {
      again = false;
      if (resting !== undefined) return;
      try {
        const wasAsked = !resumed;
        if (wasAsked) await within(resume);
        await sendAll();
        // What was to be sent may have lain there all along: then its answer alone says that it works.
        if (wasAsked) worked();
        if (confirmWanted && isUnconfirmed()) await within(confirm);
      } catch (error) {
        if (!stopping.signal.aborted) failed(error);
      }
    }
  }

  async function sendAll(): Promise<void> {
    for (;;) {
      if (stopping.signal.aborted) return;
      const batch = nextBatch();
      if (batch === undefined) {
        caughtUpAt = host.clock.now();
        return;
      }
      await within((signal) => deliver(batch, signal));
      if (confirmWanted && isUnconfirmed()) await within(confirm);
      await host.timers.breathe();
    }
  }

  async function within(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const limit = new AbortController();
    const signal = AbortSignal.any([stopping.signal, limit.signal]);
    const ended = Promise.withResolvers<never>();
    const end = (): void => ended.reject(new MirrorFault(`no answer within ${patienceMs / 1000} s`));
    signal.addEventListener('abort', end, { once: true });
    using _patience = host.timers.after(patienceMs, () => limit.abort());
    try {
      await Promise.race([run(signal), ended.promise]);
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  function nextBatch(): Batch | undefined {
    return store.readAll((tx) => {
      for (const stream of mirror.streams) {
        const at = placeOf(stream);
        const { items, through } = sources[stream].read(tx, at.sent, batchRecords);
        const records: MirrorRecord[] = [];
        let characters = 0;
        for (const { line, ...item } of items) {
          const text = line(mirror.format);
          records.push({ ...item, stream, line: text });
          characters += text.length;
          if (characters >= batchCharacters) break;
        }
        const last = records.at(-1);
        const end = records.length < items.length && last !== undefined ? last.seq : through;
        if (records.length > 0) return { stream, records, through: end };
        // Nothing of it is for this stream: it need not be looked at again.
        if (end > at.sent) passOver(stream, end);
      }
      return undefined;
    });
  }

  function passOver(stream: MirrorStream, through: number): void {
    const at = placeOf(stream);
    if (at.kept === at.sent) at.kept = through;
    at.sent = through;
    parts.moved();
  }

  async function deliver({ stream, records, through }: Batch, signal: AbortSignal): Promise<void> {
    const rejected = await mirror.send(records, signal);
    if (signal.aborted) return;
    const at = placeOf(stream);
    at.sent = through;
    at.rejected += rejected;
    if (rejected > 0) host.log.warn('a mirror refused records', { mirror: mirror.name, stream, count: rejected });
    if (mirror.confirm === undefined) {
      arrived(at);
      worked();
      return;
    }
    confirmTimer ??= host.timers.after(confirmAfterMs, () => {
      confirmTimer = undefined;
      confirmWanted = true;
      pump();
    });
  }

  async function confirm(signal: AbortSignal): Promise<void> {
    await mirror.confirm?.(signal);
    if (signal.aborted) return;
    confirmWanted = false;
    confirmTimer?.[Symbol.dispose]();
    confirmTimer = undefined;
    for (const at of progress.values()) if (at.kept < at.sent) arrived(at);
    worked();
  }

  function arrived(at: Progress): void {
    at.kept = at.sent;
    at.at = host.clock.now();
    parts.moved();
  }

  function worked(): void {
    // It may have stopped before this console was started.
    if (fault === undefined && hasWorked) return;
    hasWorked = true;
    if (fault !== undefined) host.log.info('mirror is back', { mirror: mirror.name });
    failures = 0;
    fault = undefined;
    failingSince = undefined;
    stopTimer?.[Symbol.dispose]();
    stopTimer = undefined;
    hasStopped = false;
    parts.turned();
  }

  function failed(error: unknown): void {
    mirror.close();
    // What was handed over and not confirmed may have been lost with the connection.
    for (const at of progress.values()) at.sent = at.kept;
    // Some of a batch may lie there all the same.
    resumed = mirror.last === undefined;
    confirmTimer?.[Symbol.dispose]();
    confirmTimer = undefined;
    confirmWanted = false;
    if (failures === 0) host.log.warn('mirror failed', { mirror: mirror.name, error: String(error) });
    failures += 1;
    failingSince ??= host.clock.now();
    stopTimer ??= host.timers.after(stoppedAfterMs, () => {
      hasStopped = true;
      parts.turned();
    });
    fault = error instanceof MirrorFault ? error.message : 'it failed; see logs/server.log';
    const wait = Math.min(firstWaitMs * 2 ** Math.min(failures - 1, 20), longestWaitMs);
    const asked = error instanceof MirrorFault ? Math.min(error.retryAfterMs ?? 0, longestAskedMs) : 0;
    pause(Math.max(asked, wait / 2 + (wait / 2) * ((host.random.bytes(1)[0] ?? 0) / 256)));
    parts.turned();
  }

  function pause(ms: number): void {
    resting?.[Symbol.dispose]();
    resting = host.timers.after(ms, () => {
      resting = undefined;
      pump();
    });
  }

  /** The place itself knows best what it has: nothing comes twice after a kill, and what was taken away there comes again. */
  async function resume(): Promise<void> {
    const last = await mirror.last?.();
    const [stream] = mirror.streams;
    resumed = true;
    if (last === undefined || stream === undefined) return;
    // Another entry under that number: a backup was restored, and the place goes on from where the store is.
    if (!store.readAll((tx) => sources[stream].holds(tx, last))) return;
    const at = placeOf(stream);
    if (at.kept === last.seq) return;
    at.kept = last.seq;
    at.sent = last.seq;
    parts.moved();
  }

  function placeOf(stream: MirrorStream): Progress {
    const found = progress.get(stream);
    if (found === undefined) throw new Error(`the mirror ${mirror.name} has no position in ${stream}`);
    return found;
  }

  function isUnconfirmed(): boolean {
    return [...progress.values()].some(({ kept, sent }) => kept < sent);
  }

  pump();
  return {
    mirror,
    progress,
    get fault() {
      return fault;
    },
    get failingSince() {
      return failingSince;
    },
    get hasStopped() {
      return hasStopped;
    },
    get caughtUpAt() {
      return caughtUpAt;
    },
    wake,
    retry() {
      resting?.[Symbol.dispose]();
      resting = undefined;
      pump();
    },
    async drain() {
      confirmWanted = true;
      pump();
      await running;
    },
    [Symbol.dispose]() {
      stopping.abort();
      resting?.[Symbol.dispose]();
      stopTimer?.[Symbol.dispose]();
      gatherTimer?.[Symbol.dispose]();
      confirmTimer?.[Symbol.dispose]();
      mirror.close();
    },
  };
}
