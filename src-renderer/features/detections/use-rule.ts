// One rule as the console has it now: read again whenever rules change. What was read stays when a later reading fails, because somebody
// may be writing on it.
import { useCallback, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { RuleFull } from '../../../src-shared/contract/rules.ts';
import { call } from '../../api/client.ts';
import { failureWords, isAborted, isProblem } from '../../api/failures.ts';
import { detections } from './detections-state.ts';

export interface ReadRule {
  readonly rule: RuleFull | undefined;
  readonly failure: string | undefined;
  /** It was there, and is no more. */
  readonly isGone: boolean;
  readonly reload: () => void;
}

export function useRule(id: string | undefined): ReadRule {
  const reading = useStore(detections, (state) => state.reading);
  const [state, setState] = useState<Omit<ReadRule, 'reload'>>({ rule: undefined, failure: undefined, isGone: false });
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another reading of the list, or another try, is when to read it again
  useEffect(() => {
    if (id === undefined) return undefined;
    const asking = new AbortController();
    call('rules.get', { id }, { signal: asking.signal }).then(
      (rule) => setState({ rule, failure: undefined, isGone: false }),
      (error: unknown) => {
        if (isAborted(error)) return;
        const failure = failureWords(error);
        setState(({ rule }) => ({
          rule,
          failure,
          isGone: rule !== undefined && isProblem(error, 'rules/not-found'),
        }));
      },
    );
    return () => asking.abort();
  }, [id, reading, tries]);
  return { ...state, reload: useCallback(() => setTries((n) => n + 1), []) };
}
