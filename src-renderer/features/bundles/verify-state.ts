// The Verifier of this window. It holds what a person opened, not what the console told, so it stays when the console locks.

import { startVerifyWorker } from './start-worker.ts';
import { createVerifyStore } from './verify-store.ts';

export const verifier = createVerifyStore(startVerifyWorker);
