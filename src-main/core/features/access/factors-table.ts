// All SQL of second factors: TOTP secrets (sealed) and recovery codes (hashed).
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type TotpRow = {
  readonly sealed_secret: Uint8Array;
  readonly active_at: number | null;
  /** The highest time step whose code was accepted; that one and all before it are spent. */
  readonly last_step: number;
};

export function findTotp(tx: ReadTx, userId: string): TotpRow | undefined {
  return tx.get<TotpRow>('SELECT sealed_secret, active_at, last_step FROM access_totp WHERE user_id = :user_id', {
    user_id: userId,
  });
}

/** Begins an enrolment, or begins it again with another secret. Never replaces an active factor. */
export function startTotp(tx: WriteTx, userId: string, sealedSecret: Uint8Array, now: number): void {
  const changed = tx.run(
    `INSERT INTO access_totp (user_id, sealed_secret, started_at, active_at, last_step)
     VALUES (:user_id, :sealed_secret, :now, NULL, -1)
     ON CONFLICT (user_id) DO UPDATE SET sealed_secret = :sealed_secret, started_at = :now, last_step = -1
     WHERE active_at IS NULL`,
    { user_id: userId, sealed_secret: sealedSecret, now },
  );
  if (changed !== 1) throw new Error('an active second factor would have been replaced');
}

export function activateTotp(tx: WriteTx, userId: string, now: number): void {
  tx.run('UPDATE access_totp SET active_at = :now WHERE user_id = :user_id AND active_at IS NULL', {
    user_id: userId,
    now,
  });
}

/** Spends `step`; false when it or a later one was spent before. One statement, so that two calls can't both win. */
export function spendStep(tx: WriteTx, userId: string, step: number): boolean {
  const changed = tx.run('UPDATE access_totp SET last_step = :step WHERE user_id = :user_id AND last_step < :step', {
    user_id: userId,
    step,
  });
  return changed === 1;
}

export function replaceRecoveryCodes(
  tx: WriteTx,
  userId: string,
  sealedKey: Uint8Array,
  hashes: readonly Uint8Array[],
  now: number,
): void {
  tx.run('DELETE FROM access_recovery_code WHERE user_id = :user_id', { user_id: userId });
  tx.run(
    `INSERT INTO access_recovery (user_id, sealed_key, issued_at) VALUES (:user_id, :sealed_key, :now)
     ON CONFLICT (user_id) DO UPDATE SET sealed_key = :sealed_key, issued_at = :now`,
    { user_id: userId, sealed_key: sealedKey, now },
  );
  for (const hash of hashes) {
    tx.run('INSERT INTO access_recovery_code (user_id, code_hash, used_at) VALUES (:user_id, :code_hash, NULL)', {
      user_id: userId,
      code_hash: hash,
    });
  }
}

export function findRecoveryKey(tx: ReadTx, userId: string): Uint8Array | undefined {
  return tx.get<{ sealed_key: Uint8Array }>('SELECT sealed_key FROM access_recovery WHERE user_id = :user_id', {
    user_id: userId,
  })?.sealed_key;
}

export function isUnusedRecoveryCode(tx: ReadTx, userId: string, hash: Uint8Array): boolean {
  const row = tx.get(
    'SELECT 1 AS found FROM access_recovery_code WHERE user_id = :user_id AND code_hash = :code_hash AND used_at IS NULL',
    { user_id: userId, code_hash: hash },
  );
  return row !== undefined;
}

/** False when there is no such code or it was used before. */
export function spendRecoveryCode(tx: WriteTx, userId: string, hash: Uint8Array, now: number): boolean {
  const changed = tx.run(
    `UPDATE access_recovery_code SET used_at = :now
     WHERE user_id = :user_id AND code_hash = :code_hash AND used_at IS NULL`,
    { user_id: userId, code_hash: hash, now },
  );
  return changed === 1;
}

export function countUnusedRecoveryCodes(tx: ReadTx, userId: string): number {
  const row = tx.get<{ count: number }>(
    'SELECT count(*) AS count FROM access_recovery_code WHERE user_id = :user_id AND used_at IS NULL',
    { user_id: userId },
  );
  return row?.count ?? 0;
}
