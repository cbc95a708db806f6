// Access as a feature: read this first. Who somebody is, how they prove it, and what they may do (spec 01).
// sign-in.ts (login) · console-session.ts (a session's own calls) · keys.ts (API keys) · identify.ts (every request).
import type { accessOperations } from '../../../../src-shared/contract/access.ts';
import type { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { type RoleName, roleNames } from '../../../../src-shared/permissions.ts';
import { uuidV7 } from '../../../base/ids.ts';
import type { Credential, Origin } from '../../dispatch/arrival.ts';
import type { Handlers } from '../../dispatch/handler.ts';
import type { Principal } from '../../dispatch/principal.ts';
import type { Feature } from '../../feature.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import type { Enrolment } from './codes.ts';
import { createConsoleSession } from './console-session.ts';
import { openEventSecret, sealedEventSecrets } from './event-secrets.ts';
import { identify, identifyPending } from './identify.ts';
import { createKeys } from './keys.ts';
import { findKey } from './keys-table.ts';
import { accessMigrations } from './migrations.ts';
import type { AccessDependencies, AccessParts } from './parts.ts';
import { createPresence, type KeyUse } from './presence.ts';
import { beginTotp, finishTotp, hasRecoveryCode, issueRecoveryCodes, sealedFactors } from './second-factor.ts';
import { endAllSessions, endExpired, type NewSession, type StartedSession, startSession } from './session.ts';
import { sweepPendingLogins } from './sessions-table.ts';
import { createSignIn } from './sign-in.ts';
import { invalidUsername, parseUsername } from './user.ts';
import { findRole, findUserByName, getUser, hasUsers, insertUser, sweepFailures } from './users-table.ts';

type NewUser = {
  readonly username: string;
  readonly passwordHash: string;
  readonly role: RoleName;
  readonly now: number;
};

export type Access = {
  readonly feature: Feature;
  /** Who the credential belongs to. For a read over all workspaces; never writes. */
  identify(tx: ReadTx, credential: Credential, now: number): Principal | ProblemError;
  /** The same for the temporary token of a half-finished login. */
  identifyPending(tx: ReadTx, token: string, now: number): Principal | ProblemError;
  /** Remembers in memory that a session or key was used. */
  touch(principal: Principal, origin: Origin, now: number): void;
  /** Writes the remembered uses of the transaction's workspace and ends what has timed out. For a timer. */
  /** @returns the keys that were used since */
  flushTouches(tx: WriteTx): KeyUse[];
  /** Ends every session and half-finished login of the transaction's workspace. */
  endAllSessions(tx: WriteTx): void;
  /** Called after the commit that ended a session, for whatever still hangs on it. */
  onSessionEnded(listener: (sessionId: string) => void): void;

  hasUsers(tx: ReadTx): boolean;
  /** How the user, role or API key that somebody names is written here; undefined for one that doesn't exist in this workspace. */
  findNamed(tx: ReadTx, kind: 'user' | 'role' | 'key', name: string): string | undefined;
  /** What the events of an API key are signed with, for the caller to zero; undefined for a key without such a secret. */
  findEventSecret(tx: ReadTx, keyId: string): Uint8Array | undefined;
  /** @throws ProblemError request/invalid for a name that can't be one or is taken. */
  createUser(tx: WriteTx, user: NewUser): { id: string; username: string };
  /** @throws ProblemError access/mfa-already-on */
  beginTotp(tx: WriteTx, userId: string, now: number): Enrolment;
  /** A right code activates the factor. @throws ProblemError access/mfa-not-started, access/mfa-already-on */
  verifyTotpEnrolment(tx: WriteTx, userId: string, code: string, now: number): boolean;
  /** Ten codes to be shown once; those issued before are void. */
  issueRecoveryCodes(tx: WriteTx, userId: string, now: number): string[];
  /** Spends nothing. */
  hasRecoveryCode(tx: ReadTx, userId: string, code: string): boolean;
  startSession(tx: WriteTx, session: NewSession): StartedSession;
};

export function createAccess(dependencies: AccessDependencies): Access {
  const { host } = dependencies;
  const listeners: ((sessionId: string) => void)[] = [];
  const parts: AccessParts = {
    ...dependencies,
    presence: createPresence(),
    sessionEnded: (sessionId) => {
      for (const listener of listeners) listener(sessionId);
    },
  };
  const handlers: Handlers<typeof accessOperations> = {
    ...createSignIn(parts),
    ...createConsoleSession(parts),
    ...createKeys(parts),
  };
  return {
    feature: {
      name: 'access',
      migrations: accessMigrations,
      scopedTables: ['access_member', 'access_session', 'access_pending', 'access_key'],
      sealed: [...sealedFactors, sealedEventSecrets],
      handlers,
    },
    identify: (tx, credential, now) => identify(parts, tx, credential, now),
    identifyPending,
    touch: parts.presence.touch,
    flushTouches(tx) {
      const now = host.clock.now();
      const used = parts.presence.flush(tx);
      endExpired(parts, tx, now);
      sweepPendingLogins(tx, now);
      sweepFailures(tx, now);
      return used;
    },
    endAllSessions: (tx) => endAllSessions(parts, tx, host.clock.now()),
    onSessionEnded: (listener) => void listeners.push(listener),
    hasUsers,
    findNamed(tx, kind, name) {
      if (kind === 'role') return roleNames.find((role) => role === name);
      if (kind === 'key') return findKey(tx, name)?.id;
      const user = findUserByName(tx, name);
      return user === undefined || findRole(tx, user.id) === undefined ? undefined : user.username;
    },
    findEventSecret: (tx, keyId) => openEventSecret(parts, tx, keyId),
    createUser(tx, { username: typed, passwordHash, role, now }) {
      const username = parseUsername(typed);
      if (findUserByName(tx, username) !== undefined) throw invalidUsername('this name is taken');
      const id = uuidV7(now, host.random.bytes(10));
      insertUser(tx, { id, username, passwordHash, disabledAt: null }, role, now);
      return { id, username };
    },
    beginTotp: (tx, userId, now) => beginTotp(parts, tx, getUser(tx, userId), now),
    verifyTotpEnrolment: (tx, userId, code, now) => finishTotp(parts, tx, userId, code, now),
    issueRecoveryCodes: (tx, userId, now) => issueRecoveryCodes(parts, tx, userId, now),
    hasRecoveryCode: (tx, userId, code) => hasRecoveryCode(parts, tx, userId, code),
    startSession: (tx, session) => startSession(parts, tx, session),
  };
}
