// The store of the keys in this window, emptied when the console locks.

import { call, subscribe } from '../../api/client.ts';
import { onForget } from '../../app/forget.ts';
import { createEncryptionStore } from './encryption-store.ts';

export const encryption = createEncryptionStore({
  call,
  subscribe,
  now: () => performance.now(),
  later(run, ms) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
});

onForget(() => encryption.forget());
