// SIGKILL at random moments while keys are rotated under write load: the console opens again, nothing acknowledged is lost, the log
// verifies, every sealed value opens, and the key file ends up with one version of each key.
import { randomInt, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { generateSync } from 'otplib';
import { expect, test } from 'vitest';
import { parseKeyFile } from '../../src-main/core/features/keys/key-file.ts';
import { openKeyRing } from '../../src-main/core/features/keys/key-ring.ts';
import type { Client } from '../../src-main/shells/cli/client.ts';
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

const rounds = Number(process.env.GATEHOUSE_TEST_KILLS ?? 12);
const kinds = ['sealing', 'page', 'master', 'signing', 'backup'] as const;

/** The master key that the environment gives; each rotation of it has the next one ready. */
type Master = { current: string; next: string };

function newMaster(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64');
}

/** Writes and rotates until the node dies. Returns what was acknowledged. */
async function loadUntilDeath(node: NodeProcess, key: string): Promise<string[]> {
  using client = clientOf(node, key);
  const acknowledged: string[] = [];
  for (;;) {
    const events = Array.from({ length: randomInt(1, 200) }, () => ({
      id: randomUUID(),
      time: new Date().toISOString(),
      source: 'kill-rotation',
      event_type: 'login',
      actor: 'alice',
      success: true,
    }));
    try {
      const { results } = await client.call('events.ingest', { events });
      acknowledged.push(...results.filter(({ status }) => status === 'accepted').map(({ id }) => id ?? ''));
    } catch {
      // Killed with this batch under way: nothing was promised for it.
      return acknowledged;
    }
  }
}

async function rotateUntilDeath(node: NodeProcess, key: string, first: number, master: Master): Promise<void> {
  using client = clientOf(node, key);
  for (let turn = first; ; turn++) {
    const kind = kinds[turn % kinds.length] ?? 'sealing';
    try {
      await rotate(client, kind, master);
    } catch (error) {
      // A rotation is refused while another one goes on; all else means that the node is dead.
      if (!(error instanceof Error) || !error.message.includes('under way')) return;
    }
    await wait(randomInt(1, 60));
  }
}

async function rotate(client: Client, kind: (typeof kinds)[number], master: Master): Promise<void> {
  if (kind !== 'master') {
    await client.call('encryption.rotate', { key: kind });
    return;
  }
  await client.call('encryption.rotate', { key: 'master', new_key: master.next });
  master.current = master.next;
  master.next = newMaster();
}

/** After a kill either of two keys may be the master key, and exactly one of them. */
function settleMaster(profile: Profile, master: Master): void {
  const file = parseKeyFile(readFileSync(join(String(profile.environment.GATEHOUSE_HOME), 'keys.json'), 'utf8'));
  const opens = (text: string): boolean => {
    try {
      openKeyRing(file, new Uint8Array(Buffer.from(text, 'base64')), {
        bytes: (length) => new Uint8Array(length),
      }).destroy();
      return true;
    } catch {
      return false;
    }
  };
  expect([opens(master.current), opens(master.next)].filter(Boolean)).toHaveLength(1);
  if (opens(master.next)) {
    master.current = master.next;
    master.next = newMaster();
  }
}

/** That of the next half minute, which is taken already: the one of now may be spent. */
function nextCode(secret: string): string {
  return generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + 30 });
}

