// The thread that checks the audit log. It only reads, in short transactions, so that neither a commit nor a backup waits for it.
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { parentPort, workerData } from 'node:worker_threads';
import { splitNotes } from '../../src-shared/evidence/note-file.ts';
import { parseVerifierKey } from '../../src-shared/evidence/signed-note.ts';
import { openSqlite } from '../adapters/sqlite/database.ts';
import { nodePrimitives } from '../base/evidence-primitives.ts';
import { checkLog } from '../core/features/audit/log-check.ts';
import type { CheckResult } from '../core/features/audit/self-check.ts';
import { createStore } from '../core/store/store.ts';

export type CheckOrder = {
  readonly storePath: string;
  readonly checkpointsPath: string;
  readonly pageKey: Uint8Array;
  readonly origin: string;
  readonly verifierKey: string;
  /** Anything but 0 stops it. */
  readonly stop: SharedArrayBuffer;
};

export type CheckReport =
  | { readonly kind: 'progress'; readonly checkedTo: number }
  | { readonly kind: 'done'; readonly result: CheckResult }
  | { readonly kind: 'failed'; readonly reason: string };

const progressMs = 250;
const readAtOnce = 1 << 20;

const port = parentPort;
if (port === null) throw new Error('this file is the program of a thread');
const order = workerData as CheckOrder;
const stopped = new Int32Array(order.stop);

class StopAsked extends Error {}

/** Note by note, a part of the file at a time: it grows for years. */
function* notesIn(path: string): Generator<string> {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r');
  try {
    const part = Buffer.alloc(readAtOnce);
    const decoder = new StringDecoder('utf8');
    let text = '';
    for (;;) {
      const length = readSync(file, part);
      if (length === 0) return;
      // A file full of something else must not be gathered up whole.
      text = (text.length > readAtOnce ? '' : text) + decoder.write(part.subarray(0, length));
      const { notes, end } = splitNotes(text);
      text = text.slice(end);
      yield* notes;
    }
  } finally {
    closeSync(file);
  }
}

async function work(): Promise<CheckResult> {
  const { storePath, pageKey, origin, verifierKey } = order;
  const database = openSqlite(storePath, pageKey, true);
  pageKey.fill(0);
  try {
    database.script('PRAGMA query_only = ON');
    const store = createStore(database, new Set(), ignore, ignore);
    const today = { origin, verifierKey: parseVerifierKey(nodePrimitives, verifierKey) };
    let told = 0;
    const pause = async (): Promise<void> => {
      if (Atomics.load(stopped, 0) !== 0) throw new StopAsked('stopped');
    };
    return await checkLog(store, today, notesIn(order.checkpointsPath), pause, (checkedTo) => {
      if (performance.now() - told < progressMs) return;
      told = performance.now();
      tell({ kind: 'progress', checkedTo });
    });
  } finally {
    database.close();
  }
}

function tell(report: CheckReport): void {
  port?.postMessage(report);
}

function ignore(): void {}

try {
  tell({ kind: 'done', result: await work() });
} catch (error) {
  // A stop is known to whoever asked for it.
  if (!(error instanceof StopAsked))
    tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
} finally {
  port.close();
}
