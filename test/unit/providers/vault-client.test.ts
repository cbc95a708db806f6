import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProviderAnswer, SecretProvider } from '../../../src-main/core/features/settings/index.ts';
import { createTestHost, type TestHost } from '../../support/host.ts';
import { appRoleAuth, clientFor, pass, settle, tokenAuth } from '../../support/vault-client.ts';
import { createVaultServer, type Fault, type VaultServer } from '../../support/vault-server.ts';

const minute = 60_000;
let host: TestHost;
let server: VaultServer;
let client: SecretProvider | undefined;

beforeEach(async () => {
  host = createTestHost();
  server = await createVaultServer({ now: host.clock.now });
  server.put('gatehouse/one', { value: 'first' });
  server.put('gatehouse/two', { value: 'second' });
});
afterEach(async () => {
  await client?.close();
  client = undefined;
  await server[Symbol.asyncDispose]();
});

function withToken(spec: Parameters<VaultServer['createToken']>[0] = {}): SecretProvider {
  client = clientFor(server, tokenAuth(server.createToken(spec)), host);
  return client;
}

function withAppRole(role: Partial<Parameters<VaultServer['appRole']>[0]> = {}): SecretProvider {
  server.appRole({ roleId: 'role', secretId: 'secret-id-canary', ...role });
  client = clientFor(server, appRoleAuth('role', 'secret-id-canary'), host);
  return client;
}

async function readOne(provider: SecretProvider, key = 'one'): Promise<ProviderAnswer | undefined> {
  return (await settle(provider.read([key]), host)).get(key);
}

function fault(state: string, detail: string | RegExp): unknown {
  return {
    kind: 'fault',
    fault: { state, detail: typeof detail === 'string' ? detail : expect.stringMatching(detail) },
  };
}

describe('reading', () => {
  test('gives the field value of the newest version, and says that nothing is there', async () => {
    server.put('gatehouse/one', { value: 'newer' });
    const answers = await withToken().read(['one', 'none']);
    expect(Object.fromEntries(answers)).toEqual({ one: { kind: 'value', value: 'newer' }, none: { kind: 'absent' } });
  });

  test('a deleted or destroyed newest version is nothing, whatever was before it', async () => {
    server.put('gatehouse/one', { value: 'newer' });
    server.deleteLatest('gatehouse/one');
    server.destroyLatest('gatehouse/two');
    const answers = await withToken().read(['one', 'two']);
    expect([...answers.values()]).toEqual([{ kind: 'absent' }, { kind: 'absent' }]);
  });

  test.each([
    [{ password: 'x' }, /has no field named value$/],
    [{ value: 5 }, /not a text/],
    [{ value: '' }, /an empty one/],
    [{ value: 'x'.repeat(65_537) }, /longer than 65536/],
  ])('a secret of another form is a fault of that path alone', async (data, words) => {
    server.put('gatehouse/one', data);
    const answers = await withToken().read(['one', 'two']);
    expect(answers.get('one')).toEqual(fault('failing', words));
    expect(answers.get('two')).toEqual({ kind: 'value', value: 'second' });
  });

  test('a mount that is not there is said, not taken for an empty path', async () => {
    client = clientFor(server, tokenAuth(server.createToken({ policies: ['root'] })), host, { mount: 'kv' });
    expect(await readOne(client)).toEqual(fault('failing', /no handler for route "kv\/data\/gatehouse\/one"/));
  });

  test('names are escaped in the path', async () => {
    server.put('gatehouse/a b', { value: 'spaced' });
    expect(await readOne(withToken(), 'a b')).toEqual({ kind: 'value', value: 'spaced' });
    expect(server.paths().at(-1)).toBe('GET secret/data/gatehouse/a%20b');
  });

  test('the namespace goes with every question but health', async () => {
    server.put('gatehouse/one', { value: 'of the team' }, 'teams/red');
    server.appRole({ roleId: 'role', secretId: 'id' });
    client = clientFor(server, appRoleAuth('role', 'id'), host, { namespace: 'teams/red' });
    server.fault({ kind: 'status', status: 500 }, 1);
    expect(await readOne(client)).toEqual({ kind: 'value', value: 'of the team' });
    for (const { path, headers } of server.asked)
      expect(headers['x-vault-namespace'], path).toBe(path === 'sys/health' ? undefined : 'teams/red');
  });
});

