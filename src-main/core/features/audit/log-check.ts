// The full check of the log as a job for a thread: everything recomputed, then held against the checkpoints that were kept beside the
// store. What the job is given and gives back; who runs it is the shell's matter.
import type { Store } from '../../store/store.ts';
import { compareWith } from './anchor-check.ts';
import { type CheckResult, checkAll } from './self-check.ts';
import type { Today } from './signing-keys.ts';

/** Runs `checkLog` where it holds nobody up. Rejects when it was stopped or failed; the thread is over when this settles. */
export type CheckThread = (
  today: Today,
  progress: (checkedTo: number) => void,
  signal: AbortSignal,
) => Promise<CheckResult>;

const comparedAtOnce = 200;

/**
 * @param kept signed notes that stand beside the store, oldest first.
 * @param pause called between slices; throws to stop.
 */
export async function checkLog(
  store: Store,
  today: Today,
  kept: Iterable<string>,
  pause: () => Promise<void>,
  progress: (checkedTo: number) => void,
): Promise<CheckResult> {
  const result = await checkAll(store, today, pause, progress);
  if (result.state === 'broken') return result;
  const comparison = compareWith('checkpoints.log', today);
  let batch: string[] = [];
  const take = async (): Promise<void> => {
    const notes = batch;
    batch = [];
    store.readAll((tx) => {
      for (const note of notes) comparison.take(tx, { note });
    });
    await pause();
  };
  for (const note of kept) {
    if (batch.push(note) === comparedAtOnce) await take();
  }
  await take();
  const finding = store.readAll((tx) => comparison.conclude(tx));
  if (finding === undefined) return result;
  return { ...result, state: 'broken', firstBadSeq: finding.firstBadSeq, detail: finding.detail };
}
