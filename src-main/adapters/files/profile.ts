// The profile folder: where it is, that only its owner can read it, and the lock that lets one process write it.
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  type Stats,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import Sqlite from 'better-sqlite3';
import { writeDurably } from './key-file-store.ts';

export const unlockTokenName = 'unlock.token';

export type Profile = {
  readonly folder: string;
  readonly store: string;
  readonly keys: string;
  readonly caPem: string;
  readonly config: string;
  readonly logs: string;
  /** There while the vault is locked. */
  readonly unlockToken: string;
  readonly backups: string;
};

/** A message for the user about the profile folder; nothing was changed. */
export class ProfileError extends Error {
  override readonly name = 'ProfileError';
}

/** Somebody else holds the profile. */
export class ProfileHeld extends Error {
  override readonly name = 'ProfileHeld';
}

/** The profile's folder: `GATEHOUSE_HOME`, or where each system expects application data. Empty variables count as not set. */
export function homeFolder(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  if (environment.GATEHOUSE_HOME) return environment.GATEHOUSE_HOME;
  const standard = standardFolder(environment, platform);
  return chosenFolder(standard) ?? standard;
}

function standardFolder({ LOCALAPPDATA, XDG_DATA_HOME }: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'win32') return join(LOCALAPPDATA || join(homedir(), 'AppData', 'Local'), 'Gatehouse');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Gatehouse');
  return join(XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'gatehouse');
}

const locationFile = 'location.json';

/** The folder that was chosen when the console was set up, noted in the standard one. @throws ProfileError when the note can't be read */
function chosenFolder(standard: string): string | undefined {
  const note = join(standard, locationFile);
  if (!existsSync(note)) return undefined;
  try {
    const { folder } = JSON.parse(readFileSync(note, 'utf8')) as { folder?: unknown };
    if (typeof folder === 'string' && isAbsolute(folder)) return folder;
  } catch (cause) {
    throw new ProfileError(`cannot read ${note}: ${reason(cause)}; set GATEHOUSE_HOME to your data folder`, { cause });
  }
  throw new ProfileError(`${note} names no folder; set GATEHOUSE_HOME to your data folder`);
}

/** Notes that the console of the folder `standard` lives in `folder`: the next start looks there. */
export function noteChosenFolder(standard: string, folder: string): void {
  writeDurably(join(standard, locationFile), `${JSON.stringify({ folder })}\n`);
}

/** Names the files of a profile and makes its folder, readable by its owner alone. @throws ProfileError */
export function openProfile(folder: string): Profile {
  const path = resolve(folder);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    checkOwner(path);
    for (const name of privateFiles) checkFile(join(path, name));
    mkdirSync(join(path, 'logs'), { recursive: true, mode: 0o700 });
    accessSync(path, constants.W_OK);
  } catch (cause) {
    if (cause instanceof ProfileError) throw cause;
    throw new ProfileError(`cannot use the data folder ${path}: ${reason(cause)}; choose another with GATEHOUSE_HOME`, {
      cause,
    });
  }
  return {
    folder: path,
    store: join(path, 'store.db'),
    keys: join(path, 'keys.json'),
    caPem: join(path, 'ca.pem'),
    config: join(path, 'gatehouse.toml'),
    logs: join(path, 'logs'),
    unlockToken: join(path, unlockTokenName),
    backups: join(path, 'backups'),
  };
}

function checkOwner(path: string): void {
  if (process.platform === 'win32') return;
  const { uid, mode } = statSync(path);
  if (process.getuid !== undefined && uid !== process.getuid()) {
    throw new ProfileError(`the data folder ${path} belongs to another user; choose another with GATEHOUSE_HOME`);
  }
  if ((mode & 0o077) !== 0) chmodSync(path, 0o700);
}

/** The newest file of the backups' folder, whatever it is worth: reading it is for the restore. */
export function newestBackup(profile: Profile): string | undefined {
  try {
    const found = readdirSync(profile.backups)
      .filter((name) => name.endsWith('.ghbackup'))
      .map((name) => ({ path: join(profile.backups, name), at: statSync(join(profile.backups, name)).mtimeMs }));
    return found.sort((left, right) => right.at - left.at)[0]?.path;
  } catch {
    // There is no such folder, or it can't be read: then there is none to offer.
    return undefined;
  }
}

