// Where the master key comes from: keychain, passphrase, Vault, environment or key file; and how a passphrase wraps it.
// Changing any of it is the custody's business.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { decodeBase64, fromBase64, toBase64 } from '../../../base/bytes.ts';
import { seal, unseal } from '../../../base/seals.ts';
import type { Randomness } from '../../ports.ts';
import { formatKeyFile, type KeyFile, parseKeyFile } from './key-file.ts';
import { makeKeyEntries, openKeyRing, WrongMasterKey } from './key-ring.ts';

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
  /** The secret provider, where one is configured. */
  readonly vault?: GivenByVault;
};

/** The master key as Vault gives it: fetched when it's needed and kept nowhere. */
export type GivenByVault = {
  /** Vault answered when it was last asked, and holds a key. */
  readonly present: boolean;
  /** Where it isn't present: why, for the user. */
  readonly why: string;
  /** 32 bytes in base64; undefined when Vault holds none. @throws MasterKeyUnavailable when Vault doesn't answer, saying why */
  read(): Promise<string | undefined>;
};

export type MasterKeyPorts = {
  readonly keychain: Keychain;
  readonly file: KeyFileStore;
  readonly kdf: PassphraseKdf;
  readonly random: Randomness;
  readonly given: GivenKeys;
};

export type Protection = KeyFile['protection'];

const leastPassphrase = 12;
const longestGiven = 100;
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

export type GivenBy = 'vault' | 'environment' | 'key_file';

/** Which protection is already decided from outside, if any. */
export function protectionGiven(given: GivenKeys): GivenBy | null {
  return protectionsGiven(given)[0] ?? null;
}

function protectionsGiven({ vault, environment, keyFile }: GivenKeys): GivenBy[] {
  return [
    ...(vault?.present === true ? (['vault'] as const) : []),
    ...(environment === undefined ? [] : (['environment'] as const)),
    ...(keyFile === undefined ? [] : (['key_file'] as const)),
  ];
}

/**
 * Makes master key, all keys and the key file of a new console.
 * The recovery key isn't made here: the custody issues it when it can be shown.
 */
export async function createMasterKey(
  ports: MasterKeyPorts,
  input: { instanceId: string; protection: Protection; passphrase: string | undefined; now: number },
): Promise<{ file: KeyFile; master: Uint8Array }> {
  const { instanceId, protection, now } = input;
  const master = await newMaster(ports, protection);
  const derived = protection === 'passphrase' ? await derivePassphraseKey(ports, input.passphrase) : undefined;
  if (protection === 'keychain') ports.keychain.set(instanceId, toBase64(master));
  const file: KeyFile = {
    format: 'gatehouse-keys',
    version: 1,
    instance_id: instanceId,
    generation: 1,
    protection,
    master: { version: 1, created_at: now },
    passphrase: derived === undefined ? null : wrapUnderPassphrase(derived, master, instanceId, ports.random),
    recovery: null,
    keys: makeKeyEntries(master, instanceId, ports.random, now),
  };
  ports.file.write(formatKeyFile(file));
  return { file, master };
}

/** Its version and age, also of a file from before it could be rotated. */
export function masterOf(file: KeyFile): { version: number; created_at: number } {
  return file.master ?? { version: 1, created_at: Math.min(...file.keys.map((entry) => entry.created_at)) };
}

/** The keychain's name for the master key. */
export function accountOf(file: KeyFile): string {
  return file.keychain_account ?? file.instance_id;
}

export type PassphraseKey = { readonly salt: Uint8Array; readonly key: Uint8Array };

/** The slow part. @throws ProblemError request/invalid for a missing or short passphrase */
export async function derivePassphraseKey(
  ports: MasterKeyPorts,
  passphrase: string | undefined,
): Promise<PassphraseKey> {
  if (passphrase === undefined || [...passphrase].length < leastPassphrase) {
    const message = `give a passphrase of ${leastPassphrase} characters or more`;
    throw new ProblemError('request/invalid', `passphrase: ${message}`, { fields: [{ path: 'passphrase', message }] });
  }
  const salt = ports.random.bytes(16);
  return { salt, key: await ports.kdf(passphrase.normalize('NFC'), { salt, ...passphraseCost }) };
}

