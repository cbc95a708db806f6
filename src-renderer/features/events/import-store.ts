// The imports of this sign-in: a queue of files, one running at a time, and what became of each. Results stay until they are cleared.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ImportState } from '../../../src-shared/contract/events.ts';
import type { call } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { ChangedFileError, type ImportChoices, type ImportSource, importFile } from './import-file.ts';

export interface ImportJob {
  readonly key: number;
  readonly name: string;
  readonly size: number;
  readonly phase: 'waiting' | 'running' | 'finished' | 'cancelled' | 'failed';
  readonly progress?: ImportState | undefined;
  /** The console does not answer just now. */
  readonly isInterrupted?: boolean | undefined;
  /** The console was started anew in between, and read the file from its beginning. */
  readonly isRestarted?: boolean | undefined;
  /** Milliseconds since the page was opened, for rates. */
  readonly beganAt?: number | undefined;
  readonly tookMs?: number | undefined;
  readonly failure?: string | undefined;
}

export interface ImportsState {
  readonly jobs: readonly ImportJob[];
  /** Chosen or dropped, and not begun: somebody looks how they would be read. */
  readonly chosen: readonly ImportSource[];
}

export interface ImportStore extends StoreApi<ImportsState> {
  choose(files: readonly ImportSource[]): void;
  add(files: readonly ImportSource[], choices?: ImportChoices): void;
  /** The same file once more, read as told. What was taken in before counts as known. */
  again(key: number, choices: ImportChoices): void;
  /** Stops a running import, takes a waiting one out. */
  cancel(key: number): void;
  clearDone(): void;
  /** Stops everything, for when the sign-in ends. */
  stop(): void;
}

interface Given {
  readonly source: ImportSource;
  readonly choices: ImportChoices;
}

interface ImportDependencies {
  readonly call: typeof call;
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** Waits, until the signal ends it. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** After each finished import. */
  readonly onFinished?: (job: ImportJob) => void;
}

export function createImportStore({ call, now, pause, onFinished }: ImportDependencies): ImportStore {
  const store = createStore<ImportsState>(() => ({ jobs: [], chosen: [] }));
  const sources = new Map<number, Given>();
  const stops = new Map<number, AbortController>();
  let lastKey = 0;
  let isRunning = false;

  const change = (key: number, changes: Partial<ImportJob>) =>
    store.setState(({ jobs }) => ({ jobs: jobs.map((job) => (job.key === key ? { ...job, ...changes } : job)) }));

  async function runAll(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    for (;;) {
      const next = store.getState().jobs.find((job) => job.phase === 'waiting');
      const given = next && sources.get(next.key);
      if (next === undefined || given === undefined) break;
      await runOne(next.key, given.source, given.choices);
    }
    isRunning = false;
  }

  async function runOne(key: number, source: ImportSource, choices: ImportChoices): Promise<void> {
    const stop = new AbortController();
    stops.set(key, stop);
    const beganAt = now();
    change(key, { phase: 'running', beganAt, isInterrupted: false, isRestarted: false });
    try {
      const progress = await importFile(source, choices, {
        call,
        signal: stop.signal,
        pause,
        onProgress: (state) => change(key, { progress: state }),
        onInterrupted: (isInterrupted) => change(key, { isInterrupted }),
        onRestart: () => change(key, { isRestarted: true, progress: undefined }),
      });
      const phase = progress.state === 'cancelled' ? 'cancelled' : 'finished';
      change(key, { phase, progress, tookMs: now() - beganAt });
      const job = store.getState().jobs.find((each) => each.key === key);
      if (job !== undefined && phase === 'finished') onFinished?.(job);
    } catch (error) {
      const failure = isAborted(error)
        ? 'Stopped.'
        : error instanceof ChangedFileError || isUnreadable(error)
          ? wordsOfRead(error)
          : failureWords(error);
      change(key, { phase: 'failed', failure, tookMs: now() - beganAt });
    } finally {
      stops.delete(key);
    }
  }

  return {
    ...store,
    choose: (files) => store.setState({ chosen: files }),
    add(files, choices = {}) {
      const jobs = files.map((source): ImportJob => {
        lastKey += 1;
        sources.set(lastKey, { source, choices });
        return { key: lastKey, name: source.name, size: source.size, phase: 'waiting' };
      });
      store.setState((state) => ({ jobs: [...state.jobs, ...jobs] }));
      void runAll();
    },
    again(key, choices) {
      const given = sources.get(key);
      const job = store.getState().jobs.find((each) => each.key === key);
      if (given === undefined || job === undefined || job.phase === 'running') return;
      sources.set(key, { source: given.source, choices });
      change(key, { phase: 'waiting', progress: undefined, failure: undefined, tookMs: undefined });
      void runAll();
    },
    cancel(key) {
      stops.get(key)?.abort();
      if (store.getState().jobs.some((job) => job.key === key && job.phase === 'waiting')) {
        change(key, { phase: 'cancelled' });
      }
    },
    clearDone() {
      const kept = store.getState().jobs.filter((job) => job.phase === 'waiting' || job.phase === 'running');
      for (const key of sources.keys()) if (!kept.some((job) => job.key === key)) sources.delete(key);
      store.setState({ jobs: kept });
    },
    stop() {
      sources.clear();
      for (const each of stops.values()) each.abort();
      store.setState({ jobs: [], chosen: [] });
    },
  };
}

/** The browser could not read the file: gone, no right, on a drive that was pulled. */
function isUnreadable(error: unknown): boolean {
  return error instanceof DOMException;
}

function wordsOfRead(error: unknown): string {
  return error instanceof ChangedFileError
    ? error.message
    : 'The file could not be read. It may have been moved, or changed while it was read.';
}
