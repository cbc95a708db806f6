// The real clock, randomness and timers.
import { randomBytes } from 'node:crypto';
import type { Clock, Randomness, Timers } from '../../core/ports.ts';

export const systemClock: Clock = { now: () => Date.now() };

export const systemRandom: Randomness = { bytes: (length) => new Uint8Array(randomBytes(length)) };

/** Timers that do not keep the process alive by themselves. */
export const systemTimers: Timers = {
  every(intervalMs, run) {
    const timer = setInterval(run, intervalMs).unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  },
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs).unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
};
