// Keeps a text at the console while it is written: a moment after the last key, one request at a time, the newest text last. It knows no
// screen and no clock.
import type { CallInput } from '../../../src-shared/contract/contract.ts';
import type { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';

export type DraftText = Omit<CallInput<'drafts.save'>, 'of'>;
export type DraftState =
  | { readonly kind: 'none' | 'waiting' | 'kept' }
  | { readonly kind: 'failed'; readonly words: string };

export interface DraftKeeper {
  /** What stands in the editor now; undefined when nothing differs from the rule. */
  write(text: DraftText | undefined): void;
  /** Without waiting for a pause in the writing: the page goes away. */
  flush(): void;
  /** Thrown away at the console too, after what is under way. What is written afterwards is kept again. */
  discard(): Promise<void>;
}

interface Dependencies {
  readonly call: typeof call;
  readonly later: (run: () => void, ms: number) => () => void;
  readonly onState: (state: DraftState) => void;
}

const settleMs = 600;

export function createDraftKeeper(of: string, wasKept: boolean, { call, later, onState }: Dependencies): DraftKeeper {
  let wanted: DraftText | undefined;
  let isDue = false;
  let isThere = wasKept;
  let under: Promise<void> | undefined;
  let cancel: (() => void) | undefined;

  function stopWaiting(): void {
    cancel?.();
    cancel = undefined;
  }

  function send(): void {
    stopWaiting();
    if (!isDue || under !== undefined) return;
    isDue = false;
    const text = wanted;
    if (text === undefined && !isThere) return;
    under = (text === undefined ? call('drafts.discard', { of }) : call('drafts.save', { of, ...text }))
      .then(
        () => {
          isThere = text !== undefined;
          if (!isDue) onState({ kind: isThere ? 'kept' : 'none' });
        },
        (error: unknown) => onState({ kind: 'failed', words: failureWords(error) }),
      )
      .finally(() => {
        under = undefined;
        send();
      });
  }

  return {
    write(text) {
      wanted = text;
      isDue = true;
      onState({ kind: text === undefined && !isThere ? 'none' : 'waiting' });
      stopWaiting();
      cancel = later(send, settleMs);
    },
    flush: send,
    async discard() {
      stopWaiting();
      wanted = undefined;
      isDue = false;
      await under;
      isThere = false;
      onState({ kind: 'none' });
      await call('drafts.discard', { of });
    },
  };
}
