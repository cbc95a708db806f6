// The thread that works on one backup: writing it, checking it, carrying the store's log over. A program of its own, so that the main
// thread never waits for a disk or a hash.
import { parentPort, workerData } from 'node:worker_threads';
import { writeContainer } from '../adapters/backups/container-writer.ts';
import type { FromThread, Job, ThreadInput, ToThread } from '../adapters/backups/jobs.ts';
import type { Checked, Written } from '../core/features/backups/ports.ts';

const progressMs = 100;

const port = parentPort;
if (port === null) throw new Error('this file is the program of a thread');
const { job, stop } = workerData as ThreadInput;
const stopped = new Int32Array(stop);

function tell(message: FromThread): void {
  port?.postMessage(message);
}

function ask<K extends ToThread['kind']>(message: FromThread, kind: K): Promise<Extract<ToThread, { kind: K }>> {
  return new Promise((resolve, reject) => {
    port?.once('message', (reply: ToThread) => {
      if (reply.kind === kind) resolve(reply as Extract<ToThread, { kind: K }>);
      else reject(new Error(`expected ${kind}, not ${reply.kind}`));
    });
    tell(message);
  });
}

let told = 0;
const progress = (done: number): void => {
  const now = performance.now();
  if (now - told < progressMs) return;
  told = now;
  tell({ kind: 'progress', done });
};
const cancelled = (): boolean => Atomics.load(stopped, 0) !== 0;

async function work(asked: Job): Promise<Written | Checked | undefined> {
  switch (asked.kind) {
    case 'write':
      return writeContainer({
        ...asked,
        sign: async (message) => (await ask({ kind: 'ask', sign: message }, 'signature')).signature,
        progress,
        cancelled,
      });
    case 'check': {
      const { checkBackup } = await import('./backup-check.ts');
      return checkBackup({
        ...asked,
        openSealed: async (values) => (await ask({ kind: 'ask', sealed: values }, 'fault')).fault,
        progress,
        cancelled,
      });
    }
    case 'carry': {
      const { carryLogOver } = await import('../adapters/sqlite/store-pin.ts');
      await carryLogOver(asked.path, asked.pageKey, async () => {
        await ask({ kind: 'ready' }, 'released');
      });
      return undefined;
    }
  }
}

try {
  tell({ kind: 'done', result: await work(job) });
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  tell({ kind: 'failed', error: { name, code, message, stack } });
} finally {
  for (const key of ['dataKey', 'master', 'pageKey'] as const) {
    const bytes: unknown = Reflect.get(job, key);
    if (bytes instanceof Uint8Array) bytes.fill(0);
  }
  port.close();
}
