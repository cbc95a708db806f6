// Starts the idle clock with the signed-in console and stops it with it.

import { useEffect, useRef, useState } from 'react';
import { watchIdle } from './idle-lock.ts';
import { followActivity } from './page-activity.ts';

function every(run: () => void, ms: number): () => void {
  const timer = setInterval(run, ms);
  return () => clearInterval(timer);
}

/**
 * @param lock told after so many minutes without a touch.
 * @param lockedElsewhere told when another window of this console was locked.
 * @returns when it will lock (ms UTC), once that is less than 30 s away.
 */
export function useIdleLock(
  minutes: number,
  lock: (minutes: number) => void,
  lockedElsewhere: () => void,
): number | undefined {
  const [locksAt, setLocksAt] = useState<number>();
  const latest = useRef({ lock, lockedElsewhere });
  useEffect(() => {
    latest.current = { lock, lockedElsewhere };
  });
  useEffect(() => {
    const idle = watchIdle({ now: Date.now, every }, minutes * 60_000, () => latest.current.lock(minutes));
    const unsubscribe = idle.store.subscribe((state) => setLocksAt(state.locksAt));
    const stopFollowing = followActivity(window, idle, () => latest.current.lockedElsewhere());
    return () => {
      unsubscribe();
      stopFollowing();
      idle.stop();
    };
  }, [minutes]);
  return locksAt;
}
