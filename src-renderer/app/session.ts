// Where the person stands with the console: set up or not, signed in, locked. One store, moved by the answers of the console and
// never by guesses. Screens are mounted in `signed-in` alone; in every other phase nothing they showed is left in the page.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CallInput, OperationName, Output } from '../../src-shared/contract/contract.ts';
import type { Permission } from '../../src-shared/permissions.ts';
import { failureWords, isProblem, type ProblemFailure } from '../api/failures.ts';

export type SetupState = Output<'setup.state'>;
export type SessionFacts = Output<'auth.session'>;

export type Phase =
  | { readonly kind: 'loading' }
  /** The service did not answer, or not with anything we know. */
  | { readonly kind: 'unreachable'; readonly words: string }
  | { readonly kind: 'setup'; readonly state: SetupState }
  /** The vault is locked: every key is zeroed and the store closed, for everybody. */
  | { readonly kind: 'vault-locked'; readonly unlockWith: NonNullable<SetupState['unlock_with']> }
  /** `reason`: why one who was signed in is not any more. */
  | { readonly kind: 'sign-in'; readonly reason: string | undefined }
  /** `held` false: this page is locked, yet the console has not confirmed it. */
  | {
      readonly kind: 'locked';
      readonly facts: SessionFacts;
      readonly held: boolean;
      /** So many minutes without keyboard and mouse were the cause. */
      readonly idleMinutes: number | undefined;
    }
  | { readonly kind: 'signed-in'; readonly facts: SessionFacts };

export interface SessionDependencies {
  call<N extends OperationName>(name: N, input: CallInput<N>): Promise<Output<N>>;
  startStream(): void;
  stopStream(): void;
  /** Empties what the features know. */
  forget(): void;
}

export interface Session {
  readonly store: StoreApi<Phase>;
  /** Asks the console where it stands. Also "Try again". */
  start(): Promise<void>;
  /** After a login, an unlock or the end of set-up: reads who is signed in. */
  refresh(): Promise<void>;
  /** Clears the page first and tells the console then, so that a slow answer shows nothing. */
  lock(idleMinutes?: number): Promise<void>;
  /** @throws ProblemFailure when password or code are wrong. */
  unlock(password: string, code: string): Promise<void>;
  signOut(): Promise<void>;
  /** All sessions ended by what was done here; `reason` says so where one signs in again. */
  ended(reason: string): void;
  /** A step of the wizard answered with the state of the set-up. */
  setupMoved(state: SetupState): void;
  /** Looks at every refusal: some say that the session is over or locked. */
  refused(failure: ProblemFailure, operation: OperationName): void;
}

export const sessionEnded = 'Your session has ended. Sign in to go on where you were.';
const endedWhileLocked = 'Your session ended while the console was locked. Sign in again.';

export function createSession(dependencies: SessionDependencies): Session {
  const { call } = dependencies;
  const store = createStore<Phase>(() => ({ kind: 'loading' }));
  // An answer to an older question must not undo what happened since (locking while a refresh is under way).
  let turn = 0;

  function move(phase: Phase): void {
    turn += 1;
    const before = store.getState().kind;
    store.setState(phase, true);
    if (phase.kind === 'signed-in') {
      dependencies.startStream();
      return;
    }
    dependencies.stopStream();
    if (before === 'signed-in') dependencies.forget();
  }

  async function start(): Promise<void> {
    const asked = turn;
    try {
      const state = await call('setup.state', {});
      if (asked !== turn) return;
      if (state.phase === 'locked') return move({ kind: 'vault-locked', unlockWith: state.unlock_with ?? 'token' });
      if (state.phase !== 'done') return move({ kind: 'setup', state });
      await refresh();
    } catch (error) {
      if (asked === turn) move({ kind: 'unreachable', words: failureWords(error) });
    }
  }

  async function refresh(): Promise<void> {
    const asked = turn;
    try {
      const facts = await call('auth.session', {});
      if (asked !== turn) return;
      if (facts.locked) move({ kind: 'locked', facts, held: true, idleMinutes: undefined });
      else move({ kind: 'signed-in', facts });
    } catch (error) {
      if (asked !== turn) return;
      if (isProblem(error, 'access/unauthenticated'))
        return move({ kind: 'sign-in', reason: reasonFor(store.getState()) });
      move({ kind: 'unreachable', words: failureWords(error) });
    }
  }

  return {
    store,
    start,
    refresh,
    async lock(idleMinutes) {
      const phase = store.getState();
      if (phase.kind !== 'signed-in') return;
      const { facts } = phase;
      move({ kind: 'locked', facts, held: false, idleMinutes });
      const asked = turn;
      try {
        await call('auth.lock', {});
      } catch {
        // No answer, or refused: the screen says that the console has not confirmed the lock. A session that is over says so by
        // `refused`.
        return;
      }
      if (asked === turn) move({ kind: 'locked', facts, held: true, idleMinutes });
    },
    async unlock(password, code) {
      await call('auth.unlock', code === '' ? { password } : { password, code });
      await refresh();
    },
    async signOut() {
      try {
        await call('auth.logout', {});
      } finally {
        move({ kind: 'sign-in', reason: undefined });
      }
    },
    ended(reason) {
      move({ kind: 'sign-in', reason });
    },
    setupMoved(state) {
      if (store.getState().kind === 'setup') move({ kind: 'setup', state });
    },
    refused(failure, operation) {
      const phase = store.getState();
      if (failure.is('console/locked')) {
        // Somebody locked the vault: whatever was shown is gone at once, and the console says how it is unlocked.
        if (phase.kind === 'setup' || phase.kind === 'vault-locked') return;
        move({ kind: 'vault-locked', unlockWith: 'token' });
        void start();
        return;
      }
      // The sign-in forms and `refresh` deal with their own refusals.
      if (operation === 'auth.session' || operation === 'auth.login' || operation === 'auth.mfa_verify') return;
      if (failure.is('access/unauthenticated') && (phase.kind === 'signed-in' || phase.kind === 'locked')) {
        move({ kind: 'sign-in', reason: reasonFor(phase) });
      } else if (failure.is('access/locked') && phase.kind === 'signed-in') {
        move({ kind: 'locked', facts: phase.facts, held: true, idleMinutes: undefined });
      }
    },
  };
}

function reasonFor(before: Phase): string | undefined {
  if (before.kind === 'locked') return endedWhileLocked;
  return before.kind === 'signed-in' ? sessionEnded : undefined;
}

/** May the one who is signed in do this? False in every other phase. */
export function mayDo(phase: Phase, permission: Permission): boolean {
  return phase.kind === 'signed-in' && phase.facts.permissions.includes(permission);
}
