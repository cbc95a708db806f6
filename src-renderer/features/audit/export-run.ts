// Making a bundle from this window: files are attached, the console seals, and the file comes. Stopping leaves nothing behind.

import type { BundleState, SealedBundle } from '../../../src-shared/contract/bundles.ts';
import type { call, download } from '../../api/client.ts';

export interface ExportProgress {
  readonly phase: 'attaching' | 'counting' | 'reading' | 'rendering' | 'fetching';
  readonly done: number;
  readonly total: number;
}

export interface ExportDependencies {
  readonly call: typeof call;
  readonly download: typeof download;
  readonly wait: (ms: number) => Promise<void>;
}

export interface Exported {
  readonly bundle: SealedBundle;
  readonly file: Blob;
}

/** The console could not make it; the message says why. */
export class ExportFailed extends Error {
  override readonly name = 'ExportFailed';
}

const chunkBytes = 1024 * 1024;
const askedEveryMs = 400;

/**
 * @param id of a bundle that was begun.
 * @throws ExportFailed, and as `call` does; AbortError when `signal` was aborted.
 */
export async function runExport(
  { call, download, wait }: ExportDependencies,
  id: string,
  files: readonly File[],
  onProgress: (progress: ExportProgress) => void,
  signal: AbortSignal,
): Promise<Exported> {
  try {
    const total = files.reduce((sum, file) => sum + file.size, 0);
    let attached = 0;
    for (const file of files) {
      for (let offset = 0; offset === 0 || offset < file.size; offset += chunkBytes) {
        const data = new Uint8Array(await file.slice(offset, offset + chunkBytes).arrayBuffer());
        await call('bundles.attach', { id, name: file.name, offset, data }, { signal });
        attached += data.length;
        onProgress({ phase: 'attaching', done: attached, total });
      }
    }
    let state = await call('bundles.seal', { id }, { signal });
    while (state.bundle === null) {
      if (state.state === 'failed') throw new ExportFailed(state.error ?? 'the bundle could not be sealed');
      tell(state, onProgress);
      await wait(askedEveryMs);
      state = await call('bundles.state', { id }, { signal });
    }
    const file = await download(
      'bundles.fetch',
      { id },
      {
        signal,
        onProgress: (done, size) => onProgress({ phase: 'fetching', done, total: size }),
      },
    );
    return { bundle: state.bundle, file };
  } finally {
    // What was fetched is done with. Where the console forgot it already, nothing is left to do.
    await call('bundles.discard', { id }).catch(() => undefined);
  }
}

function tell({ phase, done, total }: BundleState, onProgress: (progress: ExportProgress) => void): void {
  if (phase !== null) onProgress({ phase, done, total });
}
