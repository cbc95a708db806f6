// The audit screen's store of this window, emptied when the console locks.

import { call, subscribe } from '../../api/client.ts';
import { onForget } from '../../app/forget.ts';
import { createAuditStore } from './audit-store.ts';

export const audit = createAuditStore({
  call,
  subscribe,
  now: () => Date.now(),
  later(run, ms) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
});

onForget(() => audit.forget());
