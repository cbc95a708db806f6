// SIGKILL at random moments under mixed load: everything that was acknowledged is there afterwards, and the audit tree verifies.
// GATEHOUSE_TEST_KILLS says how often.
import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Client, Refused } from '../../src-main/shells/cli/client.ts';
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

/** What was answered as done; a call that a kill cut off promised nothing, and may have happened or not. */
type Promised = {
  readonly events: Set<string>;
  readonly keysMade: Set<string>;
  readonly keysRevoked: Set<string>;
  readonly acknowledged: Set<string>;
  logins: number;
};

function nothing(): Promised {
  return { events: new Set(), keysMade: new Set(), keysRevoked: new Set(), acknowledged: new Set(), logins: 0 };
}

/** Failed sign-ins of one user: beside being stored, they raise an alert. */
function batch(size: number) {
  const actor = `user-${randomUUID().slice(0, 8)}`;
  return Array.from({ length: size }, () => ({
    id: randomUUID(),
    time: new Date().toISOString(),
    source: 'kill-test',
    event_type: 'login' as const,
    actor,
    success: false,
    ip_address: '203.0.113.7',
  }));
}

/** Does one kind of work over and over until the node is gone. */
async function untilDeath(work: () => Promise<void>, pauseMs: number): Promise<void> {
  for (;;) {
    try {
      await work();
    } catch (error) {
      // A broken connection is the kill. What the node itself refused is a fault of this test, but for the limit on sign-ins.
      if (!(error instanceof Refused)) return;
      if (error.problem.code !== 'limits/rate') throw error;
    }
    await wait(randomInt(1, pauseMs));
  }
}

async function load(node: NodeProcess, key: string): Promise<Promised> {
  const promised = nothing();
  using tool = clientOf(node, key);
  using stranger = clientOf(node);
  await Promise.all([
    untilDeath(async () => {
      const { results } = await tool.call('events.ingest', { events: batch(randomInt(1, 800)) });
      for (const { id, status } of results) if (status === 'accepted' && id !== null) promised.events.add(id);
    }, 5),
    untilDeath(async () => {
      const made = await tool.call('keys.create', { name: `key-${randomUUID()}`, scopes: ['events.read'] });
      promised.keysMade.add(made.id);
      if (randomInt(2) === 0) return;
      await tool.call('keys.revoke', { id: made.id });
      promised.keysRevoked.add(made.id);
    }, 20),
    untilDeath(async () => {
      const { items } = await tool.call('alerts.list', { status: ['open'], limit: 1 });
      const alert = items[0];
      if (alert === undefined) return;
      await tool.call('alerts.acknowledge', { id: alert.id });
      promised.acknowledged.add(alert.id);
    }, 20),
    untilDeath(async () => {
      await stranger.call('auth.login', admin);
      promised.logins += 1;
    }, 400),
  ]);
  return promised;
}

type Page = { readonly items: readonly { readonly id: string }[]; readonly next_cursor: string | null };

/** Goes through the pages until all of `wanted` were seen. @returns those that are not there */
async function missing(wanted: ReadonlySet<string>, list: (cursor?: string) => Promise<Page>): Promise<string[]> {
  const left = new Set(wanted);
  for (let cursor: string | undefined; left.size > 0; ) {
    const page = await list(cursor);
    for (const { id } of page.items) left.delete(id);
    if (page.next_cursor === null) break;
    cursor = page.next_cursor;
  }
  return [...left];
}

async function expectKept(client: Client, promised: Promised): Promise<void> {
  const from = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor });
  const lost = {
    events: await missing(promised.events, (cursor) =>
      client.call('events.list', { source: 'kill-test', limit: 500, ...from(cursor) }),
    ),
    keysMade: await missing(promised.keysMade, (cursor) => client.call('keys.list', { limit: 500, ...from(cursor) })),
    keysRevoked: await missing(promised.keysRevoked, (cursor) =>
      client.call('keys.list', { limit: 500, state: 'revoked', ...from(cursor) }),
    ),
    acknowledged: await missing(promised.acknowledged, (cursor) =>
      client.call('alerts.list', { limit: 500, status: ['acknowledged'], ...from(cursor) }),
    ),
  };
  expect(lost).toEqual({ events: [], keysMade: [], keysRevoked: [], acknowledged: [] });
}

function add(total: Promised, more: Promised): void {
  for (const name of ['events', 'keysMade', 'keysRevoked', 'acknowledged'] as const) {
    for (const id of more[name]) total[name].add(id);
  }
  total.logins += more.logins;
}

test(`loses nothing acknowledged over ${rounds} kills`, { timeout: rounds * 30_000 }, async () => {
  using profile = createProfile({
    GATEHOUSE_ADMIN_USERNAME: admin.username,
    GATEHOUSE_ADMIN_PASSWORD: admin.password,
    GATEHOUSE_RATE_LIMIT_REQUESTS_PER_MINUTE: '1000000',
  });
  let node = await startNode(profile);
  const { token } = await enrolAdmin(node);
  using first = clientOf(node, token);
  const { key } = await first.call('keys.create', {
    name: 'load',
    scopes: ['events.*', 'audit.*', 'alerts.*', 'keys.*', '*.read', 'audit.export'],
  });
  const { verifier_key } = await first.call('audit.public_key', {});
  const total = nothing();

  for (let round = 0; round < rounds; round++) {
    const loading = load(node, key);
    // Some rounds are long enough for much to be acknowledged, also on a busy machine.
    await wait(randomInt(20, round % 3 === 0 ? 4_000 : 900));
    await node.kill('SIGKILL');
    const promised = await loading;
    add(total, promised);
    node = await startNode(profile);
    using client = clientOf(node, key);
    const { check } = await client.call('audit.status', {});
    expect(check.state).not.toBe('broken');
    await expectKept(client, promised);
  }

  using client = clientOf(node, key);
  await expectKept(client, total);
  const signIns = new Set<number>();
  for (let cursor: string | undefined; ; ) {
    const page = await client.call('audit.entries', {
      event_type: 'login',
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { seq } of page.items) signIns.add(seq);
    if (page.next_cursor === null) break;
    cursor = page.next_cursor;
  }
  expect(signIns.size).toBeGreaterThanOrEqual(total.logins);
  const { items } = await client.call('audit.entries', { event_type: 'store_mark_lost' });
  expect(items).toEqual([]);
  expect(total.events.size).toBeGreaterThan(0);
  expect(total.keysMade.size).toBeGreaterThan(0);

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
  process.stdout.write(
    `${rounds} kills: kept ${total.events.size} events, ${total.keysMade.size} keys made, ${total.keysRevoked.size} revoked, ${total.acknowledged.size} alerts acknowledged, ${total.logins} sign-ins\n`,
  );
  await node.kill('SIGTERM');
});
