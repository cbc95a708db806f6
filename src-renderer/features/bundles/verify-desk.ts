// Verifies one file after the other and answers for the rows of the last one. It is the worker's inside, without the worker, so that
// tests run it as it is.

import { readRow } from '../../../src-shared/evidence/bundle-rows.ts';
import { type BundleSource, readSpan, sourceOf } from '../../../src-shared/evidence/bundle-source.ts';
import { FormatError } from '../../../src-shared/evidence/format-error.ts';
import type { Primitives } from '../../../src-shared/evidence/primitives.ts';
import type { Verdict } from '../../../src-shared/evidence/verdict.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import type { VerifyReply, VerifyRequest } from './verify-messages.ts';

/** A bundle's bytes, and whether a PDF carried them. */
export type OpenedFile = BundleSource & { readonly inPdf?: boolean };

const mostRows = 500;
const nothing = sourceOf(new Uint8Array());

/**
 * The answer takes requests one at a time.
 * @param now milliseconds that never go back.
 * @param open gives the bytes of a file a part at a time; fails where the file can't be read.
 */
export function createVerifyDesk(
  primitives: Primitives,
  now: () => number,
  open: (file: Blob) => OpenedFile | Promise<OpenedFile>,
) {
  let source: OpenedFile = nothing;
  let held: Verdict | undefined;

  function verify(turn: number, trustedKeys: readonly string[]): VerifyReply {
    const began = now();
    held = verifyBundle(primitives, source, { trustedKeys });
    const { entries, ...verdict } = held;
    const { inPdf = false } = source;
    return { kind: 'verdict', turn, verdict, entries: entries?.seqs.length ?? 0, tookMs: now() - began, inPdf };
  }

  function entryBytes(index: number): Uint8Array {
    return readSpan(source, held?.entries?.starts[index] ?? 0, held?.entries?.ends[index] ?? 0);
  }

  return async function answer(request: VerifyRequest): Promise<VerifyReply> {
    const { turn } = request;
    switch (request.kind) {
      case 'verify':
        try {
          source = await open(request.file);
          return verify(turn, request.trustedKeys);
        } catch (error) {
          source = nothing;
          held = undefined;
          // Of a PDF it can be said why there is nothing to verify.
          return { kind: 'unreadable', turn, ...(error instanceof FormatError ? { reason: error.reason } : {}) };
        }
      case 'again':
        return verify(turn, request.trustedKeys);
      case 'rows': {
        const seqs = held?.entries?.seqs ?? [];
        const suspects = new Set(held?.findings.map((finding) => finding.seq));
        const to = Math.min(seqs.length, request.from + Math.min(request.count, mostRows));
        const rows = [];
        for (let index = request.from; index < to; index += 1) {
          const seq = seqs[index] ?? 0;
          rows.push(readRow(entryBytes(index), index, seq, suspects.has(seq), held?.erased));
        }
        return { kind: 'rows', turn, from: request.from, rows };
      }
      case 'whole':
        return { kind: 'whole', turn, index: request.index, json: readWhole(entryBytes(request.index)) };
    }
  };
}

/** The entry's JSON for reading, or the bytes as they are where they hold none. */
function readWhole(bytes: Uint8Array): string {
  const written = new TextDecoder().decode(bytes);
  try {
    return JSON.stringify(JSON.parse(written), null, 2);
  } catch {
    return written;
  }
}
