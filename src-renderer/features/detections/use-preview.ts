// What an exception would have hidden in the last 30 days, looked up by itself once its conditions stand still: nobody makes one blindly.
import { useEffect, useRef, useState } from 'react';
import type { CallInput, Output } from '../../../src-shared/contract/contract.ts';
import { call } from '../../api/client.ts';
import { type LookBack, useLookBack } from './use-look-back.ts';

type Previewed = Pick<CallInput<'detections.what_if'>, 'rule' | 'exception'>;
type Answer = { readonly of: string; readonly result: Output<'detections.what_if'> };

export interface Preview extends Pick<LookBack<Answer>, 'failure' | 'progress' | 'cancel'> {
  readonly result: Output<'detections.what_if'> | undefined;
  /** It is of conditions that were changed since. */
  readonly isOld: boolean;
  /** Neither answered, nor failed, nor given up. */
  readonly isDue: boolean;
  /** Look again, after it was given up or has failed. */
  again(): void;
}

/** While one types nothing is asked. */
const settleMs = 600;

/** @param change undefined while there is nothing to look for */
export function usePreview(change: Previewed | undefined): Preview {
  const look = useLookBack<Answer>();
  const [over, setOver] = useState<string>();
  const key = change === undefined ? undefined : JSON.stringify(change);
  const newest = useRef(key);
  newest.current = key;

  async function begin(of: string, asked: Previewed): Promise<void> {
    await look.ask(async (task, signal) => ({
      of,
      result: await call('detections.what_if', { ...asked, task }, { signal }),
    }));
    // One that was ended because of a change is not over: the changed one is due.
    if (newest.current === of) setOver(of);
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the change; the look is another object each time
  useEffect(() => {
    if (key === undefined || change === undefined) return;
    const timer = setTimeout(() => void begin(key, change), settleMs);
    return () => {
      clearTimeout(timer);
      look.cancel();
    };
  }, [key]);

  return {
    failure: look.failure,
    progress: look.progress,
    cancel: look.cancel,
    result: look.answer?.result,
    isOld: look.answer?.of !== key,
    isDue: key !== undefined && over !== key,
    again() {
      if (key === undefined || change === undefined) return;
      setOver(undefined);
      void begin(key, change);
    },
  };
}
