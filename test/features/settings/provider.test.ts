// The secret provider through the console: what is listed, what falls back, what is written down, and that it is taken up again by itself.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import type { ConsoleSecretName, OtherSource, SecretProvider } from '../../../src-main/core/features/settings/index.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { createTestHost, type TestHost } from '../../support/host.ts';
import { clientFor, settle, tokenAuth } from '../../support/vault-client.ts';
import { createVaultServer, type VaultServer } from '../../support/vault-server.ts';

const fromVault = 'canary-hmac-of-vault';
const fromEnvironment = 'canary-hmac-of-environment';
let host: TestHost;
let server: VaultServer;
let provider: SecretProvider;

beforeEach(async () => {
  host = createTestHost();
  server = await createVaultServer({ now: host.clock.now });
  server.put('gatehouse/audit-signing-secret', { value: fromVault });
  provider = clientFor(server, tokenAuth(server.createToken({ ttlMs: 0 })), host);
});
afterEach(async () => {
  await provider.close();
  await server[Symbol.asyncDispose]();
});

async function open(
  secrets: [ConsoleSecretName, OtherSource][] = [],
  settings?: ReadonlyMap<string, unknown>,
): Promise<TestConsole & { session: Credential }> {
  const console = await createTestConsole({
    host,
    provider,
    secrets: new Map(secrets),
    ...(settings === undefined ? {} : { settings }),
  });
  const { session } = await console.signIn();
  return Object.assign(console, { session });
}

const inEnvironment: [ConsoleSecretName, OtherSource] = [
  'audit.signing_secret',
  { origin: 'environment', detail: 'AUDIT_SIGNING_SECRET', text: fromEnvironment },
];

async function check(console: TestConsole & { session: Credential }): Promise<Output<'settings.check_provider'>> {
  return settle(console.call('settings.check_provider', {}, console.session), host);
}

async function entryFor(
  console: TestConsole & { session: Credential },
  name: string,
): Promise<Output<'settings.list'>['items'][number] | undefined> {
  const { items } = await console.call('settings.list', {}, console.session);
  return items.find((item) => item.name === name);
}

async function changes(console: TestConsole & { session: Credential }): Promise<unknown[]> {
  const { items } = await console.call('audit.entries', { event_type: 'provider_change' }, console.session);
  return items.map(({ action, success, details }) => ({ action, success, details })).reverse();
}

/** Which of the secrets the bundles of this moment are signed with. */
async function secretInUse(console: TestConsole & { session: Credential }, candidates: string[]): Promise<string[]> {
  const text = await console.call('audit.export', { reason: 'test' }, console.session);
  return candidates.filter((secret) => {
    const { checks } = verifyBundle(nodePrimitives, Buffer.from(text), {
      trustedKeys: [],
      hmacSecret: Buffer.from(secret),
    });
    return checks.some(({ id, state }) => id === 'manifest_hmac' && state === 'proven');
  });
}

test('without a provider it is off, and the console works as ever', async () => {
  await using console = await createTestConsole({ secrets: new Map([inEnvironment]) });
  const { session } = await console.signIn();
  const { provider: status, items } = await console.call('settings.list', {}, session);
  expect(status).toEqual({
    configured: false,
    address: null,
    namespace: null,
    auth: null,
    state: 'off',
    detail: null,
    since: null,
    checked_at: null,
    token_expires_at: null,
    token_renewable: null,
    fallbacks: [],
  });
  expect(items.find(({ name }) => name === 'audit.signing_secret')).toEqual({
    name: 'audit.signing_secret',
    secret: true,
    value: null,
    set: true,
    origin: 'environment',
    detail: 'AUDIT_SIGNING_SECRET',
    fallback: false,
  });
});

