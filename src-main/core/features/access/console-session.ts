// What the holder of a session does with it: ask, end, lock, unlock, show the second factor again; and the list of sessions.
import type { accessOperations } from '../../../../src-shared/contract/access.ts';
import type { Output } from '../../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { defaultLimit } from '../../../../src-shared/contract/values.ts';
import { csrfToken } from '../../../base/csrf.ts';
import { instant } from '../../../base/instants.ts';
import { type Call, type Handlers, prepared, type Refusal, refuse } from '../../dispatch/handler.ts';
import { type Principal, requireUser, type UserPrincipal } from '../../dispatch/principal.ts';
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
import { pageOf, readCursor } from './cursor.ts';
import type { AccessParts } from './parts.ts';
import { hasFactor, spendCode } from './second-factor.ts';
import { endSession } from './session.ts';
import {
  findSession,
  type ListedSession,
  listSessions,
  setLocked,
  setSteppedUp,
  workspaceOfSession,
} from './sessions-table.ts';
import { recordFactor } from './sign-in.ts';
import { findUser } from './users-table.ts';

type Operations = typeof accessOperations;
type ConsoleSession = Pick<
  Handlers<Operations>,
  'auth.step_up' | 'auth.logout' | 'auth.session' | 'auth.lock' | 'auth.unlock' | 'sessions.list' | 'sessions.end'
>;

const done = { ok: true } as const;

