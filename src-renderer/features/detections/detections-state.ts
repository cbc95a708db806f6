// The detections' store of this window, emptied when the console locks.

import { call, subscribe } from '../../api/client.ts';
import { onForget } from '../../app/forget.ts';
import { createDetectionsStore } from './detections-store.ts';

export const detections = createDetectionsStore({
  call,
  subscribe,
  later(run, ms) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
});

onForget(() => detections.forget());
