// The real clock, randomness and timers, and what this process asks of the system for itself.
import { randomFillSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Clock, Randomness, Stopwatch, Timers } from '../../core/ports.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
};

export const systemStopwatch: Stopwatch = {
  elapsed: () => performance.now(),
  worked() {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  },
};

export const systemRandom: Randomness = {
  // Straight into memory that whoever makes a key of it can zero (see copyKey).
  bytes: (length) => randomFillSync(new Uint8Array(new ArrayBuffer(length))),
};

/**
 * Whoever breathes goes on in a later turn of the event loop, one in each and in the order they came: two that work in slices, such as
 * intake and the index, never take theirs in the same turn.
 */
function createBreath(): () => Promise<void> {
  const waiting: (() => void)[] = [];
  function next(): void {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(next);
  }
  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(next);
    });
}

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
  breathe: createBreath(),
};

/** The same, but whoever waits for one is waited for. */
export const holdingTimers: Timers = {
  ...systemTimers,
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

/**
 * Keeps this process's memory, and with it every key, out of core dumps (spec 03). On Linux no mapping is written to one, whether a
 * file or a program takes it (core(5)); macOS and Windows write none unless they are told to.
 * @returns whether the system took it.
 */
export function leaveMemoryOutOfCoreDumps(): boolean {
  if (process.platform !== 'linux') return true;
  try {
    writeFileSync('/proc/self/coredump_filter', '0');
    return true;
  } catch {
    // A container may hide /proc or mount it read-only. No reason not to start; the caller says it.
    return false;
  }
}
