// What the client relies on, in real time, against the local Vault and against a real one where VAULT_ADDR and VAULT_TOKEN are set.
// Broken networks and broken servers are tried on the local one alone, in vault-client.test.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVaultClient } from '../../../src-main/adapters/providers/vault-client.ts';
import type { VaultAuth } from '../../../src-main/adapters/providers/vault-session.ts';
import { systemClock, systemRandom, systemTimers } from '../../../src-main/adapters/system/host-parts.ts';
import type { SecretProvider } from '../../../src-main/core/features/settings/index.ts';
import { localBench, realBench, type VaultBench } from '../../support/vault-bench.ts';
import { appRoleAuth, tokenAuth } from '../../support/vault-client.ts';

const { VAULT_ADDR, VAULT_TOKEN, VAULT_NAMESPACE } = process.env;
const hasReal = Boolean(VAULT_ADDR) && Boolean(VAULT_TOKEN);
const benches: [string, () => Promise<VaultBench>][] = [
  ['the local Vault', localBench],
  ...(hasReal ? [[`Vault at ${VAULT_ADDR}`, () => realBench(process.env)] as [string, () => Promise<VaultBench>]] : []),
];
const ports = { clock: systemClock, random: systemRandom, timers: systemTimers };
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(benches)('%s', (name, create) => {
  let bench: VaultBench;
  const clients: SecretProvider[] = [];
  beforeAll(async () => {
    bench = await create();
    await bench.put('one', { value: 'first' });
    await bench.put('gone', { value: 'was here' });
    await bench.deleteLatest('gone');
    await bench.put('other-form', { password: 'x' });
  });
  afterAll(async () => {
    for (const client of clients) await client.close();
    await bench[Symbol.asyncDispose]();
  });

  function clientWith(auth: VaultAuth): SecretProvider {
    const client = createVaultClient(
      {
        address: bench.address,
        ca: bench.ca,
        namespace: name === 'the local Vault' ? undefined : VAULT_NAMESPACE,
        timeoutMs: 5_000,
        mount: bench.mount,
        path: 'gatehouse',
        auth,
      },
      ports,
    );
    clients.push(client);
    return client;
  }

  test('a value, nothing, a deleted version, another form', async () => {
    const client = clientWith(tokenAuth(await bench.token(60)));
    const answers = await client.read(['one', 'none', 'gone', 'other-form']);
    expect([...answers.values()]).toEqual([
      { kind: 'value', value: 'first' },
      { kind: 'absent' },
      { kind: 'absent' },
      { kind: 'fault', fault: { state: 'failing', detail: expect.stringContaining('no field named value') } },
    ]);
    expect(client.token().renewable).toBe(true);
    expect((client.token().expiresAt ?? 0) - Date.now()).toBeGreaterThan(50_000);
  });

  test('a newer version is read', async () => {
    const client = clientWith(tokenAuth(await bench.token(60)));
    await bench.put('changing', { value: 'before' });
    expect((await client.read(['changing'])).get('changing')).toEqual({ kind: 'value', value: 'before' });
    await bench.put('changing', { value: 'after' });
    expect((await client.read(['changing'])).get('changing')).toEqual({ kind: 'value', value: 'after' });
  });

  test('a token without the policy, and one that nobody knows', async () => {
    const without = clientWith(tokenAuth(await bench.token(60, { policy: false })));
    expect((await without.read(['one'])).get('one')).toMatchObject({
      fault: { state: 'forbidden', detail: expect.stringContaining('does not allow reading') },
    });
    const unknown = clientWith(tokenAuth('hvs.nobody-knows-this-token'));
    expect((await unknown.read(['one'])).get('one')).toMatchObject({
      fault: { state: 'forbidden', detail: expect.stringContaining('does not take VAULT_TOKEN') },
    });
  });

  test('a token is renewed before it ends', async () => {
    const client = clientWith(tokenAuth(await bench.token(3)));
    await client.read(['one']);
    await wait(4_500);
    expect((await client.read(['one'])).get('one')).toEqual({ kind: 'value', value: 'first' });
  });

  test('AppRole: signs in, stays signed in beyond one life, is refused with another secret id', async () => {
    const { mount, roleId, secretId } = await bench.appRole(3);
    const client = clientWith(appRoleAuth(roleId, secretId, mount));
    expect((await client.read(['one'])).get('one')).toEqual({ kind: 'value', value: 'first' });
    await wait(4_500);
    expect((await client.read(['one'])).get('one')).toEqual({ kind: 'value', value: 'first' });
    const wrong = clientWith(appRoleAuth(roleId, `${secretId}x`, mount));
    expect((await wrong.read(['one'])).get('one')).toMatchObject({ fault: { state: 'forbidden' } });
  });
});
