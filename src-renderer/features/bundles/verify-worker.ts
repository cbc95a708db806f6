// The worker that verifies: a bundle of a million entries takes seconds, and the window stays usable meanwhile. No network here.

import { noblePrimitives } from '../../lib/evidence-primitives.ts';
import { createVerifyDesk } from './verify-desk.ts';
import type { VerifyRequest } from './verify-messages.ts';

const answer = createVerifyDesk(noblePrimitives, () => performance.now());
let last: Promise<void> = Promise.resolve();

self.addEventListener('message', (event: MessageEvent<VerifyRequest>) => {
  // In order: rows asked for after a new file are that file's rows.
  last = last.then(async () => self.postMessage(await answer(event.data)));
});
