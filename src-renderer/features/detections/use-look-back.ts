// One look back at a time: how far it is while one waits, a way to end it, and an answer that stays until the next.
import { useEffect, useRef, useState } from 'react';
import type { LookProgress } from '../../../src-shared/contract/detections.ts';
import { call } from '../../api/client.ts';
import { failureWords, isAborted, isProblem } from '../../api/failures.ts';
import { createProgressRate } from '../../lib/progress-rate.ts';

export interface LookBack<T> {
  readonly answer: T | undefined;
  readonly failure: string | undefined;
  /** While one is under way. */
  readonly progress: (LookProgress & { readonly rate: number | undefined }) | undefined;
  ask(question: (task: string, signal: AbortSignal) => Promise<T>): Promise<void>;
  cancel(): void;
}

const lookEveryMs = 400;

export function useLookBack<T>(): LookBack<T> {
  const [answer, setAnswer] = useState<T>();
  const [failure, setFailure] = useState<string>();
  const [progress, setProgress] = useState<LookBack<T>['progress']>();
  const running = useRef<{ readonly task: string; readonly stop: AbortController }>(undefined);
  useEffect(() => () => end(running.current), []);

  async function ask(question: (task: string, signal: AbortSignal) => Promise<T>): Promise<void> {
    const one = { task: crypto.randomUUID(), stop: new AbortController() };
    running.current = one;
    setFailure(undefined);
    setProgress({ phase: 'compiling', done: 0, total: 0, rate: undefined });
    const watch = follow(one.task, one.stop.signal, setProgress);
    try {
      setAnswer(await question(one.task, one.stop.signal));
    } catch (error) {
      if (isAborted(error) || isProblem(error, 'detections/cancelled')) return;
      setAnswer(undefined);
      setFailure(failureWords(error));
    } finally {
      watch();
      if (running.current === one) {
        running.current = undefined;
        setProgress(undefined);
      }
    }
  }

  return { answer, failure, progress, ask, cancel: () => end(running.current) };
}

/** At the console too: what nobody waits for need not be computed. */
function end(one: { readonly task: string; readonly stop: AbortController } | undefined): void {
  if (one === undefined) return;
  void call('detections.cancel_look', { task: one.task }).catch(() => undefined);
  one.stop.abort();
}

function follow(
  task: string,
  signal: AbortSignal,
  tell: (progress: LookBack<unknown>['progress']) => void,
): () => void {
  const rates = createProgressRate(() => performance.now());
  let isOver = false;
  const timer = setInterval(() => {
    call('detections.look', { task }, { signal }).then(
      (progress) => {
        if (isOver) return;
        const isRunning = progress.phase === 'running';
        tell({ ...progress, rate: isRunning ? rates.read(task, progress.done) : undefined });
      },
      // Not begun yet, or over: the answer itself says so.
      () => undefined,
    );
  }, lookEveryMs);
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}
