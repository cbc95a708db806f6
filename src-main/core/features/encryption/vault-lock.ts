// Locking and unlocking the vault. It stands before there is an open store and while there is none: what it must know, it keeps in memory.
import type { encryptionOperations } from '../../../../src-shared/contract/encryption.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { originKey } from '../../../base/addresses.ts';
import { equalBytes, toBase64Url, utf8 } from '../../../base/bytes.ts';
import { sha256 } from '../../../base/hashes.ts';
import type { Call, Handlers } from '../../dispatch/handler.ts';
import type { NewEntry } from '../../dispatch/performing.ts';
import { actorOf } from '../../dispatch/principal.ts';
import type { Feature } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import { afterFailure, type Failures, remainingWaitMs } from '../access/index.ts';
import {
  findMasterKey,
  type KeyFile,
  type MasterKeyPorts,
  MasterKeyUnavailable,
  masterByPassphrase,
  masterByRecoveryKey,
  PassphraseNeeded,
  parseRecoveryKey,
  WrongMasterKey,
} from '../keys/index.ts';

/** Deriving a key from a passphrase takes 64 MiB: whoever may ask for it without being known must not ask for many at once. */
const mostWaiting = 4;
const mostOrigins = 1_000;

/** Lies in the profile while the vault is locked: whoever can read it is the user that the console runs as. */
export type UnlockToken = {
  write(token: string): void;
  remove(): void;
};

export type VaultLockParts = {
  readonly host: Host;
  readonly keys: MasterKeyPorts;
  readonly token: UnlockToken;
  /** `locking`: nothing is answered any more, but the store is not closed yet. */
  state(): 'open' | 'locking' | 'locked' | 'other';
  /** Why there is no vault to lock or unlock. */
  unavailable(): ProblemError;
  /** As it stands on the disk. */
  keyFile(): KeyFile;
  /** Ends everything, with this entry among the last, and zeroes the keys. */
  close(entry: NewEntry): Promise<void>;
  /** Opens the store as a start does. @throws WrongMasterKey, or an error that says why the store can't be opened */
  open(file: KeyFile, master: Uint8Array): Promise<void>;
  /** What to say of a store that can't be opened; undefined for a bug. */
  refusalOf(error: unknown): ProblemError | undefined;
};

type Operations = Pick<typeof encryptionOperations, 'vault.lock' | 'vault.unlock'>;
type Input = { passphrase?: string | undefined; recovery_key?: string | undefined; token?: string | undefined };

export type VaultLock = {
  readonly feature: Omit<Feature, 'handlers'> & { readonly handlers: Handlers<Operations> };
  /** How a locked vault is unlocked. */
  unlockWith(): 'passphrase' | 'token';
};

