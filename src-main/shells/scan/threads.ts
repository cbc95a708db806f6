// The threads of a scan: hands out tasks, brings matches into the order of the files whatever order they come in, and keeps in memory
// only so many that are early. When all files are read, one thread merges what correlations need.
import { type ResourceLimits, Worker } from 'node:worker_threads';
import type { RefusedRule } from '../../engine/rules/rule-set.ts';
import type { FromThread, Match, RuleFacts, ScanOptions, Task, TaskEnd, ThreadInput, ToThread } from './messages.ts';

/** Characters of events that wait for matches before them. */
const mostWaiting = 67_108_864;

export type Hooks = {
  ready(rules: number, refused: readonly RefusedRule[], notes: readonly RefusedRule[]): void;
  /** In the order of files and records; those of correlations, by time, at the end. @param firstRecord that of the task in its file. */
  matches(matches: readonly Match[], firstRecord: (task: number) => number): Promise<void>;
  progress(bytes: number, records: number): void;
  /** Each thread may find it. */
  slow(rule: string): void;
  ended(task: Task, end: TaskEnd, firstRecord: number): void;
};

export type Outcome = {
  readonly facts: ReadonlyMap<string, RuleFacts>;
  /** Correlation groups that were given up for want of memory. */
  readonly evicted: number;
  readonly stopped: boolean;
};

/** The rules can't be used at all. */
export class UnusableRules extends Error {
  override readonly name = 'UnusableRules';
}

/**
 * A thread holds rules for long and records for a moment. Without a limit its heap grows to several times what it holds before anybody
 * tidies up; rules take about twelve times their text. What lives for a moment has a small part of its own: a larger one is no faster here,
 * and all of it stays in use.
 */
function limitsFor({ sources }: ScanOptions): ResourceLimits {
  const characters = sources.reduce((sum, { text }) => sum + text.length, 0);
  return {
    maxOldGenerationSizeMb: Math.ceil(192 + (characters * 24) / 1_048_576),
    maxYoungGenerationSizeMb: youngMb,
  };
}

const youngMb = 6;

type Thread = { readonly worker: Worker; task: number | undefined; held: boolean };
type Batch = Extract<FromThread, { kind: 'matches' }>;

/** @param facts filled as rules match for the first time. */
export async function runThreads(
  tasks: readonly Task[],
  jobs: number,
  options: ScanOptions,
  signal: AbortSignal,
  facts: Map<string, RuleFacts>,
  hooks: Hooks,
): Promise<Outcome> {
  const stop = new SharedArrayBuffer(4);
  const threads: Thread[] = [];
  const waiting = new Map<number, Batch[]>();
  const ends = new Map<number, TaskEnd>();
  const firstRecords: number[] = [];
  /** Stretches whose place in their file can't be told, because one before them was not read to its end. */
  const unplaced = new Set<number>();
  let early = 0;
  let next = 0;
  let head = 0;
  let evicted = 0;
  let isReady = false;
  let writing = Promise.resolve();

  const firstRecord = (task: number): number => firstRecords[task] ?? 0;
  const onAbort = (): void => void Atomics.store(new Int32Array(stop), 0, 1);
  signal.addEventListener('abort', onAbort);

  function tell(thread: Thread, message: ToThread): void {
    thread.worker.postMessage(message);
  }
  function give(thread: Thread): void {
    thread.task = signal.aborted ? undefined : tasks[next++]?.number;
    const task = thread.task === undefined ? undefined : tasks[thread.task];
    if (task !== undefined) tell(thread, { kind: 'task', task });
  }
  async function write(batch: Batch): Promise<void> {
    if (!unplaced.has(batch.task)) await hooks.matches(batch.matches, firstRecord);
  }

  /** Passes on what is no longer early, and lets the threads go on that had to wait. */
  async function advance(): Promise<void> {
    for (;;) {
      for (const batch of waiting.get(head) ?? []) {
        early -= sizeOf(batch);
        await write(batch);
      }
      waiting.delete(head);
      const end = ends.get(head);
      if (end === undefined) break;
      const task = tasks[head];
      if (task !== undefined) hooks.ended(task, end, firstRecord(head));
      ends.delete(head);
      if (tasks[head + 1]?.continues === true && (!end.complete || unplaced.has(head))) unplaced.add(head + 1);
      head++;
      firstRecords[head] = tasks[head]?.continues === true ? firstRecord(head - 1) + end.lines : 0;
    }
    for (const thread of threads) {
      if (!thread.held || (thread.task !== head && early > mostWaiting)) continue;
      thread.held = false;
      tell(thread, { kind: 'go' });
    }
  }
  async function take(thread: Thread, batch: Batch): Promise<void> {
    for (const rule of batch.rules) facts.set(rule.id, rule);
    if (batch.task === head || head === tasks.length) {
      await write(batch);
      tell(thread, { kind: 'go' });
      return;
    }
    waiting.set(batch.task, [...(waiting.get(batch.task) ?? []), batch]);
    early += sizeOf(batch);
    if (early > mostWaiting) thread.held = true;
    else tell(thread, { kind: 'go' });
  }

  try {
    await new Promise<void>((resolve, reject) => {
      const runs: string[] = [];
      let spilled = 0;

      /** One thing after the other: what is written must not overtake what came before. */
      function queue(work: () => Promise<void>): void {
        writing = writing.then(work).catch(reject);
      }
      function whenAllRead(): void {
        if (threads.every(({ task }) => task === undefined))
          for (const thread of threads) tell(thread, { kind: 'spill' });
      }
      async function hear(thread: Thread, message: FromThread): Promise<void> {
        switch (message.kind) {
          case 'ready':
            if (!isReady) hooks.ready(message.rules, message.refused, message.notes);
            isReady = true;
            give(thread);
            if (thread.task === undefined) whenAllRead();
            break;
          case 'slow':
            hooks.slow(message.rule);
            break;
          case 'unusable':
            throw new UnusableRules(message.reason);
          case 'matches':
            await take(thread, message);
            break;
          case 'done':
            ends.set(message.task, message);
            await advance();
            give(thread);
            if (thread.task === undefined) whenAllRead();
            break;
          case 'spilled': {
            runs.push(...message.runs);
            spilled++;
            const [first] = threads;
            if (spilled < threads.length || first === undefined) break;
            if (runs.length > 0 && !signal.aborted) tell(first, { kind: 'correlate', runs });
            else resolve();
            break;
          }
          case 'correlated':
            evicted = message.evicted;
            resolve();
            break;
          default:
        }
      }
      for (let number = 0; number < jobs; number++) {
        const input: ThreadInput = { options, thread: number, stop };
        const worker = new Worker(new URL('./scan-worker.ts', import.meta.url), {
          workerData: input,
          resourceLimits: limitsFor(options),
        });
        const thread: Thread = { worker, task: -1, held: false };
        threads.push(thread);
        worker.on('message', (message: FromThread) => {
          if (message.kind === 'progress') hooks.progress(message.bytes, message.records);
          else queue(() => hear(thread, message));
        });
        worker.on('error', reject);
      }
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }
  return { facts, evicted, stopped: signal.aborted };
}

function sizeOf(batch: Batch): number {
  return batch.matches.reduce((sum, { event }) => sum + event.length, 0);
}