test(`rotations survive ${rounds} kills`, { timeout: 60_000 + rounds * 20_000 }, async () => {
  using profile = createProfile({
    GATEHOUSE_ADMIN_USERNAME: admin.username,
    GATEHOUSE_ADMIN_PASSWORD: admin.password,
    GATEHOUSE_RATE_LIMIT_REQUESTS_PER_MINUTE: '1000000',
    GATEHOUSE_RATE_LIMIT_LOGIN_REQUESTS_PER_MINUTE: '10000',
  });
  const master: Master = { current: String(profile.environment.GATEHOUSE_ENCRYPTION_KEY), next: newMaster() };
  const start = (): Promise<NodeProcess> => startNode(profile, { GATEHOUSE_ENCRYPTION_KEY: master.current });
  let node = await start();
  const { token, secret } = await enrolAdmin(node);
  using first = clientOf(node, token);
  const { key } = await first.call('keys.create', {
    name: 'load',
    scopes: ['events.*', 'audit.*', '*.read', 'audit.export', 'encryption.manage', 'secrets.*', 'secrets.reveal'],
  });
  const { verifier_key } = await first.call('audit.public_key', {});
  // Sealed values enough that re-sealing takes more than a moment.
  const values = new Map<string, string>();
  for (let number = 0; number < 150; number++) {
    const name = `kept-${number}`;
    await first.call('secrets.create', { name, type: 'note', value: `value ${number}` });
    values.set(name, `value ${number}`);
  }
  const promised = new Set<string>();

  for (let round = 0; round < rounds; round++) {
    const load = loadUntilDeath(node, key);
    const rotations = rotateUntilDeath(node, key, round, master);
    await wait(randomInt(5, 700));
    await node.kill('SIGKILL');
    for (const id of await load) promised.add(id);
    await rotations;
    settleMaster(profile, master);
    node = await start();
    using client = clientOf(node, key);
    const { check } = await client.call('audit.status', {});
    expect(check.state).not.toBe('broken');
  }

  using client = clientOf(node, key);
  // What was cut short goes on by itself; then each key has one version.
  await expect
    .poll(async () => (await client.call('encryption.status', {})).keys.filter(({ state }) => state === 'retiring'), {
      timeout: 20_000,
    })
    .toEqual([]);
  const rotated = async (): Promise<string[]> =>
    (await client.call('encryption.status', {})).keys.filter(({ version }) => version > 1).map((one) => one.key);
  // Where a kill came too soon each time, it is done in peace: nothing that the kills left behind may be in its way.
  for (const kind of kinds) {
    if ((await rotated()).includes(kind)) continue;
    await rotate(client, kind, master);
    await expect.poll(rotated, { timeout: 20_000 }).toContain(kind);
  }
  expect((await rotated()).sort()).toEqual(['backup', 'master', 'page', 'sealing', 'signing']);
  const { keys } = await client.call('encryption.status', {});
  if (process.env.GATEHOUSE_TEST_KILLS !== undefined)
    console.log(keys.map((one) => `${one.key} ${one.version}`).join(', '));
  const { items } = await client.call('secrets.list', { limit: 500 });
  for (const { id, name } of items) {
    const revealed = await client.call('secrets.reveal', { name: name ?? id });
    expect(revealed).toMatchObject({ value: values.get(name) });
  }
  expect(items).toHaveLength(values.size);
  expect(promised.size).toBeGreaterThan(0);
  const stored = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await client.call('events.list', {
      source: 'kill-rotation',
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { id } of page.items) stored.add(id);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect([...promised].filter((id) => !stored.has(id))).toEqual([]);

  const bundle = `${profile.home}/after.ghbundle`;
  const environment = {
    ...profile.environment,
    GATEHOUSE_URL: node.url,
    GATEHOUSE_CA: node.ca,
    GATEHOUSE_API_KEY: key,
  };
  expect(await runCommand(['audit', 'export', '--out', bundle], environment)).toMatchObject({ code: 0, stderr: '' });
  const verified = await runCommand(['audit', 'verify', bundle, '--key', verifier_key], environment);
  expect(verified.stdout).toMatch(/^VERIFIED\n/);

  // The authenticator's secret and the certificate are sealed too: sign in, over TLS, by a code.
  using anybody = clientOf(node);
  const login = await anybody.call('auth.login', admin);
  await anybody.call('auth.mfa_verify', { token: String(login.token), code: nextCode(secret) });
  await node.kill('SIGTERM');
});
