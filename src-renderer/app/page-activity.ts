// Ties the idle clock to this page and to the other windows of the same console: being active in one keeps all open, locking one locks all.

import type { IdleLock } from './idle-lock.ts';

const channelName = 'gatehouse.activity';
const kinds = ['pointerdown', 'pointermove', 'wheel', 'keydown', 'touchstart'] as const;
/** Moving the mouse makes hundreds of events a second; one word in five seconds is enough for the others. */
const tellEveryMs = 5_000;

/**
 * Follows keyboard and mouse of this page, and what the other windows say. The answer stops it and tells them to look for themselves:
 * it is called when this window locks or signs out.
 */
export function followActivity(page: Window, idle: IdleLock, changedElsewhere: () => void): () => void {
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
    if (event.data === 'left') changedElsewhere();
  });
  for (const kind of kinds) page.addEventListener(kind, touched, { capture: true, passive: true });
  return () => {
    for (const kind of kinds) page.removeEventListener(kind, touched, { capture: true });
    channel.postMessage('left');
    channel.close();
  };
}