describe('over TLS', () => {
  test('answers are taken with its CA alone', async () => {
    await using secure = await createVaultServer({ tls: true, now: host.clock.now });
    secure.put('gatehouse/one', { value: 'first' });
    const token = tokenAuth(secure.createToken());
    client = clientFor(secure, token, host);
    expect(await readOne(client)).toEqual({ kind: 'value', value: 'first' });
    const trusting = clientFor({ ...secure, ca: undefined }, token, host);
    expect(await readOne(trusting)).toEqual(
      fault('unreachable', /not from a CA that is trusted here; set VAULT_CACERT$/),
    );
    await trusting.close();
  });

  test('the certificate must be for the name, and there must be TLS', async () => {
    await using secure = await createVaultServer({ tls: true, now: host.clock.now });
    const port = new URL(secure.address).port;
    const elsewhere = clientFor({ address: `https://127.0.0.2:${port}`, ca: secure.ca }, tokenAuth('t'), host);
    expect(await readOne(elsewhere)).toMatchObject({ kind: 'fault', fault: { state: 'unreachable' } });
    await elsewhere.close();
    const plain = clientFor(
      { address: server.address.replace('http:', 'https:'), ca: secure.ca },
      tokenAuth('t'),
      host,
    );
    expect(await readOne(plain)).toEqual(fault('unreachable', /does not speak TLS/));
    await plain.close();
  });
});

