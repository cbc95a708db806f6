// The desktop window's way to the console: the three names that the preload gives. The session lives in the main process.

import type { CallInput, OperationName, Output } from '../../src-shared/contract/contract.ts';
import type { ProblemBody } from '../../src-shared/problem.ts';
import { NetworkFailure, ProblemFailure } from './failures.ts';
import { readAnnouncement } from './live-stream.ts';
import type { CallOptions, Transport } from './transport.ts';

export type BridgeAnswer =
  | { readonly kind: 'output'; readonly output: unknown }
  | { readonly kind: 'document'; readonly id: number; readonly size: number }
  | { readonly kind: 'problem'; readonly problem: ProblemBody };

/** `window.gatehouse`, as the preload defines it. */
export interface Bridge {
  readonly platform: string;
  call(name: string, input: unknown): Promise<BridgeAnswer>;
  /** Announcements as they come; the answer ends it. */
  subscribe(listener: (announcement: unknown) => void): () => void;
}

/** Bytes that are handed to the browser at a time: it keeps a blob of many parts on the disk. */
const blobPart = 8 * 1024 * 1024;

export function createIpcTransport(bridge: Bridge): Transport {
  async function ask(name: string, input: unknown, options: CallOptions): Promise<BridgeAnswer> {
    options.signal?.throwIfAborted();
    let answer: BridgeAnswer;
    try {
      answer = await bridge.call(name, input);
    } catch (cause) {
      throw new NetworkFailure('The Gatehouse service does not answer. Restart Gatehouse, then try again.', { cause });
    }
    if (answer.kind === 'document' && options.signal?.aborted === true) await drop(answer.id);
    options.signal?.throwIfAborted();
    if (answer.kind === 'problem') throw new ProblemFailure(answer.problem);
    return answer;
  }

  /** A document of any size, piece by piece; the main process makes it meanwhile. */
  async function fetchDocument(
    { id, size }: { readonly id: number; readonly size: number },
    options: CallOptions & { readonly onProgress?: (done: number, total: number) => void },
  ): Promise<Blob> {
    const parts: Blob[] = [];
    let held: Uint8Array<ArrayBuffer>[] = [];
    let heldBytes = 0;
    let done = 0;
    try {
      for (;;) {
        const piece = pieceOf(await ask('desktop.document_piece', { id }, options));
        if (piece === undefined) break;
        held.push(piece);
        heldBytes += piece.length;
        done += piece.length;
        options.onProgress?.(done, size);
        if (heldBytes < blobPart) continue;
        parts.push(new Blob(held));
        held = [];
        heldBytes = 0;
      }
    } catch (error) {
      await drop(id);
      throw error;
    }
    if (done !== size) throw new NetworkFailure('The file broke off on its way. Try again.');
    return new Blob([...parts, ...held]);
  }

  async function drop(id: number): Promise<void> {
    await bridge.call('desktop.document_drop', { id }).catch(() => undefined);
  }

  async function call<N extends OperationName>(name: N, input: CallInput<N>, options: CallOptions): Promise<Output<N>> {
    const answer = await ask(name, input, options);
    if (answer.kind === 'document') return (await (await fetchDocument(answer, options)).text()) as Output<N>;
    return (answer.kind === 'output' ? answer.output : undefined) as Output<N>;
  }

  return {
    kind: 'window',
    call,
    async download(name, input, options) {
      const answer = await ask(name, input, options);
      if (answer.kind !== 'document')
        throw new NetworkFailure('The answer was no file. Restart Gatehouse, then try again.');
      return fetchDocument(answer, options);
    },
    openStream(listener) {
      const end = bridge.subscribe((announced) => {
        const announcement = readAnnouncement({ event: '', data: JSON.stringify(announced) ?? 'null' });
        if (announcement !== undefined) listener.announce(announcement);
      });
      listener.change({ kind: 'live' });
      return () => {
        end();
        listener.change({ kind: 'off' });
      };
    },
  };
}

/** Undefined after the last piece. */
function pieceOf(answer: BridgeAnswer): Uint8Array<ArrayBuffer> | undefined {
  const { data } = (answer.kind === 'output' ? answer.output : {}) as { readonly data?: unknown };
  if (data === null) return undefined;
  if (data instanceof Uint8Array && data.buffer instanceof ArrayBuffer) return new Uint8Array(data);
  throw new NetworkFailure('The file broke off on its way. Try again.');
}
