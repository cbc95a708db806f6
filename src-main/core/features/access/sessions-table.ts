// All SQL of sessions and of half-finished logins.
import type { ReadTx, WriteTx } from '../../store/store.ts';
import type { Position } from './cursor.ts';

export type SessionKind = 'console' | 'api' | 'cli' | 'window';

export type Session = {
  readonly id: string;
  readonly user_id: string;
  readonly kind: SessionKind;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly created_at: number;
  readonly last_active_at: number;
  readonly expires_at: number;
};

export type ListedSession = Session & { readonly username: string };

/** A session with all that says who its holder is; of any workspace. */
export type IdentifiedSession = Session & {
  readonly workspace: string;
  readonly username: string;
  readonly role: string;
  readonly disabled_at: number | null;
  readonly mfa_active_at: number | null;
  readonly stepped_up_at: number | null;
  readonly locked_at: number | null;
};

export type PendingStage = 'code' | 'enrolment';

export type PendingLogin = {
  readonly id: string;
  readonly workspace: string;
  readonly user_id: string;
  readonly username: string;
  readonly disabled_at: number | null;
  readonly stage: PendingStage;
  readonly expires_at: number;
  readonly tries: number;
};

const columns = 's.id, s.user_id, s.kind, s.ip, s.user_agent, s.created_at, s.last_active_at, s.expires_at';

/** For sign-in by token, over all workspaces: the token itself says which. */
export function identifySession(tx: ReadTx, tokenHash: Uint8Array): IdentifiedSession | undefined {
  return tx.get<IdentifiedSession>(
    `SELECT ${columns}, s.workspace, s.stepped_up_at, s.locked_at, u.username, u.disabled_at, m.role, t.active_at AS mfa_active_at
     FROM access_session s
     JOIN access_user u ON u.id = s.user_id
     JOIN access_member m ON m.user_id = s.user_id AND m.workspace = s.workspace
     LEFT JOIN access_totp t ON t.user_id = s.user_id
     WHERE s.token_hash = :token_hash`,
    { token_hash: tokenHash },
  );
}

export function insertSession(tx: WriteTx, session: Session, tokenHash: Uint8Array, steppedUpAt: number | null): void {
  tx.run(
    `INSERT INTO access_session
       (id, workspace, user_id, token_hash, kind, ip, user_agent, created_at, last_active_at, expires_at, stepped_up_at, locked_at)
     VALUES (:id, :workspace, :user_id, :token_hash, :kind, :ip, :user_agent, :created_at, :last_active_at, :expires_at, :stepped_up_at, NULL)`,
    { ...session, token_hash: tokenHash, stepped_up_at: steppedUpAt },
  );
}

export function findSession(tx: ReadTx, id: string): ListedSession | undefined {
  return tx.get<ListedSession>(
    `SELECT ${columns}, u.username FROM access_session s JOIN access_user u ON u.id = s.user_id
     WHERE s.workspace = :workspace AND s.id = :id`,
    { id },
  );
}

/** The existence look-up over all workspaces (spec 01): id to workspace, nothing else. */
export function workspaceOfSession(tx: ReadTx, id: string): string | undefined {
  return tx.get<{ workspace: string }>('SELECT workspace FROM access_session WHERE id = :id', { id })?.workspace;
}

/** Newest first, beyond `position`; of one user, or of everybody when `userId` is null. */
export function listSessions(
  tx: ReadTx,
  userId: string | null,
  now: number,
  position: Position,
  limit: number,
): ListedSession[] {
  return tx.all<ListedSession>(
    `SELECT ${columns}, u.username FROM access_session s JOIN access_user u ON u.id = s.user_id
     WHERE s.workspace = :workspace AND (:user_id IS NULL OR s.user_id = :user_id) AND s.expires_at > :now
       AND (s.created_at, s.id) < (:at, :id)
     ORDER BY s.created_at DESC, s.id DESC LIMIT :limit`,
    { user_id: userId, now, at: position.at, id: position.id, limit },
  );
}

/** The user's sessions beyond the newest `kept`. */
export function oldestSessions(tx: ReadTx, userId: string, kept: number): string[] {
  return tx
    .all<{ id: string }>(
      `SELECT id FROM access_session WHERE workspace = :workspace AND user_id = :user_id
       ORDER BY created_at DESC, id DESC LIMIT -1 OFFSET :kept`,
      { user_id: userId, kept },
    )
    .map(({ id }) => id);
}

