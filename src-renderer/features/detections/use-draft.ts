// The draft of what is open in the editor: read when it is opened, kept while one writes.
import { useEffect, useRef, useState } from 'react';
import type { RuleDraft } from '../../../src-shared/contract/rule-drafts.ts';
import { call } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { createDraftKeeper, type DraftKeeper, type DraftState, type DraftText } from './draft-keeper.ts';

/** @returns undefined until it is known whether there is one; a text that can't be read is no reason not to write. */
export function useKeptDraft(of: string, isAsked: boolean): { readonly draft: RuleDraft | null } | undefined {
  const [answer, setAnswer] = useState<{ readonly draft: RuleDraft | null }>();
  useEffect(() => {
    if (!isAsked) return undefined;
    const asking = new AbortController();
    call('drafts.get', { of }, { signal: asking.signal }).then(setAnswer, (error: unknown) => {
      if (isAborted(error)) return;
      // Throws what is no failure of a call.
      failureWords(error);
      setAnswer({ draft: null });
    });
    return () => asking.abort();
  }, [of, isAsked]);
  return isAsked ? answer : { draft: null };
}

/** @param text undefined while nothing differs from the rule, or nothing may be written */
export function useDraftKeeper(
  of: string,
  wasKept: boolean,
  text: DraftText | undefined,
): { readonly state: DraftState; readonly discard: () => Promise<void> } {
  const [state, setState] = useState<DraftState>({ kind: wasKept ? 'kept' : 'none' });
  const keeper = useRef<DraftKeeper>(undefined);
  keeper.current ??= createDraftKeeper(of, wasKept, {
    call,
    later(run, ms) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    onState: setState,
  });
  const key = JSON.stringify(text);
  const known = useRef(key);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the text
  useEffect(() => {
    if (known.current === key) return;
    known.current = key;
    keeper.current?.write(text);
  }, [key]);
  useEffect(() => {
    const flush = () => keeper.current?.flush();
    window.addEventListener('pagehide', flush);
    document.addEventListener('visibilitychange', flush);
    return () => {
      window.removeEventListener('pagehide', flush);
      document.removeEventListener('visibilitychange', flush);
      flush();
    };
  }, []);
  return { state, discard: () => keeper.current?.discard() ?? Promise.resolve() };
}
