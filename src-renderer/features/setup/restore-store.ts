// Bringing a console back from a backup instead of making a new one: the file is sent in pieces, the console says what it is, then its
// key and what guards it here. Keys and passphrases are handed through and never kept.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CallInput, Output } from '../../../src-shared/contract/contract.ts';
import type { KeyProtection } from '../../../src-shared/contract/setup.ts';
import type { call } from '../../api/client.ts';
import { failureWords, isAborted, isProblem, ProblemFailure } from '../../api/failures.ts';
import { createProgressRate } from '../../lib/progress-rate.ts';

export const restoreSteps = ['start', 'file', 'key', 'guard', 'result'] as const;
export type RestoreStep = (typeof restoreSteps)[number];

/** What of a File is needed; a Blob has it too. */
export interface BackupFile {
  readonly name: string;
  readonly size: number;
  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

export type RestoreSource =
  | { readonly kind: 'upload'; readonly uploadId: string; readonly name: string }
  | { readonly kind: 'path'; readonly path: string };

/** What opens the backup. `given`: a key that this process was started with. */
export type RestoreOpener =
  | { readonly kind: 'recovery_key'; readonly text: string }
  | { readonly kind: 'passphrase'; readonly text: string }
  | { readonly kind: 'given' };

export interface RestoreState {
  readonly step: Exclude<RestoreStep, 'start'>;
  readonly upload: { readonly name: string; readonly sent: number; readonly total: number } | undefined;
  readonly rate: number | undefined;
  readonly source: RestoreSource | undefined;
  readonly facts: Output<'setup.restore_inspect'> | undefined;
  readonly isBusy: boolean;
  readonly problem: string | undefined;
  /** Where the problem is shown: at what opens it, or above the step. */
  readonly problemAt: 'key' | 'step';
  readonly retryAt: number | undefined;
  readonly result: Output<'setup.restore'> | undefined;
}

export interface Restore {
  readonly store: StoreApi<RestoreState>;
  sendFile(file: BackupFile): Promise<void>;
  readPath(path: string): Promise<void>;
  cancelUpload(): void;
  show(step: RestoreState['step']): void;
  run(opener: RestoreOpener, protection: KeyProtection, newPassphrase: string | undefined): Promise<void>;
  clearProblem(): void;
  /** Ends what is under way. */
  leave(): void;
}

interface RestoreDependencies {
  readonly call: typeof call;
  /** Milliseconds UTC, for waiting times. */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

const chunkBytes = 1024 * 1024;
const longestName = 400;

export const emptyRestore: RestoreState = {
  step: 'file',
  upload: undefined,
  rate: undefined,
  source: undefined,
  facts: undefined,
  isBusy: false,
  problem: undefined,
  problemAt: 'step',
  retryAt: undefined,
  result: undefined,
};

/** The browser could not read the file: gone, no right, on a drive that was pulled; or it changed while it was read. */
class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}

export function createRestore({ call, now, wait }: RestoreDependencies): Restore {
  const store = createStore<RestoreState>(() => emptyRestore);
  const rate = createProgressRate(now);
  let stop = new AbortController();

  async function readPiece(file: BackupFile, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
    const words = `${file.name} could not be read to its end. Choose it again when nothing writes to it any more.`;
    try {
      const data = new Uint8Array(await file.slice(from, to).arrayBuffer());
      if (data.length === to - from) return data;
    } catch (cause) {
      throw new UnreadableFile(words, { cause });
    }
    throw new UnreadableFile(words);
  }

  /** The console takes so many pieces a while; waiting is all there is to do. */
  async function sendPiece(input: CallInput<'setup.restore_chunk'>, signal: AbortSignal): Promise<number> {
    for (;;) {
      try {
        return (await call('setup.restore_chunk', input, { signal })).received_bytes;
      } catch (error) {
        if (!isProblem(error, 'limits/rate')) throw error;
        await wait((error.problem.retry_after_seconds ?? 1) * 1000);
        signal.throwIfAborted();
      }
    }
  }

  async function send(file: BackupFile, signal: AbortSignal): Promise<RestoreSource> {
    const { id } = await call(
      'setup.restore_begin',
      { name: file.name.slice(-longestName) || 'unnamed', size_bytes: file.size },
      { signal },
    );
    let sent = 0;
    while (sent < file.size) {
      const data = await readPiece(file, sent, Math.min(file.size, sent + chunkBytes));
      signal.throwIfAborted();
      const received = await sendPiece({ id, offset: sent, data }, signal);
      signal.throwIfAborted();
      // An answer that does not go on would send the same piece for ever.
      sent = Math.max(received, sent + data.length);
      store.setState({ upload: { name: file.name, sent, total: file.size }, rate: rate.read(id, sent) });
    }
    return { kind: 'upload', uploadId: id, name: file.name };
  }

  async function take(find: (signal: AbortSignal) => Promise<RestoreSource>): Promise<void> {
    stop.abort();
    stop = new AbortController();
    const { signal } = stop;
    rate.reset();
    store.setState({ ...emptyRestore, isBusy: true }, true);
    try {
      const source = await find(signal);
      const facts = await call('setup.restore_inspect', inputOf(source), { signal });
      if (!signal.aborted) store.setState({ source, facts });
    } catch (error) {
      if (signal.aborted || isAborted(error)) return;
      store.setState({ problem: error instanceof UnreadableFile ? error.message : failureWords(error) });
    } finally {
      if (!signal.aborted) store.setState({ isBusy: false, upload: undefined, rate: undefined });
    }
  }

  function drop(): void {
    stop.abort();
    store.setState(emptyRestore, true);
  }

  return {
    store,
    async sendFile(file) {
      if (file.size === 0) {
        store.setState({ ...emptyRestore, problem: `${file.name} is empty.` }, true);
        return;
      }
      await take((signal) => {
        store.setState({ upload: { name: file.name, sent: 0, total: file.size } });
        return send(file, signal);
      });
    },
    readPath: (path) => take(async () => ({ kind: 'path', path })),
    cancelUpload: drop,
    show: (step) => store.setState({ step, problem: undefined }),
    async run(opener, protection, newPassphrase) {
      const { source, isBusy, retryAt } = store.getState();
      if (source === undefined || isBusy || (retryAt !== undefined && retryAt > now())) return;
      store.setState({ isBusy: true, problem: undefined, retryAt: undefined, step: 'result' });
      try {
        const result = await call('setup.restore', {
          ...inputOf(source),
          ...(opener.kind === 'recovery_key' ? { recovery_key: opener.text } : {}),
          ...(opener.kind === 'passphrase' ? { passphrase: opener.text } : {}),
          protection,
          ...(newPassphrase === undefined ? {} : { new_passphrase: newPassphrase }),
        });
        store.setState({ result });
      } catch (error) {
        const seconds = error instanceof ProblemFailure ? error.problem.retry_after_seconds : undefined;
        const isKey = isProblem(error, 'backups/key');
        store.setState({
          // Back to where it can be put right.
          step: isKey ? 'key' : 'guard',
          problemAt: isKey ? 'key' : 'step',
          problem: failureWords(error),
          retryAt: seconds === undefined ? undefined : now() + seconds * 1000,
        });
      } finally {
        store.setState({ isBusy: false });
      }
    },
    clearProblem: () => store.setState({ problem: undefined }),
    leave: drop,
  };
}

function inputOf(source: RestoreSource): CallInput<'setup.restore_inspect'> {
  return source.kind === 'upload' ? { upload_id: source.uploadId } : { path: source.path };
}
