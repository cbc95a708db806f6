// Checks one bundle in a worker of its own, for features that have just made one.

import { startVerifyWorker } from './start-worker.ts';
import { noTrust } from './trust.ts';
import type { ShownVerdict } from './verify-messages.ts';

/** The verdict on `file` against `trustedKeys`; undefined when the file could not be read. */
export function checkBundle(file: Blob, trustedKeys: readonly string[]): Promise<ShownVerdict | undefined> {
  return new Promise((resolve) => {
    const worker = startVerifyWorker((reply) => {
      if (reply.kind === 'progress') return;
      worker.terminate();
      resolve(reply.kind === 'verdict' ? reply.verdict : undefined);
    });
    worker.postMessage({ kind: 'verify', turn: 1, file, trust: { ...noTrust, trustedKeys } });
  });
}
