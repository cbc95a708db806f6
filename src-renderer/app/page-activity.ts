// Ties the idle clock to this page and to the other windows of the same console: being active in one keeps all open, locking one locks all.

import type { IdleLock } from './idle-lock.ts';

const channelName = 'gatehouse.activity';
const kinds = ['pointerdown', 'pointermove', 'wheel', 'keydown', 'touchstart'] as const;
/** Moving the mouse makes hundreds of events a second; one word in five seconds is enough for the others. */
const tellEveryMs = 5_000;

export interface PageActivity {
  /** Tells the other windows that this one was locked or signed out. */
  tellLocked(): void;
  stop(): void;
}

export function followActivity(page: Window, idle: IdleLock, lockedElsewhere: () => void): PageActivity {
  const channel = new BroadcastChannel(channelName);
  let toldAt = 0;
  const touched = () => {
    idle.touched();
    const now = Date.now();
    if (now - toldAt < tellEveryMs) return;
    toldAt = now;
    channel.postMessage('active');
  };
  channel.addEventListener('message', (event) => {
    if (event.data === 'active') idle.touched();
    if (event.data === 'locked') lockedElsewhere();
  });
  for (const kind of kinds) page.addEventListener(kind, touched, { capture: true, passive: true });
  return {
    tellLocked: () => channel.postMessage('locked'),
    stop() {
      for (const kind of kinds) page.removeEventListener(kind, touched, { capture: true });
      channel.close();
    },
  };
}