/** Sessions whose time may be over: not seen by the store since `idleSince`, or past their absolute end. */
export function expiredSessions(
  tx: ReadTx,
  now: number,
  idleSince: number,
): Pick<Session, 'id' | 'last_active_at' | 'expires_at'>[] {
  return tx.all(
    `SELECT id, last_active_at, expires_at FROM access_session
     WHERE workspace = :workspace AND (expires_at <= :now OR last_active_at <= :idle_since)`,
    { now, idle_since: idleSince },
  );
}

export function allSessions(tx: ReadTx): string[] {
  return tx.all<{ id: string }>('SELECT id FROM access_session WHERE workspace = :workspace').map(({ id }) => id);
}

export function deleteSession(tx: WriteTx, id: string): boolean {
  return tx.run('DELETE FROM access_session WHERE workspace = :workspace AND id = :id', { id }) === 1;
}

export function touchSession(tx: WriteTx, id: string, at: number): void {
  tx.run(
    `UPDATE access_session SET last_active_at = max(last_active_at, :at) WHERE workspace = :workspace AND id = :id`,
    { id, at },
  );
}

export function setSteppedUp(tx: WriteTx, id: string, at: number): void {
  tx.run('UPDATE access_session SET stepped_up_at = :at WHERE workspace = :workspace AND id = :id', { id, at });
}

/** `at` is null for unlocking. */
export function setLocked(tx: WriteTx, id: string, at: number | null): void {
  tx.run('UPDATE access_session SET locked_at = :at WHERE workspace = :workspace AND id = :id', { id, at });
}

const pendingColumns = 'p.id, p.workspace, p.user_id, p.stage, p.expires_at, p.tries, u.username, u.disabled_at';

export function identifyPendingLogin(tx: ReadTx, tokenHash: Uint8Array): PendingLogin | undefined {
  return tx.get<PendingLogin>(
    `SELECT ${pendingColumns} FROM access_pending p JOIN access_user u ON u.id = p.user_id WHERE p.token_hash = :token_hash`,
    { token_hash: tokenHash },
  );
}

export function findPendingLogin(tx: ReadTx, id: string): PendingLogin | undefined {
  return tx.get<PendingLogin>(
    `SELECT ${pendingColumns} FROM access_pending p JOIN access_user u ON u.id = p.user_id
     WHERE p.workspace = :workspace AND p.id = :id`,
    { id },
  );
}

/** Keeps the newest few of the user: whoever knows the password can't fill the table. */
const mostPending = 5;

export function insertPendingLogin(
  tx: WriteTx,
  pending: { id: string; user_id: string; stage: PendingStage; created_at: number; expires_at: number },
  tokenHash: Uint8Array,
): void {
  tx.run(
    `INSERT INTO access_pending (id, workspace, user_id, token_hash, stage, created_at, expires_at, tries)
     VALUES (:id, :workspace, :user_id, :token_hash, :stage, :created_at, :expires_at, 0)`,
    { ...pending, token_hash: tokenHash },
  );
  tx.run(
    `DELETE FROM access_pending WHERE workspace = :workspace AND id IN
       (SELECT id FROM access_pending WHERE workspace = :workspace AND user_id = :user_id
        ORDER BY created_at DESC, id DESC LIMIT -1 OFFSET :most)`,
    { user_id: pending.user_id, most: mostPending },
  );
}

export function countTry(tx: WriteTx, id: string): void {
  tx.run('UPDATE access_pending SET tries = tries + 1 WHERE workspace = :workspace AND id = :id', { id });
}

export function deletePendingLogin(tx: WriteTx, id: string): void {
  tx.run('DELETE FROM access_pending WHERE workspace = :workspace AND id = :id', { id });
}

export function deletePendingLogins(tx: WriteTx): void {
  tx.run('DELETE FROM access_pending WHERE workspace = :workspace');
}

export function sweepPendingLogins(tx: WriteTx, now: number): void {
  tx.run('DELETE FROM access_pending WHERE workspace = :workspace AND expires_at <= :now', { now });
}
