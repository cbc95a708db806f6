// Whoever makes a call, after identification, and what they may do.
import type { EventSigning } from '../../../src-shared/contract/access.ts';
import { ProblemError } from '../../../src-shared/contract/problems.ts';
import type { Permission, RoleName } from '../../../src-shared/permissions.ts';

export type UserPrincipal = {
  readonly kind: 'user';
  readonly workspace: string;
  readonly userId: string;
  readonly username: string;
  readonly role: RoleName;
  readonly mfaEnabled: boolean;
  readonly sessionId: string;
  /** SHA-256 of the session's token: from it the CSRF token is made. */
  readonly tokenHash: Uint8Array;
  readonly sessionCreatedAt: number;
  readonly steppedUpAt: number | null;
  readonly locked: boolean;
  readonly permissions: ReadonlySet<Permission>;
};

/** Half signed in: password shown, second factor still to show (`code`) or to enrol (`enrolment`). */
export type PendingPrincipal = {
  readonly kind: 'pending';
  readonly workspace: string;
  readonly userId: string;
  readonly username: string;
  readonly stage: 'code' | 'enrolment';
  readonly pendingId: string;
};

export type KeyPrincipal = {
  readonly kind: 'key';
  readonly workspace: string;
  readonly keyId: string;
  readonly name: string;
  readonly eventSigning: EventSigning;
  readonly permissions: ReadonlySet<Permission>;
};

export type Principal =
  | UserPrincipal
  | PendingPrincipal
  | KeyPrincipal
  | { readonly kind: 'setup'; readonly workspace: string }
  | { readonly kind: 'anonymous'; readonly workspace: string }
  | { readonly kind: 'system'; readonly workspace: string; readonly name: string };

/** Narrow to a signed-in user. @throws ProblemError access/forbidden for keys and the system. */
export function requireUser(principal: Principal): UserPrincipal {
  if (principal.kind === 'user') return principal;
  throw new ProblemError('access/forbidden', 'this needs a signed-in user, not an API key');
}

/** How the principal stands in audit entries and activities. */
export function actorOf(principal: Principal): { kind: string; id: string | null; name: string } {
  switch (principal.kind) {
    case 'user':
    case 'pending':
      return { kind: 'user', id: principal.userId, name: principal.username };
    case 'key':
      return { kind: 'key', id: principal.keyId, name: principal.name };
    case 'setup':
      return { kind: 'setup', id: null, name: 'setup' };
    case 'system':
      return { kind: 'system', id: null, name: principal.name };
    case 'anonymous':
      return { kind: 'anonymous', id: null, name: 'anonymous' };
  }
}
