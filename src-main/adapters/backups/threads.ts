// The main thread's side of work on backups: one thread a job, progress at most ten times a second, errors of their own type.
import { Worker } from 'node:worker_threads';
import { copyKey } from '../../base/secret.ts';
import {
  BackupCancelled,
  BackupDamaged,
  BackupKeyWrong,
  type DamageCode,
  NewerBackup,
} from '../../core/features/backups/damage.ts';
import type { Checked, CheckJob, Running, WriteJob, Written } from '../../core/features/backups/ports.ts';
import type { FromThread, Job, ThreadError, ThreadInput, ToThread } from './jobs.ts';

export type BackupThreads = {
  write(job: WriteJob): Running<Written>;
  check(job: CheckJob): Running<Checked>;
  /** @param release called when the thread stands ready. */
  carryLogOver(path: string, pageKey: Uint8Array, release: () => void): Promise<void>;
};

/** The thread's memory: chunks are small, and a store under check has its cache outside of this. */
const resourceLimits = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 8 };

/** @param program the thread's file. */
export function createBackupThreads(program: URL): BackupThreads {
  function run(job: Job, answer: (message: FromThread, reply: (to: ToThread) => void) => void): Running<unknown> {
    const stop = new SharedArrayBuffer(4);
    const { moved, buffers } = withKeysToMove(job);
    const worker = new Worker(program, {
      workerData: { job: moved, stop } satisfies ThreadInput,
      transferList: buffers,
      resourceLimits,
      stderr: false,
    });
    const result = new Promise<unknown>((resolve, reject) => {
      worker.on('message', (message: FromThread) => {
        if (message.kind === 'done') resolve(message.result);
        else if (message.kind === 'failed') reject(errorOf(message.error));
        else answer(message, (to) => worker.postMessage(to));
      });
      worker.on('error', reject);
      worker.on('exit', () => reject(new Error('the thread ended without a result')));
    });
    return { result, cancel: () => void Atomics.store(new Int32Array(stop), 0, 1) };
  }

  return {
    write({ sign, progress, ...job }) {
      const running = run({ kind: 'write', ...job }, (message, reply) => {
        if (message.kind === 'progress') progress(message.done);
        if (message.kind === 'ask' && 'sign' in message) reply({ kind: 'signature', signature: sign(message.sign) });
      });
      return running as Running<Written>;
    },
    check({ openSealed, progress, ...job }) {
      const running = run({ kind: 'check', ...job }, (message, reply) => {
        if (message.kind === 'progress') progress(message.done);
        if (message.kind === 'ask' && 'sealed' in message) reply({ kind: 'fault', fault: openSealed(message.sealed) });
      });
      return running as Running<Checked>;
    },
    async carryLogOver(path, pageKey, release) {
      const { result } = run({ kind: 'carry', path, pageKey }, (message, reply) => {
        if (message.kind !== 'ready') return;
        release();
        reply({ kind: 'released' });
      });
      await result;
    },
  };
}

/** Copies of the keys that are moved into the thread: cloning them would leave their bytes in memory that nobody can zero. */
function withKeysToMove(job: Job): { moved: Job; buffers: ArrayBuffer[] } {
  switch (job.kind) {
    case 'write': {
      const dataKey = copyKey(job.dataKey);
      return { moved: { ...job, dataKey }, buffers: [dataKey.buffer] };
    }
    case 'check': {
      const [dataKey, master] = [copyKey(job.dataKey), copyKey(job.master)];
      return { moved: { ...job, dataKey, master }, buffers: [dataKey.buffer, master.buffer] };
    }
    case 'carry': {
      const pageKey = copyKey(job.pageKey);
      return { moved: { ...job, pageKey }, buffers: [pageKey.buffer] };
    }
  }
}

function errorOf({ name, code, message, stack }: ThreadError): Error {
  switch (name) {
    case 'BackupDamaged':
      return new BackupDamaged(code as DamageCode, message);
    case 'NewerBackup':
      return new NewerBackup(message);
    case 'BackupKeyWrong':
      return new BackupKeyWrong(message);
    case 'BackupCancelled':
      return new BackupCancelled(message);
    default: {
      const error = Object.assign(new Error(message), code === undefined ? {} : { code });
      if (stack !== undefined) error.stack = stack;
      return error;
    }
  }
}
