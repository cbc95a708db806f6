// All mirrors together: their lanes while the store is open, their positions in the store, and what is recorded when one stops.
import type { MirrorStatus, MirrorStream } from '../../../../src-shared/contract/mirrors.ts';
import { instant } from '../../../base/instants.ts';
import { defaultWorkspace } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store, WriteTx } from '../../store/store.ts';
import type { Mirror } from './mirror.ts';
import { createMirrorLane, laggingMs, type MirrorLane, type Progress } from './mirror-lane.ts';
import {
  forgetAllBut,
  forgetStreams,
  keepMirror,
  positionsOf,
  savePosition,
  setStopped,
  stoppedAt,
} from './mirrors-table.ts';
import type { MirrorSources } from './streams.ts';

/** Positions are written at most so often: a kill in between repeats what went out since. */
const saveAfterMs = 1_000;
/** At the end of the program what is new still goes out where that is quick. */
const farewellMs = 2_000;

export type MirroringParts = {
  readonly host: Host;
  readonly mirrors: readonly Mirror[];
  readonly sources: MirrorSources;
  /** Each is an entry. */
  stopped(
    tx: WriteTx,
    mirror: string,
    details: { readonly since: string; readonly behind: number; readonly why: string },
  ): void;
  resumed(tx: WriteTx, mirror: string, since: string): void;
  unset(tx: WriteTx, mirrors: readonly string[]): void;
};

export type Mirroring = {
  /** There is something new in these streams. */
  wake(streams: readonly MirrorStream[]): void;
  /** @returns how many were failing */
  retry(): number;
  status(tx: ReadTx): MirrorStatus[];
  start(store: Store): MirroringWork;
};

export type MirroringWork = Disposable & {
  /** Sends what is there, and waits a moment for it. */
  finish(): Promise<void>;
};

