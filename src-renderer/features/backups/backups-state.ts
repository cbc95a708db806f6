// The store of the backups in this window, emptied when the console locks.

import { call, subscribe } from '../../api/client.ts';
import { onForget } from '../../app/forget.ts';
import { createBackupsStore } from './backups-store.ts';

export const backups = createBackupsStore({
  call,
  subscribe,
  now: () => performance.now(),
  later(run, ms) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
});

onForget(() => backups.forget());
