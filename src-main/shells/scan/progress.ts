// The progress bar of a scan, on a terminal; without one only what there is to say. The line is drawn here: results may go to the same
// terminal, and cli-progress ends by returning to where the bar began, over whatever was printed since.
import { printable } from '../cli/table.ts';

export type ScanProgress = Disposable & {
  add(bytes: number, records: number): void;
  matches(count: number): void;
  /** A line above the bar. */
  say(text: string): void;
  /** Takes the bar off the terminal for what somebody else writes there; it comes back with the next progress. */
  clear(): void;
  stop(): void;
};

const redrawMs = 100;
const widestBar = 40;
const narrowestBar = 8;
const clearLine = '\r\u001b[K';

export function scanProgress(totalBytes: number): ScanProgress {
  const stream = process.stderr;
  const isShown = stream.isTTY === true;
  /** Since the rules are ready. */
  let started: number | undefined;
  let drawnAt = 0;
  let isDrawn = false;
  let stopped = false;
  let bytes = 0;
  let records = 0;
  let found = 0;

  function draw(): void {
    if (!isShown || stopped) return;
    drawnAt = performance.now();
    isDrawn = true;
    const seconds = started === undefined ? 0 : (drawnAt - started) / 1000;
    const line = progressLine({ bytes, totalBytes, records, found, seconds }, stream.columns);
    stream.write(`\r${line}\u001b[K`);
  }
  function clear(): void {
    if (!isDrawn) return;
    isDrawn = false;
    stream.write(clearLine);
  }
  function stop(): void {
    if (stopped) return;
    clear();
    stopped = true;
  }
  draw();
  return {
    add(moreBytes, moreRecords) {
      started ??= performance.now();
      bytes += moreBytes;
      records += moreRecords;
      if (performance.now() - drawnAt >= redrawMs) draw();
    },
    matches(count) {
      found = count;
    },
    say(text) {
      const wasDrawn = isDrawn;
      clear();
      stream.write(`${printable(text)}\n`);
      if (wasDrawn) draw();
    },
    clear,
    stop,
    [Symbol.dispose]: stop,
  };
}

export type ProgressFigures = {
  readonly bytes: number;
  readonly totalBytes: number;
  readonly records: number;
  readonly found: number;
  readonly seconds: number;
};

/** One line that the terminal's width holds: what does not fit is the bar first, then the end. */
export function progressLine({ bytes, totalBytes, records, found, seconds }: ProgressFigures, columns = 80): string {
  const part = totalBytes === 0 ? 0 : Math.min(1, bytes / totalBytes);
  const rate = Math.round(records / Math.max(0.1, seconds)).toLocaleString('en');
  const left = part === 0 ? '' : `  ${timeLeft((seconds / part) * (1 - part))} left`;
  const figures = `${Math.floor(part * 100)} %  ${rate} records/s  ${found.toLocaleString('en')} matches${left}`;
  // The last column stays free: some terminals go to the next line when it is written. One that does not tell its width says 0.
  const room = (columns > 0 ? columns : 80) - 1;
  const width = Math.min(widestBar, room - figures.length - 1);
  if (width < narrowestBar) return figures.slice(0, Math.max(0, room));
  const full = Math.round(part * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${figures}`;
}

function timeLeft(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
