// A progress bar for work on a backup file in this process; none where nobody watches.
import { Presets, SingleBar } from 'cli-progress';

export type Progress = Disposable & { update(doneBytes: number): void };

export function progressOf(total: number): Progress {
  if (process.stderr.isTTY !== true) return { update: () => undefined, [Symbol.dispose]: () => undefined };
  const bar = new SingleBar(
    { format: '{bar} {percentage} %  {eta_formatted} left', stream: process.stderr },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { update: (done) => bar.update(done), [Symbol.dispose]: () => bar.stop() };
}
