// Starts the verifying worker from the text that stands in this very file: the one-file verifier has nothing beside it to load.

import type { VerifyReply } from '../features/bundles/verify-messages.ts';
import type { VerifyWorker } from '../features/bundles/verify-store.ts';
import VerifyWorkerInline from '../features/bundles/verify-worker.ts?worker&inline';

export function startVerifyWorker(onReply: (reply: VerifyReply) => void): VerifyWorker {
  const worker = new VerifyWorkerInline({ name: 'verify' });
  worker.addEventListener('message', (event: MessageEvent<VerifyReply>) => onReply(event.data));
  worker.addEventListener('error', () => onReply({ kind: 'stopped' }));
  return worker;
}
