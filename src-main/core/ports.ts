// The core's edges to the world. Each has two real implementations or a real and a test one; nothing else of the world is visible here.

export type Clock = {
  /** Milliseconds since 1970 UTC. */
  now(): number;
  /** The time zone that this computer keeps, by its IANA name; UTC when absent. */
  readonly zone?: string;
};

/** For measuring how long something takes. */
export type Stopwatch = {
  /** Milliseconds with fractions since some moment; never goes back, whatever becomes of the clock. */
  elapsed(): number;
  /** Milliseconds of processor time that this thread has used: what others on the machine took is not in it, nor waiting for disks. */
  worked(): number;
};

export type Randomness = {
  /** Cryptographically random bytes. */
  bytes(length: number): Uint8Array;
};

export type Timers = {
  every(intervalMs: number, run: () => void): Disposable;
  after(delayMs: number, run: () => void): Disposable;
  /** Lets other work of the process run before going on; long work calls it between slices (spec 03: 50 ms). */
  breathe(): Promise<void>;
};

export type SqlValue = null | number | string | Uint8Array;
export type SqlParameters = Readonly<Record<string, SqlValue>>;
export type SqlRow = Record<string, SqlValue>;

/** An open, encrypted SQLite database of one connection. Parameters are named (`:name`). */
export type Database = {
  get(sql: string, parameters?: SqlParameters): SqlRow | undefined;
  all(sql: string, parameters?: SqlParameters): SqlRow[];
  /** Returns the number of rows changed. */
  run(sql: string, parameters?: SqlParameters): number;
  /** Several statements without parameters. */
  script(sql: string): void;
  /** False again after SQLite itself rolled back (disk full, I/O error). */
  readonly inTransaction: boolean;
  /** Writes a complete, encrypted copy to `path`. */
  copyTo(path: string): void;
  close(): void;
};

/**
 * Opens or makes the database at `path` with a 32-byte page key.
 * @param checked the database was just looked at and found whole.
 * @throws WrongStoreKey when the key doesn't open it, DamagedStore when `quick_check` finds damage.
 */
export type OpenDatabase = (path: string, pageKey: Uint8Array, checked?: boolean) => Database;

/**
 * Opens an existing database for reading only and checks it, page by page: not a byte of it or its write-ahead log is changed, so that
 * a refused store can still be examined. @throws WrongStoreKey, DamagedStore
 */
export type LookAtDatabase = (path: string, pageKey: Uint8Array) => Database;

/**
 * A copy of the store under another page key: made beside it, checked, and put in its place at the end. Killed at any moment, it leaves
 * the store as it was or the copy in its place; a copy that was not put there is `pending`.
 */
export type StoreRewrite = {
  /**
   * Copies, syncs and checks, off the main thread; what is written to the store meanwhile is not in the copy.
   * @param compare tables whose every byte is compared; of the others the rows are counted.
   */
  write(
    keys: { readonly from: Uint8Array; readonly to: Uint8Array },
    compare: readonly string[],
    progress: (phase: string | undefined, done: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Puts the copy in the store's place, which must be closed; durable when this returns. */
  swap(): void;
  discard(): void;
  pending(): boolean;
};

/** What the commit mark says: the last commit that was acknowledged, and the seal of the store's bytes if it was closed in good order. */
export type MarkReading = { readonly commit: number; readonly seal: Uint8Array | undefined } | 'missing' | 'unreadable';

/**
 * What stands beside the store and says how far it was. Whoever puts another store in its place sets these aside with the old one, as
 * the restore does (adapters/files/restore-swap.ts).
 */
export type StoreMarks = {
  read(): MarkReading;
  /** The store is about to be opened for writing at `commit`: synced, for a seal of its bytes is void from here on. */
  opened(commit: number): void;
  /** `commit` is durable in the store. Called before anything of it is acknowledged; need not reach the disk by itself. */
  committed(commit: number): void;
  /** The store is closed; `seal` vouches for its bytes. */
  closed(commit: number, seal: Uint8Array | undefined): void;
  /** A digest of the closed store's bytes; undefined while its write-ahead log holds changes. */
  fingerprint(): Uint8Array | undefined;
  /** Keeps a signed checkpoint outside the store: appended and synced. */
  appendCheckpoint(note: string): void;
  /** The last of these notes, one after another; undefined when none was kept. */
  lastCheckpoints(): string | undefined;
  /** Sets all of it aside as evidence. @returns the names that the files have now. */
  setAside(at: number): string[];
};

export class WrongStoreKey extends Error {
  override readonly name = 'WrongStoreKey';
}

export class DamagedStore extends Error {
  override readonly name: string = 'DamagedStore';
  /** The newest backup that lies at hand, for the message. */
  lastBackup: string | undefined = undefined;
}

/** The store is whole but not the newest: what stands beside it knows of later commits or checkpoints. A human may accept it. */
export class OlderStore extends DamagedStore {
  override readonly name = 'OlderStore';
}

export type PasswordHasher = {
  /** Argon2id in PHC string form (spec 01). */
  hash(password: string): Promise<string>;
  /** `rehash` says that the stored form is weaker than today's and should be rewritten. */
  verify(stored: string, password: string): Promise<{ right: boolean; rehash: boolean }>;
};

export type Fields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export type Log = {
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
};

export type RateRule = {
  /** Tokens the bucket holds when full. */
  readonly burst: number;
  /** Tokens that come back a minute. */
  readonly perMinute: number;
};

export type RateState = {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** When the bucket is full again. */
  readonly resetAt: number;
  /** How long until one token is there; 0 when allowed. */
  readonly retryAfterMs: number;
  /** In which an empty bucket fills. */
  readonly windowSeconds: number;
};

/** Token buckets by key, bounded in number: made-up keys must not exhaust memory. */
export type Limiter = {
  take(key: string, rule: RateRule, nowMs: number): RateState | Promise<RateState>;
};

/** What the core is given to live on. */
export type Host = {
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly random: Randomness;
  readonly timers: Timers;
  readonly hasher: PasswordHasher;
  readonly log: Log;
  readonly limiter: Limiter;
};