export function createConsoleSession(parts: AccessParts): ConsoleSession {
  const { settings } = parts;

  return {
    'auth.step_up'(tx, call, input) {
      const user = requireUser(call.principal);
      if (!hasFactor(tx, user.userId)) {
        throw new ProblemError('access/enrolment-required', 'enrol a second factor; there is none to show');
      }
      return showFactor(tx, call, user, input.code) ?? done;
    },

    'auth.logout'(tx, call) {
      const user = requireUser(call.principal);
      call.entry.resource = { type: 'session', id: user.sessionId };
      endSession(parts, tx, user.sessionId, call.now);
      call.endSession();
      return done;
    },

    'auth.session'(_tx, call) {
      const user = requireUser(call.principal);
      const until = user.steppedUpAt === null ? null : user.steppedUpAt + settings.stepUpMs;
      return {
        user: { id: user.userId, username: user.username, role: user.role, mfa_enabled: user.mfaEnabled },
        permissions: [...user.permissions],
        workspace: user.workspace,
        session_id: user.sessionId,
        locked: user.locked,
        idle_lock_minutes: settings.idleLockMinutes,
        created_at: instant(user.sessionCreatedAt),
        stepped_up_until: until === null || until <= call.now ? null : instant(until),
        csrf_token: csrfToken(user.tokenHash),
      };
    },

    'auth.lock'(tx, call) {
      const user = requireUser(call.principal);
      call.entry.resource = { type: 'session', id: user.sessionId };
      setLocked(tx, user.sessionId, call.now);
      tx.announce('sessions.changed', user.sessionId, call.now);
      // A locked session hears nothing more, as if it had ended.
      tx.afterCommit(() => parts.sessionEnded(user.sessionId));
      return done;
    },

    'auth.unlock': prepared<Operations['auth.unlock'], PasswordFinding>({
      async before(call, input) {
        const { userId, username } = requireUser(call.principal);
        const { user, waitMs } = parts.read((tx) => ({
          user: findUser(tx, userId),
          waitMs: waitOf(tx, username, call.now),
        }));
        if (user === undefined || waitMs > 0) return { kind: 'not-tried' };
        return checkPassword(parts.host.hasher, user.passwordHash, user, input.password);
      },
      run(tx, call, input, finding) {
        const holder = requireUser(call.principal);
        call.entry.resource = { type: 'session', id: holder.sessionId };
        const waitMs = waitOf(tx, holder.username, call.now);
        if (waitMs > 0 || finding.kind === 'not-tried') return refuseWaiting(call.entry, waitMs);
        const user = findUser(tx, holder.userId);
        if (user === undefined || !acceptPassword(tx, user, finding)) {
          const problem = new ProblemError('access/credentials', 'the password is wrong; the console stays locked');
          return refuseFailed(tx, holder.username, call.now, call.entry, problem);
        }
        if (hasFactor(tx, user.id)) {
          if (input.code === undefined) {
            return refuse(
              new ProblemError('access/code', 'show the second factor too: send its code with the password'),
            );
          }
          const refusal = showFactor(tx, call, holder, input.code);
          if (refusal !== undefined) return refusal;
        } else clearFailures(tx, holder.username);
        setLocked(tx, holder.sessionId, null);
        tx.announce('sessions.changed', holder.sessionId, call.now);
        return done;
      },
    }),

    'sessions.list'(tx, call, input) {
      const { owner, own } = whoseSessions(call.principal);
      const limit = input.limit ?? defaultLimit;
      const rows = listSessions(tx, owner, call.now, readCursor(input.cursor), limit + 1);
      const { items, nextCursor } = pageOf(rows, limit, (row) => ({ at: row.created_at, id: row.id }));
      return { items: items.map((row) => present(row, own)), next_cursor: nextCursor };
    },

    'sessions.end': prepared<Operations['sessions.end'], string | undefined>({
      before: async (_call, input) => parts.read((tx) => workspaceOfSession(tx, input.id)),
      run(tx, call, input, workspace) {
        call.entry.resource = { type: 'session', id: input.id };
        if (workspace !== undefined && workspace !== call.workspace) {
          return refuse(new ProblemError('access/cross-workspace', 'this session belongs to another workspace'));
        }
        const session = findSession(tx, input.id);
        const { principal } = call;
        const own = principal.kind === 'user' && session?.user_id === principal.userId;
        const may = own || ('permissions' in principal && principal.permissions.has('sessions.manage'));
        // Others' sessions don't exist for whoever may not end them.
        if (session === undefined || !may) {
          throw new ProblemError('access/session-not-found', 'there is no such session; it may have ended by itself');
        }
        call.entry.details = { user: session.username, own };
        endSession(parts, tx, session.id, call.now);
        if (principal.kind === 'user' && principal.sessionId === session.id) call.endSession();
        return done;
      },
    }),
  };

  /** Takes a code as the second factor shown now; undefined when it was right. */
  function showFactor(tx: WriteTx, call: Call, user: UserPrincipal, code: string): Refusal | undefined {
    const waitMs = waitOf(tx, user.username, call.now);
    if (waitMs > 0) return refuseWaiting(call.entry, waitMs);
    const factor = spendCode(parts, tx, user.userId, code, call.now);
    if (factor === undefined) {
      const problem = new ProblemError('access/code', 'the code is wrong or was used before; wait for the next one');
      return refuseFailed(tx, user.username, call.now, call.entry, problem);
    }
    clearFailures(tx, user.username);
    setSteppedUp(tx, user.sessionId, call.now);
    recordFactor(tx, call, user.userId, factor);
    return undefined;
  }

  function present(row: ListedSession, own: string | null): Output<'sessions.list'>['items'][number] {
    return {
      id: row.id,
      username: row.username,
      kind: row.kind,
      ip_address: row.ip,
      user_agent: row.user_agent,
      created_at: instant(row.created_at),
      last_active_at: instant(parts.presence.lastActiveAt(row.id, row.last_active_at)),
      expires_at: instant(row.expires_at),
      current: row.id === own,
    };
  }
}

/** Whose sessions may be listed (null: everybody's), and which one is the caller's own. */
function whoseSessions(principal: Principal): { owner: string | null; own: string | null } {
  const everybody = 'permissions' in principal && principal.permissions.has('sessions.read');
  if (principal.kind === 'key' && everybody) return { owner: null, own: null };
  const user = requireUser(principal);
  return { owner: everybody ? null : user.userId, own: user.sessionId };
}
