// Reminders: what is due for rotation, about to expire or expired becomes an event of the console, once for each secret and date.
import { uuidV7 } from '../../../base/ids.ts';
import { instant } from '../../../base/instants.ts';
import type { Event } from '../../../engine/event.ts';
import type { Host } from '../../ports.ts';
import type { Store, WriteTx } from '../../store/store.ts';
import { type Due, findDue, keepNotice } from './notices-table.ts';

// Dates are days apart; looking each hour keeps a laptop that sleeps at night from missing its daily look.
const everyMs = 3_600_000;
const soonMs = 60_000;
const mostAtOnce = 200;

export type DueWatch = {
  readonly host: Pick<Host, 'clock' | 'random' | 'timers' | 'log'>;
  readonly store: Store;
  readonly workspace: string;
  /** Stores events of the console inside the transaction. */
  take(tx: WriteTx, events: readonly Event[], now: number): void;
};

/** Looks a minute after the start, then every hour. */
export function watchDue(watch: DueWatch): Disposable {
  const work = new DisposableStack();
  work.use(watch.host.timers.after(soonMs, () => look(watch)));
  work.use(watch.host.timers.every(everyMs, () => look(watch)));
  return work;
}

/** Called by timers: a full disk must not end the process. What was not announced is found again. */
function look({ host, store, workspace, take }: DueWatch): void {
  if (store.writesPaused()) return;
  try {
    const now = host.clock.now();
    if (store.read(workspace, (tx) => findDue(tx, now, 1)).length === 0) return;
    store.write(workspace, (tx) => {
      const due = findDue(tx, now, mostAtOnce);
      for (const each of due) {
        keepNotice(tx, each, now);
        tx.announce('secrets.changed', each.id, 0);
      }
      take(
        tx,
        due.map((each) => eventOf(each, now, uuidV7(now, host.random.bytes(10)))),
        now,
      );
    });
  } catch (error) {
    host.log.error('what is due could not be announced', { error: String(error) });
  }
}

function eventOf({ id: secretId, name, owner, kind, dueAt }: Due, now: number, id: string): Event {
  return {
    id,
    timeMs: now,
    source: 'gatehouse',
    event_type: `secret_${kind}`,
    action: 'secrets.due',
    resource_type: 'secret',
    resource_id: secretId,
    details: { name, owner, due_at: instant(dueAt) },
  };
}
