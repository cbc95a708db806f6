// A copy of the store under another page key: made and checked by a worker thread, put in the store's place by a rename.
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rm, rmSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { copyKey } from '../../base/secret.ts';
import type { StoreRewrite } from '../../core/ports.ts';
import type { RewriteOrder, RewriteReport } from './page-rewrite-worker.ts';

const progressMs = 250;

/** @param storePath asked anew each time: the folder can be chosen while set-up runs. */
export function createStoreRewrite(storePath: () => string): StoreRewrite {
  const nextPath = (): string => `${storePath()}.next`;

  const replacedPath = (): string => `${storePath()}.replaced`;

  function discard(): void {
    for (const end of ['', '-journal', '-wal', '-shm']) rmSync(`${nextPath()}${end}`, { force: true });
    rmSync(replacedPath(), { force: true });
  }

  return {
    pending: () => existsSync(nextPath()),
    discard,
    swap() {
      const path = storePath();
      // SQLite would take a log that is left here for the new file's; a closed store has none with anything in it.
      const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
      if ((log?.size ?? 0) > 0) throw new Error('the store was not closed: its write-ahead log still holds changes');
      rmSync(`${path}-wal`, { force: true });
      rmSync(`${path}-shm`, { force: true });
      keepForLater(path, replacedPath());
      renameSync(nextPath(), path);
      syncFolder(dirname(path));
      // In libuv's pool. What can't be removed now goes with the next start; the key that it was under is destroyed before.
      rm(replacedPath(), { force: true }, () => undefined);
    },
    async write({ from, to }, compare, progress, signal) {
      discard();
      const worker = new Worker(workerPath());
      const total = statSync(storePath()).size;
      const timer = setInterval(() => {
        progress(undefined, Math.min(total, statSync(nextPath(), { throwIfNoEntry: false })?.size ?? 0), total);
      }, progressMs);
      const stop = (): void => void worker.terminate();
      signal.addEventListener('abort', stop, { once: true });
      try {
        await new Promise<void>((resolve, reject) => {
          worker.on('message', (report: RewriteReport) => {
            if (report.kind === 'phase') progress(report.phase, report.phase === 'copying' ? 0 : total, total);
            else if (report.kind === 'done') resolve();
            else reject(new Error(report.reason));
          });
          worker.on('error', reject);
          worker.on('exit', () => reject(new Error('the copying of the store was stopped')));
          const keys = [copyKey(from), copyKey(to)] as const;
          const order: RewriteOrder = {
            storePath: storePath(),
            nextPath: nextPath(),
            from: keys[0],
            to: keys[1],
            compare,
          };
          // Moved, not copied: what the worker zeroes is all there is of them.
          worker.postMessage(order, [keys[0].buffer, keys[1].buffer]);
        });
        syncFolder(dirname(storePath()));
      } catch (error) {
        discard();
        throw error;
      } finally {
        clearInterval(timer);
        signal.removeEventListener('abort', stop);
        await worker.terminate();
      }
    },
  };
}

/** A second name for the file: the system frees a large one for long, and would do it within the rename. */
function keepForLater(path: string, name: string): void {
  try {
    rmSync(name, { force: true });
    linkSync(path, name);
  } catch {
    // A file system without hard links frees it within the rename after all.
  }
}

/** Beside this file, as source or built; a build may have put this file into a folder of its own. */
function workerPath(): string {
  const name = `page-rewrite-worker${extname(import.meta.filename)}`;
  const folder = import.meta.dirname;
  const found = [join(folder, name), join(folder, '..', name)].find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} is missing beside ${basename(import.meta.filename)}`);
  return found;
}

function syncFolder(path: string): void {
  // Windows can't open a folder for syncing; NTFS journals the rename by itself.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
