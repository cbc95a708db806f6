// Checking what somebody shows, and counting what was wrong. Passwords are verified before the transaction, because that takes 20 ms of
// work; everything that decides happens inside, so that tries sent at once are counted one after the other.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { EntryDraft } from '../../dispatch/handler.ts';
import { type Refusal, refuse } from '../../dispatch/handler.ts';
import type { PasswordHasher } from '../../ports.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { afterFailure, failureKey, remainingWaitMs } from './back-off.ts';
import type { User } from './user.ts';
import { findFailures, forgetFailures, keepFailures, rewritePasswordHash } from './users-table.ts';

/** What verifying found. It is bound to the stored hash it was found for: a password changed in between voids it. */
export type PasswordFinding =
  | { readonly kind: 'not-tried' }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'right'; readonly storedHash: string; readonly rewritten: string | undefined };

/**
 * Verifies a password that was typed for `user`, or for a name that nobody has: then against a filler, so that both cost the same.
 * @param filler a hash of today's parameters that no password fits.
 */
export async function checkPassword(
  hasher: PasswordHasher,
  filler: string,
  user: User | undefined,
  password: string,
): Promise<PasswordFinding> {
  const storedHash = user?.passwordHash ?? filler;
  const { right, rehash } = await hasher.verify(storedHash, password);
  if (!right || user === undefined) return { kind: 'wrong' };
  return { kind: 'right', storedHash, rewritten: rehash ? await hasher.hash(password) : undefined };
}

/** Is the finding still about this user's password? Rewrites a weak hash when it is. */
export function acceptPassword(tx: WriteTx, user: User, finding: PasswordFinding): boolean {
  if (finding.kind !== 'right' || finding.storedHash !== user.passwordHash) return false;
  if (finding.rewritten !== undefined) rewritePasswordHash(tx, user.id, finding.rewritten);
  return true;
}

/** How long the account of this name still refuses tries, in milliseconds. */
export function waitOf(tx: ReadTx, username: string, now: number): number {
  return remainingWaitMs(findFailures(tx, failureKey(username)), now);
}

/** Refuses a try while the account backs off. It isn't counted: waiting longer for asking again would lock owners out for good. */
export function refuseWaiting(entry: EntryDraft, waitMs: number): Refusal {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  entry.details = { ...entry.details, outcome: 'backing_off', retry_after_seconds: seconds };
  return refuse(
    new ProblemError(
      'access/backing-off',
      `too many failed attempts on this account; try again in ${seconds} seconds`,
      {
        retry_after_seconds: seconds,
      },
    ),
  );
}

/** Counts a failure on the account of this name and refuses with `problem`. */
export function refuseFailed(
  tx: WriteTx,
  username: string,
  now: number,
  entry: EntryDraft,
  problem: ProblemError,
): Refusal {
  const key = failureKey(username);
  const failures = afterFailure(findFailures(tx, key), now);
  keepFailures(tx, key, failures);
  const waitMs = remainingWaitMs(failures, now);
  entry.details = {
    ...entry.details,
    outcome: problem.code === 'access/code' ? 'wrong_code' : 'wrong_credentials',
    failures: failures.count,
    ...(waitMs > 0 ? { backing_off_seconds: Math.ceil(waitMs / 1000) } : {}),
  };
  return refuse(problem);
}

/** The account's owner has shown all that is asked for. A right password alone isn't that, or codes could be tried without end. */
export function clearFailures(tx: WriteTx, username: string): void {
  forgetFailures(tx, failureKey(username));
}
