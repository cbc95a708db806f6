// All keys of an open console, in one place: made, wrapped, unwrapped, used, zeroed. Nothing else asks for a key (spec 03).
import { fromBase64, toBase64 } from '../../../base/bytes.ts';
import { type SigningKey, signingKeyFromSeed } from '../../../base/ed25519.ts';
import { deriveKey } from '../../../base/hashes.ts';
import { seal, unseal } from '../../../base/seals.ts';
import { Secret } from '../../../base/secret.ts';
import type { Sealer } from '../../feature.ts';
import type { Randomness } from '../../ports.ts';
import type { KeyEntry, KeyFile, KeyPurpose } from './key-file.ts';

/** The master key is not the one that this key file was made with. */
export class WrongMasterKey extends Error {
  override readonly name = 'WrongMasterKey';
}

export type KeyRing = Sealer & {
  readonly instanceId: string;
  /** For opening the store only. */
  pageKey(): Uint8Array;
  readonly signing: SigningKey;
  /** Zeroes every key; whatever is asked afterwards throws. */
  destroy(): void;
};

const purposes: readonly KeyPurpose[] = ['page', 'sealing', 'backup', 'signing'];

/** Fresh random keys, wrapped under `master`. */
export function makeKeyEntries(master: Uint8Array, instanceId: string, random: Randomness, now: number): KeyEntry[] {
  return purposes.map((purpose) => {
    const key = random.bytes(32);
    const entry = {
      purpose,
      version: 1,
      created_at: now,
      wrapped: toBase64(wrap(master, key, instanceId, purpose, 1, random)),
    };
    key.fill(0);
    return entry;
  });
}

/** @throws WrongMasterKey when `master` doesn't unwrap the keys. */
export function openKeyRing(file: KeyFile, master: Uint8Array, random: Randomness): KeyRing {
  const keys = new Map<string, Secret>();
  for (const entry of file.keys) keys.set(`${entry.purpose}/${entry.version}`, unwrapEntry(file, entry, master));
  const current = (purpose: KeyPurpose): number =>
    Math.max(...file.keys.filter((entry) => entry.purpose === purpose).map((entry) => entry.version));

  function key(purpose: KeyPurpose, version: number): Uint8Array {
    const secret = keys.get(`${purpose}/${version}`);
    if (secret === undefined) throw new Error(`there is no ${purpose} key of version ${version}`);
    return secret.reveal();
  }

  const sealingVersion = current('sealing');
  return {
    instanceId: file.instance_id,
    pageKey: () => key('page', current('page')),
    signing: signingKeyFromSeed(key('signing', current('signing'))),
    // One byte of version stands before the sealed value, so that old values open after a rotation.
    seal(plain, context) {
      const sealed = seal(key('sealing', sealingVersion), plain, `${context}#${sealingVersion}`, random.bytes(12));
      const out = new Uint8Array(sealed.byteLength + 1);
      out[0] = sealingVersion;
      out.set(sealed, 1);
      return out;
    },
    open(sealed, context) {
      const version = sealed[0] ?? 0;
      return unseal(key('sealing', version), sealed.subarray(1), `${context}#${version}`);
    },
    destroy() {
      for (const secret of keys.values()) secret.destroy();
    },
  };
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

function wrap(
  master: Uint8Array,
  key: Uint8Array,
  instanceId: string,
  purpose: KeyPurpose,
  version: number,
  random: Randomness,
): Uint8Array {
  const wrappingKey = deriveKey(master, wrapInfo(purpose));
  const sealed = seal(wrappingKey, key, wrapContext(instanceId, purpose, version), random.bytes(12));
  wrappingKey.fill(0);
  return sealed;
}

// HKDF gives wrapping keys only, one a purpose (spec 03); what they wrap is random.
function wrapInfo(purpose: KeyPurpose): string {
  return `gatehouse/v1/wrap/${purpose}`;
}

function wrapContext(instanceId: string, purpose: KeyPurpose, version: number): string {
  return `gatehouse/${instanceId}/${purpose}/${version}`;
}
