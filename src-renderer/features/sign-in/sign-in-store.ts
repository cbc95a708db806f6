// The way in: password, then a code or an enrolment, then recovery codes once. Holds the temporary token of a half-finished login in
// memory for its few minutes; a session's own token never comes here.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { LoginAnswer } from '../../../src-shared/contract/access.ts';
import type { CallInput, OperationName, Output } from '../../../src-shared/contract/contract.ts';
import { failureWords, isProblem, ProblemFailure } from '../../api/failures.ts';

export type SignInStep =
  | { readonly kind: 'password' }
  | { readonly kind: 'code'; readonly token: string; readonly method: 'totp' | 'recovery_code' }
  | { readonly kind: 'enrolment'; readonly token: string; readonly enrolment: Output<'auth.mfa_enable'> }
  | { readonly kind: 'recovery-codes'; readonly codes: readonly string[] };

export interface SignInState {
  readonly step: SignInStep;
  readonly username: string;
  readonly isBusy: boolean;
  readonly problem: string | undefined;
  /** No further try before this instant (ms UTC). */
  readonly retryAt: number | undefined;
}

export interface SignInDependencies {
  call<N extends OperationName>(name: N, input: CallInput<N>): Promise<Output<N>>;
  /** True in the browser, where the session becomes a cookie; the desktop window's session lives in its main process. */
  readonly asCookie: boolean;
  /** The console has a session for us. */
  signedIn(): Promise<void>;
  now(): number;
}

export interface SignIn {
  readonly store: StoreApi<SignInState>;
  setUsername(username: string): void;

  submitPassword(password: string): Promise<void>;
  submitCode(code: string): Promise<void>;
  chooseMethod(method: 'totp' | 'recovery_code'): void;
  /** The recovery codes were kept. */
  finish(): Promise<void>;
  startAgain(): void;
}

const tooLong = 'That took too long, or too many codes were wrong. Sign in again.';

const empty: SignInState = {
  step: { kind: 'password' },
  username: '',
  isBusy: false,
  problem: undefined,
  retryAt: undefined,
};

export function createSignIn(dependencies: SignInDependencies): SignIn {
  const { call, asCookie } = dependencies;
  const store = createStore<SignInState>(() => empty);
  const cookie = asCookie ? ({ cookie: true } as const) : {};

  async function attempt(run: () => Promise<void>): Promise<void> {
    const { isBusy, retryAt } = store.getState();
    if (isBusy || (retryAt !== undefined && retryAt > dependencies.now())) return;
    store.setState({ isBusy: true, problem: undefined, retryAt: undefined });
    try {
      await run();
    } catch (error) {
      store.setState({ problem: failureWords(error), retryAt: retryAtOf(error) });
    } finally {
      store.setState({ isBusy: false });
    }
  }

  function retryAtOf(error: unknown): number | undefined {
    const seconds = error instanceof ProblemFailure ? error.problem.retry_after_seconds : undefined;
    return seconds === undefined ? undefined : dependencies.now() + seconds * 1000;
  }

  async function follow(answer: LoginAnswer): Promise<void> {
    if ('mfa_required' in answer) {
      const method = answer.methods.includes('totp') ? 'totp' : 'recovery_code';
      store.setState({ step: { kind: 'code', token: answer.token, method } });
      return;
    }
    if ('mfa_enrollment_required' in answer) {
      const enrolment = await call('auth.mfa_enable', { token: answer.token });
      store.setState({ step: { kind: 'enrolment', token: answer.token, enrolment } });
      return;
    }
    if (answer.recovery_codes !== undefined && answer.recovery_codes.length > 0) {
      store.setState({ step: { kind: 'recovery-codes', codes: answer.recovery_codes } });
      return;
    }
    await finish();
  }

  async function finish(): Promise<void> {
    await dependencies.signedIn();
    store.setState(empty);
  }

  return {
    store,
    setUsername: (username) => store.setState({ username }),
    submitPassword: (password) =>
      attempt(async () => {
        const { username } = store.getState();
        await follow(await call('auth.login', { username, password, ...cookie }));
      }),
    submitCode: (code) =>
      attempt(async () => {
        const { step } = store.getState();
        if (step.kind !== 'code' && step.kind !== 'enrolment') return;
        try {
          await follow(await call('auth.mfa_verify', { token: step.token, code: code.trim(), ...cookie }));
        } catch (error) {
          if (!isProblem(error, 'access/unauthenticated')) throw error;
          store.setState({ step: { kind: 'password' }, problem: tooLong });
        }
      }),
    chooseMethod(method) {
      const { step } = store.getState();
      if (step.kind === 'code') store.setState({ step: { ...step, method }, problem: undefined });
    },
    finish: () => attempt(finish),
    startAgain() {
      store.setState({ ...empty, username: store.getState().username });
    },
  };
}