export function createMirroring(parts: MirroringParts): Mirroring {
  const { host, mirrors, sources } = parts;
  let lanes: readonly MirrorLane[] = [];

  function open(tx: WriteTx, mirror: Mirror): Map<MirrorStream, Progress> {
    keepMirror(tx, mirror.name);
    forgetStreams(tx, mirror.name, mirror.streams);
    const rows = new Map(positionsOf(tx, mirror.name).map((row) => [row.stream, row]));
    return new Map(
      mirror.streams.map((stream) => {
        const row = rows.get(stream);
        const start = sources[stream].start(tx);
        if (row === undefined) {
          savePosition(tx, { mirror: mirror.name, stream, position: start, rejected: 0, at: null });
          return [stream, { kept: start, sent: start, rejected: 0, at: null }];
        }
        // Beyond the end only where the store was put back by hand: what comes now is new.
        const kept = Math.min(row.position, sources[stream].end(tx));
        return [stream, { kept, sent: kept, rejected: row.rejected, at: row.at }];
      }),
    );
  }

  return {
    wake(streams) {
      for (const lane of lanes) if (lane.mirror.streams.some((stream) => streams.includes(stream))) lane.wake();
    },
    retry() {
      const failing = lanes.filter(({ fault }) => fault !== undefined);
      for (const lane of failing) lane.retry();
      return failing.length;
    },
    status: (tx) => lanes.map((lane) => statusOf(tx, lane, sources, host.clock.now())),
    start(store) {
      const positions = store.write(defaultWorkspace, (tx) => {
        const gone = forgetAllBut(
          tx,
          mirrors.map(({ name }) => name),
        );
        // Whoever takes the copies away must leave a trace.
        if (gone.length > 0) parts.unset(tx, gone);
        return mirrors.map((mirror) => open(tx, mirror));
      });
      let saving: Disposable | undefined;
      let savedAt = 0;
      let closed = false;

      function moved(): void {
        const rest = Math.min(saveAfterMs, savedAt + saveAfterMs - host.clock.now());
        if (!closed) saving ??= host.timers.after(Math.max(0, rest), save);
      }

      // Called by a timer and while stopping: a full disk must end neither the process nor the stopping.
      function save(): void {
        saving?.[Symbol.dispose]();
        saving = undefined;
        savedAt = host.clock.now();
        if (store.writesPaused()) {
          moved();
          return;
        }
        try {
          store.write(defaultWorkspace, (tx) => {
            for (const { mirror, progress } of started) {
              for (const [stream, { kept, rejected, at }] of progress) {
                savePosition(tx, { mirror: mirror.name, stream, position: kept, rejected, at });
              }
            }
          });
        } catch (error) {
          host.log.error('positions of mirrors could not be written', { error: String(error) });
          saving = host.timers.after(saveAfterMs * 5, save);
        }
      }

      /** That it has stopped is an entry and an alert, and that it works again another entry. */
      function turned(lane: MirrorLane): void {
        const now = host.clock.now();
        const { name } = lane.mirror;
        if (lane.failingSince !== undefined && !lane.hasStopped) return;
        if (store.writesPaused()) return;
        try {
          store.write(defaultWorkspace, (tx) => {
            const said = stoppedAt(tx, name);
            if ((said !== undefined) === (lane.failingSince !== undefined)) return;
            setStopped(tx, name, lane.failingSince ?? null);
            if (lane.failingSince === undefined) parts.resumed(tx, name, instant(said ?? now));
            else {
              const since = instant(lane.failingSince);
              parts.stopped(tx, name, { since, behind: behindOf(tx, lane, sources), why: lane.fault ?? '' });
            }
          });
        } catch (error) {
          host.log.error('what became of a mirror could not be recorded', { mirror: name, error: String(error) });
        }
      }

      const work = new DisposableStack();
      const started: MirrorLane[] = mirrors.map((mirror, index) => {
        const lane = createMirrorLane(mirror, {
          host,
          store,
          sources,
          positions: positions[index] ?? new Map(),
          moved,
          turned: () => turned(lane),
        });
        return work.use(lane);
      });
      lanes = started;
      return {
        async finish() {
          const over = Promise.withResolvers<void>();
          using _limit = host.timers.after(farewellMs, over.resolve);
          const waiting = started.filter(({ fault }) => fault === undefined);
          await Promise.race([Promise.all(waiting.map((lane) => lane.drain())), over.promise]);
          save();
        },
        [Symbol.dispose]() {
          closed = true;
          lanes = [];
          saving?.[Symbol.dispose]();
          work.dispose();
        },
      };
    },
  };
}

function behindOf(tx: ReadTx, { progress }: MirrorLane, sources: MirrorSources): number {
  let behind = 0;
  for (const [stream, { kept }] of progress) behind += Math.max(0, sources[stream].end(tx) - kept);
  return behind;
}

function statusOf(tx: ReadTx, lane: MirrorLane, sources: MirrorSources, now: number): MirrorStatus {
  const { mirror, progress, failingSince, fault } = lane;
  const last = Math.max(0, ...[...progress.values()].map(({ at }) => at ?? 0));
  return {
    name: mirror.name,
    kind: mirror.kind,
    format: mirror.format,
    encrypted: mirror.encrypted,
    state: stateOf(lane, behindOf(tx, lane, sources), now),
    streams: [...progress].map(([stream, { kept, rejected }]) => ({
      stream,
      position: kept,
      behind: Math.max(0, sources[stream].end(tx) - kept),
      rejected,
    })),
    last_at: last === 0 ? null : instant(last),
    failing_since: failingSince === undefined ? null : instant(failingSince),
    error: fault ?? null,
  };
}

function stateOf(lane: MirrorLane, behind: number, now: number): MirrorStatus['state'] {
  if (lane.fault !== undefined) return 'failing';
  if (behind === 0) return 'well';
  return now - lane.caughtUpAt > laggingMs ? 'lagging' : 'sending';
}
