// Log files in the profile: opened so that nobody else's file is ever written, ended cleanly where a write was cut off, and rotated by
// size, `.1` being the one before. What stands in them is their writers' business.
import {
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  readSync,
  renameSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';

export type LogLimits = {
  readonly maxBytes: number;
  /** How many are kept beside the one that is written. */
  readonly count: number;
};

/** The file can't be used; the words are for people. */
export class LogFileError extends Error {
  override readonly name = 'LogFileError';
}

// SECURITY: no link is followed, and a pipe does not make us wait for whoever reads it.
export const logFileFlags =
  constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

const tailBytes = 1 << 16;
/** No line of ours is longer; what is has another writer. */
const longestLine = 1 << 25;

/** Checks what was opened, makes it its owner's alone and ends a line that was cut off. @returns its size @throws LogFileError */
export function settleLogFile(fd: number, path: string): number {
  const stats = fstatSync(fd);
  requireOurs(stats, path);
  if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0) fchmodSync(fd, 0o600);
  return endCleanly(fd, stats.size);
}

function requireOurs(stats: Stats, path: string): void {
  if (!stats.isFile()) throw new LogFileError(`${path} is not a file; take it away`);
  if (process.platform === 'win32') return;
  if (process.geteuid !== undefined && stats.uid !== process.geteuid()) {
    throw new LogFileError(`${path} belongs to another user; take it away`);
  }
  if (stats.nlink > 1) throw new LogFileError(`${path} has another name elsewhere (a hard link); take it away`);
}

/** The line that a kill or a full disk cut off is taken away; where that is not allowed (chattr +a) it is ended. */
function endCleanly(fd: number, size: number): number {
  const end = lineEndBefore(fd, size);
  if (end === size) return size;
  try {
    ftruncateSync(fd, end);
    return end;
  } catch {
    writeSync(fd, '\n');
    return size + 1;
  }
}

/** Where the last whole line ends. */
function lineEndBefore(fd: number, size: number): number {
  const chunk = Buffer.alloc(tailBytes);
  for (let until = size; until > 0; ) {
    const from = Math.max(0, until - tailBytes);
    const read = readSync(fd, chunk, 0, until - from, from);
    const at = chunk.subarray(0, read).lastIndexOf(0x0a);
    if (at >= 0) return from + at + 1;
    until = from;
  }
  return 0;
}

/** The last whole line; undefined of an empty file, and of one whose last line is longer than any of ours. */
export function lastLine(fd: number, size: number): string | undefined {
  const end = lineEndBefore(fd, size);
  if (end === 0) return undefined;
  const start = lineEndBefore(fd, end - 1);
  if (end - start > longestLine) return undefined;
  const line = Buffer.alloc(end - 1 - start);
  readSync(fd, line, 0, line.length, start);
  return line.toString('utf8');
}

/** `path` becomes `path.1`, and so on; the oldest goes. @throws where the folder doesn't let us: nothing is lost then */
export function rotateLogFile(path: string, count: number): void {
  for (let n = count - 1; n >= 0; n--) {
    const from = n === 0 ? path : `${path}.${n}`;
    try {
      renameSync(from, `${path}.${n + 1}`);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }
}

/** Is what `fd` writes to still what stands under that name, as long as we left it? Others may rotate it, cut it, or clear the folder. */
export function isInPlace(fd: number, path: string, size: number): boolean {
  const now = statSync(path, { throwIfNoEntry: false, bigint: true });
  const opened = fstatSync(fd, { bigint: true });
  return now !== undefined && now.ino === opened.ino && now.dev === opened.dev && opened.size === BigInt(size);
}

export function logFileWords(path: string, error: unknown): string {
  if (error instanceof LogFileError) return error.message;
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `there is no space left for ${path}`;
    case 'ELOOP':
    case 'EMLINK':
      return `${path} is a link; take it away`;
    case 'EISDIR':
      return `${path} is not a file; take it away`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `${path} can not be written by this user`;
    case 'ENOENT':
      return `the folder of ${path} is not there`;
    default:
      return `${path} can not be written (${codeOf(error)})`;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
