// Where a running console's own secrets come from: the client of Vault made from settings and environment, what stands in for it, and
// what is made of them: the key that opens the keys, the certificate to serve.
import { ProfileError, readGuardedFile } from '../adapters/files/profile.ts';
import { createVaultClient } from '../adapters/providers/vault-client.ts';
import { vaultOptions } from '../adapters/providers/vault-settings.ts';
import { holdingTimers, systemClock, systemRandom } from '../adapters/system/host-parts.ts';
import { CertificateError } from '../adapters/tls/certificates.ts';
import { type GivenKeys, MasterKeyUnavailable, type Protection } from '../core/features/keys/master-key.ts';
import {
  type ConsoleSecretName,
  consoleSecrets,
  createSecretValues,
  type OtherSource,
  type SecretValues,
} from '../core/features/settings/index.ts';
import type { Log } from '../core/ports.ts';
import type { Settings } from '../core/settings.ts';
import type { OwnCertificate } from './certificate-desk.ts';

const masterKey = 'encryption.master_key';

/**
 * @param protection how the console's master key is kept; undefined where there is no console yet.
 * @throws SettingsError when what is set for Vault can't be used
 */
export function openSecrets(parts: {
  readonly settings: Settings;
  readonly environment: NodeJS.ProcessEnv;
  readonly log: Log;
  protection(): Protection | undefined;
}): SecretValues {
  const { environment } = parts;
  const options = vaultOptions(parts.settings, environment);
  const ports = { clock: systemClock, random: systemRandom, timers: holdingTimers };
  return createSecretValues({
    clock: systemClock,
    log: parts.log,
    provider: options === undefined ? undefined : createVaultClient(options, ports),
    other: (name) => otherSource(name, environment, parts.protection),
  });
}

function otherSource(
  name: ConsoleSecretName,
  environment: NodeJS.ProcessEnv,
  protection: () => Protection | undefined,
): OtherSource | undefined {
  if (name === masterKey) {
    const keeper = protection();
    if (keeper === 'keychain') return { origin: 'stored', detail: 'keychain', text: undefined, first: true };
    if (keeper === 'passphrase')
      return { origin: 'stored', detail: 'keys.json, under a passphrase', text: undefined, first: true };
  }
  const variable = consoleSecrets.find((row) => row.name === name)?.variable ?? '';
  const text = nonEmpty(environment[variable]);
  if (text !== undefined) return { origin: 'environment', detail: variable, text };
  const file = nonEmpty(environment.GATEHOUSE_KEY_FILE);
  return name === masterKey && file !== undefined ? { origin: 'file', detail: file, text: undefined } : undefined;
}

/** @throws ProfileError when the key file can't be used */
export function givenKeys(environment: NodeJS.ProcessEnv, secrets: SecretValues): GivenKeys {
  const file = nonEmpty(environment.GATEHOUSE_KEY_FILE);
  // One that can't be read, or that others can read, refuses the start.
  if (file !== undefined) readGuardedFile(file);
  return {
    environment: nonEmpty(environment.GATEHOUSE_ENCRYPTION_KEY),
    // Read when it is needed: nothing of it stays while the vault is locked, and a rotation changes it.
    get keyFile() {
      try {
        return file === undefined ? undefined : readGuardedFile(file);
      } catch (error) {
        throw error instanceof ProfileError ? new MasterKeyUnavailable(error.message, { cause: error }) : error;
      }
    },
    ...(secrets.provider === undefined
      ? {}
      : { vault: givenByVault(secrets, secrets.provider.pathOf('encryption-key')) }),
  };
}

function givenByVault(secrets: SecretValues, path: string): NonNullable<GivenKeys['vault']> {
  return {
    get present() {
      return secrets.heldByProvider(masterKey);
    },
    get why() {
      return secrets.status().detail ?? `there is no key at ${path}`;
    },
    async read() {
      const answer = await secrets.fetch(masterKey);
      if (answer.kind === 'fault') throw new MasterKeyUnavailable(`Vault did not give the key: ${answer.fault.detail}`);
      return answer.kind === 'value' ? answer.value : undefined;
    },
  };
}

/** A certificate that the user brought. @throws CertificateError when it isn't complete */
export function ownCertificate(secrets: SecretValues): OwnCertificate | undefined {
  const cert = secrets.find('tls.certificate_file');
  const key = secrets.find('tls.key_file');
  if (cert === undefined && key !== undefined) {
    throw new CertificateError(
      'GATEHOUSE_TLS_KEY is set without GATEHOUSE_TLS_CERT; set both, or a PKCS#12 file as GATEHOUSE_TLS_CERT alone',
    );
  }
  if (cert !== undefined && key === undefined && !/\.(p12|pfx)$/i.test(cert)) {
    throw new CertificateError(`${cert} is not a PKCS#12 file (.p12, .pfx); set GATEHOUSE_TLS_KEY to its private key`);
  }
  return cert === undefined ? undefined : { cert, key, password: secrets.find('tls.password') ?? '' };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
