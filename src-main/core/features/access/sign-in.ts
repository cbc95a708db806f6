// Signing in: password, then second factor or its enrolment, then the session (spec 01).
import { type accessOperations, commandLineAgent } from '../../../../src-shared/contract/access.ts';
import type { Output } from '../../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { RoleName } from '../../../../src-shared/permissions.ts';
import { toBase64Url } from '../../../base/bytes.ts';
import { uuidV7 } from '../../../base/ids.ts';
import { type Call, type Handlers, prepared, type Refusal, refuse } from '../../dispatch/handler.ts';
import type { PendingPrincipal, Principal, UserPrincipal } from '../../dispatch/principal.ts';
import type { WriteTx } from '../../store/store.ts';
import {
  acceptPassword,
  checkPassword,
  clearFailures,
  type PasswordFinding,
  refuseFailed,
  refuseWaiting,
  waitOf,
} from './credentials.ts';
import { countUnusedRecoveryCodes } from './factors-table.ts';
import type { AccessParts } from './parts.ts';
import {
  beginTotp,
  type Factor,
  factorsOf,
  finishTotp,
  hasFactor,
  issueRecoveryCodes,
  spendCode,
} from './second-factor.ts';
import { startSession } from './session.ts';
import {
  countTry,
  deletePendingLogin,
  findPendingLogin,
  insertPendingLogin,
  type PendingStage,
  type SessionKind,
  setSteppedUp,
} from './sessions-table.ts';
import { demandsFactor } from './settings.ts';
import { createToken } from './token.ts';
import type { User } from './user.ts';
import { findRole, findUserByName } from './users-table.ts';

type SignIn = Pick<Handlers<typeof accessOperations>, 'auth.login' | 'auth.mfa_enable' | 'auth.mfa_verify'>;
type LoginOutput = Output<'auth.login'>;

