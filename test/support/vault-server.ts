// A Vault for tests, after its documented HTTP API: KV version 2, tokens with lives and policies, AppRole and Kubernetes sign-in,
// namespaces, health, seal, and the faults that a network and a proxy add.
import { createPublicKey, generateKeyPairSync, randomBytes, randomUUID, sign, verify } from 'node:crypto';
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createAuthority, issueServerCertificate } from '../../src-main/adapters/tls/certificates.ts';

type Version = {
  data: Record<string, unknown> | null;
  createdAt: number;
  deletedAt: number | null;
  destroyed: boolean;
};
type Token = {
  readonly id: string;
  readonly namespace: string;
  readonly policies: readonly string[];
  readonly renewable: boolean;
  readonly ttlMs: number;
  readonly createdAt: number;
  expiresAt: number | null;
  readonly maxExpiresAt: number | null;
};
type TokenSpec = {
  readonly policies?: readonly string[];
  /** 0: never expires. */
  readonly ttlMs?: number;
  readonly maxTtlMs?: number;
  readonly renewable?: boolean;
  readonly namespace?: string;
};
type AppRole = TokenSpec & { readonly roleId: string; readonly secretId: string; uses?: number };
type KubernetesRole = TokenSpec & { readonly name: string; readonly serviceAccount: string };

