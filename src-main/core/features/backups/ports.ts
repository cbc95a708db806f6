// What backups ask of the machine: files, and threads that do the long work.
import type { BackupHeader, ParsedHeader } from './header.ts';

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
  readonly header: Uint8Array;
  readonly dataKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
  progress(doneBytes: number): void;
};

export type CheckJob = {
  readonly path: string;
  readonly dataKey: Uint8Array;
  readonly master: Uint8Array;
  /**
   * `scratch`: the store is unpacked, opened as a console would, and removed.
   * Else the name under which it stays, whole and untouched, beside the store, for `replaceStore`.
   */
  readonly destination: 'scratch' | { readonly keepAs: string };
  progress(doneBytes: number): void;
};

/** All that was looked at held; what didn't is thrown as BackupDamaged. */
export type Checked = {
  readonly header: BackupHeader;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly auditEntries: number;
  readonly rootHash: string;
  readonly sealedValues: number;
  readonly signerFingerprint: string;
};

export type BackupMachine = {
  /** The folder backups in the profile. */
  defaultFolder(): string;
  /** Makes the folder where it is missing and tries it out. @throws ProblemError backups/folder saying what is wrong */
  prepareFolder(path: string): void;
  freeBytes(folder: string): number | null;
  join(folder: string, name: string): string;
  exists(path: string): boolean;
  remove(path: string): void;
  /** Backups in a folder. */
  list(folder: string): string[];
  /** Removes what killed runs left in the folder, and scratch stores. @returns what it removed */
  removeLeftovers(folder: string): string[];
  /** Reads the header alone. @throws BackupDamaged, NewerBackup, ProblemError backups/not-found */
  inspect(path: string): { readonly parsed: ParsedHeader; readonly sizeBytes: number };
  write(job: WriteJob): Running<Written>;
  check(job: CheckJob): Running<Checked>;
  /** Carries the write-ahead log over into the store, in a thread: it grew while the store was pinned. */
  carryLogOver(pageKey: Uint8Array): Promise<void>;
};
