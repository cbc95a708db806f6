// What can be set about access (spec 01). Reading the configuration and its defaults are the caller's.
import type { RoleName } from '../../../../src-shared/permissions.ts';

export type MfaPolicy = 'optional' | 'admins' | 'all';

export type AccessSettings = {
  /** A session ends when nothing was asked with it for this long. */
  readonly idleMs: number;
  /** A session ends this long after sign-in, whatever happens. */
  readonly absoluteMs: number;
  /** One more, and the oldest ends. */
  readonly maxSessionsPerUser: number;
  readonly mfaRequired: MfaPolicy;
  /** After how long the console's page locks itself; told to it, not enforced here. */
  readonly idleLockMinutes: number;
  /** How long a shown second factor counts as fresh. */
  readonly stepUpMs: number;
  /** Life and tries of the temporary token between password and second factor. */
  readonly pendingMs: number;
  readonly pendingTries: number;
};

/** Must whoever has this role show a second factor, or enrol one before anything else? */
export function demandsFactor(policy: MfaPolicy, role: RoleName): boolean {
  return policy === 'all' || (policy === 'admins' && role === 'admin');
}
