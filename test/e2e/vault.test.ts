// A real console whose master key and audit secret lie in Vault: set up from it, seen falling back while Vault is away, taken up again
// by itself, refused where nothing else opens it. The Vault is the local one of these tests, over TLS with a CA of its own.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Output } from '../../src-shared/contract/contract.ts';
import {
  admin,
  clientOf,
  createProfile,
  enrolAdmin,
  type NodeProcess,
  type Profile,
  runCommand,
  startNode,
} from '../support/node.ts';
import { createVaultServer, type VaultServer } from '../support/vault-server.ts';

const masterKey = Buffer.alloc(32, 0x5a).toString('base64');
const canaries = {
  masterKey,
  hmacOfVault: 'canary-4c1e-hmac-of-vault',
  hmacOfEnvironment: 'canary-9d2a-hmac-of-environment',
  secretId: 'canary-77b0-secret-id',
};
let vault: VaultServer;
let profile: Profile;
let node: NodeProcess;
let token: string;
let printed = '';

beforeAll(async () => {
  vault = await createVaultServer({ tls: true });
  vault.put('gatehouse/encryption-key', { value: masterKey });
  vault.put('gatehouse/audit-signing-secret', { value: canaries.hmacOfVault });
  vault.appRole({ roleId: 'gatehouse', secretId: canaries.secretId, ttlMs: 60_000 });
  profile = createProfile();
  const ca = join(profile.home, 'vault-ca.pem');
  writeFileSync(ca, vault.ca ?? '');
  Object.assign(profile.environment, {
    GATEHOUSE_ENCRYPTION_KEY: '',
    GATEHOUSE_ADMIN_USERNAME: admin.username,
    GATEHOUSE_ADMIN_PASSWORD: admin.password,
    GATEHOUSE_VAULT_CHECK_SECONDS: '5',
    AUDIT_SIGNING_SECRET: canaries.hmacOfEnvironment,
    VAULT_ADDR: vault.address,
    VAULT_CACERT: ca,
    VAULT_ROLE_ID: 'gatehouse',
    VAULT_SECRET_ID: canaries.secretId,
  });
});
afterAll(async () => {
  await node?.kill('SIGKILL');
  await vault[Symbol.asyncDispose]();
  profile[Symbol.dispose]();
});

async function listed(): Promise<Output<'settings.list'>> {
  using client = clientOf(node, token);
  return await client.call('settings.list', {});
}

async function originOf(name: string): Promise<string> {
  const entry = (await listed()).items.find((item) => item.name === name);
  return `${entry?.origin}${entry?.fallback === true ? ', fallback' : ''}`;
}

async function shown(name: string): Promise<string> {
  const { code, stdout, stderr } = await runCommand(['config', 'show'], profile.environment);
  printed += stdout + stderr;
  expect(code, stderr).toBe(0);
  return stdout.split('\n').find((line) => line.startsWith(`${name} `)) ?? '';
}

async function changes(): Promise<string[]> {
  using client = clientOf(node, token);
  const { items } = await client.call('audit.entries', { event_type: 'provider_change' });
  return items.map(({ action, details }) => `${action} ${JSON.stringify(details?.fallbacks)}`).reverse();
}

async function stop(): Promise<void> {
  await node.kill('SIGTERM');
  printed += node.stderr();
}

/** Starts with what is refused; the lines it printed. */
async function refusal(extra: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const { code, stdout, stderr } = await runCommand(['serve'], { ...profile.environment, ...extra });
  printed += stdout + stderr;
  expect(code, stderr).toBe(1);
  return stderr.trimEnd().split('\n');
}

test('the console is set up headless with its master key from Vault', async () => {
  node = await startNode(profile);
  ({ token } = await enrolAdmin(node));
  using client = clientOf(node, token);
  expect((await client.call('console.status', {})).key_protection).toBe('vault');
  expect(await originOf('encryption.master_key')).toBe('vault');
  expect(await originOf('audit.signing_secret')).toBe('vault');
  expect((await listed()).provider).toMatchObject({
    configured: true,
    address: vault.address,
    auth: 'approle',
    state: 'connected',
    token_renewable: true,
    fallbacks: [],
  });
  expect(await shown('audit.signing_secret')).toMatch(
    /^audit\.signing_secret +\*{8} +vault: secret\/data\/gatehouse\/audit-signing-secret$/,
  );
  expect(await shown('vault.address')).toMatch(/ environment: VAULT_ADDR$/);
  // The tokens that `config show` got were given back; the console's own lives on.
  expect(vault.tokens.size).toBe(1);
});

