// Looks back that are under way: how far each is, and a way to end it. Whoever asks names the look, so that progress can be asked for while
// the answer is still being waited for. In memory: a look changes nothing, and is begun anew after a stop.
import type { LookProgress } from '../../../../src-shared/contract/detections.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';

/** Each holds rules, windows and findings of its own, and takes its part of the processor. */
const mostAtOnce = 4;

export type Look = {
  /** @throws ProblemError detections/cancelled once somebody ended the look. */
  advance(progress: LookProgress): void;
};

export type Looks = {
  /** @param id chosen by the caller; without it the look can't be followed. */
  run<T>(workspace: string, id: string | undefined, work: (look: Look) => Promise<T>): Promise<T>;
  progress(workspace: string, id: string): LookProgress;
  cancel(workspace: string, id: string): void;
};

type Running = { readonly workspace: string; progress: LookProgress; isCancelled: boolean };

export function createLooks(): Looks {
  const running = new Map<string, Running>();
  let nameless = 0;

  function find(workspace: string, id: string): Running {
    const found = running.get(id);
    if (found === undefined || found.workspace !== workspace)
      throw new ProblemError('detections/look-not-found', 'no such look back is under way; it may have ended');
    return found;
  }

  return {
    async run(workspace, id, work) {
      if (running.size >= mostAtOnce)
        throw new ProblemError(
          'detections/busy',
          `${mostAtOnce} dry runs and what-ifs are under way already; wait for one, or cancel one`,
        );
      nameless += 1;
      const key = id ?? `nameless ${nameless}`;
      if (running.has(key)) throw new ProblemError('request/invalid', 'task: a look back of this id is under way');
      const item: Running = { workspace, progress: { phase: 'compiling', done: 0, total: 0 }, isCancelled: false };
      running.set(key, item);
      try {
        return await work({
          advance(progress) {
            if (item.isCancelled) throw new ProblemError('detections/cancelled', 'the look back was cancelled');
            item.progress = progress;
          },
        });
      } finally {
        running.delete(key);
      }
    },
    progress: (workspace, id) => find(workspace, id).progress,
    cancel(workspace, id) {
      find(workspace, id).isCancelled = true;
    },
  };
}
