// The Verifier of this window. SECURITY: what a person opened names people and things, so it goes when the console locks; and what somebody
// at the locked page gave to hold bundles against must not vouch for one whom the next person opens.

import { onArrival, onForget } from '../../app/forget.ts';
import { startVerifyWorker } from './start-worker.ts';
import { createVerifyStore } from './verify-store.ts';

export const verifier = createVerifyStore(startVerifyWorker);

onForget(() => verifier.dispose());
onArrival(() => verifier.distrustAll());
