// The operating system's keychain: Secret Service, Keychain, Credential Manager.
import { Entry } from '@napi-rs/keyring';
import type { Keychain } from '../../core/features/keys/master-key.ts';

const service = 'gatehouse';
const probeAccount = 'probe';

// SECURITY: without this the library falls back to the kernel's keyring without a word, which a reboot empties.
const options = { linux: { store: 'secret-service' as const } };

export function createOsKeychain(): Keychain {
  return {
    probe() {
      try {
        // Writing is the only honest question: a locked keyring answers reads with "not found".
        const entry = new Entry(service, probeAccount, options);
        entry.setPassword('probe');
        entry.deletePassword();
        return { available: true, detail: keychainName() };
      } catch (error) {
        return { available: false, detail: error instanceof Error ? firstLine(error.message) : String(error) };
      }
    },
    get(account) {
      try {
        return new Entry(service, account, options).getPassword() ?? undefined;
      } catch {
        // No Secret Service, or a locked one: the caller says what to do, with the probe's detail.
        return undefined;
      }
    },
    set: (account, value) => new Entry(service, account, options).setPassword(value),
    delete: (account) => void new Entry(service, account, options).deletePassword(),
  };
}

function keychainName(): string {
  if (process.platform === 'darwin') return 'macOS Keychain';
  if (process.platform === 'win32') return 'Windows Credential Manager';
  return 'Secret Service';
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