test('settings are listed with value and origin; those of others with the right to see them only', async () => {
  await using console = await open([], new Map([['rate_limit.burst', 7]]));
  expect(await entryFor(console, 'rate_limit.burst')).toEqual({
    name: 'rate_limit.burst',
    secret: false,
    value: 7,
    set: true,
    origin: 'flag',
    detail: null,
    fallback: false,
  });
  expect(await entryFor(console, 'vault.namespace')).toMatchObject({ value: null, set: false, origin: 'default' });
  const reader = await console.createKey(['events.read'], console.session);
  for (const operation of ['settings.list', 'settings.check_provider'] as const) {
    const answer = await console.send(operation, {}, reader);
    expect(answer).toMatchObject({ kind: 'problem', problem: { code: 'access/forbidden' } });
  }
});

test('Vault comes before the environment, and no value is in the list', async () => {
  await using console = await open([inEnvironment]);
  expect(await check(console)).toMatchObject({
    configured: true,
    auth: 'token',
    state: 'connected',
    detail: null,
    fallbacks: [],
  });
  expect(await entryFor(console, 'audit.signing_secret')).toMatchObject({
    secret: true,
    value: null,
    set: true,
    origin: 'vault',
    detail: 'secret/data/gatehouse/audit-signing-secret',
    fallback: false,
  });
  const list = JSON.stringify(await console.call('settings.list', {}, console.session));
  expect(list).not.toContain('canary');
  expect(await changes(console)).toEqual([]);
});

test('an outage: the next provider, one warning, one entry that names it; and back by itself', async () => {
  await using console = await open([inEnvironment]);
  await check(console);
  const heard: string[] = [];
  const stream = console.core.openStream({
    credential: console.session,
    origin: { ip: '192.0.2.10', userAgent: 'test' },
    lastEventId: undefined,
    deliver: ({ topic }) => heard.push(topic) > 0,
    ended: () => undefined,
  });
  expect(stream.kind).toBe('open');
  const both = [fromVault, fromEnvironment];
  expect(await secretInUse(console, both)).toEqual([fromVault]);
  await server.down();
  for (let round = 0; round < 3; round++) await check(console);
  expect(await entryFor(console, 'audit.signing_secret')).toMatchObject({
    origin: 'environment',
    fallback: true,
    set: true,
  });
  // What Vault doesn't hold isn't missed.
  expect(await entryFor(console, 'tls.password')).toMatchObject({ origin: 'default', fallback: false });
  const { provider: status } = await console.call('settings.list', {}, console.session);
  expect(status).toMatchObject({
    state: 'unreachable',
    detail: expect.stringContaining('nothing listens at'),
    fallbacks: [{ name: 'audit.signing_secret', using: 'environment' }],
  });
  expect(await secretInUse(console, both)).toEqual([fromEnvironment]);
  expect(
    host.logged.filter(({ level }) => level === 'warn').map(({ event, fields }) => [event, fields?.in_force]),
  ).toEqual([['secret provider unavailable', 'audit.signing_secret from environment']]);
  expect(heard.filter((topic) => topic === 'settings.changed')).toHaveLength(1);

  await server.up();
  // The console's own timer, not a question of somebody's.
  const asked = server.asked.length;
  host.advance(60_000);
  await expect.poll(() => server.asked.length).toBeGreaterThan(asked);
  await expect.poll(async () => (await entryFor(console, 'audit.signing_secret'))?.origin).toBe('vault');
  await expect
    .poll(() => changes(console))
    .toEqual([
      {
        action: 'settings.provider_lost',
        success: false,
        details: {
          state: 'unreachable',
          before: 'connected',
          detail: expect.stringContaining('nothing listens at'),
          fallbacks: { 'audit.signing_secret': 'environment' },
        },
      },
      {
        action: 'settings.provider_back',
        success: true,
        details: { state: 'connected', before: 'unreachable', detail: null, fallbacks: {} },
      },
    ]);
  expect(host.logged.filter(({ event }) => event === 'secret provider is back')).toHaveLength(1);
  expect(JSON.stringify(host.logged)).not.toContain('canary');
});

