// What the forms of this screen share: one call under way, with the second factor where the console wants it, and what it refused.

import { useState } from 'react';
import { failureWords, fieldMessages } from '../../api/failures.ts';
import { withStepUp } from '../../api/step-up.ts';

export function useSubmit<T>(run: () => Promise<T>, done: (result: T) => void) {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  async function submit(): Promise<void> {
    setIsBusy(true);
    setError(undefined);
    try {
      const result = await withStepUp(run);
      if (result !== undefined) done(result);
    } catch (failure) {
      setError(failure);
    } finally {
      setIsBusy(false);
    }
  }
  return {
    isBusy,
    submit,
    fields: fieldMessages(error),
    words: error === undefined ? undefined : failureWords(error),
    forget: () => setError(undefined),
  };
}
