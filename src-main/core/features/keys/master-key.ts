// Where the master key comes from: keychain, passphrase, environment or key file; and the recovery key that wraps it a second time.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { fromBase64, toBase64, utf8 } from '../../../base/bytes.ts';
import { deriveKey } from '../../../base/hashes.ts';
import { seal, unseal } from '../../../base/seals.ts';
import type { Randomness } from '../../ports.ts';
import { formatKeyFile, type KeyFile, parseKeyFile } from './key-file.ts';
import { makeKeyEntries, WrongMasterKey } from './key-ring.ts';

/** The OS keychain. Values are base64 text. */
export type Keychain = {
  /** Can it be used here and now; `detail` says which it is or why not. */
  probe(): { available: boolean; detail: string };
  get(account: string): string | undefined;
  set(account: string, value: string): void;
  delete(account: string): void;
};

/** The key file's place beside the store. Writing is atomic and keeps the generation before. */
export type KeyFileStore = {
  read(): string | undefined;
  write(text: string): void;
};

/** Argon2id (RFC 9106) of a passphrase to 32 bytes. */
export type PassphraseKdf = (
  passphrase: string,
  parameters: { salt: Uint8Array; memoryKib: number; time: number; parallelism: number },
) => Promise<Uint8Array>;

/** Keys that the start was given from outside. */
export type GivenKeys = {
  /** `GATEHOUSE_ENCRYPTION_KEY`: 32 bytes in base64. */
  readonly environment: string | undefined;
  /** Content of the key file that `GATEHOUSE_KEY_FILE` names, after its permissions were checked. */
  readonly keyFile: string | undefined;
};

export type MasterKeyPorts = {
  readonly keychain: Keychain;
  readonly file: KeyFileStore;
  readonly kdf: PassphraseKdf;
  readonly random: Randomness;
  readonly given: GivenKeys;
};

export type Protection = KeyFile['protection'];

// RFC 9106 section 4 gives 64 MiB and 3 passes for memory-constrained machines; it runs once a start.
const passphraseCost = { memoryKib: 65_536, time: 3, parallelism: 1 };

/** Nothing at hand opens the keys: the caller must ask for the passphrase, or say what to do. */
export class PassphraseNeeded extends Error {
  override readonly name = 'PassphraseNeeded';
}

/** The key for the console's keys is not to be had; the message says what to do. */
export class MasterKeyUnavailable extends Error {
  override readonly name = 'MasterKeyUnavailable';
}

/** Which protection the environment already decides, if any. */
export function protectionGiven(given: GivenKeys): 'environment' | 'key_file' | null {
  if (given.environment !== undefined) return 'environment';
  return given.keyFile === undefined ? null : 'key_file';
}

/**
 * Makes master key, all keys and the key file of a new console.
 * The recovery key isn't made here: `issueRecoveryKey` makes it when it can be shown.
 */
export async function createMasterKey(
  ports: MasterKeyPorts,
  input: { instanceId: string; protection: Protection; passphrase: string | undefined; now: number },
): Promise<{ file: KeyFile; master: Uint8Array }> {
  const master = newMaster(ports, input.protection);
  const passphrase = await protect(ports, master, input);
  const file: KeyFile = {
    format: 'gatehouse-keys',
    version: 1,
    instance_id: input.instanceId,
    generation: 1,
    protection: input.protection,
    passphrase,
    recovery: null,
    keys: makeKeyEntries(master, input.instanceId, ports.random, input.now),
  };
  ports.file.write(formatKeyFile(file));
  return { file, master };
}

/** Puts the master key where `protection` keeps it. @returns what the key file must hold for that. */
async function protect(
  { random, kdf, keychain }: MasterKeyPorts,
  master: Uint8Array,
  input: { instanceId: string; protection: Protection; passphrase: string | undefined },
): Promise<KeyFile['passphrase']> {
  if (input.protection === 'keychain') keychain.set(input.instanceId, toBase64(master));
  if (input.protection !== 'passphrase') return null;
  if (input.passphrase === undefined) {
    throw new ProblemError('request/invalid', 'passphrase: give a passphrase of 12 characters or more');
  }
  const salt = random.bytes(16);
  const key = await kdf(input.passphrase.normalize('NFC'), { salt, ...passphraseCost });
  const sealed = seal(key, master, masterContext(input.instanceId, 'passphrase'), random.bytes(12));
  key.fill(0);
  return {
    salt: toBase64(salt),
    memory_kib: passphraseCost.memoryKib,
    time: passphraseCost.time,
    parallelism: passphraseCost.parallelism,
    master: toBase64(sealed),
  };
}

/**
 * Brings a console back whose keychain or passphrase is lost: the recovery key opens the master key, which is then kept the new way.
 * @throws WrongMasterKey when it isn't the last recovery key issued.
 */
export async function recoverMasterKey(
  ports: MasterKeyPorts,
  recoveryKey: Uint8Array,
  input: { protection: 'keychain' | 'passphrase'; passphrase: string | undefined },
): Promise<void> {
  const file = readKeyFile(ports.file);
  if (file === undefined) throw new MasterKeyUnavailable('there is no console in this folder: keys.json is missing');
  const master = openWithRecoveryKey(file, recoveryKey);
  try {
    const passphrase = await protect(ports, master, { ...input, instanceId: file.instance_id });
    ports.file.write(
      formatKeyFile({ ...file, generation: file.generation + 1, protection: input.protection, passphrase }),
    );
  } finally {
    master.fill(0);
  }
}