test('an outage without another provider: what Vault said last stays in force', async () => {
  await using console = await open();
  await check(console);
  server.health = 'sealed';
  expect(await check(console)).toMatchObject({
    state: 'sealed',
    fallbacks: [{ name: 'audit.signing_secret', using: 'stored' }],
  });
  expect(await entryFor(console, 'audit.signing_secret')).toMatchObject({
    origin: 'stored',
    detail: expect.stringMatching(/^as secret\/data\/gatehouse\/audit-signing-secret was at 2026-/),
    set: true,
    fallback: true,
  });
  expect(await secretInUse(console, [fromVault])).toEqual([fromVault]);
});

test('Vault that goes in the middle of a round is away for all, and warned of once', async () => {
  await using console = await open([inEnvironment]);
  await check(console);
  server.fault({ kind: 'drop' }, 1_000, (path) => path.includes('tls-'));
  expect(await check(console)).toMatchObject({
    state: 'unreachable',
    fallbacks: [{ name: 'audit.signing_secret', using: 'environment' }],
  });
  await server.down();
  await check(console);
  expect(host.logged.filter(({ event }) => event === 'secret provider unavailable')).toHaveLength(1);
  expect(await changes(console)).toHaveLength(1);
});

test('a changed value is taken up, a deleted one is gone, and both are announced', async () => {
  await using console = await open([inEnvironment]);
  await check(console);
  server.put('gatehouse/audit-signing-secret', { value: 'another' });
  await check(console);
  expect(await secretInUse(console, [fromVault, 'another'])).toEqual(['another']);
  server.deleteLatest('gatehouse/audit-signing-secret');
  await check(console);
  expect(await entryFor(console, 'audit.signing_secret')).toMatchObject({ origin: 'environment', fallback: false });
  expect(await changes(console)).toEqual([]);
});

test('a single path that is refused falls back alone, and is said as such', async () => {
  server.policy('gatehouse', {
    'secret/data/gatehouse/encryption-key': ['read'],
    'secret/data/gatehouse/audit-anchor-s3-secret-key': ['read'],
    'secret/data/gatehouse/audit-anchor-webhook-secret': ['read'],
    'secret/data/gatehouse/mirrors-otlp-headers': ['read'],
    'secret/data/gatehouse/tls-certificate-file': ['read'],
    'secret/data/gatehouse/tls-key-file': ['read'],
    'secret/data/gatehouse/tls-password': ['read'],
  });
  await using console = await open([inEnvironment]);
  expect(await check(console)).toMatchObject({
    state: 'forbidden',
    detail: expect.stringContaining('does not allow reading secret/data/gatehouse/audit-signing-secret'),
    fallbacks: [{ name: 'audit.signing_secret', using: 'environment' }],
  });
  expect(await changes(console)).toHaveLength(1);
});

test('the master key is asked for once and does not travel with every check', async () => {
  server.put('gatehouse/encryption-key', { value: Buffer.alloc(32, 5).toString('base64') });
  await using console = await open();
  for (let round = 0; round < 4; round++) await check(console);
  expect(server.paths().filter((path) => path.endsWith('/encryption-key'))).toHaveLength(1);
  expect(await entryFor(console, 'encryption.master_key')).toMatchObject({ origin: 'vault', value: null, set: true });
});

test('what happened before set-up is in the log once there is one', async () => {
  await server.down();
  await using console = await createTestConsole({ host, provider, bare: true });
  host.advance(60_000);
  await settle(new Promise((resolve) => setTimeout(resolve, 300)), host);
  expect(host.logged.map(({ event }) => event)).toContain('secret provider unavailable');
  await console.core.setUpHeadless({ protection: 'environment', username: 'mira', password: 'Correct-horse9battery' });
  const { session } = await console.signIn();
  expect(await changes(Object.assign(console, { session }))).toHaveLength(1);
});
