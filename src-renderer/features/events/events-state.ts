// The events' stores of this window, emptied when the console locks. An import that runs then is stopped: its session is over.

import { call, subscribe } from '../../api/client.ts';
import { onForget } from '../../app/forget.ts';
import { formatCount } from '../../lib/numbers.ts';
import { announce } from '../../ui/feedback/announcer.ts';
import { createEventsStore } from './events-store.ts';
import { createImportStore } from './import-store.ts';
import { createRejectionsStore } from './rejections-store.ts';

export const events = createEventsStore({ call, subscribe, now: () => Date.now() });

export const rejections = createRejectionsStore({ call });

export const imports = createImportStore({
  call,
  now: () => performance.now(),
  pause: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
  onFinished({ name, progress }) {
    if (progress === undefined) return;
    announce(
      `${name} imported: ${formatCount(progress.accepted)} events, ${formatCount(progress.rejected)} lines not understood, ${formatCount(progress.alerts)} alerts raised`,
    );
    void events.load();
    void rejections.load();
  },
});

onForget(() => {
  events.forget();
  rejections.forget();
  imports.stop();
});