/**
 * The master key of an existing console.
 * @param passphrase what the user typed, where a passphrase protects it.
 * @throws PassphraseNeeded, MasterKeyUnavailable, WrongMasterKey
 */
export async function findMasterKey(
  ports: MasterKeyPorts,
  file: KeyFile,
  passphrase: string | undefined,
): Promise<Uint8Array> {
  // A key given from outside is used whatever protects the file: that is how a machine without keychain is brought up.
  const given = protectionGiven(ports.given);
  if (given !== null) return givenMaster(ports.given, given);
  switch (file.protection) {
    case 'keychain': {
      const stored = ports.keychain.get(file.instance_id);
      if (stored !== undefined) return fromBase64(stored);
      throw new MasterKeyUnavailable(
        `the keychain holds no key for console ${file.instance_id} (${ports.keychain.probe().detail}); unlock it, or give GATEHOUSE_ENCRYPTION_KEY`,
      );
    }
    case 'environment':
      throw new MasterKeyUnavailable('this console takes its key from GATEHOUSE_ENCRYPTION_KEY, which is not set');
    case 'key_file':
      throw new MasterKeyUnavailable(
        'this console takes its key from the file that GATEHOUSE_KEY_FILE names, which is not set',
      );
    case 'vault':
      throw new MasterKeyUnavailable('this console takes its key from Vault, which did not give it');
    case 'passphrase':
      if (passphrase === undefined) throw new PassphraseNeeded('this console asks for its passphrase');
      return openWithPassphrase(ports, file, passphrase);
  }
}

async function openWithPassphrase(ports: MasterKeyPorts, file: KeyFile, passphrase: string): Promise<Uint8Array> {
  if (file.passphrase === null) throw new MasterKeyUnavailable('the key file says passphrase but holds no wrapped key');
  const key = await ports.kdf(passphrase.normalize('NFC'), {
    salt: fromBase64(file.passphrase.salt),
    memoryKib: file.passphrase.memory_kib,
    time: file.passphrase.time,
    parallelism: file.passphrase.parallelism,
  });
  try {
    return unseal(key, fromBase64(file.passphrase.master), masterContext(file.instance_id, 'passphrase'));
  } catch (cause) {
    throw new WrongMasterKey('the passphrase is wrong', { cause });
  } finally {
    key.fill(0);
  }
}

/** Makes a new recovery key that wraps the master key; the one before no longer opens anything. */
export function issueRecoveryKey(ports: MasterKeyPorts, master: Uint8Array): Uint8Array {
  const file = readKeyFile(ports.file);
  if (file === undefined) throw new Error('there is no key file');
  const recoveryKey = ports.random.bytes(32);
  const wrapping = deriveKey(recoveryKey, recoveryInfo);
  const sealed = seal(wrapping, master, masterContext(file.instance_id, 'recovery'), ports.random.bytes(12));
  wrapping.fill(0);
  ports.file.write(formatKeyFile({ ...file, generation: file.generation + 1, recovery: { master: toBase64(sealed) } }));
  return recoveryKey;
}

/** @throws WrongMasterKey when the recovery key isn't the last one issued, MasterKeyUnavailable when none was. */
function openWithRecoveryKey(file: KeyFile, recoveryKey: Uint8Array): Uint8Array {
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

export function readKeyFile(store: KeyFileStore): KeyFile | undefined {
  const text = store.read();
  return text === undefined ? undefined : parseKeyFile(text);
}

const recoveryInfo = 'gatehouse/v1/recovery';

function masterContext(instanceId: string, by: string): string {
  return `gatehouse/${instanceId}/master/${by}`;
}

function newMaster(ports: MasterKeyPorts, protection: Protection): Uint8Array {
  if (protection === 'environment' || protection === 'key_file') {
    const given = protectionGiven(ports.given);
    if (given !== protection)
      throw new ProblemError('request/invalid', `protection: no key was given by ${protection}`);
    return givenMaster(ports.given, given);
  }
  if (protection === 'keychain') {
    const probe = ports.keychain.probe();
    if (!probe.available)
      throw new ProblemError('setup/keychain', `no usable keychain: ${probe.detail}; choose a passphrase instead`);
  }
  return ports.random.bytes(32);
}

function givenMaster(given: GivenKeys, from: 'environment' | 'key_file'): Uint8Array {
  const [text, name] =
    from === 'environment' ? [given.environment, 'GATEHOUSE_ENCRYPTION_KEY'] : [given.keyFile, 'the key file'];
  const bytes = new Uint8Array(Buffer.from((text ?? '').trim(), 'base64'));
  if (bytes.byteLength !== 32 || utf8(text ?? '').byteLength > 100) {
    throw new MasterKeyUnavailable(`${name} must hold 32 bytes in base64, for example from: openssl rand -base64 32`);
  }
  return bytes;
}
