// Sends one file to the console in chunks, each after the answer to the one before, and tells the progress. It knows no screen and
// no clock: what it reports are the service's own figures. Where the console does not answer it waits, and goes on where it was.

import type { ImportState, LogFormatChoice } from '../../../src-shared/contract/events.ts';
import type { call } from '../../api/client.ts';
import { isAborted, isProblem, NetworkFailure, ProblemFailure } from '../../api/failures.ts';

export const chunkBytes = 512 * 1024;

/** What of a File is needed; a Blob has it too. */
export interface ImportSource {
  readonly name: string;
  readonly size: number;
  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

export interface ImportChoices {
  readonly format?: LogFormatChoice | undefined;
  /** Zone of lines that name none, such as Europe/Berlin. */
  readonly zone?: string | undefined;
  /** Of CSV files: event field to column. */
  readonly columns?: Readonly<Record<string, string>> | undefined;
}

interface ImportHooks {
  readonly call: typeof call;
  readonly onProgress: (state: ImportState) => void;
  /** The console does not answer, or does again. */
  readonly onInterrupted?: (isInterrupted: boolean) => void;
  /** It was started anew and knows nothing of the import: the file is read from its beginning. */
  readonly onRestart?: () => void;
  /** Waits, until the signal ends it. Tests need not. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/** A console that is started anew, or a laptop that was shut, is back well within it. */
const longestInterruptionMs = 10 * 60_000;
const longestPauseMs = 15_000;
const mostRestarts = 5;

/** The ranges of a file of `size` bytes; an empty file has none. */
export function chunksOf(size: number, length = chunkBytes): readonly { readonly from: number; readonly to: number }[] {
  return Array.from({ length: Math.ceil(size / length) }, (_, part) => ({
    from: part * length,
    to: Math.min(size, (part + 1) * length),
  }));
}

/**
 * Imports the whole file and gives the final counts. When `signal` is aborted the import is cancelled at the service too, and the
 * last progress comes back as cancelled: what was taken in stays.
 * @throws ProblemFailure, NetworkFailure as the calls do; the import is then cancelled at the service if it still answers.
 */
export async function importFile(
  source: ImportSource,
  choices: ImportChoices,
  hooks: ImportHooks,
): Promise<ImportState> {
  for (let restarts = 0; ; restarts++) {
    const seen = { wasInterrupted: false };
    try {
      return await importOnce(source, choices, hooks, seen);
    } catch (error) {
      // Nobody else ends an import: a console that knows nothing of it was started anew. What it had taken in counts as known.
      if (!seen.wasInterrupted || restarts >= mostRestarts || !isProblem(error, 'events/import-not-found')) throw error;
      hooks.onRestart?.();
    }
  }
}

async function importOnce(
  source: ImportSource,
  choices: ImportChoices,
  hooks: ImportHooks,
  seen: { wasInterrupted: boolean },
): Promise<ImportState> {
  const { call, onProgress, signal } = hooks;
  const steadily = <T>(work: () => Promise<T>) => persist(work, hooks, seen);
  let state = await steadily(() =>
    call('imports.start', {
      name: source.name.slice(-400) || 'unnamed',
      size_bytes: source.size,
      ...choicesIn(choices),
    }),
  );
  const { id } = state;
  onProgress(state);
  try {
    for (const { from, to } of chunksOf(source.size)) {
      if (signal.aborted) break;
      const data = new Uint8Array(await source.slice(from, to).arrayBuffer());
      // A file that shrinks while it is read would leave a hole that looks like a bad line.
      if (data.length !== to - from) throw new ChangedFileError(source.name);
      // Sent again it is taken in once: the console knows how far it is.
      state = await steadily(() => call('imports.append', { id, offset: from, data }));
      onProgress(state);
    }
    if (!signal.aborted) return await steadily(() => call('imports.finish', { id }));
  } catch (error) {
    if (!isAborted(error)) await stop(call, id);
    // Given up while the console did not answer.
    if (!signal.aborted || !isInterruption(error)) throw error;
    return { ...state, state: 'cancelled' };
  }
  await stop(call, id);
  return { ...state, state: 'cancelled' };
}

/** Asks again, ever more slowly, while no answer comes. */
async function persist<T>(
  work: () => Promise<T>,
  { signal, pause, onInterrupted }: ImportHooks,
  seen: { wasInterrupted: boolean },
): Promise<T> {
  let waitedMs = 0;
  for (let pauseMs = 1_000; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    try {
      const answer = await work();
      if (waitedMs > 0) onInterrupted?.(false);
      return answer;
    } catch (error) {
      // The chunk whose answer was lost may still be under way there.
      const isStillBusy = waitedMs > 0 && isProblem(error, 'events/import-offset');
      if (signal.aborted || waitedMs >= longestInterruptionMs || !(isInterruption(error) || isStillBusy)) throw error;
      seen.wasInterrupted = true;
      onInterrupted?.(true);
      await pause(pauseMs, signal);
      waitedMs += pauseMs;
    }
  }
}

/** No answer, or one that says to come again. */
function isInterruption(error: unknown): boolean {
  if (error instanceof NetworkFailure) return true;
  return error instanceof ProblemFailure && (error.problem.status === 503 || error.problem.status === 429);
}

/** As the calls take them: what is not chosen is left out. */
export function choicesIn({ format, zone, columns }: ImportChoices) {
  return {
    ...(format === undefined ? {} : { format }),
    ...(zone === undefined || zone === '' ? {} : { zone }),
    ...(columns === undefined ? {} : { columns: { ...columns } }),
  };
}

/** Ends an import whose rest will not come. That it is gone already is as good. */
async function stop(call: ImportHooks['call'], id: string): Promise<void> {
  try {
    await call('imports.cancel', { id });
  } catch (error) {
    if (isProblem(error, 'events/import-not-found')) return;
    // The first failure is the one to show; the service ends an import that hears nothing by itself.
  }
}

export class ChangedFileError extends Error {
  override readonly name = 'ChangedFileError';
  constructor(file: string) {
    super(`${file} changed while it was read. Import it again when it is no longer written to.`);
  }
}
