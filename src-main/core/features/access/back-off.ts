// Per-account back-off: how long an account refuses further tries after failures. Pure; the rows are in users-table.ts.
// It is kept by the name that was tried, whether or not such a user exists: otherwise "too many attempts" would tell which do.
import { sha256 } from '../../../base/hashes.ts';
import { foldUsername } from './user.ts';

export type Failures = {
  readonly count: number;
  readonly lastAt: number;
  /** No try is looked at before this instant. */
  readonly until: number;
};

const freeFailures = 4;
const firstWaitMs = 1_000;
const longestWaitMs = 15 * 60_000;
/** Failures are forgotten when none was added for this long. */
export const failureMemoryMs = 24 * 3_600_000;

/** The row's key: a hash, because people type passwords into the field for the name. */
export function failureKey(username: string): Uint8Array {
  return sha256(`gatehouse/sign-in-failures\0${foldUsername(username)}`);
}

/** From the fifth failure on: 1 s, doubling up to 15 minutes. */
export function afterFailure(before: Failures | undefined, now: number): Failures {
  const remembered = before !== undefined && now - before.lastAt < failureMemoryMs ? before.count : 0;
  const count = remembered + 1;
  const beyond = count - freeFailures - 1;
  // Doubling stops long before the exponent matters to a number.
  const waitMs = beyond < 0 ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(beyond, 20));
  return { count, lastAt: now, until: now + waitMs };
}

/** How long the account still refuses; 0 when it doesn't. */
export function remainingWaitMs(failures: Failures | undefined, now: number): number {
  return failures === undefined ? 0 : Math.max(0, failures.until - now);
}
