// Who a credential belongs to. Reads over all workspaces, because the credential itself says which; never writes.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { builtInRoles, resolvePatterns, resolveScopes } from '../../../../src-shared/permissions.ts';
import { equalBytes } from '../../../base/bytes.ts';
import { instant } from '../../../base/instants.ts';
import type { Credential } from '../../dispatch/arrival.ts';
import type { Principal } from '../../dispatch/principal.ts';
import type { ReadTx } from '../../store/store.ts';
import { readApiKey } from './api-key.ts';
import { identifyKey } from './keys-table.ts';
import type { AccessParts } from './parts.ts';
import { isOver } from './session.ts';
import { identifyPendingLogin, identifySession } from './sessions-table.ts';
import { demandsFactor } from './settings.ts';
import { signInExpired } from './sign-in.ts';
import { hashOfToken } from './token.ts';
import { roleNamed } from './users-table.ts';

export function identify(
  parts: AccessParts,
  tx: ReadTx,
  credential: Credential,
  now: number,
): Principal | ProblemError {
  if (credential.kind === 'none') return unauthenticated('sign in, or send a session token or an API key');
  const { token, from } = credential;
  const mayBeSession = from !== 'api-key';
  const mayBeKey = from === 'bearer' || from === 'api-key';
  if (mayBeSession && token.startsWith('ghs_')) return identifyBySession(parts, tx, token, now);
  if (mayBeKey && token.startsWith('gh_')) return identifyByKey(tx, token, now);
  if (from === 'bearer' && token.startsWith('ghp_')) return refuseTemporary(tx, token, now);
  return unauthenticated('this is neither a session token nor an API key');
}

function identifyBySession(parts: AccessParts, tx: ReadTx, token: string, now: number): Principal | ProblemError {
  const tokenHash = hashOfToken('ghs_', token);
  const session = tokenHash === undefined ? undefined : identifySession(tx, tokenHash);
  if (tokenHash === undefined || session === undefined) return sessionOver();
  const last_active_at = parts.presence.lastActiveAt(session.id, session.last_active_at);
  const over = isOver({ last_active_at, expires_at: session.expires_at }, now, parts.settings.idleMs);
  if (over || session.disabled_at !== null) return sessionOver();
  const role = roleNamed(session.role);
  const mfaEnabled = session.mfa_active_at !== null;
  // The policy may have become stricter, or the user an admin, since this session began: then enrolling comes first.
  if (!mfaEnabled && demandsFactor(parts.settings.mfaRequired, role)) {
    return new ProblemError('access/enrolment-required', 'your role needs a second factor; sign in again to enrol one');
  }
  return {
    kind: 'user',
    workspace: session.workspace,
    userId: session.user_id,
    username: session.username,
    role,
    mfaEnabled,
    sessionId: session.id,
    tokenHash,
    sessionCreatedAt: session.created_at,
    steppedUpAt: session.stepped_up_at,
    locked: session.locked_at !== null,
    permissions: resolvePatterns(builtInRoles[role].allow, builtInRoles[role].deny),
  };
}

function identifyByKey(tx: ReadTx, text: string, now: number): Principal | ProblemError {
  const shown = readApiKey(text);
  const key = shown === undefined ? undefined : identifyKey(tx, shown.id);
  // SECURITY: why a key is refused is told only to whoever holds the whole of it; the id alone stands in lists and logs.
  if (shown === undefined || key === undefined || !equalBytes(shown.hash, key.secret_hash)) {
    return unauthenticated('this API key is not valid');
  }
  if (key.revoked_at !== null) return unauthenticated(`this API key was revoked at ${instant(key.revoked_at)}`);
  if (key.expires_at !== null && now >= key.expires_at) {
    return unauthenticated(`this API key expired at ${instant(key.expires_at)}; make a new one`);
  }
  return {
    kind: 'key',
    workspace: key.workspace,
    keyId: key.id,
    name: key.name,
    eventSigning: key.event_signing,
    permissions: resolveScopes(key.scopes),
  };
}

/** The temporary token opens the step it was given for and nothing else; here it is shown to something else. */
function refuseTemporary(tx: ReadTx, token: string, now: number): ProblemError {
  const pending = identifyPending(tx, token, now);
  if (pending instanceof ProblemError) return pending;
  if (pending.kind === 'pending' && pending.stage === 'enrolment') {
    return new ProblemError(
      'access/enrolment-required',
      'enrol a second factor first; nothing else is open until then',
    );
  }
  return unauthenticated('finish signing in with the second factor first');
}

export function identifyPending(tx: ReadTx, token: string, now: number): Principal | ProblemError {
  const hash = hashOfToken('ghp_', token);
  const pending = hash === undefined ? undefined : identifyPendingLogin(tx, hash);
  if (pending === undefined || now >= pending.expires_at || pending.disabled_at !== null) return signInExpired();
  return {
    kind: 'pending',
    workspace: pending.workspace,
    userId: pending.user_id,
    username: pending.username,
    stage: pending.stage,
    pendingId: pending.id,
  };
}

function unauthenticated(detail: string): ProblemError {
  return new ProblemError('access/unauthenticated', detail);
}

function sessionOver(): ProblemError {
  return unauthenticated('this session has ended; sign in again');
}
