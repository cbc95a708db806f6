// Events that correlations need, put aside on disk in order of time and merged at the end: correlations are exact over all files,
// however these were divided among threads, and memory stays bounded.
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

export type Spilled = {
  readonly timeMs: number;
  readonly task: number;
  readonly record: number;
  /** The rest, as one line of JSON. */
  readonly text: string;
};

const heldCharacters = 8_388_608;
const readBytes = 65_536;
/** Files that are open at once. */
const mostRuns = 64;

export type Spill = {
  add(item: Spilled): void;
  /** The files that were written, each in order. */
  finish(): string[];
};

export function createSpill(folder: string, name: string): Spill {
  const runs: string[] = [];
  let held: Spilled[] = [];
  let characters = 0;

  function flush(): void {
    if (held.length === 0) return;
    const path = join(folder, `${name}-${runs.length}`);
    writeRun(path, held.sort(inOrder));
    runs.push(path);
    held = [];
    characters = 0;
  }
  return {
    add(item) {
      held.push(item);
      characters += item.text.length + 64;
      if (characters > heldCharacters) flush();
    },
    finish() {
      flush();
      return runs;
    },
  };
}

/** By time; at the same time as they stand in the files. */
function inOrder(a: Spilled, b: Spilled): number {
  return a.timeMs - b.timeMs || a.task - b.task || a.record - b.record;
}

function writeRun(path: string, items: Iterable<Spilled>): void {
  // SECURITY: the events of somebody's logs, readable by nobody else.
  const file = openSync(path, 'wx', 0o600);
  try {
    let lines: string[] = [];
    let characters = 0;
    const write = (): void => {
      writeSync(file, lines.join(''));
      lines = [];
      characters = 0;
    };
    for (const { timeMs, task, record, text } of items) {
      const line = `${timeMs}\t${task}\t${record}\t${text}\n`;
      lines.push(line);
      characters += line.length;
      if (characters > readBytes) write();
    }
    write();
  } finally {
    closeSync(file);
  }
}

function* readRun(path: string): Generator<Spilled> {
  const file = openSync(path, 'r');
  const decoder = new StringDecoder('utf8');
  const buffer = Buffer.alloc(readBytes);
  try {
    let rest = '';
    for (;;) {
      const length = readSync(file, buffer);
      rest += length === 0 ? decoder.end() : decoder.write(buffer.subarray(0, length));
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield parseLine(line);
      if (length === 0) return;
    }
  } finally {
    closeSync(file);
  }
}

function parseLine(line: string): Spilled {
  const first = line.indexOf('\t');
  const second = line.indexOf('\t', first + 1);
  const third = line.indexOf('\t', second + 1);
  return {
    timeMs: Number(line.slice(0, first)),
    task: Number(line.slice(first + 1, second)),
    record: Number(line.slice(second + 1, third)),
    text: line.slice(third + 1),
  };
}

/** Everything of all runs, in order. The files are removed as they are used up. */
export function* mergeRuns(folder: string, runs: readonly string[]): Generator<Spilled> {
  let waiting = [...runs];
  for (let round = 0; waiting.length > mostRuns; round++) {
    const path = join(folder, `merged-${round}`);
    writeRun(path, mergeFew(waiting.slice(0, mostRuns)));
    waiting = [...waiting.slice(mostRuns), path];
  }
  yield* mergeFew(waiting);
}

function* mergeFew(runs: readonly string[]): Generator<Spilled> {
  const sources = runs.map(readRun);
  const heads = sources.map((source) => source.next());
  for (;;) {
    let first = -1;
    let least: Spilled | undefined;
    heads.forEach((head, at) => {
      if (head.done !== true && (least === undefined || inOrder(head.value, least) < 0)) {
        first = at;
        least = head.value;
      }
    });
    const source = sources[first];
    if (least === undefined || source === undefined) break;
    yield least;
    heads[first] = source.next();
  }
  for (const path of runs) rmSync(path);
}
