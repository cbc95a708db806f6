// What `[vault]` and the usual variables of Vault (VAULT_TOKEN, VAULT_ROLE_ID …) make of a client: its options, or what is wrong with them.
import { readFileSync, statSync } from 'node:fs';
import { utf8 } from '../../base/bytes.ts';
import { Secret } from '../../base/secret.ts';
import { type Settings, SettingsError } from '../../core/settings.ts';
import type { VaultOptions } from './vault-client.ts';
import type { VaultAuth } from './vault-session.ts';

/** A service account's token has about 1 KiB. */
const mostJwtBytes = 16_384;
const mostCaBytes = 1_048_576;

/** @returns undefined where no address is set, or Vault is turned off. @throws SettingsError */
export function vaultOptions({ vault }: Settings, environment: NodeJS.ProcessEnv): VaultOptions | undefined {
  if (!vault.enabled || vault.address === undefined) return undefined;
  return {
    address: vault.address.replace(/\/+$/, ''),
    namespace: vault.namespace,
    ca: vault.ca_file === undefined ? undefined : readCa(vault.ca_file),
    timeoutMs: vault.timeout_seconds * 1000,
    mount: vault.mount,
    path: vault.path,
    auth: authOf(vault, environment),
  };
}

/** In the order of spec 03; the first that is given is used. */
function authOf(vault: Settings['vault'], environment: NodeJS.ProcessEnv): VaultAuth | undefined {
  const token = credential(environment, 'VAULT_TOKEN');
  const roleId = credential(environment, 'VAULT_ROLE_ID');
  const secretId = credential(environment, 'VAULT_SECRET_ID');
  if (token !== undefined) return { kind: 'token', token: new Secret(utf8(token)) };
  if (roleId !== undefined && secretId !== undefined)
    return { kind: 'approle', mount: vault.approle_mount, roleId, secretId: new Secret(utf8(secretId)) };
  if (roleId !== undefined || secretId !== undefined)
    throw new SettingsError('set both VAULT_ROLE_ID and VAULT_SECRET_ID, or neither');
  const { kubernetes_role: role, kubernetes_mount: mount, kubernetes_token_file: file } = vault;
  return role === undefined ? undefined : { kind: 'kubernetes', mount, role, readJwt: () => readJwt(file) };
}

function credential(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const text = environment[name]?.trim();
  if (text === undefined || text === '') return undefined;
  // It becomes a header or part of a body; the value itself is not shown.
  if (!/^[\x21-\x7e]{1,8192}$/.test(text))
    throw new SettingsError(`${name} holds white space or characters that no credential of Vault has`);
  return text;
}

function readJwt(path: string): string {
  const text = readBounded(path, mostJwtBytes, 'the service account token').trim();
  if (!/^[\x21-\x7e]+$/.test(text)) throw new Error(`${path} holds no service account token`);
  return text;
}

function readCa(path: string): string {
  let text: string;
  try {
    text = readBounded(path, mostCaBytes, 'the CA file of Vault');
  } catch (cause) {
    throw new SettingsError(`vault.ca_file (VAULT_CACERT): ${(cause as Error).message}`, { cause });
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new SettingsError(`vault.ca_file (VAULT_CACERT): ${path} holds no certificate in PEM form`);
  return text;
}

function readBounded(path: string, most: number, what: string): string {
  let size: number;
  try {
    const found = statSync(path);
    if (!found.isFile()) throw new Error('it is not a file');
    size = found.size;
    if (size <= most) return readFileSync(path, 'utf8');
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const why = missing ? 'it does not exist' : cause instanceof Error ? cause.message : String(cause);
    throw new Error(`cannot read ${what} ${path}: ${why}`, { cause });
  }
  throw new Error(`cannot read ${what} ${path}: it has ${size} bytes, too many`);
}
