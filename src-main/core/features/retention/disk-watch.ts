// Looks how much space is left where the store lies, and says so once before there is none: by then writes are refused, the warning too.
import type { Host } from '../../ports.ts';
import type { Store, WriteTx } from '../../store/store.ts';

const firstLookMs = 5_000;
const lookEveryMs = 60_000;
const mib = 1_048_576;
/** So much more than the limit must be free before a second warning can come. */
const recovered = 1.25;

export type DiskWatch = {
  readonly host: Host;
  readonly limitMib: number;
  /** Null where the file system doesn't say. */
  freeBytes(): number | null;
  store(): Store;
  record(
    tx: WriteTx,
    details: { readonly detail: string; readonly free_bytes: number; readonly limit_bytes: number },
  ): void;
};

/** Until disposed. */
export function watchDisk(parts: DiskWatch): Disposable {
  const { host } = parts;
  const limit = parts.limitMib * mib;
  let isLow = false;

  function look(): void {
    const free = parts.freeBytes();
    if (free === null || parts.store().writesPaused()) return;
    if (isLow && free > limit * recovered) {
      isLow = false;
      host.log.info('there is space on the disk again', { free_bytes: free });
    }
    if (isLow || free >= limit) return;
    const detail = `${Math.floor(free / mib)} MiB are left where the store lies`;
    host.log.warn('the disk is nearly full', { free_bytes: free });
    try {
      parts.store().write('default', (tx) => parts.record(tx, { detail, free_bytes: free, limit_bytes: limit }));
      isLow = true;
    } catch (error) {
      // Called by a timer: a disk that is full already must not end the process. It is tried again.
      host.log.error('the warning of the disk could not be written', { error: String(error) });
    }
  }

  const work = new DisposableStack();
  if (limit === 0) return work;
  work.use(host.timers.after(firstLookMs, look));
  work.use(host.timers.every(lookEveryMs, look));
  return work;
}
