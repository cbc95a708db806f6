// What the page and the verifying worker say to each other. The worker keeps the file; the page only ever holds the rows it shows.

import type { BundleRow } from '../../../src-shared/evidence/bundle-rows.ts';
import type { Verdict } from '../../../src-shared/evidence/verdict.ts';

/** The verdict without the places of all entries, which may be a million. */
export type ShownVerdict = Omit<Verdict, 'entries'>;

export type VerifyRequest =
  | { readonly kind: 'verify'; readonly turn: number; readonly file: Blob; readonly trustedKeys: readonly string[] }
  /** The same file against other keys. */
  | { readonly kind: 'again'; readonly turn: number; readonly trustedKeys: readonly string[] }
  | { readonly kind: 'rows'; readonly turn: number; readonly from: number; readonly count: number }
  | { readonly kind: 'whole'; readonly turn: number; readonly index: number };

export type VerifyReply =
  | {
      readonly kind: 'verdict';
      readonly turn: number;
      readonly verdict: ShownVerdict;
      readonly entries: number;
      readonly tookMs: number;
      /** The bundle was carried by a PDF, whose pages claim nothing. */
      readonly inPdf: boolean;
    }
  | { readonly kind: 'rows'; readonly turn: number; readonly from: number; readonly rows: readonly BundleRow[] }
  | { readonly kind: 'whole'; readonly turn: number; readonly index: number; readonly json: string }
  /** The file could not be read at all: gone, no right to it; `reason`: a PDF without a bundle. */
  | { readonly kind: 'unreadable'; readonly turn: number; readonly reason?: string }
  /** The worker itself ended: out of memory, or not to be loaded. Nothing is known about the bundle. */
  | { readonly kind: 'stopped' };
