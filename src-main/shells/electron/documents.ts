// Documents on their way to the page: the console makes them while they are read, and the page asks for one piece after another, so that
// a bundle of any size goes through this process in little memory. Only the page that opened one knows its number.

import { ProblemError } from '../../../src-shared/contract/problems.ts';
import type { StreamedDocument } from '../../core/dispatch/arrival.ts';

export type DocumentDesk = {
  hold(document: StreamedDocument): { readonly id: number; readonly size: number };
  /** The next piece; undefined after the last one. Rejects with ProblemError when there is no such document (any more). */
  next(id: number): Promise<Uint8Array | undefined>;
  drop(id: number): void;
  dropAll(): void;
};

const mostHeld = 4;
/** A message for each of the console's own small parts would cost more than what is in it. */
const pieceBytes = 1024 * 1024;

export function createDocumentDesk(): DocumentDesk {
  const held = new Map<number, AsyncIterator<Uint8Array>>();
  let last = 0;

  function drop(id: number): void {
    const parts = held.get(id);
    held.delete(id);
    // Who makes it may stop. That it could not be stopped in good order is nobody's matter any more.
    parts?.return?.().catch(() => undefined);
  }

  return {
    hold({ size, parts }) {
      last += 1;
      held.set(last, parts[Symbol.asyncIterator]());
      const [oldest] = held.keys();
      if (held.size > mostHeld && oldest !== undefined) drop(oldest);
      return { id: last, size };
    },
    async next(id) {
      const parts = held.get(id);
      if (parts === undefined) throw new ProblemError('request/not-found', 'this file was stopped; begin it again');
      const taken: Uint8Array[] = [];
      let length = 0;
      try {
        while (length < pieceBytes) {
          const part = await parts.next();
          if (part.done === true) break;
          taken.push(part.value);
          length += part.value.length;
        }
      } catch (error) {
        held.delete(id);
        throw error;
      }
      if (length > 0) return new Uint8Array(Buffer.concat(taken, length));
      held.delete(id);
      return undefined;
    },
    drop,
    dropAll() {
      for (const id of [...held.keys()]) drop(id);
    },
  };
}
