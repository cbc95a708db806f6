// Alerts leave a real console as files of other tools, by the command line.
import { existsSync, readFileSync, statSync } from 'node:fs';
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
  const { key } = await client.call('keys.create', { name: 'siem', scopes: ['alerts.read'] });
  environment = { ...profile.environment, GATEHOUSE_URL: node.url, GATEHOUSE_CA: node.ca, GATEHOUSE_API_KEY: key };
});

afterAll(async () => {
  client?.[Symbol.dispose]();
  await node?.kill('SIGTERM');
  profile?.[Symbol.dispose]();
});

const gatehouse = (...args: string[]) => runCommand(args, environment);

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

test('a query that cannot be understood, and one that is refused, leave no file', async () => {
  const out = join(profile.home, 'none.jsonl');
  const misspelt = await gatehouse('alerts', 'export', 'severty:high', '--out', out);
  expect(misspelt).toMatchObject({ code: 2, stderr: expect.stringContaining('hint: write it as in the queue') });
  const refused = await gatehouse('alerts', 'export', 'assignee:me', '--out', out);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('needs a signed-in user') });
  expect(existsSync(out)).toBe(false);
});
