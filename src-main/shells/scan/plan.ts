// From the paths that were given to tasks: files found, formats told by their first bytes, and large files whose lines stand alone
// divided into stretches, so that one file can keep all cores busy.
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import type { FormatName } from '../../../src-shared/log-formats.ts';
import { reasonOf } from '../../base/file-words.ts';
import { isPacked } from '../../core/features/events/unpack.ts';
import { binaryWords, detectFormat, sampleLength } from '../../engine/formats/detect.ts';
import { isRecordALine } from '../../engine/formats/json-records.ts';
import { isJsonFormat } from '../../engine/formats/record-reader.ts';
import { folderFiles } from './folder-files.ts';
import type { Task } from './messages.ts';

const stretchBytes = 16_777_216;

export type Plan = {
  readonly tasks: readonly Task[];
  readonly files: number;
  readonly bytes: number;
  /** What will not be read, and why. `given`: it was named itself, and not only found in a folder. */
  readonly passedOver: readonly { readonly path: string; readonly reason: string; readonly given: boolean }[];
};

/** `name` is how it is called in results, where that is not its path. */
type Found = { readonly path: string; readonly name?: string; readonly given: boolean };

/** @param standardInput where what came by it lies; the path `-` stands for it. */
export function planScan(paths: readonly string[], format: FormatName | 'auto', standardInput?: string): Plan {
  const tasks: Task[] = [];
  const passedOver: { path: string; reason: string; given: boolean }[] = [];
  const seen = new Set<string>();
  let files = 0;
  let bytes = 0;

  function fail(path: string, error: unknown): void {
    passedOver.push({ path, reason: notOurName(path) ?? reasonOf(error), given: true });
  }
  function leave(path: string, isLink: boolean): void {
    const reason = isLink ? 'a link, which is not followed; name what it leads to' : 'neither a file nor a folder';
    passedOver.push({ path, reason, given: false });
  }
  function add({ path, name = path, given }: Found): void {
    if (seen.has(path)) return;
    seen.add(path);
    try {
      const { size } = statSync(path);
      const found = lookAt(path, format);
      if (typeof found === 'string') {
        passedOver.push({ path: name, reason: found, given });
        return;
      }
      if (size === 0) return;
      files++;
      bytes += size;
      for (const task of stretches(path, size, found)) tasks.push({ ...task, name, number: tasks.length });
    } catch (error) {
      fail(path, error);
    }
  }
  for (const path of paths) {
    if (path === '-' && standardInput !== undefined) {
      add({ path: standardInput, name: path, given: true });
      continue;
    }
    try {
      for (const found of filesIn(path, fail, leave)) add(found);
    } catch (error) {
      fail(path, error);
    }
  }
  return { tasks, files, bytes, passedOver };
}

/** Of a name that is no UTF-8 we are given what can be read, and nothing is found by that. */
function notOurName(path: string): string | undefined {
  return path.includes('\ufffd') && !existsSync(path)
    ? 'its name is not UTF-8, and it can not be opened by it; rename it'
    : undefined;
}

function* filesIn(
  path: string,
  unreadable: (path: string, error: unknown) => void,
  other: (path: string, isLink: boolean) => void,
): Generator<Found> {
  const found = statSync(path);
  if (found.isFile()) yield { path, given: true };
  else if (found.isDirectory())
    for (const one of folderFiles(path, unreadable, other)) yield { path: one, given: false };
  else throw new Error('neither a file nor a folder');
}

type Look = { readonly format: FormatName | undefined; readonly packed: boolean; readonly divisible: boolean };

/** What a file is, or why it is not read. */
function lookAt(path: string, wanted: FormatName | 'auto'): Look | string {
  const file = openSync(path, 'r');
  try {
    const buffer = new Uint8Array(sampleLength);
    const start = buffer.subarray(0, readSync(file, buffer));
    if (isPacked(start)) return { format: wanted === 'auto' ? undefined : wanted, packed: true, divisible: false };
    const format = wanted === 'auto' ? detectFormat(start) : wanted;
    if (start.length === 0) return { format: undefined, packed: false, divisible: false };
    if (format === 'binary') return binaryWords(start);
    if (format === 'unknown') return 'its format was not recognised; name it with --format';
    const divisible = isJsonFormat(format) ? isRecordALine(start) : format !== 'csv' && format !== 'evtx';
    return { format, packed: false, divisible };
  } finally {
    closeSync(file);
  }
}

function stretches(path: string, size: number, { format, packed, divisible }: Look): Omit<Task, 'number' | 'name'>[] {
  const count = divisible ? Math.max(1, Math.floor(size / stretchBytes)) : 1;
  const length = Math.ceil(size / count);
  return Array.from({ length: count }, (_, at) => ({
    path,
    size,
    format,
    packed,
    from: at * length,
    to: Math.min(size, (at + 1) * length),
    continues: at > 0,
  }));
}
