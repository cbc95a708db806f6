// What goes between the main thread and the thread that works on a backup. Copies of keys are moved there, and the thread zeroes them.
import type { BackupHeader } from '../../core/features/backups/header.ts';
import type { Checked, KnownSchema, SealedValue, Written } from '../../core/features/backups/ports.ts';

export type Job =
  | {
      readonly kind: 'write';
      readonly source: number;
      readonly target: string;
      readonly header: BackupHeader;
      readonly headerBytes: Uint8Array;
      readonly dataKey: Uint8Array;
    }
  | {
      readonly kind: 'check';
      readonly path: string;
      readonly dataKey: Uint8Array;
      readonly master: Uint8Array;
      readonly target: string;
      readonly keep: boolean;
      readonly known: KnownSchema | undefined;
    }
  | { readonly kind: 'carry'; readonly path: string; readonly pageKey: Uint8Array };

/** A job and the flag that stops it: one 32-bit number, set from the main thread. */
export type ThreadInput = { readonly job: Job; readonly stop: SharedArrayBuffer };

/** `ask` waits for a reply of the same kind. */
export type FromThread =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'ask'; readonly sign: Uint8Array }
  | { readonly kind: 'ask'; readonly sealed: readonly SealedValue[] }
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly result: Written | Checked | undefined }
  | { readonly kind: 'failed'; readonly error: ThreadError };

export type ToThread =
  | { readonly kind: 'signature'; readonly signature: Uint8Array }
  | { readonly kind: 'fault'; readonly fault: string | undefined }
  | { readonly kind: 'released' };

/** Errors keep their type across threads by name; nothing else of them is copied. */
export type ThreadError = {
  readonly name: string;
  readonly code: string | undefined;
  readonly message: string;
  readonly stack: string | undefined;
};
