// Preloaded into a process that is measured (NODE_OPTIONS=--import): writes its event-loop delay and processor time to LOOP_WATCH_FILE
// ten times a second, and begins anew on SIGUSR2. On a busy machine the delay by the clock holds what other processes took; the
// processor time that the main thread spent between two turns of a one-millisecond timer does not, but leaves waiting for disks out.
import { renameSync, writeFileSync } from 'node:fs';
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

const file = process.env.LOOP_WATCH_FILE;
if (file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const turns = createHistogram();
  let before = threadMicros();
  setInterval(() => {
    const now = threadMicros();
    turns.record(Math.max(1, Math.round(now - before)));
    before = now;
  }, 1).unref();
  process.on('SIGUSR2', () => {
    delay.reset();
    turns.reset();
  });
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    const figures = {
      cpuMs: (user + system) / 1000,
      p50Ms: delay.percentile(50) / 1e6,
      p99Ms: delay.percentile(99) / 1e6,
      maxMs: delay.max / 1e6,
      turnP99Ms: turns.percentile(99) / 1e3,
      turnMaxMs: turns.max / 1e3,
    };
    writeFileSync(`${file}.new`, JSON.stringify(figures));
    renameSync(`${file}.new`, file);
  }, 100).unref();
}

function threadMicros(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
