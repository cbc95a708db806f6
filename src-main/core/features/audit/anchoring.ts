// All anchors together: their lanes while the store is open, their state for `audit.status`, and the first contradiction among them.
import type { Output } from '../../../../src-shared/contract/contract.ts';
import { instant } from '../../../base/instants.ts';
import { defaultWorkspace } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store, WriteTx } from '../../store/store.ts';
import type { Anchor } from './anchor.ts';
import type { AnchorFinding } from './anchor-check.ts';
import { createLane, type Lane, type Scope } from './anchor-lane.ts';
import {
  countQueued,
  dequeueAllBut,
  findAnchor,
  forgetAllBut,
  queueCheckpoint,
  saveStopped,
  stoppedSince,
} from './anchors-table.ts';
import { lastCheckpoint } from './audit-table.ts';
import type { Signer } from './checkpoints.ts';

type AnchorStatus = Output<'audit.status'>['anchors'][number];

/** At the end of the program the last checkpoint is still sent where that is quick. */
const farewellMs = 2_000;
/** After the start; a console that is stopped each evening never reaches its nightly check. */
const allOfItMs = 300_000;

export type Anchoring = {
  readonly names: readonly string[];
  /** Something was queued. */
  wake(): void;
  /** At once, for somebody who waits: asks what they hold and sends what is queued, also where it was to wait. */
  retry(): void;
  status(tx: ReadTx): AnchorStatus[];
  finding(): AnchorFinding | undefined;
  /** Works until disposed. */
  start(store: Store, signer: () => Signer, told: AnchoringTold): AnchoringWork;
};

export type AnchoringTold = {
  /** A new contradiction. */
  found(anchor: string, finding: AnchorFinding): void;
  /** Anchors that were used and are not set any more: whoever takes the witnesses away must leave a trace. */
  unset(tx: WriteTx, names: readonly string[]): void;
  stopped(tx: WriteTx, anchor: string, details: { readonly since: string; readonly why: string }): void;
  resumed(tx: WriteTx, anchor: string, since: string): void;
};

export type AnchoringWork = Disposable & {
  /** Asks back what the anchors hold, in the background; what is queued goes after it. */
  compare(scope: Scope): void;
  /** Waits a moment for what is under way. */
  drain(): Promise<void>;
};

export function createAnchoring(host: Host, anchors: readonly Anchor[]): Anchoring {
  const names = anchors.map(({ name }) => name);
  let lanes: readonly Lane[] = [];

  /** That it has stopped is an entry and an alert, and that it works again another entry. */
  function turned(store: Store, lane: Lane, told: AnchoringTold): void {
    const { failingSince, hasStopped, fault } = lane;
    const { name } = lane.anchor;
    const now = host.clock.now();
    if (failingSince !== undefined && !hasStopped) return;
    if (store.writesPaused()) return;
    try {
      store.write(defaultWorkspace, (tx) => {
        const said = stoppedSince(tx, name);
        if ((said !== undefined) === (failingSince !== undefined)) return;
        saveStopped(tx, name, failingSince);
        if (failingSince === undefined) told.resumed(tx, name, instant(said ?? now));
        else told.stopped(tx, name, { since: instant(failingSince), why: fault ?? '' });
      });
    } catch (error) {
      host.log.error('what became of an anchor could not be recorded', { anchor: name, error: String(error) });
    }
  }

  return {
    names,
    wake() {
      for (const lane of lanes) lane.wake();
    },
    retry() {
      for (const lane of lanes) lane.retry();
    },
    status: (tx) =>
      anchors.map((anchor) =>
        statusOf(
          tx,
          anchor,
          lanes.find((lane) => lane.anchor === anchor),
        ),
      ),
    finding: () => lanes.find(({ finding }) => finding !== undefined)?.finding,
    start(store, signer, told) {
      const dropped = store.write(defaultWorkspace, (tx) => {
        const size = lastCheckpoint(tx)?.size;
        // What was signed before an anchor was set is covered by the last one.
        const late = names.filter((name) => size !== undefined && (findAnchor(tx, name)?.anchored_size ?? 0) < size);
        if (size !== undefined) queueCheckpoint(tx, late, size);
        const gone = forgetAllBut(tx, names);
        if (gone.length > 0) told.unset(tx, gone);
        return dequeueAllBut(tx, names);
      });
      if (dropped > 0) host.log.warn('checkpoints waited for anchors that are not set any more', { dropped });
      const work = new DisposableStack();
      const started: Lane[] = anchors.map((anchor) => {
        const lane = createLane(anchor, {
          host,
          store,
          signer,
          found: (finding) => told.found(anchor.name, finding),
          turned: () => turned(store, lane, told),
        });
        return work.use(lane);
      });
      lanes = started;
      work.use(
        host.timers.after(allOfItMs, () => {
          for (const lane of started) lane.compare('all');
        }),
      );
      work.defer(() => {
        lanes = [];
      });
      return {
        compare(scope) {
          for (const lane of started) lane.compare(scope);
        },
        async drain() {
          const waiting = started.filter(({ fault, finding }) => fault === undefined && finding === undefined);
          if (waiting.length === 0) return;
          const over = Promise.withResolvers<void>();
          using _limit = host.timers.after(farewellMs, over.resolve);
          await Promise.race([Promise.all(waiting.map((lane) => lane.idle())), over.promise]);
        },
        [Symbol.dispose]: () => work.dispose(),
      };
    },
  };
}

function statusOf(tx: ReadTx, { name, kind }: Anchor, lane: Lane | undefined): AnchorStatus {
  const row = findAnchor(tx, name);
  const signed = lastCheckpoint(tx)?.size ?? 0;
  const anchored = row?.anchored_size ?? 0;
  return {
    name,
    kind,
    state: stateOf(lane, countQueued(tx, name)),
    anchored_size: anchored,
    behind: Math.max(0, signed - anchored),
    at: row === undefined ? null : instant(row.anchored_at),
    error: lane?.finding?.detail ?? lane?.fault ?? null,
  };
}

function stateOf(lane: Lane | undefined, queued: number): AnchorStatus['state'] {
  if (lane?.finding !== undefined) return 'contradicts';
  if (lane?.fault !== undefined) return 'failing';
  return queued > 0 ? 'waiting' : 'anchored';
}