test('Vault goes: the fallback is shown, warned of once and written down; Vault comes back: taken up again', async () => {
  await vault.down();
  await expect.poll(() => originOf('audit.signing_secret'), { timeout: 20_000 }).toBe('environment, fallback');
  // The open console still has its key; the next start would not.
  expect(await originOf('encryption.master_key')).toBe('stored, fallback');
  expect((await listed()).provider).toMatchObject({ state: 'unreachable' });
  expect(await shown('audit.signing_secret')).toMatch(/ environment: AUDIT_SIGNING_SECRET \(Vault did not answer\)$/);
  expect(await shown('encryption.master_key')).toMatch(/ default \(Vault did not answer\)$/);
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  expect(node.stderr().match(/warning: secret provider unavailable/g)).toHaveLength(1);
  expect(node.stderr()).toContain('audit.signing_secret from environment');

  await vault.up();
  await expect.poll(() => originOf('audit.signing_secret'), { timeout: 20_000 }).toBe('vault');
  const fallbacks = { 'encryption.master_key': 'stored', 'audit.signing_secret': 'environment' };
  expect(await changes()).toEqual([`settings.provider_lost ${JSON.stringify(fallbacks)}`, 'settings.provider_back {}']);
});

test('the console opens again with its key from Vault, and the token is given back at the end', async () => {
  await stop();
  expect(vault.tokens.size).toBe(0);
  node = await startNode(profile);
  expect(await originOf('encryption.master_key')).toBe('vault');
  await stop();
});

test('without Vault and without another key the start is refused, and says so', async () => {
  await vault.down();
  const lines = await refusal();
  expect(lines.at(-1)).toMatch(
    /^gatehouse: this console takes its key from Vault, which did not give it: nothing listens at 127\.0\.0\.1:\d+; mend that, or give GATEHOUSE_ENCRYPTION_KEY$/,
  );
  // With the key from elsewhere it opens, and the outage is in the log.
  node = await startNode(profile, { GATEHOUSE_ENCRYPTION_KEY: masterKey });
  expect(await originOf('encryption.master_key')).toBe('environment, fallback');
  expect((await changes()).at(-1)).toContain('"encryption.master_key":"environment"');
  await stop();
  await vault.up();
});

test('a sealed Vault, and one that does not know us', async () => {
  vault.health = 'sealed';
  expect((await refusal()).at(-1)).toContain('is sealed; unseal it; mend that, or give GATEHOUSE_ENCRYPTION_KEY');
  vault.health = 'active';
  const lines = await refusal({ VAULT_SECRET_ID: 'canary-77b0-secret-id-of-another' });
  expect(lines.at(-1)).toContain('signing in with VAULT_ROLE_ID and VAULT_SECRET_ID was refused');
});

test("a key in Vault that is not this console's, and one that is none", async () => {
  vault.put('gatehouse/encryption-key', { value: Buffer.alloc(32, 1).toString('base64') });
  expect(await refusal()).toEqual([
    expect.stringMatching(/^gatehouse: the key that Vault gives does not open the keys of console [0-9a-f-]{36}$/),
    'hint: give the key that it has now: rotating the master key changes it; nothing was changed',
  ]);
  vault.put('gatehouse/encryption-key', { value: 'canary-no-key' });
  expect(await refusal()).toEqual([expect.stringMatching(/^gatehouse: Vault must hold 32 bytes in base64/)]);
  vault.put('gatehouse/encryption-key', { value: masterKey });
});

test('credentials that cannot be used, and misspelt variables, are refused before anything', async () => {
  expect(await refusal({ VAULT_SECRET_ID: '' })).toEqual([
    'gatehouse: set both VAULT_ROLE_ID and VAULT_SECRET_ID, or neither',
  ]);
  expect(await refusal({ VAULT_ADDR: 'http://vault.example:8200' })).toEqual([
    'gatehouse: settings: vault.address: expected https://HOST:PORT; http:// only for this computer (localhost, 127.0.0.1, [::1])',
  ]);
  expect(await refusal({ VAULT_CACERT: '/nowhere/ca.pem' })).toEqual([
    'gatehouse: vault.ca_file (VAULT_CACERT): cannot read the CA file of Vault /nowhere/ca.pem: it does not exist',
  ]);
  expect(await refusal({ GATEHOUSE_ENCRYPTON_KEY: 'canary-misspelt' })).toEqual([
    'gatehouse: environment: GATEHOUSE_ENCRYPTON_KEY is no variable of Gatehouse; did you mean GATEHOUSE_ENCRYPTION_KEY',
  ]);
});

test('neither credentials nor values stand in anything that was printed, logged or recorded', async () => {
  node = await startNode(profile);
  using client = clientOf(node, token);
  const bundle = await client.call('audit.export', { reason: 'canaries' });
  await stop();
  const log = readFileSync(join(profile.home, 'profile/logs/server.log'), 'utf8');
  const tokens = vault.asked.map(({ headers }) => headers['x-vault-token']).filter((text) => text !== undefined);
  expect(tokens.length).toBeGreaterThan(0);
  const needles = [...Object.values(canaries), ...tokens.map(String), 'canary-misspelt', 'canary-no-key'];
  for (const [where, text] of Object.entries({ log, printed, bundle: String(bundle) }))
    for (const needle of needles) expect(text.includes(needle), `${needle} in ${where}`).toBe(false);
});
