// Who may do what with one secret. Permissions are checked before (dispatch); a grant never gives what they don't.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { SecretGrant } from '../../../../src-shared/contract/secrets.ts';
import type { Principal } from '../../dispatch/principal.ts';

export type SecretAction = SecretGrant['actions'][number];

/** Without grants permissions alone decide; with some, only those named. Who may do anything with a secret may see its metadata. */
export function allows(grants: readonly SecretGrant[], principal: Principal, action: SecretAction): boolean {
  if (grants.length === 0) return true;
  return grants.some((grant) => names(grant, principal) && (action === 'read' || grant.actions.includes(action)));
}

/**
 * Admins are never locked out: they see every secret's metadata and may change its grants. For anything more they must grant it to
 * themselves first, and that stands in the audit log.
 */
export function isAdmin(principal: Principal): boolean {
  return principal.kind === 'user' && principal.role === 'admin';
}

/** Whom grants may name by, for the list; undefined for those who see all. */
export function namesOf(principal: Principal): { user: string; role: string; key: string } | undefined {
  if (isAdmin(principal) || principal.kind === 'system') return undefined;
  return {
    user: principal.kind === 'user' ? principal.username : '',
    role: principal.kind === 'user' ? principal.role : '',
    key: principal.kind === 'key' ? principal.keyId : '',
  };
}

export function notGranted(name: string, action: SecretAction, principal: Principal): ProblemError {
  const way = isAdmin(principal)
    ? 'grant it to yourself first; that stands in the audit log'
    : 'ask somebody who manages it for a grant';
  return new ProblemError(
    'secrets/granted',
    `${name} is limited to others, and ${action} is not granted to you; ${way}`,
  );
}

function names(grant: SecretGrant, principal: Principal): boolean {
  switch (grant.kind) {
    case 'user':
      return principal.kind === 'user' && principal.username === grant.subject;
    case 'role':
      return principal.kind === 'user' && principal.role === grant.subject;
    case 'key':
      return principal.kind === 'key' && principal.keyId === grant.subject;
  }
}
