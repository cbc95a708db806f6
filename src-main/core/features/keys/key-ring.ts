// All keys of an open console, in one place: made, wrapped, unwrapped, used, zeroed. Nothing else asks for a key (spec 03).
// What is written to the key file, and in which order, is the custody's business.
import { fromBase64, toBase64 } from '../../../base/bytes.ts';
import { type SigningKey, signingKeyFromSeed } from '../../../base/ed25519.ts';
import { deriveKey } from '../../../base/hashes.ts';
import { seal, unseal } from '../../../base/seals.ts';
import { Secret } from '../../../base/secret.ts';
import type { Sealer } from '../../feature.ts';
import { DamagedStore, type Randomness } from '../../ports.ts';
import { formatKeyFile, type KeyEntry, type KeyFile, type KeyPurpose } from './key-file.ts';

/** The master key is not the one that this key file was made with. */
export class WrongMasterKey extends Error {
  override readonly name = 'WrongMasterKey';
}

export type WrappedBackupKey = { readonly version: number; readonly wrapped: Uint8Array };

export type KeyRing = Sealer & {
  readonly instanceId: string;
  /** Of the newest version, whichever that is when it is asked. */
  readonly signing: SigningKey;
  /** Of one version; it signs until that version is forgotten. @throws Error when there is no such version */
  signingKey(version: number): SigningKey;
  /** For opening the store only; of the newest version unless said. */
  pageKey(version?: number): Uint8Array;
  /** Wraps the key of one backup under the current backup key; `context` names the backup. */
  wrapBackupKey(dataKey: Uint8Array, context: string): WrappedBackupKey;
  /** @throws Error when that version was destroyed, or the wrapped key was changed or belongs to another backup. */
  unwrapBackupKey(version: number, wrapped: Uint8Array, context: string): Uint8Array;
  /** The key file as it stands, for inclusion in backups: nothing in it is secret without the master key. */
  keyFileText(): string;
  file(): KeyFile;
  /** The newest version of each purpose is the current one. */
  current(purpose: KeyPurpose): number;
  versions(purpose: KeyPurpose): readonly KeyEntry[];
  /** Takes over what was written to the key file: keys that are not in it any more are zeroed. */
  take(file: KeyFile, fresh?: { purpose: KeyPurpose; version: number; key: Uint8Array }): void;
  /** Each key wrapped under another master key. */
  rewrap(master: Uint8Array): KeyEntry[];
  /** Zeroes every key; whatever is asked afterwards throws. */
  destroy(): void;
};

const purposes: readonly KeyPurpose[] = ['page', 'sealing', 'backup', 'signing'];

/** Fresh random keys, wrapped under `master`. */
export function makeKeyEntries(master: Uint8Array, instanceId: string, random: Randomness, now: number): KeyEntry[] {
  return purposes.map((purpose) => {
    const key = random.bytes(32);
    try {
      return wrapEntry(master, key, { instanceId, purpose, version: 1, createdAt: now }, random);
    } finally {
      key.fill(0);
    }
  });
}

