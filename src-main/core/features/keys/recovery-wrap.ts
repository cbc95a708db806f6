// The recovery key wraps the master key a second time: on paper, for the day when keychain or passphrase are lost.
import { fromBase64, toBase64 } from '../../../base/bytes.ts';
import { deriveKey } from '../../../base/hashes.ts';
import { seal, unseal } from '../../../base/seals.ts';
import type { Randomness } from '../../ports.ts';
import type { KeyFile } from './key-file.ts';
import { WrongMasterKey } from './key-ring.ts';
import { MasterKeyUnavailable, masterContext } from './master-key.ts';

const recoveryInfo = 'gatehouse/v1/recovery';

/** Wraps the master key for a recovery key, and what it takes to wrap a later master key for the same one. */
export function wrapForRecovery(
  recoveryKey: Uint8Array,
  master: Uint8Array,
  { instanceId, random, now }: { instanceId: string; random: Randomness; now: number },
): NonNullable<KeyFile['recovery']> {
  const wrapping = deriveKey(recoveryKey, recoveryInfo);
  try {
    return wrapWithRecovery(wrapping, master, { instanceId, random, issuedAt: now });
  } finally {
    wrapping.fill(0);
  }
}

/** The same recovery key for another master key; null for a file that lacks what this takes: a new one must be issued. */
export function rewrapForRecovery(
  file: KeyFile,
  master: Uint8Array,
  next: Uint8Array,
  random: Randomness,
): KeyFile['recovery'] {
  if (file.recovery?.wrapping === undefined) return null;
  const under = deriveKey(master, recoveryInfo);
  const wrapping = unseal(
    under,
    fromBase64(file.recovery.wrapping),
    masterContext(file.instance_id, 'recovery-wrapping'),
  );
  try {
    return wrapWithRecovery(wrapping, next, {
      instanceId: file.instance_id,
      random,
      issuedAt: file.recovery.issued_at ?? 0,
    });
  } finally {
    under.fill(0);
    wrapping.fill(0);
  }
}

function wrapWithRecovery(
  wrapping: Uint8Array,
  master: Uint8Array,
  { instanceId, random, issuedAt }: { instanceId: string; random: Randomness; issuedAt: number },
): NonNullable<KeyFile['recovery']> {
  const under = deriveKey(master, recoveryInfo);
  try {
    return {
      master: toBase64(seal(wrapping, master, masterContext(instanceId, 'recovery'), random.bytes(12))),
      issued_at: issuedAt,
      wrapping: toBase64(seal(under, wrapping, masterContext(instanceId, 'recovery-wrapping'), random.bytes(12))),
    };
  } finally {
    under.fill(0);
  }
}

/** @throws WrongMasterKey when the recovery key isn't the last one issued, MasterKeyUnavailable when none was. */
export function masterByRecoveryKey(file: KeyFile, recoveryKey: Uint8Array): Uint8Array {
  if (file.recovery === null) throw new MasterKeyUnavailable('no recovery key was issued for this console');
  const wrapping = deriveKey(recoveryKey, recoveryInfo);
  try {
    return unseal(wrapping, fromBase64(file.recovery.master), masterContext(file.instance_id, 'recovery'));
  } catch (cause) {
    throw new WrongMasterKey('the recovery key does not open this console', { cause });
  } finally {
    wrapping.fill(0);
  }
}
