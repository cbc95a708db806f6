// The progress bar of a scan, on a terminal; without one only what there is to say.
import { Presets, SingleBar } from 'cli-progress';
import { printable } from '../cli/table.ts';

export type ScanProgress = Disposable & {
  add(bytes: number, records: number): void;
  matches(count: number): void;
  /** A line above the bar. */
  say(text: string): void;
  stop(): void;
};

export function scanProgress(totalBytes: number): ScanProgress {
  const stream = process.stderr;
  /** Since the rules are ready. */
  let started: number | undefined;
  const bar =
    stream.isTTY === true ? new SingleBar({ format, etaBuffer: 50, stream }, Presets.shades_classic) : undefined;
  let bytes = 0;
  let records = 0;
  let found = 0;
  bar?.start(totalBytes, 0, shown());

  function shown(): Record<string, string> {
    const seconds = started === undefined ? 0 : (performance.now() - started) / 1000;
    const rate = Math.round(records / Math.max(0.1, seconds));
    return { rate: rate.toLocaleString('en'), found: found.toLocaleString('en') };
  }
  function stop(): void {
    bar?.stop();
  }
  return {
    add(moreBytes, moreRecords) {
      started ??= performance.now();
      bytes += moreBytes;
      records += moreRecords;
      bar?.update(Math.min(bytes, totalBytes), shown());
    },
    matches(count) {
      found = count;
    },
    say(text) {
      if (bar?.isActive === true) stream.write('\r\u001b[K');
      stream.write(`${printable(text)}\n`);
    },
    stop,
    [Symbol.dispose]: stop,
  };
}

const format = '{bar} {percentage} %  {rate} records/s  {found} matches  {eta_formatted} left';
