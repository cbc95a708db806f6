// What the page may ask of the desktop itself, beside the operations of the contract: a secret on the clipboard that goes away again, a
// window that screen capture does not see while a value is shown, and the pieces of a document that an operation answered with. They come
// over the channel of all calls and through the same guard.

import { z } from 'zod';
import { ProblemError } from '../../../src-shared/contract/problems.ts';
import { sha256Hex } from '../../base/hashes.ts';
import type { Log, Timers } from '../../core/ports.ts';
import type { DocumentDesk } from './documents.ts';

export type ShellClipboard = {
  readText(): Promise<string>;
  writeText(text: string): Promise<void>;
  clear(): void;
};

export type PageCallParts = {
  readonly clipboard: ShellClipboard;
  /** @returns whether this system can do it. */
  readonly hideFromCapture: (isHidden: boolean) => boolean;
  readonly documents: Pick<DocumentDesk, 'next' | 'drop'>;
  readonly timers: Timers;
  readonly log: Log;
};

export type PageCalls = AsyncDisposable & {
  /** Undefined: no call of this name, it may be an operation. Rejects with ProblemError when the input does not fit. */
  answer(name: string, input: unknown): Promise<object> | undefined;
};

const copyInput = z.strictObject({
  text: z.string().min(1).max(65_536),
  clear_after_ms: z.int().min(1_000).max(300_000),
});
const documentInput = z.strictObject({ id: z.int().min(1) });
const captureInput = z.strictObject({ for_ms: z.int().min(0).max(300_000) });

export function createPageCalls({ clipboard, hideFromCapture, documents, timers, log }: PageCallParts): PageCalls {
  /** SECURITY: the digest stands for the text: between copying and clearing nothing here holds it. */
  let copied: { readonly digest: string; readonly timer: Disposable } | undefined;
  let capture: Disposable | undefined;

  async function clear(): Promise<void> {
    if (copied === undefined) return;
    const { digest, timer } = copied;
    copied = undefined;
    timer[Symbol.dispose]();
    try {
      // What was copied since is somebody's work.
      if (sha256Hex(await clipboard.readText()) === digest) clipboard.clear();
    } catch (error) {
      log.warn('the clipboard was not cleared', { error: String(error) });
    }
  }

  const calls: Readonly<Record<string, (input: unknown) => Promise<object>>> = {
    async 'desktop.copy_secret'(input) {
      const { text, clear_after_ms } = parsed(copyInput, input);
      copied?.timer[Symbol.dispose]();
      // Before it is written: whatever becomes of the rest, the text does not stay.
      copied = { digest: sha256Hex(text), timer: timers.after(clear_after_ms, () => void clear()) };
      await clipboard.writeText(text);
      return { ok: true };
    },
    async 'desktop.hide_from_capture'(input) {
      const { for_ms } = parsed(captureInput, input);
      capture?.[Symbol.dispose]();
      capture = undefined;
      const isDone = hideFromCapture(for_ms > 0);
      // The page may be gone by then, and with it the call that would end it.
      if (for_ms > 0) capture = timers.after(for_ms, () => hideFromCapture(false));
      return { hidden: isDone && for_ms > 0 };
    },
    async 'desktop.document_piece'(input) {
      return { data: (await documents.next(parsed(documentInput, input).id)) ?? null };
    },
    async 'desktop.document_drop'(input) {
      documents.drop(parsed(documentInput, input).id);
      return { ok: true };
    },
  };

  return {
    answer: (name, input) => (Object.hasOwn(calls, name) ? calls[name]?.(input) : undefined),
    /** At quitting there is no later. */
    async [Symbol.asyncDispose]() {
      await clear();
      capture?.[Symbol.dispose]();
    },
  };
}

function parsed<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  // SECURITY: which field, never what stood in it.
  const fields = result.error.issues.map(({ path }) => path.join('.')).filter((path) => path !== '');
  throw new ProblemError(
    'request/malformed',
    `expected other values${fields.length === 0 ? '' : `: ${fields.join(', ')}`}`,
  );
}