/** @throws WrongMasterKey when `master` doesn't unwrap the keys. */
export function openKeyRing(opened: KeyFile, master: Uint8Array, random: Randomness): KeyRing {
  let file = opened;
  const keys = new Map<string, Secret>();
  for (const entry of file.keys) keys.set(nameOf(entry), unwrapEntry(file, entry, master));

  function versions(purpose: KeyPurpose): KeyEntry[] {
    return file.keys.filter((entry) => entry.purpose === purpose);
  }

  const current = (purpose: KeyPurpose): number => Math.max(...versions(purpose).map((entry) => entry.version));

  function key(purpose: KeyPurpose, version: number): Uint8Array {
    const secret = keys.get(nameOf({ purpose, version }));
    if (secret === undefined) throw new Error(`there is no ${purpose} key of version ${version}`);
    return secret.reveal();
  }

  // Made once: deriving a public key takes longer than a signature.
  const signers = new Map<number, SigningKey>();
  for (const { version } of versions('signing')) signers.set(version, signingKeyFromSeed(key('signing', version)));

  function signingKey(version: number): SigningKey {
    const signer = signers.get(version);
    if (signer === undefined) throw new Error(`there is no signing key of version ${version}`);
    return {
      publicKey: signer.publicKey,
      sign(message) {
        if (!signers.has(version)) throw new Error('the signing key was destroyed');
        return signer.sign(message);
      },
    };
  }

  return {
    instanceId: file.instance_id,
    get signing() {
      return signingKey(current('signing'));
    },
    signingKey,
    pageKey: (version = current('page')) => key('page', version),
    // One byte of version stands before the sealed value, so that old values open after a rotation.
    seal(plain, context) {
      const version = current('sealing');
      const sealed = seal(key('sealing', version), plain, `${context}#${version}`, random.bytes(12));
      const out = new Uint8Array(sealed.byteLength + 1);
      out[0] = version;
      out.set(sealed, 1);
      return out;
    },
    open(sealed, context) {
      const version = sealed[0] ?? 0;
      return openSealed(key('sealing', version), sealed.subarray(1), `${context}#${version}`);
    },
    wrapBackupKey(dataKey, context) {
      const version = current('backup');
      const wrapped = seal(key('backup', version), dataKey, backupContext(context, version), random.bytes(12));
      return { version, wrapped };
    },
    unwrapBackupKey: (version, wrapped, context) =>
      unseal(key('backup', version), wrapped, backupContext(context, version)),
    keyFileText: () => formatKeyFile(file),
    file: () => file,
    current,
    versions,
    take(next, fresh) {
      if (fresh !== undefined) keys.set(nameOf(fresh), new Secret(fresh.key));
      if (fresh?.purpose === 'signing') signers.set(fresh.version, signingKeyFromSeed(fresh.key));
      const kept = new Set(next.keys.map(nameOf));
      for (const [name, secret] of keys) {
        if (kept.has(name)) continue;
        secret.destroy();
        keys.delete(name);
      }
      for (const version of signers.keys()) if (!kept.has(`signing/${version}`)) signers.delete(version);
      file = next;
    },
    rewrap: (master) =>
      file.keys.map(({ purpose, version, created_at }) =>
        wrapEntry(
          master,
          key(purpose, version),
          { instanceId: file.instance_id, purpose, version, createdAt: created_at },
          random,
        ),
      ),
    destroy() {
      signers.clear();
      for (const secret of keys.values()) secret.destroy();
    },
  };
}

/** An entry of the key file for `key`. */
export function wrapEntry(
  master: Uint8Array,
  key: Uint8Array,
  about: { instanceId: string; purpose: KeyPurpose; version: number; createdAt: number },
  random: Randomness,
): KeyEntry {
  const { instanceId, purpose, version, createdAt } = about;
  const wrappingKey = deriveKey(master, wrapInfo(purpose));
  try {
    const sealed = seal(wrappingKey, key, wrapContext(instanceId, purpose, version), random.bytes(12));
    return { purpose, version, created_at: createdAt, wrapped: toBase64(sealed) };
  } finally {
    wrappingKey.fill(0);
  }
}

/** @throws DamagedStore when the value was changed, or stands in another row than the one that it was sealed for. */
export function openSealed(key: Uint8Array, sealed: Uint8Array, context: string): Uint8Array {
  try {
    return unseal(key, sealed, context);
  } catch (cause) {
    throw new DamagedStore(`the sealed value of ${context} was changed, or moved there from another row`, { cause });
  }
}

function unwrapEntry(file: KeyFile, entry: KeyEntry, master: Uint8Array): Secret {
  const wrappingKey = deriveKey(master, wrapInfo(entry.purpose));
  try {
    const context = wrapContext(file.instance_id, entry.purpose, entry.version);
    return new Secret(unseal(wrappingKey, fromBase64(entry.wrapped), context));
  } catch (cause) {
    throw new WrongMasterKey(`the key given does not open the keys of console ${file.instance_id}`, { cause });
  } finally {
    wrappingKey.fill(0);
  }
}

function nameOf({ purpose, version }: { purpose: KeyPurpose; version: number }): string {
  return `${purpose}/${version}`;
}

// HKDF gives wrapping keys only, one a purpose (spec 03); what they wrap is random.
function wrapInfo(purpose: KeyPurpose): string {
  return `gatehouse/v1/wrap/${purpose}`;
}

function wrapContext(instanceId: string, purpose: KeyPurpose, version: number): string {
  return `gatehouse/${instanceId}/${purpose}/${version}`;
}

function backupContext(context: string, version: number): string {
  return `backup/${context}#${version}`;
}
