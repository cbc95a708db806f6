// Starts the verifying worker. A file of the same origin, built beside the page: the content policy asks for nothing more.

import type { VerifyReply } from './verify-messages.ts';
import type { VerifyWorker } from './verify-store.ts';

export function startVerifyWorker(onReply: (reply: VerifyReply) => void): VerifyWorker {
  const worker = new Worker(new URL('./verify-worker.ts', import.meta.url), { type: 'module', name: 'verify' });
  worker.addEventListener('message', (event: MessageEvent<VerifyReply>) => onReply(event.data));
  return worker;
}
