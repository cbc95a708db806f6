// What backups ask of the machine: files, and threads that do the long work.
import type { Migration } from '../../store/migration.ts';
import type { BackupHeader, ParsedHeader } from './header.ts';

/** The store's file, as it was at one moment, while it is pinned; writes go on. */
export type StorePin = {
  /** Descriptor to read it by. */
  readonly source: number;
  readonly sizeBytes: number;
  /** Once is enough, more do no harm. */
  release(): void;
};

/** undefined while somebody reads from the write-ahead log: try again in a moment. */
export type PinStore = (pageKey: Uint8Array) => StorePin | undefined;

/** Work in a thread of its own. */
export type Running<T> = {
  readonly result: Promise<T>;
  /** Ends it soon; `result` then rejects with BackupCancelled. */
  cancel(): void;
};

export type Written = { readonly sizeBytes: number; readonly sha256: string };

export type WriteJob = {
  /** Descriptor of the store's file while it is pinned. */
  readonly source: number;
  readonly target: string;
  readonly header: BackupHeader;
  readonly headerBytes: Uint8Array;
  readonly dataKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
  progress(doneBytes: number): void;
};

/** A value of the sealer, as it stands in a row: `column` counts the columns asked for. */
export type SealedValue = {
  readonly column: number;
  readonly row: Readonly<Record<string, null | number | string | Uint8Array>>;
  readonly value: Uint8Array;
};

/** A column of sealed values; the rows of a scoped table belong to workspaces. */
export type SealedSource = {
  readonly table: string;
  readonly key: readonly string[];
  readonly column: string;
  readonly scoped: boolean;
};

/** What this version of the program knows of the store; an open console can say it. */
export type KnownSchema = {
  readonly features: readonly { readonly name: string; readonly migrations: readonly Migration[] }[];
  readonly sealed: readonly SealedSource[];
};

export type CheckJob = {
  readonly path: string;
  readonly dataKey: Uint8Array;
  readonly master: Uint8Array;
  /** An absolute path that doesn't exist yet. */
  readonly target: string;
  /** False: the restored store is brought to this version's tables as a trial, and removed. True: it stays, untouched. */
  readonly keep: boolean;
  readonly known: KnownSchema | undefined;
  /** Opens some of them. @returns what is wrong with the first that doesn't open */
  openSealed(values: readonly SealedValue[]): string | undefined;
  progress(doneBytes: number): void;
};

/** All that was looked at held; what didn't is thrown as BackupDamaged. */
export type Checked = {
  readonly header: BackupHeader;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly auditEntries: number;
  readonly rootHash: string;
  /** undefined: not looked at. */
  readonly sealedValues: number | undefined;
};

export type BackupMachine = {
  /** The folder backups in the profile. */
  defaultFolder(): string;
  /** Makes the folder where it is missing and tries it out. @throws ProblemError backups/folder saying what is wrong */
  prepareFolder(path: string): void;
  freeBytes(folder: string): number | null;
  join(folder: string, name: string): string;
  folderOf(path: string): string;
  exists(path: string): boolean;
  remove(path: string): void;
  /** Backups in a folder. */
  list(folder: string): string[];
  /** Removes what killed runs left in the folder, and scratch stores. @returns what it removed */
  removeLeftovers(folder: string): string[];
  /** Reads the header alone. @throws BackupDamaged, NewerBackup, ProblemError backups/not-found */
  inspect(path: string): { readonly parsed: ParsedHeader; readonly sizeBytes: number };
  /** What a restore by the command line left to be recorded; undefined when there was none. */
  restoreNote(): Readonly<Record<string, unknown>> | undefined;
  forgetRestoreNote(): void;
  write(job: WriteJob): Running<Written>;
  check(job: CheckJob): Running<Checked>;
  /** A new path for something that is gone again after the next start. */
  scratch(id: string): string;
  /** Writes `data` at its place in a file, which is made with its first bytes. */
  writeAt(path: string, at: number, data: Uint8Array): void;
  readonly pin: PinStore;
  /** Lets the pin go, and carries the write-ahead log over in a thread: it grew meanwhile. */
  release(pin: StorePin, pageKey: Uint8Array): Promise<void>;
};
