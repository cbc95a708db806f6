// Mirrors of a real console that is killed at any moment, with receivers that come and go: the files hold each entry once, the receivers
// each at least once. GATEHOUSE_TEST_KILLS says how often.
import { randomInt, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
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
import { createOtlpCollector } from '../support/otlp-collector.ts';
import { hasRsyslog, startRsyslog } from '../support/rsyslog.ts';
import { createSyslogReceiver } from '../support/syslog-receiver.ts';
import { createServerPair } from '../support/tls-pairs.ts';

const rounds = Number(process.env.GATEHOUSE_TEST_KILLS ?? 8);
const claim = {
  GATEHOUSE_ADMIN_USERNAME: admin.username,
  GATEHOUSE_ADMIN_PASSWORD: admin.password,
  GATEHOUSE_RATE_LIMIT_REQUESTS_PER_MINUTE: '1000000',
};

type Line = { readonly seq: number; readonly id: string };

function linesOf(profile: Profile, stream: string): Line[] {
  const folder = join(profile.home, 'profile/logs');
  const age = (name: string): number => Number(name.slice(`${stream}.log.`.length) || 0);
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${stream}.log`))
    .sort((left, right) => age(right) - age(left))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1))
    .map((line) => JSON.parse(line) as Line);
}

async function allEntries(client: Client): Promise<Line[]> {
  const entries: Line[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await client.call('audit.entries', { limit: 500, ...(cursor === undefined ? {} : { cursor }) });
    entries.push(...page.items.map(({ seq, id }) => ({ seq, id })));
    if (page.next_cursor === null) return entries.reverse();
    cursor = page.next_cursor;
  }
}

async function untilWell(client: Client): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const { items } = await client.call('mirrors.list', {});
    if (items.every(({ state }) => state === 'well')) return;
    if (items.some(({ state }) => state === 'failing')) await client.call('mirrors.retry', {});
    await wait(100);
  }
  throw new Error(JSON.stringify((await client.call('mirrors.list', {})).items));
}

/** Makes keys and revokes them until the node is gone. */
async function load(node: NodeProcess, key: string): Promise<void> {
  using client = clientOf(node, key);
  for (;;) {
    try {
      const made = await client.call('keys.create', { name: `key-${randomUUID()}`, scopes: ['events.read'] });
      if (randomInt(2) === 0) await client.call('keys.revoke', { id: made.id });
    } catch {
      return;
    }
  }
}

test(`each entry stands in the files once and reaches the receivers over ${rounds} kills`, {
  timeout: rounds * 60_000,
}, async () => {
  const pair = await createServerPair();
  await using siem = await createSyslogReceiver(pair);
  await using collector = await createOtlpCollector();
  using profile = createProfile({
    ...claim,
    GATEHOUSE_MIRRORS_SYSLOG: `tls://localhost:${siem.port} streams=audit+activity`,
    GATEHOUSE_MIRRORS_OTLP: `${collector.address}/v1/logs`,
    GATEHOUSE_MIRRORS_FILE_MAX_MB: '1',
    GATEHOUSE_MIRROR_OTLP_HEADERS: 'authorization=Bearer%20canary-4711',
  });
  const ca = join(profile.home, 'ca.pem');
  writeFileSync(ca, pair.ca);
  const extra = { GATEHOUSE_MIRRORS_CA_FILE: ca };
  let node = await startNode(profile, extra);
  const { token } = await enrolAdmin(node);
  using first = clientOf(node, token);
  const { key } = await first.call('keys.create', {
    name: 'load',
    scopes: ['keys.*', 'audit.*', 'console.*', '*.read'],
  });

  for (let round = 0; round < rounds; round++) {
    const loading = load(node, key);
    await wait(randomInt(20, 900));
    if (round % 3 === 1) await siem.goAway();
    if (round % 3 === 2) collector.fault({ kind: 'status', status: 503 }, 2);
    await wait(randomInt(1, 200));
    await node.kill('SIGKILL');
    await loading;
    if (round % 3 === 1) await siem.comeBack();
    node = await startNode(profile, extra);
  }
  using client = clientOf(node, key);
  await untilWell(client);
  const entries = await allEntries(client);
  await node.kill('SIGTERM');
  const lines = linesOf(profile, 'audit');
  // The last ones are of the stop.
  expect(lines.slice(0, entries.length).map(({ seq, id }) => ({ seq, id }))).toEqual(entries);
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1));
  const activity = linesOf(profile, 'activity').map(({ seq }) => seq);
  expect(new Set(activity).size).toBe(activity.length);
  expect(activity.length).toBeGreaterThan(0);
  const ids = new Set(entries.map(({ id }) => id));
  const bySyslog = siem.messages.filter((message) => message.includes('gatehouse-audit'));
  const syslogIds = new Set(bySyslog.map((message) => JSON.parse(message.slice(message.indexOf('{'))).id as string));
  const otlpIds = new Set(
    collector.logs.flatMap(({ attributes }) =>
      attributes
        .filter(({ key: name }) => name === 'log.record.uid')
        .map(({ value }) => (value as { stringValue: string }).stringValue),
    ),
  );
  expect([...ids].filter((id) => !syslogIds.has(id))).toEqual([]);
  expect([...ids].filter((id) => !otlpIds.has(id))).toEqual([]);
  for (const name of readdirSync(join(profile.home, 'profile/logs'))) {
    const path = join(profile.home, 'profile/logs', name);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).not.toContain('canary-4711');
  }
  process.stdout.write(
    `${rounds} kills: ${lines.length} entries once in audit.log; ${bySyslog.length} messages for them by syslog, ${collector.logs.length} records by OTLP\n`,
  );
});

