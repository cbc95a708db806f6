// The desktop window's way to the console: the three names that the preload gives. The session lives in the main process.

import type { CallInput, OperationName, Output } from '../../src-shared/contract/contract.ts';
import type { ProblemBody } from '../../src-shared/problem.ts';
import { NetworkFailure, ProblemFailure } from './failures.ts';
import { readAnnouncement } from './live-stream.ts';
import type { Transport } from './transport.ts';

export type BridgeAnswer =
  | { readonly kind: 'output'; readonly output: unknown }
  | { readonly kind: 'problem'; readonly problem: ProblemBody };

/** `window.gatehouse`, as the preload defines it. */
export interface Bridge {
  readonly platform: string;
  call(name: string, input: unknown): Promise<BridgeAnswer>;
  /** Announcements as they come; the answer ends it. */
  subscribe(listener: (announcement: unknown) => void): () => void;
}

export function createIpcTransport(bridge: Bridge): Transport {
  async function call<N extends OperationName>(
    name: N,
    input: CallInput<N>,
    options: { readonly signal?: AbortSignal | undefined },
  ): Promise<Output<N>> {
    options.signal?.throwIfAborted();
    let answer: BridgeAnswer;
    try {
      answer = await bridge.call(name, input);
    } catch (cause) {
      throw new NetworkFailure('The Gatehouse service does not answer. Restart Gatehouse, then try again.', { cause });
    }
    options.signal?.throwIfAborted();
    if (answer.kind === 'problem') throw new ProblemFailure(answer.problem);
    return answer.output as Output<N>;
  }

  return {
    kind: 'window',
    call,
    async download(name, input, options) {
      // The main process hands the document over as one text, up to what the page can hold.
      const text: unknown = await call(name, input as CallInput<typeof name>, options);
      const document = new Blob([String(text)]);
      options.onProgress(document.size, document.size);
      return document;
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