/** What the key file holds of it. The derived key is zeroed. */
export function wrapUnderPassphrase(
  { salt, key }: PassphraseKey,
  master: Uint8Array,
  instanceId: string,
  random: Randomness,
): NonNullable<KeyFile['passphrase']> {
  try {
    const sealed = seal(key, master, masterContext(instanceId, 'passphrase'), random.bytes(12));
    return {
      salt: toBase64(salt),
      memory_kib: passphraseCost.memoryKib,
      time: passphraseCost.time,
      parallelism: passphraseCost.parallelism,
      master: toBase64(sealed),
    };
  } finally {
    key.fill(0);
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
  const { protection } = file;
  // A key given from outside is used whatever protects the file: that is how a machine without keychain is brought up.
  // One that doesn't open may be there for a change of protection to come.
  const given = protectionsGiven(ports.given).sort(
    (left, right) => Number(right === protection) - Number(left === protection),
  );
  let unanswered: MasterKeyUnavailable | undefined;
  for (const from of given) {
    try {
      const master = await givenMaster(ports.given, from);
      if (opens(file, master, ports.random)) return master;
      master.fill(0);
    } catch (error) {
      // Another one may open it; Vault being away is said when none does.
      if (!(error instanceof MasterKeyUnavailable)) throw error;
      unanswered ??= error;
    }
  }
  if (unanswered !== undefined && protection !== 'keychain' && protection !== 'passphrase') throw unanswered;
  const wrong = given.map((from) => namesOfGiven[from]).join(' and ');
  const unfit = wrong === '' ? '' : `; the key that ${wrong} gives does not open it`;
  switch (protection) {
    case 'keychain': {
      const stored = ports.keychain.get(accountOf(file));
      if (stored !== undefined) return fromBase64(stored);
      throw new MasterKeyUnavailable(
        `the keychain holds no key for console ${file.instance_id} (${ports.keychain.probe().detail}); unlock it, or give GATEHOUSE_ENCRYPTION_KEY${unfit}`,
      );
    }
    case 'environment':
    case 'key_file':
    case 'vault':
      if (wrong !== '') {
        throw new WrongMasterKey(`the key that ${wrong} gives does not open the keys of console ${file.instance_id}`);
      }
      throw new MasterKeyUnavailable(
        protection === 'vault'
          ? `${missing.vault}: ${ports.given.vault?.why ?? 'VAULT_ADDR is not set'}; mend that, or give GATEHOUSE_ENCRYPTION_KEY`
          : missing[protection],
      );
    case 'passphrase':
      if (passphrase === undefined) throw new PassphraseNeeded(`this console asks for its passphrase${unfit}`);
      return masterByPassphrase(ports, file, passphrase);
  }
}

const missing = {
  environment: 'this console takes its key from GATEHOUSE_ENCRYPTION_KEY, which is not set',
  key_file: 'this console takes its key from the file that GATEHOUSE_KEY_FILE names, which is not set',
  vault: 'this console takes its key from Vault, which did not give it',
} as const;

function opens(file: KeyFile, master: Uint8Array, random: Randomness): boolean {
  try {
    openKeyRing(file, master, random).destroy();
    return true;
  } catch (error) {
    if (error instanceof WrongMasterKey) return false;
    throw error;
  }
}

/** @throws WrongMasterKey, MasterKeyUnavailable */
export async function masterByPassphrase(
  ports: Pick<MasterKeyPorts, 'kdf'>,
  file: KeyFile,
  passphrase: string,
): Promise<Uint8Array> {
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

export function readKeyFile(store: KeyFileStore): KeyFile | undefined {
  const text = store.read();
  return text === undefined ? undefined : parseKeyFile(text);
}

export function masterContext(instanceId: string, by: string): string {
  return `gatehouse/${instanceId}/master/${by}`;
}

async function newMaster(ports: MasterKeyPorts, protection: Protection): Promise<Uint8Array> {
  if (protection === 'vault' || protection === 'environment' || protection === 'key_file') {
    if (!protectionsGiven(ports.given).includes(protection))
      throw new ProblemError('request/invalid', `protection: no key was given by ${protection}`);
    return givenMaster(ports.given, protection);
  }
  if (protection === 'keychain') {
    const probe = ports.keychain.probe();
    if (!probe.available)
      throw new ProblemError('setup/keychain', `no usable keychain: ${probe.detail}; choose a passphrase instead`);
  }
  return ports.random.bytes(32);
}

/** @throws MasterKeyUnavailable when what was given is no key, or nothing was. */
export async function givenMaster(given: GivenKeys, from: GivenBy): Promise<Uint8Array> {
  const texts = { environment: given.environment, key_file: given.keyFile };
  const text = from === 'vault' ? await given.vault?.read() : texts[from];
  const bytes = parseMaster(text ?? '');
  if (bytes === undefined) {
    throw new MasterKeyUnavailable(
      `${namesOfGiven[from]} must hold 32 bytes in base64, for example from: openssl rand -base64 32`,
    );
  }
  return bytes;
}

/** 32 bytes in base64, with white space around them; undefined for anything else. */
export function parseMaster(text: string): Uint8Array | undefined {
  if (text.length > longestGiven) return undefined;
  const trimmed = text.trim();
  const bytes = decodeBase64(trimmed);
  return bytes.byteLength === 32 && /^[A-Za-z0-9+/_-]+=*$/.test(trimmed) ? bytes : undefined;
}

/** Where the user finds it. */
export const namesOfGiven: Readonly<Record<GivenBy, string>> = {
  vault: 'Vault',
  environment: 'GATEHOUSE_ENCRYPTION_KEY',
  key_file: 'the file of GATEHOUSE_KEY_FILE',
};
