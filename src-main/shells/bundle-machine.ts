// What making bundles needs of this computer: the verifier as it was built, and a thread that sets the report.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { mostReported } from '../../src-shared/bundle-limits.ts';
import type { BundleMachine } from '../core/features/bundles/index.ts';
import type { Clock } from '../core/ports.ts';
import { projectFolder, version } from './project.ts';
import type { ReportJob } from './report-worker.ts';
import { threadProgram } from './thread-program.ts';

/** Built by `npm run build`. */
export const verifierFile = join(projectFolder, 'out/verifier/verify.html');

/** The largest report needs a third of this. */
const resourceLimits = { maxOldGenerationSizeMb: 768 };

export function createBundleMachine(clock: Clock): BundleMachine {
  return {
    verifier: () => (existsSync(verifierFile) ? Uint8Array.from(readFileSync(verifierFile)) : undefined),
    mostReported,
    report(bundle, verifierKey, signal) {
      const job: ReportJob = { bundle, verifierKey, fileName: 'this bundle', madeAt: clock.now(), version };
      const worker = new Worker(threadProgram('report-worker'), { workerData: job, resourceLimits });
      const stop = (): void => void worker.terminate();
      signal.addEventListener('abort', stop, { once: true });
      return new Promise<Uint8Array>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.once('exit', () => reject(new Error('the thread ended without a report')));
      }).finally(() => signal.removeEventListener('abort', stop));
    },
  };
}
