// What every form shares: one call under way, with the second factor where the console wants it fresh, and what it refused.

import { useState } from 'react';
import { failureWords, fieldMessages, NetworkFailure } from '../api/failures.ts';
import { withStepUp } from '../api/step-up.ts';

/** @param done not called when the person gave up showing the second factor */
export function useSubmit<T>(run: () => Promise<T>, done: (result: T) => void) {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  async function submit(): Promise<void> {
    setIsBusy(true);
    setError(undefined);
    try {
      const answered = await withStepUp(async () => ({ result: await run() }));
      if (answered !== undefined) done(answered.result);
    } catch (failure) {
      setError(failure);
    } finally {
      setIsBusy(false);
    }
  }
  const fields = fieldMessages(error);
  const words = error === undefined ? undefined : failureWords(error);
  return {
    isBusy,
    submit,
    /** What was refused of which field. */
    fields,
    /** Why it was refused. */
    words,
    /** The same where no field is named: for forms that have all of them beside their inputs. */
    problem: Object.keys(fields).length === 0 ? words : undefined,
    /** Nobody knows whether it was done. */
    isUnanswered: error instanceof NetworkFailure,
    forget: () => setError(undefined),
  };
}
