// SIGKILL at random moments under write load: everything that was acknowledged is there afterwards, and the audit tree verifies.
import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  admin,
  clientOf,
  createProfile,
  enrolAdmin,
  type NodeProcess,
  runCommand,
  startNode,
} from '../support/node.ts';

const rounds = Number(process.env.GATEHOUSE_TEST_KILLS ?? 12);

function batch(size: number): {
  id: string;
  time: string;
  source: string;
  event_type: string;
  actor: string;
  success: boolean;
  ip_address: string;
}[] {
  return Array.from({ length: size }, () => ({
    id: randomUUID(),
    time: new Date().toISOString(),
    source: 'kill-test',
    event_type: 'login',
    actor: 'alice',
    success: false,
    ip_address: '203.0.113.7',
  }));
}

/** Sends batches until the node dies. Returns the ids whose acceptance was answered. */
async function loadUntilDeath(node: NodeProcess, key: string): Promise<string[]> {
  using client = clientOf(node, key);
  const acknowledged: string[] = [];
  for (;;) {
    const events = batch(randomInt(1, 800));
    try {
      const answer = await client.call('events.ingest', { events });
      acknowledged.push(...answer.results.filter(({ status }) => status === 'accepted').map(({ id }) => id ?? ''));
    } catch {
      // The node was killed with this batch under way: nothing was promised for it.
      return acknowledged;
    }
  }
}

test(`loses nothing acknowledged over ${rounds} kills`, { timeout: rounds * 20_000 }, async () => {
  using profile = createProfile({ GATEHOUSE_ADMIN_USERNAME: admin.username, GATEHOUSE_ADMIN_PASSWORD: admin.password });
  let node = await startNode(profile);
  const { token } = await enrolAdmin(node);
  using first = clientOf(node, token);
  const { key } = await first.call('keys.create', {
    name: 'load',
    scopes: ['events.*', 'audit.*', 'alerts.*', '*.read', 'audit.export'],
  });
  const { verifier_key } = await first.call('audit.public_key', {});
  const promised = new Set<string>();

  for (let round = 0; round < rounds; round++) {
    const load = loadUntilDeath(node, key);
    await wait(randomInt(20, 900));
    await node.kill('SIGKILL');
    for (const id of await load) promised.add(id);
    node = await startNode(profile);
    using client = clientOf(node, key);
    const { check } = await client.call('audit.status', {});
    expect(check.state).not.toBe('broken');
  }

  using client = clientOf(node, key);
  const stored = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await client.call('events.list', {
      source: 'kill-test',
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { id } of page.items) stored.add(id);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect([...promised].filter((id) => !stored.has(id))).toEqual([]);
  expect(promised.size).toBeGreaterThan(0);

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
  await node.kill('SIGTERM');
});
