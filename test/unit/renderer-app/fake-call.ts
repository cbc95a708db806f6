// A console for the stores under test: answers operations by name from a script, and records what was asked.

import { ProblemFailure } from '../../../src-renderer/api/failures.ts';
import type { CallInput, OperationName, Output } from '../../../src-shared/contract/contract.ts';
import { type ProblemCode, ProblemError, problemBody } from '../../../src-shared/contract/problems.ts';

type Answers = { [N in OperationName]?: (input: CallInput<N>) => Output<N> | Promise<Output<N>> };

export function refuse(code: ProblemCode, detail = 'refused', retryAfterSeconds?: number): never {
  const extras = retryAfterSeconds === undefined ? {} : { retry_after_seconds: retryAfterSeconds };
  throw new ProblemFailure(problemBody(new ProblemError(code, detail, extras)));
}

export function fakeCall(answers: Answers) {
  const asked: { name: OperationName; input: unknown }[] = [];
  async function call<N extends OperationName>(name: N, input: CallInput<N>): Promise<Output<N>> {
    asked.push({ name, input });
    const answer = answers[name] as ((input: CallInput<N>) => Output<N> | Promise<Output<N>>) | undefined;
    if (answer === undefined) throw new Error(`the test has no answer for ${name}`);
    return answer(input);
  }
  return { call, asked, names: () => asked.map((each) => each.name) };
}

export const facts: Output<'auth.session'> = {
  user: { id: '01a1fd4e-5d86-7c18-ac9e-ecfe01bac0b8', username: 'mira.solberg', role: 'admin', mfa_enabled: true },
  permissions: ['alerts.read', 'console.read'],
  workspace: 'default',
  session_id: '01a1fd4e-5d86-7c18-ac9e-ecfe01bac0b9',
  locked: false,
  idle_lock_minutes: 10,
  created_at: '2026-11-21T08:00:00.000Z',
  stepped_up_until: null,
  csrf_token: 'abc',
};
