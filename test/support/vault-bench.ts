// A Vault to try the client on: the local one, and a real one where VAULT_ADDR and VAULT_TOKEN (allowed to mount engines) are set. What
// a test keeps in the real one lies under mounts of its own and is removed afterwards.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { createVaultServer } from './vault-server.ts';

export type VaultBench = AsyncDisposable & {
  readonly address: string;
  readonly ca: string | undefined;
  /** KV version 2 engine. */
  readonly mount: string;
  put(name: string, data: Record<string, unknown>): Promise<void>;
  deleteLatest(name: string): Promise<void>;
  /** Policy that allows reading `gatehouse/*` in the mount, as the documents give it. */
  token(ttlSeconds: number, options?: { policy?: boolean; maxSeconds?: number }): Promise<string>;
  appRole(ttlSeconds: number): Promise<{ mount: string; roleId: string; secretId: string }>;
};

export async function localBench(): Promise<VaultBench> {
  const server = await createVaultServer();
  const policies = (allowed: boolean): string[] => (allowed ? ['gatehouse'] : []);
  return {
    address: server.address,
    ca: server.ca,
    mount: 'secret',
    put: async (name, data) => server.put(`gatehouse/${name}`, data),
    deleteLatest: async (name) => server.deleteLatest(`gatehouse/${name}`),
    token: async (ttlSeconds, { policy = true, maxSeconds } = {}) =>
      server.createToken({
        policies: policies(policy),
        ttlMs: ttlSeconds * 1000,
        ...(maxSeconds === undefined ? {} : { maxTtlMs: maxSeconds * 1000 }),
      }),
    async appRole(ttlSeconds) {
      const role = { mount: 'approle', roleId: 'role', secretId: 'secret' };
      server.appRole({ ...role, ttlMs: ttlSeconds * 1000 });
      return role;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export async function realBench(environment: NodeJS.ProcessEnv): Promise<VaultBench> {
  const {
    VAULT_ADDR: address = '',
    VAULT_TOKEN: root = '',
    VAULT_CACERT: caFile,
    VAULT_NAMESPACE: namespace,
  } = environment;
  const ca = caFile === undefined || caFile === '' ? undefined : readFileSync(caFile, 'utf8');
  const own = `gatehouse-test-${randomBytes(6).toString('hex')}`;

  async function call(method: string, path: string, body?: unknown): Promise<{ data?: unknown; auth?: unknown }> {
    const url = new URL(`/v1/${path}`, address);
    const send = url.protocol === 'https:' ? secureRequest : plainRequest;
    const headers = {
      'x-vault-token': root,
      ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
      'content-type': 'application/json',
    };
    return new Promise((resolve, reject) => {
      const sent = send(url, { method, headers, ...(ca === undefined ? {} : { ca }) }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => {
          if ((response.statusCode ?? 0) < 300) resolve(text === '' ? {} : (JSON.parse(text) as object));
          else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
        });
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  await call('POST', `sys/mounts/${own}`, { type: 'kv', options: { version: '2' } });
  await call('POST', `sys/auth/${own}`, { type: 'approle' });
  const policy = `path "${own}/data/gatehouse/*" { capabilities = ["read"] }`;
  await call('POST', `sys/policies/acl/${own}`, { policy });
  return {
    address,
    ca,
    mount: own,
    put: async (name, data) => void (await call('POST', `${own}/data/gatehouse/${name}`, { data })),
    deleteLatest: async (name) => void (await call('DELETE', `${own}/data/gatehouse/${name}`)),
    async token(ttlSeconds, { policy: allowed = true, maxSeconds } = {}) {
      const { auth } = await call('POST', 'auth/token/create', {
        policies: allowed ? [own] : ['default'],
        ttl: `${ttlSeconds}s`,
        ...(maxSeconds === undefined ? {} : { explicit_max_ttl: `${maxSeconds}s` }),
      });
      return (auth as { client_token: string }).client_token;
    },
    async appRole(ttlSeconds) {
      await call('POST', `auth/${own}/role/gatehouse`, { token_policies: own, token_ttl: `${ttlSeconds}s` });
      const role = await call('GET', `auth/${own}/role/gatehouse/role-id`);
      const secret = await call('POST', `auth/${own}/role/gatehouse/secret-id`, {});
      return {
        mount: own,
        roleId: (role.data as { role_id: string }).role_id,
        secretId: (secret.data as { secret_id: string }).secret_id,
      };
    },
    async [Symbol.asyncDispose]() {
      await call('DELETE', `sys/mounts/${own}`);
      await call('DELETE', `sys/auth/${own}`);
      await call('DELETE', `sys/policies/acl/${own}`);
    },
  };
}
