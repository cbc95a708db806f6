// Custody of the master key and the key file: every change to them while the console runs, in an order that a kill or a full disk
// can't turn against the user. What a change leaves behind (the generation before, a keychain entry) is settled at once, or by the next start.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { equalBytes, fromBase64, toBase64 } from '../../../base/bytes.ts';
import { copyKey, Secret } from '../../../base/secret.ts';
import { formatKeyFile, type KeyFile, type KeyPurpose } from './key-file.ts';
import { type KeyRing, openKeyRing, wrapEntry } from './key-ring.ts';
import {
  accountOf,
  derivePassphraseKey,
  givenMaster,
  type MasterKeyPorts,
  MasterKeyUnavailable,
  masterOf,
  type PassphraseKey,
  type Protection,
  parseMaster,
  readKeyFile,
  wrapUnderPassphrase,
} from './master-key.ts';
import { masterByRecoveryKey, rewrapForRecovery, wrapForRecovery } from './recovery-wrap.ts';

/** One byte of it stands before each sealed value. */
const lastVersion = 255;

export type Custody = {
  readonly ring: KeyRing;
  /** The master key itself, not a copy: do not keep it. */
  master(): Uint8Array;
  /** A new version, durable when this returns, current from then on. @throws ProblemError console/store-failed: nothing changed */
  addVersion(purpose: 'sealing' | 'backup' | 'signing', now: number): number;
  /** A page key of the next version that stands nowhere yet. */
  draftPageKey(): { version: number; key: Uint8Array };
  /** From here on a kill leaves a store that opens with the old version or the new one. */
  admitPageKey(drafted: { version: number; key: Uint8Array }, now: number): void;
  /** Forgets a version in both generations of the key file and in memory. */
  destroyVersion(purpose: KeyPurpose, version: number): void;
  /** @returns the new recovery key; the one before opens nothing any more. */
  rotateMaster(input: {
    passphrase?: string | undefined;
    newKey?: string | undefined;
    now: number;
  }): Promise<Uint8Array>;
  /** Keeps the same master key another way; environment and key file bring theirs. */
  changeProtection(input: { protection: Protection; passphrase?: string | undefined; now: number }): Promise<void>;
  issueRecoveryKey(now: number): Uint8Array;
  /** Finishes what an earlier change could not. */
  settle(): void;
  /** Zeroes the master key and the ring. */
  destroy(): void;
};

type Kept = { readonly protection: Protection; readonly derived: PassphraseKey | undefined };

