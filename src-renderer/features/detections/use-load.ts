// Reading one thing for a part of the screen: again when the key changes, what came before stays until then, and also when that fails:
// somebody may be reading it, or writing on it.
import { useCallback, useEffect, useState } from 'react';
import { failureWords, isAborted } from '../../api/failures.ts';

export interface Loaded<T> {
  readonly value: T | undefined;
  readonly failure: string | undefined;
  readonly reload: () => void;
}

/** @param key what `read` depends on; undefined reads nothing. */
export function useLoad<T>(key: string | undefined, read: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T; failure?: string }>();
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for all that is read
  useEffect(() => {
    if (key === undefined) return undefined;
    const reading = new AbortController();
    read(reading.signal).then(
      (value) => setState({ key, value }),
      (error: unknown) => {
        if (isAborted(error)) return;
        const failure = failureWords(error);
        setState((before) => ({ ...before, key, failure }));
      },
    );
    return () => reading.abort();
  }, [key, tries]);
  return { value: state?.value, failure: state?.failure, reload: useCallback(() => setTries((n) => n + 1), []) };
}
