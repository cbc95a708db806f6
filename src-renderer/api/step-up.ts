// Some operations want the second factor fresh. `withStepUp` runs one, and when it is refused for that asks for a code and runs it again.
// Who asks (a dialog of the access feature) is given at start.

import { isProblem } from './failures.ts';

/** Asks for a code and shows it to the console. False: the person gave up. */
export type StepUpAsker = () => Promise<boolean>;

let asker: StepUpAsker | undefined;

export function provideStepUp(ask: StepUpAsker): () => void {
  asker = ask;
  return () => {
    if (asker === ask) asker = undefined;
  };
}

/**
 * Runs `run`; on `access/step-up` asks for the second factor and runs it once more.
 * @returns what `run` gives, or undefined when the person closed the question.
 */
export async function withStepUp<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!isProblem(error, 'access/step-up') || asker === undefined) throw error;
    return (await asker()) ? await run() : undefined;
  }
}
