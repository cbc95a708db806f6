// Alerts leave a real console as files of other tools, and what a scan found comes in as alerts, by the command line.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../../src-main/shells/cli/client.ts';
import { outputFormat } from '../../src-shared/contract/search.ts';
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

let profile: Profile;
let node: NodeProcess;
let client: Client;
let environment: NodeJS.ProcessEnv = {};

beforeAll(async () => {
  profile = createProfile({ GATEHOUSE_ADMIN_USERNAME: admin.username, GATEHOUSE_ADMIN_PASSWORD: admin.password });
  node = await startNode(profile);
  const { token } = await enrolAdmin(node);
  client = clientOf(node, token);
  const { key } = await client.call('keys.create', {
    name: 'siem',
    scopes: ['alerts.read', 'alerts.load', 'audit.read'],
  });
  environment = { ...profile.environment, GATEHOUSE_URL: node.url, GATEHOUSE_CA: node.ca, GATEHOUSE_API_KEY: key };
});

afterAll(async () => {
  client?.[Symbol.dispose]();
  await node?.kill('SIGTERM');
  profile?.[Symbol.dispose]();
});

const gatehouse = (...args: string[]) => runCommand(args, environment);

const rule = `title: Failed logon
id: 11111111-1111-4111-8111-111111111111
level: high
tags: [attack.credential-access, attack.t1110.001]
references: [https://example.org/logons]
logsource: {product: windows, service: security}
detection:
  selection: {EventID: 4625}
  condition: selection
`;

/** A folder with a rule and a log in which every tenth of 40 records matches. */
function evidence(name: string): { rules: string; log: string } {
  const folder = join(profile.home, name);
  mkdirSync(folder);
  const log = join(folder, 'security.ndjson');
  const rules = join(folder, 'logons.yml');
  writeFileSync(rules, rule);
  const records = Array.from({ length: 40 }, (_, at) => ({
    EventID: at % 10 === 0 ? 4625 : 4624,
    Channel: 'Security',
    Computer: 'dc01',
    TimeCreated: new Date(Date.UTC(2026, 9, 1, 0, at)).toISOString(),
    IpAddress: '198.51.100.7',
    TargetUserName: `${name}-user`,
  }));
  writeFileSync(log, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return { rules, log };
}

test('gatehouse alerts export writes what the queue shows for the query, in each format', async () => {
  const time = new Date().toISOString();
  const login = { time, source: 'web-1', event_type: 'login', success: false, ip_address: '203.0.113.9' };
  const events = Array.from({ length: 15 }, () => ({ id: crypto.randomUUID(), ...login, actor: '=mira' }));
  expect(await client.call('events.ingest', { events })).toMatchObject({ accepted: 15 });
  const { items } = await client.call('alerts.list', { user: '=mira' });
  expect(items.length).toBeGreaterThan(0);

  const lines = await gatehouse('alerts', 'export', 'user:=mira');
  expect(lines).toMatchObject({ code: 0, stderr: '' });
  const written = lines.stdout.trim().split('\n');
  expect(written.map((line) => (JSON.parse(line) as { id: string }).id).sort()).toEqual(
    items.map(({ id }) => id).sort(),
  );
  for (const format of [...outputFormat.options, 'ocsf']) {
    const out = join(profile.home, `alerts.${format}`);
    const done = await gatehouse('alerts', 'export', 'user:=mira', '--format', format, '--out', out);
    expect(done).toMatchObject({ code: 0, stdout: '' });
    expect(done.stderr).toBe(`${items.length} alert${items.length === 1 ? '' : 's'} written to ${out}\n`);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const count = readFileSync(out, 'utf8').trim().split('\n').length;
    expect(count).toBe(items.length + (format === 'csv' ? 1 : 0));
  }
  const finding = JSON.parse(readFileSync(join(profile.home, 'alerts.ocsf'), 'utf8').split('\n')[0] ?? '');
  expect(finding).toMatchObject({ class_uid: 2004, metadata: { version: '1.8.0' } });
  expect((await gatehouse('alerts', 'export', 'severity:critical', 'user:nobody')).stdout).toBe('');

  const taken = await gatehouse('alerts', 'export', '--out', join(profile.home, 'alerts.csv'));
  expect(taken).toMatchObject({ code: 1, stderr: expect.stringContaining('overwrite it with --force') });
});

test('gatehouse alerts list shows what the queue shows for a query, as rows or as groups within groups', async () => {
  const time = new Date().toISOString();
  const login = { time, source: 'web-1', event_type: 'login', success: false };
  const events = ['tess', 'uwe'].flatMap((actor, at) =>
    Array.from({ length: 12 }, () => ({
      id: crypto.randomUUID(),
      ...login,
      actor,
      ip_address: `203.0.113.${20 + at}`,
    })),
  );
  await client.call('events.ingest', { events });
  const whole = 'age:<24h status:open,ack';
  const { matching } = await client.call('alerts.summary', {});

  const rows = await gatehouse('alerts', 'list', '--query', `${whole} user:tess`, '--json');
  const { items } = await client.call('alerts.list', { user: 'tess' });
  expect(
    rows.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual(items);
  expect(rows.stderr).toBe(`${items.length} alert${items.length === 1 ? '' : 's'}, ${items.length} shown\n`);

  const grouped = await gatehouse('alerts', 'list', whole, 'group:user,detector', '--json');
  type Group = { by: string; within: string[]; key: string; value: string | null; count: number };
  const groups = grouped.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Group);
  const outer = groups.filter(({ within }) => within.length === 0);
  expect(outer.map(({ value }) => value)).toEqual(expect.arrayContaining(['tess', 'uwe']));
  expect(grouped.stderr).toContain(
    `${matching} alerts in ${outer.length} groups by user, ${groups.length} lines shown\n`,
  );
  for (const { key, count } of outer) {
    const inner = groups.filter(({ by, within }) => by === 'detector' && within[0] === key);
    expect(inner.reduce((sum, one) => sum + one.count, 0)).toBe(count);
  }

  const table = await gatehouse('alerts', 'list', 'group:user,detector', '--limit', '2');
  expect(table.stdout.split('\n').slice(1, 3)).toEqual([
    expect.stringMatching(/Z {2}user: \S+$/),
    expect.stringMatching(/Z {4}detector: \S.*, \S+$/),
  ]);
  expect(table.stderr).toContain('2 lines shown; show more with --limit 4');
  expect(await gatehouse('alerts', 'list', 'group:colour')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('group: colour is none of severity, status, detector'),
  });
});

