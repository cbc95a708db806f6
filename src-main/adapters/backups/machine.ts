// Backups on this computer's disk: their folder, scratch stores in the profile, threads that do the long work.
import { randomUUID } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { ProblemError } from '../../../src-shared/contract/problems.ts';
import type { BackupMachine, PinStore } from '../../core/features/backups/ports.ts';
import { openBackupFile } from './container-reader.ts';
import { partSuffix, syncFolder } from './container-writer.ts';
import { createBackupThreads } from './threads.ts';

export const backupSuffix = '.ghbackup';
const ours = /^gatehouse-.*\.ghbackup\.part$/;
const scratchFolder = 'scratch';
/** As `gatehouse restore` writes it. */
const noteName = 'restored.json';

export type MachineParts = {
  /** The profile's folder now: it may be chosen while set-up is under way. */
  folder(): string;
  storePath(): string;
  readonly pin: PinStore;
  /** The program of the threads. */
  readonly thread: URL;
};

export function createBackupMachine({ folder, storePath, pin, thread }: MachineParts): BackupMachine {
  const threads = createBackupThreads(thread);

  return {
    defaultFolder: () => join(folder(), 'backups'),
    prepareFolder: (path) => prepareFolder(path, folder()),
    freeBytes(path) {
      try {
        const { bavail, bsize } = statfsSync(path);
        return bavail * bsize;
      } catch {
        // Not all file systems say; then a full disk is found while writing.
        return null;
      }
    },
    join,
    folderOf: dirname,
    exists: existsSync,
    remove: (path) => rmSync(path, { force: true }),
    list: (path) =>
      existsSync(path)
        ? readdirSync(path)
            .filter((name) => name.endsWith(backupSuffix))
            .sort()
            .map((name) => join(path, name))
        : [],
    removeLeftovers(path) {
      rmSync(join(folder(), scratchFolder), { recursive: true, force: true });
      if (!existsSync(path)) return [];
      const parts = readdirSync(path).filter((name) => ours.test(name));
      for (const name of parts) rmSync(join(path, name), { force: true });
      return parts.map((name) => join(path, name));
    },
    inspect(path) {
      using file = openBackupFile(path);
      return { parsed: file.parsed, sizeBytes: file.size };
    },
    scratch(id) {
      const place = join(folder(), scratchFolder);
      mkdirSync(place, { recursive: true, mode: 0o700 });
      return join(place, `${id}-${randomUUID().slice(0, 8)}.db`);
    },
    writeAt(path, at, data) {
      const file = openSync(path, at === 0 ? 'wx' : 'r+', 0o600);
      try {
        for (let written = 0; written < data.byteLength; )
          written += writeSync(file, data, written, data.byteLength - written, at + written);
      } finally {
        closeSync(file);
      }
    },
    restoreNote() {
      try {
        return JSON.parse(readFileSync(join(folder(), noteName), 'utf8')) as Record<string, unknown>;
      } catch {
        // There is none, or it isn't ours: a restore that went through wrote it whole.
        return undefined;
      }
    },
    forgetRestoreNote: () => rmSync(join(folder(), noteName), { force: true }),
    write: threads.write,
    check: threads.check,
    pin,
    async release(pinned, pageKey) {
      try {
        await threads.carryLogOver(storePath(), pageKey, () => pinned.release());
      } finally {
        pinned.release();
      }
    },
  };
}

/** @throws ProblemError backups/folder */
function prepareFolder(path: string, profile: string): void {
  const refuse = (message: string, cause?: unknown): ProblemError =>
    new ProblemError('backups/folder', `${path}: ${message}`, { cause, fields: [{ path: 'folder', message }] });
  if (!isAbsolute(path)) throw refuse('give the whole path of a folder');
  const probe = join(path, `.gatehouse-${randomUUID()}${partSuffix}`);
  try {
    makeFolder(path);
    if (isCleared(realpathSync(path), realpathSync(profile))) throw new Error('each start empties this folder');
    accessSync(path, constants.R_OK | constants.W_OK);
    // Some mounts say they can be written to and can't.
    const file = openSync(probe, 'wx', 0o600);
    try {
      writeSync(file, 'x');
    } finally {
      closeSync(file);
      rmSync(probe, { force: true });
    }
    syncFolder(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    throw refuse(reasons[code] ?? (cause instanceof Error ? cause.message : String(cause)), cause);
  }
}

/** Scratch stores, and what a restore that was never decided brought along. */
function isCleared(path: string, profile: string): boolean {
  const [inside = ''] = relative(profile, path).split(sep);
  return inside === scratchFolder || inside.startsWith('incoming-');
}

/** Not by `recursive`, which never ends where a parent is there but takes no folders (as /proc). */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  ENOENT: 'no folder can be made there',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'a file of that name is in the way',
};