export function createSignIn(parts: AccessParts): SignIn {
  const { host, settings } = parts;
  let filler: Promise<string> | undefined;

  /** Made with the first login, whoever's it is, so that its cost doesn't tell names apart either. */
  function fillerHash(): Promise<string> {
    filler ??= host.hasher.hash(toBase64Url(host.random.bytes(32)));
    return filler;
  }

  return {
    'auth.login': prepared<(typeof accessOperations)['auth.login'], PasswordFinding>({
      async before(call, input) {
        const stored = await fillerHash();
        const { user, waitMs } = parts.read((tx) => ({
          user: findUserByName(tx, input.username),
          waitMs: waitOf(tx, input.username, call.now),
        }));
        if (waitMs > 0) return { kind: 'not-tried' };
        return checkPassword(host.hasher, stored, user, input.password);
      },
      run(tx, call, input, finding) {
        const user = findUserByName(tx, input.username);
        describeAttempt(call, user, input.username);
        const waitMs = waitOf(tx, input.username, call.now);
        if (waitMs > 0 || finding.kind === 'not-tried') return refuseWaiting(call.entry, waitMs);
        const role = user === undefined || user.disabledAt !== null ? undefined : findRole(tx, user.id);
        if (user === undefined || role === undefined || !acceptPassword(tx, user, finding)) {
          const problem = new ProblemError('access/credentials', 'the user name or the password is wrong');
          return refuseFailed(tx, input.username, call.now, call.entry, problem);
        }
        if (hasFactor(tx, user.id)) {
          call.entry.details = { outcome: 'second_factor_asked' };
          const methods = factorsOf(tx, user.id);
          return { mfa_required: true, token: startPending(tx, user.id, 'code', call.now), methods };
        }
        if (demandsFactor(settings.mfaRequired, role)) {
          call.entry.details = { outcome: 'enrolment_asked' };
          return { mfa_enrollment_required: true, token: startPending(tx, user.id, 'enrolment', call.now) };
        }
        return signIn(tx, call, user, role, input.cookie === true, undefined);
      },
    }),

    'auth.mfa_enable'(tx, call) {
      const { userId, username } = requireEnrolling(call.principal);
      call.entry.resource = { type: 'user', id: userId };
      call.entry.details = { method: 'totp' };
      return beginTotp(parts, tx, { id: userId, username }, call.now);
    },

    'auth.mfa_verify'(tx, call, input) {
      const { principal } = call;
      if (principal.kind === 'user') return finishOwnEnrolment(tx, call, principal, input.code);
      if (principal.kind !== 'pending') throw notSigningIn();
      // Asked again inside the transaction: other tries with the same token may have been counted since it was identified.
      const pending = findPendingLogin(tx, principal.pendingId);
      const role = findRole(tx, principal.userId);
      if (pending === undefined || role === undefined) throw signInExpired();
      const user = { id: principal.userId, username: principal.username };
      const asCookie = input.cookie === true;
      if (pending.stage === 'enrolment') {
        if (!finishTotp(parts, tx, user.id, input.code, call.now))
          return refuseCode(tx, call, principal, pending.tries);
        deletePendingLogin(tx, pending.id);
        const answer = signIn(tx, call, user, role, asCookie, 'totp');
        call.entry.details = { ...call.entry.details, enrolled: 'totp' };
        return { ...answer, recovery_codes: issueRecoveryCodes(parts, tx, user.id, call.now) };
      }
      const waitMs = waitOf(tx, user.username, call.now);
      if (waitMs > 0) return refuseWaiting(call.entry, waitMs);
      const factor = spendCode(parts, tx, user.id, input.code, call.now);
      if (factor === undefined) return refuseCode(tx, call, principal, pending.tries);
      deletePendingLogin(tx, pending.id);
      return signIn(tx, call, user, role, asCookie, factor);
    },
  };

  function startPending(tx: WriteTx, userId: string, stage: PendingStage, now: number): string {
    const { token, hash } = createToken('ghp_', host.random);
    const id = uuidV7(now, host.random.bytes(10));
    insertPendingLogin(tx, { id, user_id: userId, stage, created_at: now, expires_at: now + settings.pendingMs }, hash);
    return token;
  }

  /** The end of every sign-in: counters cleared, session started, its token given to whoever keeps it. */
  function signIn(
    tx: WriteTx,
    call: Call,
    user: Pick<User, 'id' | 'username'>,
    role: RoleName,
    asCookie: boolean,
    factor: Factor | undefined,
  ): Extract<LoginOutput, { user: unknown }> {
    clearFailures(tx, user.username);
    const started = startSession(parts, tx, {
      userId: user.id,
      kind: sessionKind(call, asCookie),
      origin: call.origin,
      now: call.now,
      ...(factor === undefined ? {} : { steppedUpAt: call.now }),
    });
    call.entry.resource = { type: 'session', id: started.sessionId };
    call.entry.details = {
      outcome: 'signed_in',
      ...(started.displaced.length === 0 ? {} : { ended_sessions: [...started.displaced] }),
    };
    if (factor !== undefined) recordFactor(tx, call, user.id, factor);
    const shown = { id: user.id, username: user.username, role, mfa_enabled: factor !== undefined };
    // SECURITY: where the adapter keeps the token it must not reach a page as well.
    if (call.via === 'window' || asCookie) {
      call.grant({ token: started.token, expiresAt: started.expiresAt, purpose: 'session' });
      return { user: shown };
    }
    return { token: started.token, user: shown };
  }

  function refuseCode(tx: WriteTx, call: Call, principal: PendingPrincipal, triesBefore: number): Refusal {
    const left = settings.pendingTries - triesBefore - 1;
    if (left > 0) countTry(tx, principal.pendingId);
    else deletePendingLogin(tx, principal.pendingId);
    const problem = new ProblemError(
      'access/code',
      left > 0
        ? `the code is wrong or was used before; ${left} ${left === 1 ? 'try' : 'tries'} left`
        : 'the code is wrong or was used before; sign in again',
    );
    return refuseFailed(tx, principal.username, call.now, call.entry, problem);
  }

  function finishOwnEnrolment(tx: WriteTx, call: Call, principal: UserPrincipal, code: string): LoginOutput | Refusal {
    call.entry.resource = { type: 'user', id: principal.userId };
    if (!finishTotp(parts, tx, principal.userId, code, call.now)) {
      return refuse(new ProblemError('access/code', 'the code is wrong; wait for the next one and try again'));
    }
    call.entry.details = { enrolled: 'totp' };
    setSteppedUp(tx, principal.sessionId, call.now);
    const { userId: id, username, role } = principal;
    return {
      user: { id, username, role, mfa_enabled: true },
      recovery_codes: issueRecoveryCodes(parts, tx, id, call.now),
    };
  }
}

/** A recovery code in place of the authenticator is an entry of its own kind: it may be the thief's way in. */
export function recordFactor(tx: WriteTx, call: Call, userId: string, factor: Factor): void {
  call.entry.details = { ...call.entry.details, factor };
  if (factor !== 'recovery_code') return;
  call.entry.type = 'recovery_code_used';
  call.entry.details = { ...call.entry.details, recovery_codes_left: countUnusedRecoveryCodes(tx, userId) };
}

// A name is recorded as the actor's only if it is one; anything else that was typed is a detail, cut to the length of a name.
function describeAttempt(call: Call, user: User | undefined, typed: string): void {
  if (user !== undefined) call.entry.actor = { kind: 'user', id: user.id, name: user.username };
  // Cutting may leave half a character, which would stop the entry, and with it the counting of the failure.
  else call.entry.details = { username: typed.slice(0, 64).toWellFormed() };
}

function sessionKind(call: Call, asCookie: boolean): SessionKind {
  if (call.via === 'window') return 'window';
  if (asCookie) return 'console';
  return call.origin.userAgent?.startsWith(`${commandLineAgent}/`) === true ? 'cli' : 'api';
}

function requireEnrolling(principal: Principal): { userId: string; username: string } {
  if (principal.kind === 'user' || principal.kind === 'pending') return principal;
  throw notSigningIn();
}

function notSigningIn(): ProblemError {
  return new ProblemError('access/unauthenticated', 'this needs the temporary token that the login answered');
}

export function signInExpired(): ProblemError {
  return new ProblemError(
    'access/unauthenticated',
    'this sign-in has expired or was used up; start again with the password',
  );
}
