// The order of set-up: what is done follows from the store, what comes next from that.

import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { type SetupStep, setupSteps } from '../../../../src-shared/contract/setup.ts';
import type { ReadTx } from '../../store/store.ts';
import { type FactName, findFact } from './facts.ts';

const doneBy: Readonly<Record<Exclude<SetupStep, 'keys'>, FactName>> = {
  owner: 'owner_id',
  second_factor: 'second_factor_done',
  recovery: 'recovery_done',
  certificate: 'certificate_done',
  source: 'source_done',
  finish: 'finished',
};

/** The step to do next in a console whose store exists; null when set-up is finished. */
export function nextStep(tx: ReadTx): SetupStep | null {
  if (findFact(tx, 'finished') !== undefined) return null;
  return setupSteps.find((step) => step !== 'keys' && findFact(tx, doneBy[step]) === undefined) ?? 'finish';
}

/** @throws ProblemError setup/done, setup/order */
export function requireStep(tx: ReadTx, step: SetupStep): void {
  const next = nextStep(tx);
  if (next === null) throw new ProblemError('setup/done', 'the console is already set up; sign in');
  if (next !== step) throw new ProblemError('setup/order', `the next step is ${next.replace('_', ' ')}`);
}
