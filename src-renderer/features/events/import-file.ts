// Sends one file to the console in chunks, each after the answer to the one before, and tells the progress. It knows no screen and
// no clock: what it reports are the service's own figures.

import type { ImportState, LogFormatChoice } from '../../../src-shared/contract/events.ts';
import type { call } from '../../api/client.ts';
import { isAborted, isProblem } from '../../api/failures.ts';

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
  readonly signal: AbortSignal;
}

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
  const { call, onProgress, signal } = hooks;
  let state = await call('imports.start', {
    name: source.name.slice(-400) || 'unnamed',
    size_bytes: source.size,
    ...choicesIn(choices),
  });
  const { id } = state;
  onProgress(state);
  try {
    for (const { from, to } of chunksOf(source.size)) {
      if (signal.aborted) break;
      const data = new Uint8Array(await source.slice(from, to).arrayBuffer());
      // A file that shrinks while it is read would leave a hole that looks like a bad line.
      if (data.length !== to - from) throw new ChangedFileError(source.name);
      state = await call('imports.append', { id, offset: from, data });
      onProgress(state);
    }
    if (!signal.aborted) return await call('imports.finish', { id });
  } catch (error) {
    if (!isAborted(error)) await stop(call, id);
    throw error;
  }
  await stop(call, id);
  return { ...state, state: 'cancelled' };
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
