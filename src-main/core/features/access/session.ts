// The life of sessions: starting, ending, and which of them are over. Every way in and every way out goes through here.
import { uuidV7 } from '../../../base/ids.ts';
import type { Origin } from '../../dispatch/arrival.ts';
import type { WriteTx } from '../../store/store.ts';
import type { AccessParts } from './parts.ts';
import {
  allSessions,
  deletePendingLogins,
  deleteSession,
  expiredSessions,
  insertSession,
  oldestSessions,
  type Session,
  type SessionKind,
} from './sessions-table.ts';
import { createToken } from './token.ts';

export type NewSession = {
  readonly userId: string;
  readonly kind: SessionKind;
  readonly origin: Origin;
  readonly now: number;
  /** When the second factor was shown, where it was. */
  readonly steppedUpAt?: number;
};

export type StartedSession = {
  /** Shown to its holder once; the store keeps its hash. */
  readonly token: string;
  readonly expiresAt: number;
  readonly sessionId: string;
  /** Sessions of the same user that had to end for it. */
  readonly displaced: readonly string[];
};

export function startSession(parts: AccessParts, tx: WriteTx, wanted: NewSession): StartedSession {
  const { random } = parts.host;
  const { absoluteMs, maxSessionsPerUser } = parts.settings;
  endExpired(parts, tx, wanted.now);
  const displaced = oldestSessions(tx, wanted.userId, maxSessionsPerUser - 1);
  for (const id of displaced) endSession(parts, tx, id, wanted.now);
  const { token, hash } = createToken('ghs_', random);
  const session: Session = {
    id: uuidV7(wanted.now, random.bytes(10)),
    user_id: wanted.userId,
    kind: wanted.kind,
    ip: wanted.origin.ip,
    user_agent: wanted.origin.userAgent?.slice(0, 300) ?? null,
    created_at: wanted.now,
    last_active_at: wanted.now,
    expires_at: wanted.now + absoluteMs,
  };
  insertSession(tx, session, hash, wanted.steppedUpAt ?? null);
  tx.announce('sessions.changed', session.id, wanted.now);
  return { token, expiresAt: session.expires_at, sessionId: session.id, displaced };
}

/** Deletes the session: with its row every right it gave is gone, on the very next request. */
export function endSession(parts: AccessParts, tx: WriteTx, id: string, now: number): void {
  if (!deleteSession(tx, id)) return;
  tx.announce('sessions.changed', id, now);
  tx.afterCommit(() => parts.sessionEnded(id));
}

/** Whoever was signed in, or half, must sign in again. */
export function endAllSessions(parts: AccessParts, tx: WriteTx, now: number): void {
  for (const id of allSessions(tx)) endSession(parts, tx, id, now);
  deletePendingLogins(tx);
}

/** Ends what has timed out, so that streams close and lists stay true; refusing such sessions doesn't wait for it. */
export function endExpired(parts: AccessParts, tx: WriteTx, now: number): void {
  const { idleMs } = parts.settings;
  for (const { id, last_active_at, expires_at } of expiredSessions(tx, now, now - idleMs)) {
    // The store may lag behind by one flush: somebody who was just here is not idle.
    if (isOver({ last_active_at: parts.presence.lastActiveAt(id, last_active_at), expires_at }, now, idleMs)) {
      endSession(parts, tx, id, now);
    }
  }
}

/** Idle for the whole idle time, or past the absolute end. */
export function isOver(session: Pick<Session, 'last_active_at' | 'expires_at'>, now: number, idleMs: number): boolean {
  return now >= session.expires_at || now - session.last_active_at >= idleMs;
}