/** What must be nobody's but the owner's, wherever it was copied from. */
const privateFiles = ['store.db', 'store.db-wal', 'store.mark', 'checkpoints.log', 'keys.json', 'keys.json.1'];

function checkFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || process.platform === 'win32') return;
  if (!found.isFile()) throw new ProfileError(`${path} is not a file; put the file itself there`);
  if (process.getuid !== undefined && found.uid !== process.getuid())
    throw new ProfileError(
      `${path} belongs to another user; it must be yours, for example by: chown ${process.getuid()} ${path}`,
    );
  if ((found.mode & 0o077) !== 0) chmodSync(path, 0o600);
}

export function freeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    // Not all file systems say; the wizard then shows no figure.
    return null;
  }
}

/**
 * Reads a key file that the user named. @throws ProfileError when others can read it or it belongs to somebody else.
 */
export function readGuardedFile(path: string): string {
  let found: Stats;
  try {
    found = statSync(path);
  } catch (cause) {
    throw new ProfileError(`cannot read the key file ${path}: ${reason(cause)}`, { cause });
  }
  if (!found.isFile()) throw new ProfileError(`cannot read the key file ${path}: it is not a file`);
  const { mode, uid } = found;
  if (process.platform !== 'win32') {
    if (process.getuid !== undefined && uid !== process.getuid()) {
      throw new ProfileError(`the key file ${path} belongs to another user; it must be yours`);
    }
    if ((mode & 0o077) !== 0)
      throw new ProfileError(`the key file ${path} can be read by others; run: chmod 600 ${path}`);
  }
  return readFileSync(path, 'utf8');
}

export type Holder = { readonly pid: number; readonly url: string | null; readonly since: string };

export type ProfileLock = Disposable & {
  /** Lets a second start say where the running console is. */
  describe(holder: Holder): void;
};

/**
 * Takes the profile for this process. The lock is SQLite's own on a file of its own: the system frees it whenever
 * and however this process ends, so a killed console never blocks the next start.
 * @throws ProfileHeld naming the process that has it.
 */
export function lockProfile(profile: Profile): ProfileLock {
  const path = join(profile.folder, 'lock');
  const about = join(profile.folder, 'running.json');
  let lock: Sqlite.Database | undefined;
  try {
    lock = new Sqlite(path, { timeout: 0 });
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock?.close();
    if (!(cause instanceof Sqlite.SqliteError) || !cause.code.startsWith('SQLITE_BUSY'))
      throw new ProfileError(`cannot use the data folder ${profile.folder}: ${reason(cause)}`, { cause });
    throw new ProfileHeld(`another Gatehouse uses ${profile.folder}${describeHolder(about)}; stop it first`, { cause });
  }
  const held = lock;
  return {
    describe: (holder) => writeFileSync(about, JSON.stringify(holder), { mode: 0o600 }),
    [Symbol.dispose]() {
      rmSync(about, { force: true });
      held.close();
    },
  };
}

function describeHolder(about: string): string {
  if (!existsSync(about)) return '';
  try {
    const { pid, url } = JSON.parse(readFileSync(about, 'utf8')) as Holder;
    return ` (process ${pid}${url === null ? '' : `, at ${url}`})`;
  } catch {
    // The note may be half-written by the other process; the refusal stands without it.
    return '';
  }
}

/** Why the disk refused, where it is the disk's fault; undefined for any other error. */
export function diskReason(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('SQLITE_READONLY')) return 'the store can only be read';
  if (code.startsWith('SQLITE_IOERR')) return `the disk failed (${code})`;
  const words: Record<string, string> = {
    SQLITE_FULL: 'the disk is full',
    SQLITE_CANTOPEN: 'a file of it can not be opened',
    EIO: 'the disk failed',
    EDQUOT: 'the disk quota is used up',
    EROFS: 'the disk is read-only',
    ENOSPC: 'the disk is full',
  };
  return words[code];
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words: Record<string, string> = {
    EACCES: 'permission denied',
    ENOENT: 'it does not exist',
    ENOTDIR: 'a part of the path is not a folder',
  };
  return words[code] ?? diskReason(error) ?? (error instanceof Error ? error.message : String(error));
}
