// Retention as a feature: its table with what a run would delete, legal holds, runs by hand and by night. What a run does to entries is
// pruning.ts of the audit log, what it does to events is events.ts.
import type { Output } from '../../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { retentionOperations } from '../../../../src-shared/contract/retention.ts';
import { uuidV7 } from '../../../base/ids.ts';
import { instant } from '../../../base/instants.ts';
import type { Call, Handlers } from '../../dispatch/handler.ts';
import type { NewEntry } from '../../dispatch/performing.ts';
import { actorOf } from '../../dispatch/principal.ts';
import type { Feature } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { Settings } from '../../settings.ts';
import type { Store, WriteTx } from '../../store/store.ts';
import { systemEntry } from '../../system-entries.ts';
import {
  activeHolds,
  countPruned,
  type Hold,
  insertHold,
  previewPruning,
  prune,
  type RetentionDays,
  releaseHold,
  resumePruning,
} from '../audit/index.ts';
import { watchDisk } from './disk-watch.ts';
import { lookAnew, previewEvents, pruneEvents } from './events.ts';
import { retentionMigrations } from './migrations.ts';

/** Some milliseconds' work. */
const pagesAtOnce = 200;
const nightlyMs = 24 * 3_600_000;
/** After the start: a run that was cut short is finished, and one that is due is not put off for a day. */
const firstMs = 600_000;

type Deleted = Output<'retention.run'>;

export type RetentionParts = {
  readonly host: Host;
  readonly settings: Settings['retention'];
  /** Where the store lies; null where the file system doesn't say. */
  freeBytes(): number | null;
  store(): Store;
  record(tx: WriteTx, entry: NewEntry): void;
};

export function createRetention(parts: RetentionParts): { readonly feature: Feature; start(): Disposable } {
  const { host, settings } = parts;
  const isAutomatic = settings.auto_delete_expired;
  const days: RetentionDays = {
    pii: settings.pii_days,
    security_events: settings.security_events_days,
    api_calls: settings.api_calls_days,
    tool_executions: settings.tool_executions_days,
    credential_access: settings.credential_access_days,
    compliance: settings.compliance_days,
  };
  const stopping = new AbortController();
  let nextRunAt: number | undefined;
  let running: Promise<Deleted> | undefined;

  /** One at a time; whoever comes meanwhile gets the same result. */
  function run(cause: Omit<NewEntry, 'details'>): Promise<Deleted> {
    running ??= deleteExpired(cause).finally(() => {
      running = undefined;
    });
    return running;
  }

  async function deleteExpired(cause: Omit<NewEntry, 'details'>): Promise<Deleted> {
    const store = parts.store();
    const record = (tx: WriteTx, details: Record<string, unknown>): void =>
      parts.record(tx, { ...cause, at: host.clock.now(), details });
    const deleted = await prune(store, { host, days, record }, stopping.signal);
    const events = await pruneEvents(store, { host, days: settings.events_days, record }, stopping.signal);
    if (deleted + events > 0) await giveSpaceBack(store);
    return { deleted, events_deleted: events };
  }

  async function giveSpaceBack(store: Store): Promise<void> {
    do {
      await store.writable();
      await host.timers.breathe();
      if (stopping.signal.aborted) return;
    } while (store.giveBack(pagesAtOnce) > 0);
    // Nor does a copy of what was deleted stay in the write-ahead log.
    store.checkpoint();
  }

  function nightly(): void {
    nextRunAt = host.clock.now() + nightlyMs;
    const store = parts.store();
    if (store.writesPaused()) return;
    const work = isAutomatic
      ? run(systemEntry('retention_run', 'retention.nightly', host.clock.now(), {}))
      : resumePruning(store, host, stopping.signal);
    work.catch((error: unknown) => {
      if (!stopping.signal.aborted) host.log.error('what is expired could not be deleted', { error: String(error) });
    });
  }

  const handlers: Handlers<typeof retentionOperations> = {
    'retention.status': (tx) => ({
      auto_delete_expired: isAutomatic,
      categories: previewPruning(tx, days, host.clock.now()),
      events: previewEvents(tx, settings.events_days, host.clock.now()),
      next_run_at: isAutomatic && nextRunAt !== undefined ? instant(nextRunAt) : null,
      pruned: countPruned(tx.everywhere),
      holds: activeHolds(tx).map(presentHold),
    }),
    async 'retention.run'(call) {
      // Each run writes its own entry, before anything is deleted.
      call.entry.type = null;
      return run(causeOf(call));
    },
    'retention.hold'(tx, call, { label, category, since, until }) {
      const hold: Hold = {
        id: uuidV7(call.now, host.random.bytes(10)),
        label,
        category: category ?? null,
        since: since === undefined ? null : Date.parse(since),
        until: until === undefined ? null : Date.parse(until),
        placed_at: call.now,
        placed_by: actorOf(call.principal).name,
      };
      if (hold.since !== null && hold.until !== null && hold.since > hold.until)
        throw new ProblemError('request/invalid', 'until: expected a time after since');
      insertHold(tx, hold);
      call.entry.resource = { type: 'legal_hold', id: hold.id };
      call.entry.details = {
        action: 'place',
        label,
        category: hold.category,
        since: since ?? null,
        until: until ?? null,
      };
      return presentHold(hold);
    },
    'retention.release'(tx, call, { id }) {
      const label = releaseHold(tx, id, call.now);
      if (label === undefined) throw new ProblemError('retention/not-found', 'there is no such legal hold');
      lookAnew(tx);
      call.entry.resource = { type: 'legal_hold', id };
      call.entry.details = { action: 'release', label };
      return { ok: true };
    },
  };

  return {
    feature: { name: 'retention', migrations: retentionMigrations, scopedTables: ['event_retention'], handlers },
    start() {
      const work = new DisposableStack();
      work.defer(() => stopping.abort());
      work.use(
        watchDisk({
          host,
          limitMib: settings.low_disk_mib,
          freeBytes: parts.freeBytes,
          store: parts.store,
          record: (tx, details) =>
            parts.record(tx, {
              ...systemEntry('disk_low', 'retention.disk', host.clock.now(), details),
              success: false,
            }),
        }),
      );
      nextRunAt = host.clock.now() + firstMs;
      work.use(host.timers.after(firstMs, nightly));
      work.use(host.timers.every(nightlyMs, nightly));
      return work;
    },
  };
}

function causeOf(call: Call): Omit<NewEntry, 'details'> {
  return {
    type: 'retention_run',
    action: 'retention.run',
    success: true,
    actor: actorOf(call.principal),
    resource: undefined,
    origin: call.origin,
    sessionId: call.principal.kind === 'user' ? call.principal.sessionId : null,
    traceId: call.traceId,
    dataAccessed: undefined,
    at: call.now,
  };
}

function presentHold(hold: Hold): Output<'retention.hold'> {
  const { id, label, since, until, placed_at, placed_by } = hold;
  return {
    id,
    label,
    category: hold.category as Output<'retention.hold'>['category'],
    since: since === null ? null : instant(since),
    until: until === null ? null : instant(until),
    placed_at: instant(placed_at),
    placed_by,
  };
}