export function createVaultLock(parts: VaultLockParts): VaultLock {
  const { host, keys, token } = parts;
  const failures = new Map<string, Failures>();
  let failed = 0;
  let tokenHash: Uint8Array | undefined;
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  /** One at a time, and few that wait. */
  async function inTurn<T>(run: () => Promise<T>): Promise<T> {
    if (waiting >= mostWaiting)
      throw new ProblemError('limits/rate', 'too many try to unlock at once. Try again in 1 second.', {
        retry_after_seconds: 1,
      });
    waiting += 1;
    const turn = last.then(run);
    last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      waiting -= 1;
    }
  }

  function requireNoBackOff(origin: string): void {
    const wait = remainingWaitMs(failures.get(origin), host.clock.now());
    if (wait === 0) return;
    const seconds = Math.ceil(wait / 1000);
    throw new ProblemError('access/backing-off', `too many failed attempts; try again in ${seconds} seconds`, {
      retry_after_seconds: seconds,
    });
  }

  function fail(origin: string): ProblemError {
    failed += 1;
    failures.set(origin, afterFailure(failures.get(origin), host.clock.now()));
    if (failures.size > mostOrigins) {
      const oldest = failures.keys().next().value;
      if (oldest !== undefined) failures.delete(oldest);
    }
    host.log.warn('vault not unlocked', { origin });
    return new ProblemError('encryption/wrong-key', 'that does not open the vault');
  }

  /** undefined for any secret that is wrong, whatever is wrong with it. */
  async function masterOf(file: KeyFile, input: Input): Promise<Uint8Array | undefined> {
    try {
      if (input.passphrase !== undefined)
        return file.protection === 'passphrase' ? await masterByPassphrase(keys, file, input.passphrase) : undefined;
      if (input.recovery_key !== undefined) return masterByRecoveryKey(file, parseRecoveryKey(input.recovery_key));
    } catch (error) {
      const wrong = [WrongMasterKey, MasterKeyUnavailable, ProblemError].some((type) => error instanceof type);
      if (!wrong) throw error;
      return undefined;
    }
    const right = tokenHash !== undefined && equalBytes(sha256(utf8(input.token ?? '')), tokenHash);
    return right ? keptMaster(file) : undefined;
  }

  /** Whoever asks has proven to be this computer's user: what is wrong with the key is said. */
  async function keptMaster(file: KeyFile): Promise<Uint8Array> {
    try {
      return await findMasterKey(keys, file, undefined);
    } catch (error) {
      const known = [MasterKeyUnavailable, WrongMasterKey, PassphraseNeeded].some((type) => error instanceof type);
      if (!known || !(error instanceof Error)) throw error;
      throw new ProblemError('encryption/protection', `${error.message}; the recovery key opens the vault`, {
        cause: error,
      });
    }
  }

  async function unlock(call: Call, input: Input): Promise<void> {
    requireLocked(parts);
    const given = (['passphrase', 'recovery_key', 'token'] as const).filter((name) => input[name] !== undefined);
    const file = parts.keyFile();
    const byWindow = given.length === 0 && call.via === 'window' && file.protection !== 'passphrase';
    if (given.length !== 1 && !byWindow)
      throw new ProblemError('request/invalid', 'give one of passphrase, recovery_key and token');
    const origin = call.via === 'window' ? 'window' : originKey(call.origin.ip);
    // 256 random bits are not guessed; a passphrase may be.
    if (input.passphrase !== undefined) requireNoBackOff(origin);
    const master = byWindow ? await keptMaster(file) : await masterOf(file, input);
    if (master === undefined) throw fail(origin);
    try {
      await parts.open(file, master);
    } catch (error) {
      if (error instanceof WrongMasterKey) throw fail(origin);
      throw parts.refusalOf(error) ?? error;
    }
    token.remove();
    tokenHash = undefined;
    call.entry.details = { with: given[0] ?? 'window', failed_attempts: failed };
    failures.clear();
    failed = 0;
  }

  const handlers: Handlers<Operations> = {
    async 'vault.lock'(call) {
      if (parts.state() !== 'open') throw parts.unavailable();
      // The entry is written while there is a store, not by dispatch afterwards.
      call.entry.type = null;
      await parts.close(entryOf(call));
      const text = toBase64Url(host.random.bytes(32));
      tokenHash = sha256(utf8(text));
      try {
        token.write(text);
      } catch (error) {
        // Locked it is all the same: passphrase, recovery key and a restart unlock it.
        host.log.error('the token for unlocking could not be written', { error: String(error) });
      }
      call.endSession();
      return { ok: true };
    },
    async 'vault.unlock'(call, input) {
      requireLocked(parts);
      await inTurn(() => unlock(call, input));
      return { ok: true };
    },
  };

  return {
    feature: { name: 'vault_lock', migrations: [], scopedTables: [], handlers },
    unlockWith: () => (parts.keyFile().protection === 'passphrase' ? 'passphrase' : 'token'),
  };
}

function requireLocked(parts: VaultLockParts): void {
  if (parts.state() === 'locked') return;
  if (parts.state() === 'open') throw new ProblemError('encryption/not-locked', 'the vault is not locked');
  if (parts.state() === 'locking')
    throw new ProblemError('console/busy', 'the vault is being locked; try again in a moment', {
      retry_after_seconds: 1,
    });
  throw parts.unavailable();
}

function entryOf(call: Call): NewEntry {
  return {
    type: 'vault_lock',
    action: 'vault.lock',
    success: true,
    actor: actorOf(call.principal),
    resource: undefined,
    origin: call.origin,
    sessionId: call.principal.kind === 'user' ? call.principal.sessionId : null,
    traceId: call.traceId,
    details: {},
    dataAccessed: undefined,
    at: call.now,
  };
}
