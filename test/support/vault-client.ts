// A client of Vault for tests, on a clock that the test moves, and what a test asks again and again.
import { createVaultClient, type VaultOptions } from '../../src-main/adapters/providers/vault-client.ts';
import type { VaultAuth } from '../../src-main/adapters/providers/vault-session.ts';
import { utf8 } from '../../src-main/base/bytes.ts';
import { Secret } from '../../src-main/base/secret.ts';
import type { SecretProvider } from '../../src-main/core/features/settings/index.ts';
import type { TestHost } from './host.ts';

export function clientFor(
  server: { readonly address: string; readonly ca: string | undefined },
  auth: VaultAuth | undefined,
  host: TestHost,
  more: Partial<VaultOptions> = {},
): SecretProvider {
  return createVaultClient(
    {
      address: server.address,
      ca: server.ca,
      namespace: undefined,
      timeoutMs: 2_000,
      mount: 'secret',
      path: 'gatehouse',
      auth,
      ...more,
    },
    host,
  );
}

export function tokenAuth(token: string): VaultAuth {
  return { kind: 'token', token: new Secret(utf8(token)) };
}

export function appRoleAuth(roleId: string, secretId: string, mount = 'approle'): VaultAuth {
  return { kind: 'approle', mount, roleId, secretId: new Secret(utf8(secretId)) };
}

/** Moves the clock in small steps until `work` is done: waits of the client pass, the network takes its real time. */
export async function settle<T>(work: Promise<T>, host: TestHost): Promise<T> {
  let done = false;
  const mark = (): void => {
    done = true;
  };
  work.then(mark, mark);
  while (!done) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (!done) host.advance(100);
  }
  return work;
}

/** Moves the clock and lets what it set off come to its end over the network. */
export async function pass(ms: number, host: TestHost): Promise<void> {
  host.advance(ms);
  for (let round = 0; round < 12; round++) await new Promise((resolve) => setTimeout(resolve, 5));
}