/** Takes over `master`: it is zeroed with the custody. @throws WrongMasterKey */
export function createCustody(ports: MasterKeyPorts, file: KeyFile, master: Uint8Array): Custody {
  const { random } = ports;
  const ring = openKeyRing(file, master, random);
  let secret = new Secret(master);

  function save(next: Omit<KeyFile, 'generation'>, fresh?: Parameters<KeyRing['take']>[1]): void {
    const saved = { ...next, generation: ring.file().generation + 1 };
    writeKeyFile(ports, saved);
    ring.take(saved, fresh);
  }

  /** A change after which the generation before must not be found any more. */
  function saveAndSettle(next: Omit<KeyFile, 'generation'>, accounts: readonly string[] = []): void {
    const waiting = [...new Set([...(ring.file().unsettled?.accounts ?? []), ...accounts])];
    save({ ...next, unsettled: { accounts: waiting } });
    settle();
  }

  function settle(): void {
    const { unsettled, ...settled } = ring.file();
    if (unsettled === undefined) return;
    const inUse = settled.protection === 'keychain' ? accountOf(settled) : undefined;
    const left = unsettled.accounts.filter((account) => account !== inUse && !forget(account));
    save(left.length === 0 ? settled : { ...settled, unsettled: { accounts: left } });
  }

  /** @returns whether the keychain is free of it; a locked one is asked again at the next start. */
  function forget(account: string): boolean {
    if (!ports.keychain.probe().available) return false;
    try {
      ports.keychain.delete(account);
    } catch {
      // It may not be there at all: what counts is that it can't be had.
    }
    return ports.keychain.get(account) === undefined;
  }

  function nextVersion(purpose: KeyPurpose): number {
    const version = ring.current(purpose) + 1;
    if (version > lastVersion)
      throw new ProblemError(
        'encryption/task',
        `the ${purpose} key was rotated ${lastVersion} times, which is all there are`,
      );
    return version;
  }

  function append(purpose: KeyPurpose, drafted: { version: number; key: Uint8Array }, now: number): void {
    const file = ring.file();
    const about = { instanceId: file.instance_id, purpose, version: drafted.version, createdAt: now };
    const entry = wrapEntry(secret.reveal(), drafted.key, about, random);
    save({ ...file, keys: [...file.keys, entry] }, { purpose, ...drafted });
  }

  /**
   * Puts everything under `next` and keeps it as asked. Killed before the switch, the old master key opens the console; after it, the new one.
   */
  function rekeep(
    next: Uint8Array,
    kept: Kept,
    change: { version: number; createdAt: number; recovery: KeyFile['recovery'] },
  ): void {
    const file = ring.file();
    const id = file.instance_id;
    const before = file.protection === 'keychain' ? accountOf(file) : undefined;
    const account = kept.protection === 'keychain' ? `${id}/${change.version}` : undefined;
    if (account !== undefined && account !== before) {
      // Whoever finds this file after a kill knows which entry to look for and remove.
      save({ ...file, unsettled: { accounts: [...(file.unsettled?.accounts ?? []), account] } });
      putInKeychain(ports, account, next);
    }
    const { keychain_account: _, ...rest } = ring.file();
    const switched: Omit<KeyFile, 'generation'> = {
      ...rest,
      protection: kept.protection,
      master: { version: change.version, created_at: change.createdAt },
      ...(account === undefined ? {} : { keychain_account: account }),
      passphrase: kept.derived === undefined ? null : wrapUnderPassphrase(kept.derived, next, id, random),
      recovery: change.recovery,
      keys: equalBytes(next, secret.reveal()) ? file.keys : ring.rewrap(next),
    };
    // Looked at before it is all there is.
    openKeyRing({ ...switched, generation: 1 }, next, random).destroy();
    const old = secret;
    try {
      saveAndSettle(switched, before === undefined || before === account ? [] : [before]);
    } finally {
      // Also when only the settling failed: what the file says is what holds.
      if (ring.file().master?.version === change.version) {
        secret = new Secret(copyKey(next));
        old.destroy();
      }
    }
  }

  return {
    ring,
    master: () => secret.reveal(),
    addVersion(purpose, now) {
      const drafted = { version: nextVersion(purpose), key: random.bytes(32) };
      append(purpose, drafted, now);
      return drafted.version;
    },
    draftPageKey: () => ({ version: nextVersion('page'), key: random.bytes(32) }),
    admitPageKey: (drafted, now) => append('page', drafted, now),
    destroyVersion(purpose, version) {
      const file = ring.file();
      const keys = file.keys.filter((entry) => entry.purpose !== purpose || entry.version !== version);
      saveAndSettle({ ...file, keys });
    },
    async rotateMaster({ passphrase, newKey, now }) {
      const { protection } = ring.file();
      const derived = protection === 'passphrase' ? await derivePassphraseKey(ports, passphrase) : undefined;
      // From here on nothing waits: the file can't change meanwhile.
      const next = protection === 'keychain' || protection === 'passphrase' ? random.bytes(32) : requireNewKey(newKey);
      if (equalBytes(next, secret.reveal())) throw invalid('new_key', 'this is the key that is in use; make a new one');
      const recoveryKey = random.bytes(32);
      try {
        const recovery = wrapForRecovery(recoveryKey, next, { instanceId: ring.instanceId, random, now });
        rekeep(next, { protection, derived }, { version: masterOf(ring.file()).version + 1, createdAt: now, recovery });
      } finally {
        next.fill(0);
      }
      return recoveryKey;
    },
    async changeProtection({ protection, passphrase, now }) {
      if (protection === ring.file().protection && protection !== 'passphrase')
        throw new ProblemError('encryption/protection', `the master key is kept by ${protection} already`);
      const derived = protection === 'passphrase' ? await derivePassphraseKey(ports, passphrase) : undefined;
      const given = await requireKeeping(ports, protection);
      const file = ring.file();
      const current = secret.reveal();
      const next = given ?? copyKey(current);
      try {
        const same = equalBytes(next, current);
        const { version, created_at } = masterOf(file);
        rekeep(
          next,
          { protection, derived },
          same
            ? { version, createdAt: created_at, recovery: file.recovery }
            : { version: version + 1, createdAt: now, recovery: rewrapForRecovery(file, current, next, random) },
        );
      } finally {
        next.fill(0);
      }
    },
    issueRecoveryKey(now) {
      const recoveryKey = random.bytes(32);
      const recovery = wrapForRecovery(recoveryKey, secret.reveal(), { instanceId: ring.instanceId, random, now });
      saveAndSettle({ ...ring.file(), recovery });
      return recoveryKey;
    },
    settle,
    destroy() {
      secret.destroy();
      ring.destroy();
    },
  };
}

