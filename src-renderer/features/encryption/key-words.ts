// The words for keys: what each is for, what rotating it does and does not do, how the master key can be kept.

import type { KeyPurposeName, RotatableKey, RotationTask } from '../../../src-shared/contract/encryption.ts';
import type { KeyProtection } from '../../../src-shared/contract/setup.ts';
import { formatCount } from '../../lib/numbers.ts';
import type { Consequence } from '../../ui/overlays/ConfirmDialog.tsx';

export const keyNames: Readonly<Record<KeyPurposeName, string>> = {
  master: 'Master key',
  page: 'Page key',
  sealing: 'Sealing key',
  backup: 'Backup key',
  signing: 'Signing key',
};

export const keyUses: Readonly<Record<KeyPurposeName, string>> = {
  master: 'Wraps the other keys',
  page: 'Every page of the store on disk',
  sealing: 'Secret values, seeds and private keys inside the store',
  backup: 'Backups without a passphrase of their own',
  signing: 'Checkpoints and evidence',
};

/** '1,204 values'; empty where uses are not counted. */
export function usesWords(key: KeyPurposeName, uses: number | null): string {
  if (uses === null) return '';
  const [one, many] = key === 'backup' ? ['backup', 'backups'] : ['value', 'values'];
  return `${formatCount(uses)} ${uses === 1 ? one : many}`;
}

interface RotationPlan {
  readonly lead: string;
  readonly consequences: readonly Consequence[];
}

export const rotationPlans: Readonly<Record<RotatableKey, RotationPlan>> = {
  master: {
    lead: 'A new master key wraps the other keys anew. Nothing that is stored changes, so it takes about a second.',
    consequences: [
      { label: 'Recovery key', value: 'a new one, shown once' },
      { label: 'The sheet you have', value: 'opens only backups made until now; keep it with them' },
      { label: 'Detection, API, sessions', value: 'go on' },
    ],
  },
  page: {
    lead: 'The store is written into a new file under a new key, checked whole, and then takes the place of the old one.',
    consequences: [
      { label: 'Reading', value: 'goes on' },
      { label: 'Writing: events, changes, sign-ins', value: 'waits until it is done, then goes on' },
      { label: 'Disk space for the while', value: 'as much again as the store' },
      { label: 'If it fails or is cut short', value: 'the old file and key stay' },
    ],
  },
  sealing: {
    lead: 'A new version seals from now on. What the old one sealed is sealed anew in the background; it can be paused, and goes on after a restart.',
    consequences: [
      { label: 'Detection, API, sessions', value: 'go on' },
      { label: 'Old version', value: 'destroyed when nothing uses it' },
    ],
  },
  backup: {
    lead: 'A new version encrypts the next backups.',
    consequences: [
      { label: 'Backups made before', value: 'stay readable; their version is kept as long as they are' },
      { label: 'Detection, API, sessions', value: 'go on' },
    ],
  },
  signing: {
    lead: 'A new key signs checkpoints, bundles and backups from now on. The old one signs a last checkpoint and a note that names the new one, and is destroyed: nobody can sign the past again.',
    consequences: [
      { label: 'Bundles and checkpoints until now', value: 'stay valid under the old key' },
      { label: 'Auditors who keep the old key', value: 'verify new bundles by the note in them' },
      { label: 'Witnesses', value: 'must be told the new key before they cosign again' },
      { label: 'Detection, API, sessions', value: 'go on' },
    ],
  },
};

export const protectionNames: Readonly<Record<KeyProtection, string>> = {
  keychain: 'The system’s keychain',
  passphrase: 'A passphrase',
  environment: 'The environment',
  key_file: 'A key file',
  vault: 'Vault',
};

/** Where the key is given from outside, that place must hold the new one too. */
export const givenFrom: Readonly<Partial<Record<KeyProtection, string>>> = {
  environment: 'GATEHOUSE_ENCRYPTION_KEY',
  key_file: 'the file that GATEHOUSE_KEY_FILE names',
  vault: 'Vault',
};

export function taskTitle(task: RotationTask): string {
  const name = keyNames[task.key].toLowerCase();
  switch (task.state) {
    case 'running':
      return `Rotating the ${name}: ${task.phase}`;
    case 'paused':
      return `Rotation of the ${name} is paused: ${task.phase}`;
    case 'failed':
      return `Rotation of the ${name} failed`;
    case 'finished':
      return `The ${name} was rotated`;
  }
}
