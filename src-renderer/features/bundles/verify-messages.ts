// What the page and the verifying worker say to each other. The worker keeps the file; the page only ever holds the rows it shows.

import type { BundleRow } from '../../../src-shared/evidence/bundle-rows.ts';
import type { Verdict } from '../../../src-shared/evidence/verdict.ts';
import type { ReceiptVerdict } from '../../../src-shared/evidence/verify-receipt.ts';

/** The verdict without the places of all entries, which may be a million; of erased fields only how many they are. */
export type ShownVerdict = Omit<Verdict, 'entries' | 'erased'> & { readonly erasedFields: number };

/** What a bundle is held against; see VerifyOptions. */
export interface Trust {
  readonly trustedKeys: readonly string[];
  readonly pinnedKeys: readonly string[];
  readonly checkpoints: readonly string[];
  readonly witnesses: readonly string[];
  /** PEM. */
  readonly authorities: readonly string[];
}

export type VerifyRequest =
  | {
      readonly kind: 'verify';
      readonly turn: number;
      readonly file: Blob;
      /** A PDF that came with it. */
      readonly pdf?: Blob | undefined;
      readonly trust: Trust;
    }
  /** The same file against something else. */
  | { readonly kind: 'again'; readonly turn: number; readonly pdf?: Blob | undefined; readonly trust: Trust }
  | { readonly kind: 'rows'; readonly turn: number; readonly from: number; readonly count: number }
  | { readonly kind: 'whole'; readonly turn: number; readonly index: number }
  /** SHA-256 of the file as it was given. */
  | { readonly kind: 'digest'; readonly turn: number }
  /** An attached file. */
  | { readonly kind: 'attachment'; readonly turn: number; readonly index: number };

/** How far a check is, in bytes of the file. */
export interface VerifyProgress {
  readonly done: number;
  /** Absent until enough was read to tell. */
  readonly perSecond: number | undefined;
}

export type VerifyReply =
  | ({ readonly kind: 'progress'; readonly turn: number } & VerifyProgress)
  | {
      readonly kind: 'verdict';
      readonly turn: number;
      readonly verdict: ShownVerdict;
      readonly entries: number;
      readonly tookMs: number;
      /** The bundle was carried by a PDF, whose pages claim nothing. */
      readonly inPdf: boolean;
    }
  /** The file was no bundle but a receipt. */
  | { readonly kind: 'receipt'; readonly turn: number; readonly receipt: ReceiptVerdict }
  | { readonly kind: 'rows'; readonly turn: number; readonly from: number; readonly rows: readonly BundleRow[] }
  | {
      readonly kind: 'whole';
      readonly turn: number;
      readonly index: number;
      readonly json: string;
      /** Paths of fields that nobody can open any more. */
      readonly erased: readonly string[];
    }
  | { readonly kind: 'digest'; readonly turn: number; readonly sha256: string }
  | {
      readonly kind: 'attachment';
      readonly turn: number;
      readonly index: number;
      readonly bytes: Uint8Array<ArrayBuffer>;
    }
  /** The file could not be read at all: gone, no right to it; `reason`: a PDF without a bundle. */
  | { readonly kind: 'unreadable'; readonly turn: number; readonly reason?: string }
  /** The worker itself ended: out of memory, or not to be loaded. Nothing is known about the bundle. */
  | { readonly kind: 'stopped' };
