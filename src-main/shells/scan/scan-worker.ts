// A thread of a scan: compiles the rules, then reads one task after the other and tells what matched. It waits with its matches until
// they are taken, so that nothing piles up.
import { parentPort, workerData } from 'node:worker_threads';
import { UnpackError } from '../../core/features/events/inflater.ts';
import type { ReaderOptions, RecordResult } from '../../engine/formats/format.ts';
import { RuleError } from '../../engine/rules/rule-error.ts';
import { createMatching, type Matching } from './matching.ts';
import type { BadRecord, FromThread, Match, RuleFacts, Task, ThreadInput, ToThread } from './messages.ts';
import { type Piece, readTask, ShortenedError } from './read-task.ts';
import { createSpill } from './spill.ts';

const badShown = 20;
const batchCharacters = 262_144;
const progressMs = 100;

const port = parentPort;
if (port === null) throw new Error('this file is the program of a thread');
const { options, thread, stop } = workerData as ThreadInput;
const stopped = new Int32Array(stop);
const spill = createSpill(options.spillFolder, `thread-${thread}`);
const told = new Set<string>();
let go: (() => void) | undefined;

function tell(message: FromThread): void {
  port?.postMessage(message);
}

function isStopped(): boolean {
  return Atomics.load(stopped, 0) !== 0;
}

/** Records that were passed over since it was looked at last. */
let passedOver = 0;

function readerOptions({ passOver }: Matching): ReaderOptions {
  if (passOver === undefined) return commonOptions;
  return {
    ...commonOptions,
    passOver: (record) => {
      if (!passOver(record)) return false;
      passedOver++;
      return true;
    },
  };
}

const commonOptions: ReaderOptions = {
  referenceTimeMs: options.nowMs,
  keepTimeless: true,
  keepText: true,
  ...(options.zone === undefined ? {} : { zone: options.zone }),
  ...(options.columns === undefined ? {} : { columns: options.columns }),
};

/** Matches on their way: sent in batches, each after the one before was taken. */
function createBatches(matching: Matching) {
  let matches: Match[] = [];
  let measured = 0;
  let characters = 0;
  return {
    add: (match: Match): void => void matches.push(match),
    /** Sends what there is if it is that much. */
    async send(task: number, atLeast: number): Promise<void> {
      for (; measured < matches.length; measured++) characters += matches[measured]?.event.length ?? 0;
      if (matches.length === 0 || characters < atLeast) return;
      const rules = matches.flatMap(({ ruleId }) => (told.has(ruleId) ? [] : [factsOnce(ruleId)]));
      const taken = new Promise<void>((resolve) => {
        go = resolve;
      });
      tell({ kind: 'matches', task, matches, rules });
      matches = [];
      measured = 0;
      characters = 0;
      await taken;
    },
  };
  function factsOnce(ruleId: string): RuleFacts {
    told.add(ruleId);
    return matching.factsOf(ruleId);
  }
}

type Progress = { add(bytes: number, records: number): void; flush(): void };

function createProgress(): Progress {
  let bytes = 0;
  let records = 0;
  let last = 0;
  function flush(): void {
    if (bytes > 0 || records > 0) tell({ kind: 'progress', bytes, records });
    bytes = 0;
    records = 0;
  }
  return {
    add(moreBytes, moreRecords) {
      bytes += moreBytes;
      records += moreRecords;
      const now = performance.now();
      if (now - last < progressMs) return;
      last = now;
      flush();
    },
    flush,
  };
}

async function run(task: Task, matching: Matching): Promise<void> {
  const batches = createBatches(matching);
  const progress = createProgress();
  const bad: BadRecord[] = [];
  const end = { lines: 0, records: 0, rejected: 0, timeless: 0 };
  let failure: string | undefined;
  let complete = true;

  function take(result: RecordResult, piece: Piece): void {
    end.records++;
    const { line, record } = result;
    const { inner, format } = piece;
    if (result.kind === 'rejected') {
      end.rejected++;
      const where = format === 'evtx' ? ({ line: record, unit: 'record' } as const) : ({ line, unit: 'line' } as const);
      if (bad.length < badShown) bad.push({ inner, ...where, reason: result.reason });
      return;
    }
    const { event, text } = result;
    const timeless = result.timeless === true;
    if (options.sinceMs !== undefined && (timeless || event.timeMs < options.sinceMs)) {
      if (timeless) end.timeless++;
      return;
    }
    const lines = format === undefined || format === 'evtx' ? undefined : line;
    const place = { task: task.number, inner, record, line: lines, timeless, text, format };
    if (!matching.take(event, place, batches.add)) end.timeless++;
  }
  try {
    for await (const piece of readTask(task, readerOptions(matching))) {
      for (const result of piece.results) take(result, piece);
      end.lines += piece.lines;
      end.records += passedOver;
      progress.add(piece.bytes, piece.results.length + passedOver);
      passedOver = 0;
      for (const rule of matching.takeSlow()) tell({ kind: 'slow', rule });
      await batches.send(task.number, batchCharacters);
      if (isStopped()) {
        complete = false;
        break;
      }
    }
  } catch (error) {
    // What was read before counts all the same.
    const isOfFile = error instanceof UnpackError || error instanceof ShortenedError;
    if (!isOfFile && !(error instanceof Error && 'syscall' in error)) throw error;
    failure = error.message;
    complete = false;
  }
  await batches.send(task.number, 0);
  progress.flush();
  tell({ kind: 'done', task: task.number, ...end, bad, failure, complete });
}

async function correlate(matching: Matching, runs: readonly string[]): Promise<void> {
  const batches = createBatches(matching);
  const evicted = await matching.correlate(runs, async (match) => {
    batches.add(match);
    await batches.send(match.task, batchCharacters);
  });
  await batches.send(0, 0);
  tell({ kind: 'correlated', evicted });
}

function begin(): Matching | undefined {
  try {
    return createMatching(options, spill);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    tell({ kind: 'unusable', reason: error.message });
    return undefined;
  }
}

const matching = begin();
if (matching !== undefined) {
  port.on('message', (message: ToThread) => {
    if (message.kind === 'go') go?.();
    else if (message.kind === 'task') void run(message.task, matching);
    else if (message.kind === 'correlate') void correlate(matching, message.runs);
    else tell({ kind: 'spilled', runs: spill.finish() });
  });
  const { rules, refused, notes } = matching;
  tell({ kind: 'ready', rules, refused, notes });
}
