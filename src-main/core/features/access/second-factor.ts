// The second factor: enrolling TOTP, issuing recovery codes, and accepting a code exactly once, wherever it is shown.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { SealedColumn, Sealer } from '../../feature.ts';
import type { Randomness } from '../../ports.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import {
  createRecoveryCode,
  describeEnrolment,
  type Enrolment,
  hashRecoveryCode,
  isTotpCode,
  readRecoveryCode,
  recoveryCodeCount,
  stepOfCode,
  totpSecretLength,
} from './codes.ts';
import {
  activateTotp,
  countUnusedRecoveryCodes,
  findRecoveryKey,
  findTotp,
  isUnusedRecoveryCode,
  replaceRecoveryCodes,
  spendRecoveryCode,
  spendStep,
  startTotp,
} from './factors-table.ts';

export type FactorParts = {
  readonly sealer: Sealer;
  readonly host: { readonly random: Randomness };
  readonly consoleName: () => string;
};

export type Factor = 'totp' | 'recovery_code';

export function hasFactor(tx: ReadTx, userId: string): boolean {
  return (findTotp(tx, userId)?.active_at ?? null) !== null;
}

export function factorsOf(tx: ReadTx, userId: string): Factor[] {
  return countUnusedRecoveryCodes(tx, userId) > 0 ? ['totp', 'recovery_code'] : ['totp'];
}

/**
 * Makes a secret that becomes active with the first right code; asking again replaces a secret that is not active yet.
 * @throws ProblemError access/mfa-already-on
 */
export function beginTotp(
  parts: FactorParts,
  tx: WriteTx,
  user: { readonly id: string; readonly username: string },
  now: number,
): Enrolment {
  if (hasFactor(tx, user.id)) {
    throw new ProblemError('access/mfa-already-on', 'this account has a second factor; sign in with its code');
  }
  const secret = parts.host.random.bytes(totpSecretLength);
  startTotp(tx, user.id, parts.sealer.seal(secret, totpContext(user.id)), now);
  return describeEnrolment(secret, user.username, parts.consoleName());
}

/**
 * Activates the enrolment under way; false for a wrong code.
 * @throws ProblemError access/mfa-not-started, access/mfa-already-on
 */
export function finishTotp(parts: FactorParts, tx: WriteTx, userId: string, code: string, now: number): boolean {
  const row = findTotp(tx, userId);
  if (row === undefined) throw new ProblemError('access/mfa-not-started', 'start the enrolment first');
  if (row.active_at !== null) {
    throw new ProblemError('access/mfa-already-on', 'this account has a second factor already');
  }
  if (!spendTotpCode(parts, tx, userId, row.sealed_secret, plainCode(code), now)) return false;
  activateTotp(tx, userId, now);
  return true;
}

/** Accepts a TOTP or recovery code and spends it; undefined when it is wrong or was used before. */
export function spendCode(
  parts: FactorParts,
  tx: WriteTx,
  userId: string,
  code: string,
  now: number,
): Factor | undefined {
  const row = findTotp(tx, userId);
  if (row === undefined || row.active_at === null) return undefined;
  const plain = plainCode(code);
  if (isTotpCode(plain)) {
    return spendTotpCode(parts, tx, userId, row.sealed_secret, plain, now) ? 'totp' : undefined;
  }
  const hash = recoveryHash(parts, tx, userId, code);
  return hash !== undefined && spendRecoveryCode(tx, userId, hash, now) ? 'recovery_code' : undefined;
}

/** Ten new codes, shown once; those issued before are void. */
export function issueRecoveryCodes(parts: FactorParts, tx: WriteTx, userId: string, now: number): string[] {
  const { random } = parts.host;
  const key = random.bytes(32);
  const codes = Array.from({ length: recoveryCodeCount }, () => createRecoveryCode(random));
  const hashes = codes.map((code) => hashRecoveryCode(key, readRecoveryCode(code) ?? ''));
  replaceRecoveryCodes(tx, userId, parts.sealer.seal(key, recoveryContext(userId)), hashes, now);
  return codes;
}

/** Is it an unused recovery code of the user? Spends nothing. */
export function hasRecoveryCode(parts: FactorParts, tx: ReadTx, userId: string, code: string): boolean {
  const hash = recoveryHash(parts, tx, userId, code);
  return hash !== undefined && isUnusedRecoveryCode(tx, userId, hash);
}

// SECURITY: right and unspent are one decision in one transaction; a code seen over a shoulder is worth nothing once it was accepted,
// at whichever of sign-in, unlocking and step-up that was.
function spendTotpCode(
  parts: FactorParts,
  tx: WriteTx,
  userId: string,
  sealedSecret: Uint8Array,
  code: string,
  now: number,
): boolean {
  const step = stepOfCode(parts.sealer.open(sealedSecret, totpContext(userId)), code, now);
  return step !== undefined && spendStep(tx, userId, step);
}

function recoveryHash(parts: FactorParts, tx: ReadTx, userId: string, code: string): Uint8Array | undefined {
  const plain = readRecoveryCode(code);
  const sealedKey = plain === undefined ? undefined : findRecoveryKey(tx, userId);
  if (plain === undefined || sealedKey === undefined) return undefined;
  return hashRecoveryCode(parts.sealer.open(sealedKey, recoveryContext(userId)), plain);
}

/** Authenticator apps show "123 456", and that is how it is pasted. */
function plainCode(code: string): string {
  return code.replace(/[\s-]/g, '');
}

export const sealedFactors: readonly SealedColumn[] = [
  {
    table: 'access_totp',
    key: ['user_id'],
    column: 'sealed_secret',
    context: (row) => totpContext(String(row.user_id)),
  },
  {
    table: 'access_recovery',
    key: ['user_id'],
    column: 'sealed_key',
    context: (row) => recoveryContext(String(row.user_id)),
  },
];

function totpContext(userId: string): string {
  return `access/totp/${userId}`;
}

function recoveryContext(userId: string): string {
  return `access/recovery/${userId}`;
}