/**
 * Brings a stopped console back whose keychain or passphrase is lost: the recovery key opens the master key, which is then kept the new way.
 * @throws WrongMasterKey when it isn't the last recovery key issued, ProblemError
 */
export async function recoverMasterKey(
  ports: MasterKeyPorts,
  recoveryKey: Uint8Array,
  input: { protection: 'keychain' | 'passphrase'; passphrase: string | undefined },
): Promise<void> {
  const file = readKeyFile(ports.file);
  if (file === undefined)
    throw new ProblemError('encryption/protection', 'there is no console in this folder: keys.json is missing');
  const master = masterByRecoveryKey(file, recoveryKey);
  const derived = input.protection === 'passphrase' ? await derivePassphraseKey(ports, input.passphrase) : undefined;
  try {
    const passphrase =
      derived === undefined ? null : wrapUnderPassphrase(derived, master, file.instance_id, ports.random);
    if (derived === undefined) putInKeychain(ports, accountOf(file), master);
    const kept = { ...file, protection: input.protection, passphrase };
    writeKeyFile(ports, { ...kept, generation: file.generation + 1, unsettled: file.unsettled ?? { accounts: [] } });
    // Once more: the passphrase that was lost must not open the generation before.
    writeKeyFile(ports, { ...kept, generation: file.generation + 2 });
  } finally {
    master.fill(0);
  }
}

function writeKeyFile(ports: MasterKeyPorts, file: KeyFile): void {
  try {
    ports.file.write(formatKeyFile(file));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const why = reasons[code] ?? (cause instanceof Error ? cause.message : String(cause));
    throw new ProblemError(
      'console/store-failed',
      `keys.json could not be written: ${why}; the keys are as they were`,
      {
        cause,
      },
    );
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
};

/** Put and read back: a keychain that takes a value and doesn't give it would lose the console. */
function putInKeychain(ports: MasterKeyPorts, account: string, master: Uint8Array): void {
  const refused = (why: string, cause?: unknown): ProblemError =>
    new ProblemError('encryption/protection', `the keychain did not take the key: ${why}; nothing was changed`, {
      cause,
    });
  const probe = ports.keychain.probe();
  if (!probe.available) throw refused(probe.detail);
  try {
    ports.keychain.set(account, toBase64(master));
  } catch (cause) {
    throw refused(cause instanceof Error ? cause.message : String(cause), cause);
  }
  const stored = ports.keychain.get(account);
  if (stored === undefined || !equalBytes(fromBase64(stored), master)) throw refused('it gives back something else');
}

/** Can it be kept that way here? @returns the master key that this way brings along. @throws ProblemError encryption/protection */
async function requireKeeping(ports: MasterKeyPorts, protection: Protection): Promise<Uint8Array | undefined> {
  const refused = (why: string): ProblemError => new ProblemError('encryption/protection', why);
  switch (protection) {
    case 'keychain': {
      const probe = ports.keychain.probe();
      if (probe.available) return undefined;
      throw refused(`no usable keychain: ${probe.detail}; choose a passphrase instead`);
    }
    case 'passphrase':
      return undefined;
    case 'environment':
      if (ports.given.environment === undefined) throw refused(`GATEHOUSE_ENCRYPTION_KEY is not set; ${startWithIt}`);
      break;
    case 'key_file':
      if (ports.given.keyFile === undefined) throw refused(`GATEHOUSE_KEY_FILE is not set; ${startWithIt}`);
      break;
    case 'vault':
      if (ports.given.vault?.present !== true) throw refused('Vault gives this console no key');
      break;
  }
  try {
    return await givenMaster(ports.given, protection);
  } catch (cause) {
    if (cause instanceof MasterKeyUnavailable) throw refused(cause.message);
    throw cause;
  }
}

const startWithIt =
  'start the console with a new key in it (for example from: openssl rand -base64 32), then change the protection';

function requireNewKey(text: string | undefined): Uint8Array {
  if (text === undefined)
    throw invalid('new_key', 'give the new master key: 32 bytes in base64, for example from: openssl rand -base64 32');
  const key = parseMaster(text);
  if (key === undefined)
    throw invalid('new_key', 'expected 32 bytes in base64, for example from: openssl rand -base64 32');
  return key;
}

function invalid(field: string, message: string): ProblemError {
  return new ProblemError('request/invalid', `${field}: ${message}`, { fields: [{ path: field, message }] });
}