describe('a server in trouble', () => {
  test.each<[string, Fault, number]>([
    ['answers 500', { kind: 'status', status: 500 }, 2],
    ['answers 502', { kind: 'body', body: '<html>', contentType: 'text/html', status: 502 }, 2],
    ['lags behind its leader', { kind: 'status', status: 412 }, 2],
    ['drops the connection', { kind: 'drop' }, 2],
    ['breaks its answer off', { kind: 'break-off' }, 2],
    ['limits for a moment', { kind: 'status', status: 429, retryAfter: '1' }, 2],
  ])('that %s twice is asked a third time', async (_, spoiled, times) => {
    const provider = withToken({ ttlMs: 0 });
    await provider.read(['two']);
    server.fault(spoiled, times);
    expect(await readOne(provider)).toEqual({ kind: 'value', value: 'first' });
  });

  test.each<[string, Fault, string, RegExp]>([
    [
      'answers 500',
      { kind: 'status', status: 500, errors: ['internal error'] },
      'failing',
      /status 500: internal error$/,
    ],
    ['drops every connection', { kind: 'drop' }, 'unreachable', /dropped the connection$/],
    ['says nothing', { kind: 'silence' }, 'unreachable', /did not answer within 2 s$/],
    ['trickles', { kind: 'trickle' }, 'unreachable', /did not answer within 2 s$/],
    ['floods', { kind: 'huge' }, 'unreachable', /longer than 1 MiB/],
    [
      'sends a page',
      { kind: 'body', body: '<html>', contentType: 'text/html' },
      'failing',
      /not JSON \(text\/html\); is it Vault/,
    ],
    ['sends garbage', { kind: 'body', body: '{"data":{' }, 'failing', /not JSON; is it Vault/],
    ['sends bytes that are no text', { kind: 'body', body: '\ufffd"' }, 'failing', /not JSON/],
    ['sends other JSON', { kind: 'body', body: '{"data":[]}' }, 'failing', /not what Vault documents \(at data/],
    ['sends an empty body', { kind: 'body', body: '' }, 'failing', /not JSON/],
    [
      'sends us elsewhere',
      { kind: 'redirect', status: 307, location: 'https://10.9.8.7:8200/v1/x' },
      'unreachable',
      /sends us to https:\/\/10\.9\.8\.7:8200/,
    ],
    [
      'sends us nowhere',
      { kind: 'redirect', status: 302, location: 'http://[' },
      'unreachable',
      /without saying where/,
    ],
    [
      'sends us in circles',
      { kind: 'redirect', status: 307, location: '/v1/secret/data/gatehouse/one' },
      'unreachable',
      /in circles/,
    ],
  ])('that %s is a fault after a bounded time and number of questions', async (_, spoiled, state, words) => {
    const provider = withToken({ ttlMs: 0 });
    await provider.read(['two']);
    const before = server.asked.length;
    server.fault(spoiled, 1_000);
    expect(await readOne(provider)).toEqual(fault(state, words));
    expect(server.asked.length - before).toBeLessThanOrEqual(4);
  });

  test('a redirect within the same server is followed, with the token', async () => {
    const provider = withToken({ ttlMs: 0 });
    await provider.read(['two']);
    server.fault({ kind: 'redirect', status: 307, location: '/v1/secret/data/gatehouse/two' });
    expect(await readOne(provider)).toEqual({ kind: 'value', value: 'second' });
  });

  test('nothing listening, an unknown name', async () => {
    await server.down();
    expect(await readOne(withToken())).toEqual(fault('unreachable', /^nothing listens at 127\.0\.0\.1:\d+$/));
    const lost = clientFor({ address: 'https://vault.invalid', ca: undefined }, tokenAuth('t'), host);
    expect(await readOne(lost)).toEqual(fault('unreachable', /vault\.invalid/));
    await lost.close();
  });

  test.each([
    ['sealed', 'sealed', /is sealed; unseal it$/],
    ['uninitialised', 'sealed', /is not initialised/],
    ['dr-secondary', 'failing', /disaster recovery secondary/],
    ['removed', 'failing', /removed from its cluster/],
  ] as const)('a server that is %s says so at once, and for every key', async (health, state, words) => {
    const provider = withToken();
    server.health = health;
    const answers = await settle(provider.read(['one', 'two']), host);
    expect([...answers.values()]).toEqual([fault(state, words), fault(state, words)]);
    expect(server.asked.map(({ path }) => path)).toEqual(['auth/token/lookup-self', 'sys/health']);
    server.health = 'active';
    expect(await readOne(provider)).toEqual({ kind: 'value', value: 'first' });
  });

  test.each(['standby', 'performance-standby'] as const)('a %s answers by its leader', async (health) => {
    server.health = health;
    server.fault({ kind: 'status', status: 503 }, 1);
    expect(await readOne(withToken())).toEqual({ kind: 'value', value: 'first' });
  });

  test('a long Retry-After is heeded: nothing is asked before', async () => {
    const provider = withToken({ ttlMs: 0 });
    await provider.read(['two']);
    server.fault({ kind: 'status', status: 429, retryAfter: '90' });
    expect(await readOne(provider)).toEqual(fault('failing', /asked again in 90 s$/));
    const before = server.asked.length;
    expect(await readOne(provider)).toEqual(fault('failing', /limits how often/));
    expect(server.asked.length).toBe(before);
    host.advance(90_000);
    expect(await readOne(provider)).toEqual({ kind: 'value', value: 'first' });
  });
});

describe('who we are', () => {
  test('without credentials it is said what to set', async () => {
    client = clientFor(server, undefined, host);
    expect(await readOne(client)).toEqual(fault('forbidden', /^no credentials: set VAULT_TOKEN/));
    expect(server.asked).toEqual([]);
  });

  test('a given token says how long it lives', async () => {
    const provider = withToken({ ttlMs: 30 * minute, renewable: true });
    await readOne(provider);
    expect(provider.token()).toEqual({ expiresAt: expect.any(Number), renewable: true });
    expect((provider.token().expiresAt ?? 0) - host.clock.now()).toBeGreaterThan(29 * minute);
  });

  test('a token without an end has none', async () => {
    const provider = withToken({ ttlMs: 0 });
    await readOne(provider);
    expect(provider.token()).toEqual({ expiresAt: null, renewable: false });
  });

  test('a token that Vault does not know, and one whose policies do not reach', async () => {
    client = clientFor(server, tokenAuth('hvs.canary-token'), host);
    expect(await readOne(client)).toEqual(fault('forbidden', /does not take VAULT_TOKEN/));
    await client.close();
    const provider = withToken({ policies: ['nothing'] });
    expect(await readOne(provider)).toEqual(
      fault('forbidden', /does not allow reading secret\/data\/gatehouse\/one; add to its policy: path "secret/),
    );
  });

  test('AppRole signs in once for many questions and gives its token back', async () => {
    const provider = withAppRole();
    await readOne(provider);
    await readOne(provider, 'two');
    expect(server.paths()).toEqual([
      'POST auth/approle/login',
      'GET secret/data/gatehouse/one',
      'GET secret/data/gatehouse/two',
    ]);
    expect(server.tokens.size).toBe(1);
    await provider.close();
    expect(server.tokens.size).toBe(0);
  });

  test('a wrong secret id is refused with what to mend, and shown nowhere', async () => {
    server.appRole({ roleId: 'role', secretId: 'right' });
    client = clientFor(server, appRoleAuth('role', 'secret-id-canary'), host);
    const answer = await readOne(client);
    expect(answer).toEqual(
      fault('forbidden', /VAULT_ROLE_ID and VAULT_SECRET_ID was refused: .*invalid role or secret ID$/),
    );
    expect(JSON.stringify(answer)).not.toContain('canary');
  });

  test('a service account signs in with its token of the moment', async () => {
    server.kubernetesRole({ name: 'gatehouse', serviceAccount: 'system:serviceaccount:ops:gatehouse', ttlMs: minute });
    let account = 'system:serviceaccount:ops:gatehouse';
    const auth = {
      kind: 'kubernetes',
      mount: 'kubernetes',
      role: 'gatehouse',
      readJwt: () => server.jwt(account, minute),
    } as const;
    client = clientFor(server, auth, host);
    expect(await readOne(client)).toEqual({ kind: 'value', value: 'first' });
    account = 'system:serviceaccount:ops:other';
    host.advance(2 * minute);
    expect(await readOne(client)).toEqual(fault('forbidden', /service account or VAULT_KUBERNETES_ROLE was refused/));
  });

  test('a service account without token file', async () => {
    const readJwt = (): string => {
      throw new Error('cannot read the service account token /var/run/x: it does not exist');
    };
    client = clientFor(server, { kind: 'kubernetes', mount: 'kubernetes', role: 'r', readJwt }, host);
    expect(await readOne(client)).toEqual(fault('forbidden', /\/var\/run\/x: it does not exist$/));
  });

  test('words of the server never show our credentials', async () => {
    const token = server.createToken();
    client = clientFor(server, tokenAuth(token), host);
    await readOne(client);
    server.fault({ kind: 'status', status: 400, errors: [`bad token ${token}`] }, 10);
    expect(await readOne(client)).toEqual(fault('failing', /bad token \[secret\]$/));
  });
});

describe('the life of a token', () => {
  const logins = (): number => server.paths().filter((path) => path.endsWith('/login')).length;
  const renewals = (): number => server.paths().filter((path) => path.endsWith('renew-self')).length;

  test('is renewed at two thirds, again and again, without signing in', async () => {
    const provider = withAppRole({ ttlMs: 30 * minute });
    await readOne(provider);
    await pass(19 * minute, host);
    expect(renewals()).toBe(0);
    for (let round = 1; round <= 5; round++) {
      await pass((round === 1 ? 1 : 20) * minute, host);
      expect(renewals()).toBe(round);
    }
    expect(logins()).toBe(1);
    expect(await readOne(provider)).toEqual({ kind: 'value', value: 'first' });
  });

  test('is followed by signing in where it meets its greatest age', async () => {
    const provider = withAppRole({ ttlMs: 30 * minute, maxTtlMs: 45 * minute });
    await readOne(provider);
    await pass(20 * minute, host);
    expect([renewals(), logins()]).toEqual([1, 1]);
    for (let round = 0; round < 12; round++) await pass(5 * minute, host);
    expect(logins()).toBeGreaterThan(1);
    expect(await readOne(provider)).toEqual({ kind: 'value', value: 'first' });
  });

  test('is followed by signing in where it cannot be renewed', async () => {
    const provider = withAppRole({ ttlMs: 30 * minute, renewable: false });
    await readOne(provider);
    await pass(20 * minute, host);
    expect([renewals(), logins()]).toEqual([0, 2]);
  });

  test('over: a sleeping machine signs in anew before it asks', async () => {
    const provider = withAppRole({ ttlMs: 30 * minute });
    await readOne(provider);
    await server.down();
    await pass(20 * minute, host);
    await server.up();
    await pass(40 * minute, host);
    expect(await readOne(provider)).toEqual({ kind: 'value', value: 'first' });
    expect(logins()).toBe(2);
  });

  test('revoked: signs in once and reads', async () => {
    const provider = withAppRole();
    await readOne(provider);
    for (const id of [...server.tokens.keys()]) server.revoke(id);
    expect(await readOne(provider)).toEqual({ kind: 'value', value: 'first' });
    expect(logins()).toBe(2);
  });

  test('forbidden after signing in anew: not tried again at each question, but later', async () => {
    const provider = withAppRole({ policies: ['nothing'] });
    for (let round = 0; round < 5; round++) {
      expect(await readOne(provider)).toEqual(fault('forbidden', /does not allow reading/));
      host.advance(minute);
    }
    expect(logins()).toBe(2);
    server.policy('nothing', { 'secret/data/gatehouse/*': ['read'] });
    expect(await readOne(provider)).toEqual({ kind: 'value', value: 'first' });
  });

  test('a secret id whose uses are up is a refusal, not a storm', async () => {
    const provider = withAppRole({ uses: 1, ttlMs: 30 * minute, renewable: false });
    await readOne(provider);
    await pass(40 * minute, host);
    expect(await readOne(provider)).toEqual(fault('forbidden', /invalid role or secret ID/));
    expect(logins()).toBeLessThanOrEqual(4);
  });

  test('Vault away at the time of renewal: tried again, and the token lives on', async () => {
    const provider = withAppRole({ ttlMs: 30 * minute });
    await readOne(provider);
    server.fault({ kind: 'redirect', status: 307, location: 'https://10.0.0.1/' }, 1);
    await pass(20 * minute, host);
    expect(renewals()).toBe(1);
    await pass(31_000, host);
    expect(renewals()).toBe(2);
    expect(logins()).toBe(1);
  });

  test('a given token that cannot be renewed any further is used to its end', async () => {
    const provider = withToken({ ttlMs: 30 * minute, maxTtlMs: 30 * minute });
    await readOne(provider);
    await pass(20 * minute, host);
    expect(renewals()).toBe(1);
    expect(provider.token().renewable).toBe(false);
    await pass(5 * minute, host);
    expect(renewals()).toBe(1);
    expect(await readOne(provider)).toEqual({ kind: 'value', value: 'first' });
    await pass(6 * minute, host);
    expect(await readOne(provider)).toEqual(fault('forbidden', /has expired/));
  });

  test('closing ends the renewals', async () => {
    const provider = withToken({ ttlMs: 30 * minute });
    await readOne(provider);
    await provider.close();
    await pass(60 * minute, host);
    expect(renewals()).toBe(0);
  });
});