test('a query that cannot be understood, and one that is refused, leave no file', async () => {
  const out = join(profile.home, 'none.jsonl');
  const misspelt = await gatehouse('alerts', 'export', 'severty:high', '--out', out);
  expect(misspelt).toMatchObject({ code: 2, stderr: expect.stringContaining('hint: write it as in the queue') });
  const refused = await gatehouse('alerts', 'export', 'assignee:me', '--out', out);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('needs a signed-in user') });
  expect(existsSync(out)).toBe(false);
});

test('gatehouse scan --load: what it finds is in the queue, with its events, once', async () => {
  const { rules, log } = evidence('loaded');
  const scanned = await gatehouse('scan', log, '--rules', rules, '--load', '--output', 'ndjson');
  expect(scanned).toMatchObject({ code: 0 });
  expect(scanned.stdout.trim().split('\n')).toHaveLength(4);
  expect(scanned.stderr).toContain('4 findings: 1 new alert, 3 added to one\n');
  const { items } = await client.call('alerts.list', { origin: 'scan', user: 'loaded-user' });
  expect(items).toMatchObject([{ origin: 'scan', title: 'Failed logon', severity: 'high', count: 4, status: 'open' }]);
  const alert = await client.call('alerts.get', { id: items[0]?.id ?? '' });
  expect(alert.detector).toMatchObject({ references: ['https://example.org/logons'], parameters: { file: log } });
  expect(alert.events.map(({ record }) => record.source)).toEqual(['dc01', 'dc01', 'dc01', 'dc01']);
  expect(alert.first_seen_at).toBe('2026-10-01T00:00:00.000Z');
  expect((await client.call('events.list', { actor: 'loaded-user' })).items).toHaveLength(4);

  const again = await gatehouse('scan', log, '--rules', rules, '--load');
  expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('0 new alerts, 4 loaded before') });
  const file = join(profile.home, 'findings.ndjson');
  writeFileSync(file, scanned.stdout);
  expect(await gatehouse('alerts', 'load', file)).toMatchObject({
    code: 0,
    stderr: '4 findings: 0 new alerts, 4 loaded before\n',
  });
  expect(await client.call('alerts.get', { id: alert.id })).toEqual(alert);
  const { items: entries } = await client.call('audit.entries', { event_type: 'alerts_load' });
  expect(entries).toHaveLength(3);
  expect(entries.at(-1)).toMatchObject({ actor: { kind: 'key', name: 'siem' }, details: { findings: 4, raised: 1 } });
});

test('gatehouse alerts load takes findings from a file or standard input, and names the lines that are none', async () => {
  const { rules, log } = evidence('piped');
  const { stdout } = await gatehouse('scan', log, '--rules', rules, '--output', 'ndjson');
  const piped = await runCommand(['alerts', 'load', '-'], environment, `${stdout}\nnonsense\n{"rule_id":"x"}\n`);
  expect(piped.code).toBe(2);
  expect(piped.stderr).toMatch(/^line 6: not JSON\nline 7: title: .+\n4 findings: 1 new alert, 3 added to one\n$/);
  expect(await gatehouse('alerts', 'load', join(profile.home, 'nowhere'))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('cannot read'),
  });
});

test('without a console, or the right to, a scan with --load reports and says what was not loaded', async () => {
  const { rules, log } = evidence('kept');
  const away = { ...environment, GATEHOUSE_URL: 'https://127.0.0.1:9' };
  const { key } = await client.call('keys.create', { name: 'reader', scopes: ['alerts.read'] });
  for (const other of [away, { ...environment, GATEHOUSE_API_KEY: key }]) {
    const scanned = await runCommand(['scan', log, '--rules', rules, '--load', '--output', 'ndjson'], other);
    expect(scanned.code).toBe(2);
    expect(scanned.stdout.trim().split('\n')).toHaveLength(4);
    expect(scanned.stderr).toContain('not all findings were loaded');
    expect(scanned.stderr).toContain('nothing is loaded twice');
  }
});