/** What happens to requests before Vault sees them. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfter?: string;
      readonly errors?: readonly string[];
    }
  | { readonly kind: 'body'; readonly body: string; readonly contentType?: string; readonly status?: number }
  | { readonly kind: 'redirect'; readonly status: number; readonly location: string }
  | { readonly kind: 'drop' }
  | { readonly kind: 'break-off' }
  | { readonly kind: 'huge' }
  | { readonly kind: 'silence' }
  | { readonly kind: 'trickle' };

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

export type VaultServer = AsyncDisposable & {
  readonly address: string;
  /** PEM of its own CA; undefined over plain HTTP. */
  readonly ca: string | undefined;
  readonly asked: Asked[];
  /** Paths asked for, `GET secret/data/…`, without health. */
  paths(): string[];
  put(path: string, data: Record<string, unknown>, namespace?: string): void;
  deleteLatest(path: string): void;
  destroyLatest(path: string): void;
  policy(name: string, paths: Readonly<Record<string, readonly string[]>>): void;
  createToken(spec?: TokenSpec): string;
  revoke(id: string): void;
  readonly tokens: ReadonlyMap<string, Token>;
  appRole(role: AppRole, mount?: string): void;
  kubernetesRole(role: KubernetesRole): void;
  /** A service account's token as the cluster signs it. */
  jwt(serviceAccount: string, lifeMs?: number): string;
  health: 'active' | 'standby' | 'dr-secondary' | 'performance-standby' | 'sealed' | 'uninitialised' | 'removed';
  /** For the next `times` requests that `when` fits (all but health unless said). */
  fault(fault: Fault, times?: number, when?: (path: string) => boolean): void;
  clearFaults(): void;
  /** Stops listening and breaks connections off; the port is kept for `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
};

const clock = { now: () => Date.now() };
const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };
const healthStatus = {
  active: 200,
  standby: 429,
  'dr-secondary': 472,
  'performance-standby': 473,
  uninitialised: 501,
  sealed: 503,
  removed: 530,
} as const;

export async function createVaultServer(
  options: { readonly tls?: boolean; readonly now?: () => number; readonly kvMount?: string } = {},
): Promise<VaultServer> {
  const now = options.now ?? (() => Date.now());
  const kvMount = options.kvMount ?? 'secret';
  const store = new Map<string, Version[]>();
  const tokens = new Map<string, Token>();
  const policies = new Map<string, Readonly<Record<string, readonly string[]>>>([
    // Vault's own `default` policy, as far as it concerns us.
    [
      'default',
      {
        'auth/token/lookup-self': ['read'],
        'auth/token/renew-self': ['update'],
        'auth/token/revoke-self': ['update'],
      },
    ],
    ['root', { '*': ['read', 'update'] }],
  ]);
  const appRoles = new Map<string, AppRole[]>();
  const kubernetesRoles: KubernetesRole[] = [];
  const cluster = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const clusterKey = createPublicKey(cluster.publicKey.export({ type: 'spki', format: 'pem' }));
  const asked: Asked[] = [];
  let faults: { fault: Fault; left: number; when: (path: string) => boolean }[] = [];
  const sockets = new Set<Socket>();

  const pair = options.tls === true ? await makePair() : undefined;
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => handle(request, response, Buffer.concat(parts).toString('utf8')));
  };
  const server =
    pair === undefined ? createPlainServer(listener) : createTlsServer({ key: pair.key, cert: pair.cert }, listener);
  server.on(pair === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await listen(0);
  const { port } = server.address() as AddressInfo;

  async function makePair(): Promise<{ key: Buffer; cert: string; ca: string }> {
    const authority = await createAuthority(random, clock, 'vault of a test', []);
    const issued = await issueServerCertificate(random, clock, authority, []);
    return { key: Buffer.from(issued.key.reveal()), cert: issued.cert, ca: authority.cert };
  }

  function listen(at: number): Promise<void> {
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(at, '127.0.0.1', () => resolve());
    });
  }

  function handle(request: IncomingMessage, response: ServerResponse, body: string): void {
    const path = (request.url ?? '').replace(/^\/v1\//, '').split('?')[0] ?? '';
    asked.push({ method: request.method ?? '', path, headers: request.headers, body });
    const planned = faults.find(({ left, when }) => left > 0 && when(path));
    if (planned !== undefined) {
      planned.left -= 1;
      spoil(planned.fault, request, response);
      return;
    }
    const answer = answerTo(request.method ?? '', path, request.headers, body);
    send(response, answer.status, answer.body);
  }

  function spoil(fault: Fault, request: IncomingMessage, response: ServerResponse): void {
    switch (fault.kind) {
      case 'status':
        if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
        send(response, fault.status, { errors: fault.errors ?? ['made to fail'] });
        return;
      case 'body':
        response.writeHead(fault.status ?? 200, { 'content-type': fault.contentType ?? 'application/json' });
        return void response.end(fault.body);
      case 'redirect':
        response.writeHead(fault.status, { location: fault.location });
        return void response.end();
      case 'drop':
        return void request.socket.destroy();
      case 'break-off':
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"data":');
        return void setTimeout(() => request.socket.destroy(), 20);
      case 'huge':
        response.writeHead(200, { 'content-type': 'application/json' });
        response.on('error', () => undefined);
        for (let part = 0; part < 40; part++) response.write(' '.repeat(65_536));
        return void response.end('{}');
      case 'silence':
        return;
      case 'trickle': {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 30);
        return void response.on('close', () => clearInterval(timer));
      }
    }
  }

  function send(response: ServerResponse, status: number, body: unknown): void {
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  }

  type Reply = { status: number; body?: unknown };
  const refused = (status: number, ...errors: string[]): Reply => ({ status, body: { errors } });

  function answerTo(method: string, path: string, headers: IncomingMessage['headers'], body: string): Reply {
    if (path === 'sys/health') {
      const status = healthStatus[api.health];
      const standby = api.health === 'standby' || api.health === 'performance-standby';
      return {
        status,
        body: {
          initialized: api.health !== 'uninitialised',
          sealed: ['sealed', 'uninitialised'].includes(api.health),
          standby,
          performance_standby: api.health === 'performance-standby',
          server_time_utc: Math.floor(now() / 1000),
          version: '1.18.3',
        },
      };
    }
    if (api.health === 'sealed' || api.health === 'uninitialised') return refused(503, 'Vault is sealed');
    if (api.health === 'dr-secondary' || api.health === 'removed')
      return refused(503, 'path disabled in replication DR secondary mode');
    const namespace = (headers['x-vault-namespace'] as string | undefined)?.replace(/^\/|\/$/g, '') ?? '';
    const login = /^auth\/([^/]+)\/login$/.exec(path);
    if (login !== null && method === 'POST') return signIn(login[1] ?? '', namespace, body);
    const token = tokens.get((headers['x-vault-token'] as string | undefined) ?? '');
    const known =
      token !== undefined && token.namespace === namespace && (token.expiresAt === null || token.expiresAt > now());
    if (!known) return refused(403, '2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n');
    const capability = method === 'GET' ? 'read' : 'update';
    if (!allows(token, path, capability)) return refused(403, '1 error occurred:\n\t* permission denied\n\n');
    switch (path) {
      case 'auth/token/lookup-self':
        return { status: 200, body: envelope(describe(token)) };
      case 'auth/token/renew-self':
        return renew(token);
      case 'auth/token/revoke-self':
        tokens.delete(token.id);
        return { status: 204 };
    }
    if (path.startsWith(`${kvMount}/data/`)) return readSecret(`${namespace}:${path.slice(kvMount.length + 6)}`);
    return refused(404, `no handler for route "${path}". route entry not found.`);
  }

  function allows(token: Token, path: string, capability: string): boolean {
    return ['default', ...token.policies].some((name) =>
      Object.entries(policies.get(name) ?? {}).some(
        ([pattern, capabilities]) =>
          capabilities.includes(capability) &&
          (pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern),
      ),
    );
  }

  function readSecret(key: string): Reply {
    const versions = store.get(decodeURIComponent(key)) ?? [];
    const last = versions.at(-1);
    if (last === undefined) return refused(404);
    const gone = last.deletedAt !== null || last.destroyed;
    const metadata = {
      created_time: new Date(last.createdAt).toISOString(),
      custom_metadata: null,
      deletion_time: last.deletedAt === null ? '' : new Date(last.deletedAt).toISOString(),
      destroyed: last.destroyed,
      version: versions.length,
    };
    return { status: gone ? 404 : 200, body: envelope({ data: gone ? null : last.data, metadata }) };
  }

  function signIn(mount: string, namespace: string, text: string): Reply {
    const input = JSON.parse(text) as Record<string, string>;
    if (mount === 'kubernetes') {
      const role = kubernetesRoles.find(({ name }) => name === input.role);
      if (role === undefined) return refused(400, `invalid role name "${input.role}"`);
      if (serviceAccountOf(input.jwt ?? '') !== role.serviceAccount) return refused(403, 'permission denied');
      return granted(issue({ ...role, namespace }));
    }
    const role = appRoles.get(mount)?.find(({ roleId }) => roleId === input.role_id);
    if (role === undefined || role.secretId !== input.secret_id || role.uses === 0)
      return refused(400, 'invalid role or secret ID');
    if (role.uses !== undefined) role.uses -= 1;
    return granted(issue({ ...role, namespace }));
  }

  function serviceAccountOf(jwt: string): string | undefined {
    const [head = '', payload = '', signature = ''] = jwt.split('.');
    const good = verify(
      'sha256',
      Buffer.from(`${head}.${payload}`),
      { key: clusterKey, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    if (!good) return undefined;
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { sub: string; exp: number };
    return claims.exp * 1000 > now() ? claims.sub : undefined;
  }

  function issue({
    policies: names = ['gatehouse'],
    ttlMs = 3_600_000,
    maxTtlMs,
    renewable = true,
    namespace = '',
  }: TokenSpec): Token {
    const createdAt = now();
    const token: Token = {
      id: `hvs.${randomBytes(24).toString('base64url')}`,
      namespace,
      policies: names,
      renewable: renewable && ttlMs > 0,
      ttlMs,
      createdAt,
      expiresAt: ttlMs === 0 ? null : createdAt + ttlMs,
      maxExpiresAt: maxTtlMs === undefined ? null : createdAt + maxTtlMs,
    };
    tokens.set(token.id, token);
    return token;
  }

  function renew(token: Token): Reply {
    if (!token.renewable) return refused(400, 'lease is not renewable');
    const wanted = now() + token.ttlMs;
    token.expiresAt = Math.min(wanted, token.maxExpiresAt ?? wanted);
    const capped =
      token.expiresAt < wanted ? ['TTL of "1h" exceeded the effective max_ttl; TTL value is capped accordingly'] : null;
    return granted(token, capped);
  }

  function describe(token: Token): Record<string, unknown> {
    return {
      accessor: 'accessor',
      creation_ttl: Math.floor(token.ttlMs / 1000),
      display_name: 'token',
      expire_time: token.expiresAt === null ? null : new Date(token.expiresAt).toISOString(),
      explicit_max_ttl: 0,
      id: token.id,
      num_uses: 0,
      orphan: true,
      path: 'auth/token/create',
      policies: ['default', ...token.policies],
      renewable: token.renewable,
      ttl: secondsLeft(token),
      type: 'service',
    };
  }

  function secondsLeft(token: Token): number {
    return token.expiresAt === null ? 0 : Math.max(0, Math.floor((token.expiresAt - now()) / 1000));
  }

  function granted(token: Token, warnings: string[] | null = null): Reply {
    return {
      status: 200,
      body: {
        ...envelope(null),
        warnings,
        auth: {
          client_token: token.id,
          accessor: 'accessor',
          policies: ['default', ...token.policies],
          token_policies: ['default', ...token.policies],
          metadata: null,
          lease_duration: secondsLeft(token),
          renewable: token.renewable,
          entity_id: '',
          token_type: 'service',
          orphan: true,
          mfa_requirement: null,
          num_uses: 0,
        },
      },
    };
  }

  function envelope(data: unknown): Record<string, unknown> {
    return {
      request_id: randomUUID(),
      lease_id: '',
      renewable: false,
      lease_duration: 0,
      data,
      wrap_info: null,
      warnings: null,
      auth: null,
      mount_type: 'kv',
    };
  }

  function latest(path: string): Version {
    const version = store.get(`:${path}`)?.at(-1);
    if (version === undefined) throw new Error(`there is nothing at ${path}`);
    return version;
  }

  const api: VaultServer = {
    address: `${pair === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    ca: pair?.ca,
    asked,
    paths: () => asked.filter(({ path }) => path !== 'sys/health').map(({ method, path }) => `${method} ${path}`),
    put(path, data, namespace = '') {
      const key = `${namespace}:${path}`;
      store.set(key, [...(store.get(key) ?? []), { data, createdAt: now(), deletedAt: null, destroyed: false }]);
    },
    deleteLatest(path) {
      latest(path).deletedAt = now();
    },
    destroyLatest(path) {
      latest(path).destroyed = true;
    },
    policy: (name, paths) => void policies.set(name, paths),
    createToken: (spec = {}) => issue(spec).id,
    revoke: (id) => void tokens.delete(id),
    tokens,
    appRole(role, mount = 'approle') {
      appRoles.set(mount, [...(appRoles.get(mount) ?? []), role]);
    },
    kubernetesRole: (role) => void kubernetesRoles.push(role),
    jwt(serviceAccount, lifeMs = 3_600_000) {
      const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const text = `${encode({ alg: 'ES256', kid: 'cluster' })}.${encode({
        iss: 'https://kubernetes.default.svc.cluster.local',
        sub: serviceAccount,
        exp: Math.floor((now() + lifeMs) / 1000),
      })}`;
      const signature = sign('sha256', Buffer.from(text), { key: cluster.privateKey, dsaEncoding: 'ieee-p1363' });
      return `${text}.${signature.toString('base64url')}`;
    },
    health: 'active',
    fault: (fault, times = 1, when = (path) => path !== 'sys/health') => void faults.push({ fault, left: times, when }),
    clearFaults() {
      faults = [];
    },
    async down() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    up: () => listen(port),
    async [Symbol.asyncDispose]() {
      if (server.listening) await api.down();
    },
  };
  api.policy('gatehouse', { [`${kvMount}/data/gatehouse/*`]: ['read'] });
  return api;
}
