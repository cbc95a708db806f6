// Locks the window when nobody is there: on suspend, when the screen is locked, and after the idle time. Not every system tells of
// each; what is not told is noticed by a timer, and what can't be known is said in the log once. The page's own idle clock runs besides.

import type { Clock, Log, Timers } from '../../core/ports.ts';

export type PowerSignals = {
  on(event: 'suspend' | 'lock-screen', listener: () => void): unknown;
  /** @param idleThreshold seconds. */
  getSystemIdleState(idleThreshold: number): 'active' | 'idle' | 'locked' | 'unknown';
};

export type AutoLockParts = {
  readonly power: PowerSignals;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly log: Log;
  readonly platform: NodeJS.Platform;
  readonly idleMinutes: number;
  /** Does nothing where there is nothing to lock. */
  readonly lock: (reason: LockReason) => void;
};

export type LockReason = 'suspend' | 'screen locked' | 'idle' | 'asleep' | 'asked';

export const lookMs = 5_000;
/** Timers stand still while a computer sleeps: a gap like this between two looks was sleep. */
const sleptMs = 60_000;

export function startAutoLock(parts: AutoLockParts): Disposable {
  const { power, log } = parts;
  power.on('suspend', () => parts.lock('suspend'));
  // Electron tells of a locked screen on macOS and Windows; elsewhere the idle state may say it.
  if (parts.platform === 'darwin' || parts.platform === 'win32')
    power.on('lock-screen', () => parts.lock('screen locked'));
  else log.info('auto-lock: this system does not signal a locked screen; it is looked for every 5 s');
  let lookedAt = parts.clock.now();
  let told = false;

  return parts.timers.every(lookMs, () => {
    const now = parts.clock.now();
    const slept = now - lookedAt > sleptMs;
    lookedAt = now;
    if (slept) parts.lock('asleep');
    const state = power.getSystemIdleState(parts.idleMinutes * 60);
    if (state === 'locked') parts.lock('screen locked');
    if (state === 'idle') parts.lock('idle');
    if (state === 'unknown' && !told) {
      told = true;
      log.warn('auto-lock: this system does not say how long it is idle; the window counts its own idle time');
    }
  });
}