test('gatehouse mirrors: how far each is, what is wrong, and the exit code', async () => {
  await using collector = await createOtlpCollector();
  using profile = createProfile({
    ...claim,
    GATEHOUSE_MIRRORS_OTLP: `${collector.address}/v1/logs streams=audit+alerts`,
    // An address of nobody's (RFC 5737).
    GATEHOUSE_MIRRORS_SYSLOG: 'tcp://192.0.2.1:514',
  });
  collector.fault({ kind: 'status', status: 401 }, 1_000);
  const node = await startNode(profile);
  const { token } = await enrolAdmin(node);
  const environment = { ...profile.environment, GATEHOUSE_URL: node.url, GATEHOUSE_CA: node.ca, GATEHOUSE_API_KEY: '' };
  using client = clientOf(node, token);
  const { key } = await client.call('keys.create', { name: 'reader', scopes: ['console.read'] });
  environment.GATEHOUSE_API_KEY = key;
  for (let tries = 0; tries < 100; tries++) {
    const { items } = await client.call('mirrors.list', {});
    if (items.some(({ kind, state }) => kind === 'otlp' && state === 'failing')) break;
    await wait(50);
  }
  const failing = await runCommand(['mirrors'], environment);
  expect(failing.code).toBe(1);
  expect(failing.stdout).toMatch(/^MIRROR +STREAM +STATE +HOLDS +BEHIND +LAST +WHY\n/);
  expect(failing.stdout).toMatch(/logs\/audit\.log +audit +(well|sending) +#\d+/);
  expect(failing.stdout).toMatch(
    /\/v1\/logs +audit +failing +nothing yet +\d+ +- +127\.0\.0\.1:\d+ refuses our credentials \(401\); see GATEHOUSE_MIRROR_OTLP_HEADERS, since 20/,
  );
  expect(failing.stdout).toMatch(/^tcp:\/\/192\.0\.2\.1:514 \(in the clear\) +audit +(sending|failing) +nothing yet/m);
  const json = await runCommand(['mirrors', '--json'], environment);
  expect(JSON.parse(json.stdout)).toHaveLength(4);
  await node.kill('SIGTERM');
  for (const [name, value, words] of [
    ['GATEHOUSE_MIRRORS_SYSLOG', 'siem.example', /mirrors\.syslog.*expected an address first/],
    [
      'GATEHOUSE_MIRRORS_SYSLOG',
      'udp://siem.example:514',
      /expected tls:\/\/HOST:PORT, or tcp:\/\/HOST:PORT to send it in the clear/,
    ],
    ['GATEHOUSE_MIRRORS_CA_FILE', '/nowhere/ca.pem', /mirrors\.ca_file: \/nowhere\/ca\.pem cannot be read \(ENOENT\)/],
  ] as const) {
    const refused = await runCommand(['serve'], { ...profile.environment, [name]: value });
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(words);
  }
});

const present = hasRsyslog();
if (!present) {
  if (process.env.GATEHOUSE_TEST_SERVICES === 'required')
    throw new Error('rsyslog is missing: apt-get install rsyslog rsyslog-gnutls');
  console.warn('rsyslog with gnutls not found: the test with it does not run');
}

describe.runIf(present)('rsyslog', () => {
  test('takes every entry over TLS, also those of its own outage', async () => {
    using profile = createProfile(claim);
    const pair = await createServerPair();
    await using rsyslog = await startRsyslog(profile.home, pair);
    const node = await startNode(profile, {
      GATEHOUSE_MIRRORS_SYSLOG: `tls://localhost:${rsyslog.port}`,
      GATEHOUSE_MIRRORS_CA_FILE: join(profile.home, 'ca.pem'),
    });
    const { token } = await enrolAdmin(node);
    using client = clientOf(node, token);
    const busy = async (): Promise<void> => {
      for (let n = 0; n < 20; n++) await client.call('keys.create', { name: `key ${n}`, scopes: ['events.read'] });
    };
    await busy();
    await untilWell(client);
    await busy();
    await rsyslog.stop('SIGKILL');
    await busy();
    await rsyslog.start();
    await untilWell(client);
    const entries = await allEntries(client);
    await node.kill('SIGTERM');
    await rsyslog.stop();
    const held = new Set(rsyslog.messages().map((message) => (JSON.parse(message) as Line).id));
    expect(entries.filter(({ id }) => !held.has(id))).toEqual([]);
    expect(rsyslog.headers()[0]).toMatch(
      /^10[89] \S+ gatehouse-audit \w+ \[origin software="Gatehouse" swVersion="[^"]+"\]\[meta sequenceId="1"\]$/,
    );
  });
});
