// Verifies one file after the other and answers for the rows of the last one. It is the worker's inside, without the worker, so that
// tests run it as it is.

import { readBundle } from '../../../src-shared/evidence/bundle-reader.ts';
import { readRow } from '../../../src-shared/evidence/bundle-rows.ts';
import { type BundleSource, readSpan, sourceOf } from '../../../src-shared/evidence/bundle-source.ts';
import { encodeHex } from '../../../src-shared/evidence/bytes.ts';
import { FormatError } from '../../../src-shared/evidence/format-error.ts';
import type { Primitives } from '../../../src-shared/evidence/primitives.ts';
import { beginsLikeReceipt, largestReceipt } from '../../../src-shared/evidence/receipt.ts';
import type { StampPrimitives } from '../../../src-shared/evidence/stamps/stamp-primitives.ts';
import { Findings, type Verdict } from '../../../src-shared/evidence/verdict.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { readAttachment } from '../../../src-shared/evidence/verify-content.ts';
import { verifyReceipt } from '../../../src-shared/evidence/verify-receipt.ts';
import type { GivenPdf } from '../../../src-shared/evidence/verify-report.ts';
import { createProgressRate } from '../../lib/progress-rate.ts';
import type { Trust, VerifyReply, VerifyRequest } from './verify-messages.ts';

/** A bundle's bytes, and the PDF that carried them. */
export type OpenedFile = BundleSource & { readonly pdf?: Uint8Array };

export interface DeskParts {
  readonly primitives: Primitives;
  readonly stamps: StampPrimitives;
  /** Milliseconds that never go back. */
  now(): number;
  /** Told while a large file is read. */
  tell?(reply: VerifyReply): void;
  /** Gives the bytes of a file a part at a time. @throws where the file can't be read; FormatError for a PDF with no bundle. */
  open(file: Blob): OpenedFile | Promise<OpenedFile>;
}

const mostRows = 500;
const partBytes = 4 * 1024 * 1024;
/** Smaller ones are done before anybody could read how far they are. */
const toldFrom = 2 * partBytes;
const nothing = sourceOf(new Uint8Array());

/** The answer takes requests one at a time. */
export function createVerifyDesk({ primitives, stamps, now, tell, open }: DeskParts) {
  const rate = createProgressRate(now);
  let source: OpenedFile = nothing;
  let held: Verdict | undefined;
  /** Why the last file could not be read, where it could not. */
  let unread: { readonly reason?: string } | undefined;

  function verify(turn: number, { authorities, ...trust }: Trust, beside: Uint8Array | undefined): VerifyReply {
    const head = readSpan(source, 0, 16);
    if (source.pdf === undefined && source.size <= largestReceipt && beginsLikeReceipt(head)) {
      held = undefined;
      const keys = [...trust.trustedKeys, ...trust.pinnedKeys];
      const receipt = verifyReceipt(primitives, readSpan(source, 0, source.size), keys);
      return { kind: 'receipt', turn, receipt };
    }
    const began = now();
    const pdf = givenPdf(beside);
    const timeStamps = { authorities, primitives: stamps };
    held = verifyBundle(primitives, watched(turn), { ...trust, timeStamps, ...(pdf && { pdf }) });
    const { entries, erased, ...rest } = held;
    const erasedFields = [...(erased?.values() ?? [])].reduce((sum, paths) => sum + paths.length, 0);
    const verdict = { ...rest, erasedFields };
    const inPdf = source.pdf !== undefined;
    return { kind: 'verdict', turn, verdict, entries: entries?.seqs.length ?? 0, tookMs: now() - began, inPdf };
  }

  /** The file, telling how far it was read: it is gone through once, from the beginning to the end. */
  function watched(turn: number): BundleSource {
    if (tell === undefined || source.size < toldFrom) return source;
    const { read } = source;
    let furthest = 0;
    rate.reset();
    return {
      ...source,
      read(offset, target) {
        const length = read(offset, target);
        if (offset + length > furthest) {
          furthest = offset + length;
          tell({ kind: 'progress', turn, done: furthest, perSecond: rate.read('file', furthest) });
        }
        return length;
      },
    };
  }

  function givenPdf(beside: Uint8Array | undefined): GivenPdf | undefined {
    if (beside !== undefined) return { name: 'the PDF beside it', bytes: beside, carriesBundle: false };
    return source.pdf && { name: 'this PDF', bytes: source.pdf, carriesBundle: true };
  }

  function entryBytes(index: number): Uint8Array {
    return readSpan(source, held?.entries?.starts[index] ?? 0, held?.entries?.ends[index] ?? 0);
  }

  function digest(): string {
    if (source.pdf !== undefined) return encodeHex(primitives.sha256(source.pdf));
    const running = primitives.createSha256();
    for (let at = 0; at < source.size; at += partBytes) running.update(readSpan(source, at, at + partBytes));
    return encodeHex(running.digest());
  }

  return async function answer(request: VerifyRequest): Promise<VerifyReply> {
    const { turn } = request;
    switch (request.kind) {
      case 'verify':
        try {
          source = await open(request.file);
          unread = undefined;
          return verify(turn, request.trust, await wholeOf(request.pdf));
        } catch (error) {
          source = nothing;
          held = undefined;
          // Of a PDF it can be said why there is nothing to verify.
          unread = error instanceof FormatError ? { reason: error.reason } : {};
          return { kind: 'unreadable', turn, ...unread };
        }
      case 'again':
        if (unread !== undefined) return { kind: 'unreadable', turn, ...unread };
        return verify(turn, request.trust, await wholeOf(request.pdf));
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
        return {
          kind: 'whole',
          turn,
          index: request.index,
          json: readWhole(entryBytes(request.index)),
          erased: held?.erased?.get(held.entries?.seqs[request.index] ?? 0) ?? [],
        };
      case 'digest':
        return { kind: 'digest', turn, sha256: digest() };
      case 'attachment': {
        const parts = readBundle(primitives, source, new Findings());
        const bytes = readAttachment(source, parts, request.index) ?? new Uint8Array();
        return { kind: 'attachment', turn, index: request.index, bytes: Uint8Array.from(bytes) };
      }
    }
  };
}

async function wholeOf(file: Blob | undefined): Promise<Uint8Array | undefined> {
  return file && new Uint8Array(await file.arrayBuffer());
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
