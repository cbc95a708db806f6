// Home's store of this window, emptied when the console locks.

import { call, subscribe } from '../../api/client.ts';
import { onForget } from '../../app/forget.ts';
import { createHomeStore } from './home-store.ts';

export const home = createHomeStore({
  call,
  subscribe,
  now: () => Date.now(),
  later(run, ms) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
});

onForget(() => home.forget());
