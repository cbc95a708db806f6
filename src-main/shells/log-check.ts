// The audit log's full check in a thread of its own, on a connection of its own: a million entries take half a minute of computing.
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CheckThread } from '../core/features/audit/index.ts';
import type { CheckOrder, CheckReport } from './log-check-worker.ts';
import { threadProgram } from './thread-program.ts';

/** @param pageKey of the store as it is now; copied. */
export function createLogCheck(folder: () => string, pageKey: () => Uint8Array): CheckThread {
  return async ({ origin, verifierKey }, progress, signal) => {
    signal.throwIfAborted();
    const stop = new SharedArrayBuffer(4);
    const key = Uint8Array.from(pageKey());
    const order: CheckOrder = {
      storePath: join(folder(), 'store.db'),
      checkpointsPath: join(folder(), 'checkpoints.log'),
      pageKey: key,
      origin,
      verifierKey: verifierKey.text,
      stop,
    };
    // Moved, not copied: what the thread zeroes is all there is of it.
    const worker = new Worker(threadProgram('log-check-worker'), { workerData: order, transferList: [key.buffer] });
    // It ends by itself, since only it can close its connection in good order.
    const ask = (): void => void Atomics.store(new Int32Array(stop), 0, 1);
    signal.addEventListener('abort', ask, { once: true });
    if (signal.aborted) ask();
    let report: CheckReport | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        worker.on('message', (message: CheckReport) => {
          if (message.kind === 'progress') progress(message.checkedTo);
          else report = message;
        });
        worker.on('error', reject);
        worker.on('exit', () => resolve());
      });
    } finally {
      signal.removeEventListener('abort', ask);
    }
    signal.throwIfAborted();
    if (report?.kind === 'done') return report.result;
    throw new Error(report?.kind === 'failed' ? report.reason : 'the thread ended without a word');
  };
}
