// `gatehouse emit` against a real console: events from flags, from JSON and from lines; signed, unsigned and refused.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isSignedWith } from '../../src-main/base/event-signature.ts';
import type { Client } from '../../src-main/shells/cli/client.ts';
import {
  admin,
  type CommandResult,
  clientOf,
  createProfile,
  enrolAdmin,
  type NodeProcess,
  type Profile,
  projectRoot,
  runCommand,
  startNode,
} from '../support/node.ts';

let profile: Profile;
let node: NodeProcess;
let client: Client;
let key = '';
let secret = '';

beforeAll(async () => {
  profile = createProfile({ GATEHOUSE_ADMIN_USERNAME: admin.username, GATEHOUSE_ADMIN_PASSWORD: admin.password });
  node = await startNode(profile);
  const { token } = await enrolAdmin(node);
  client = clientOf(node, token);
  const made = await client.call('keys.create', { name: 'crm', scopes: ['events.write'], event_signing: 'required' });
  key = made.key;
  secret = made.hmac_secret ?? '';
});

afterAll(async () => {
  client?.[Symbol.dispose]();
  await node?.kill('SIGTERM');
  profile?.[Symbol.dispose]();
});

function emit(args: readonly string[], input = '', more: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
  const own = {
    GATEHOUSE_URL: node.url,
    GATEHOUSE_CA: node.ca,
    GATEHOUSE_API_KEY: key,
    GATEHOUSE_EVENT_SECRET: secret,
  };
  return runCommand(['emit', ...args], { ...profile.environment, ...own, ...more }, input);
}

async function taken(source: string) {
  return (await client.call('events.list', { source, limit: 50 })).items;
}

test('a log record with a declared format is sent as it stands, signed like any event', async () => {
  const at = new Date(Date.now() - 60_000).toISOString();
  const line = `${at} emit-web sshd[811]: Failed password for root from 203.0.113.7 port 4022 ssh2`;
  const record = JSON.stringify({ format: 'auth', line });
  expect(await emit(['-'], `${record}\n`)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(await emit([record])).toEqual({ code: 0, stdout: '', stderr: '' });
  const items = await taken('emit-web');
  expect(items).toMatchObject([{ time: at, event_type: 'login', actor: 'root', format: 'auth', success: false }]);
});

test('an event of flags is signed, taken and silent', async () => {
  const flags = ['--source', 'deploy', '--type', 'config_change', '--actor', 'jonas', '--ip', '192.0.2.7', '--failed'];
  const result = await emit([...flags, '--detail', 'host=db1', '--detail', 'note=a=b']);
  expect(result).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(await taken('deploy')).toEqual([
    expect.objectContaining({
      event_type: 'config_change',
      actor: 'jonas',
      ip_address: '192.0.2.7',
      success: false,
      details: { host: 'db1', note: 'a=b' },
      signed_by: expect.any(String),
    }),
  ]);
});

test('events come as an argument, as one object over several lines, and line by line', async () => {
  const one = { source: 'crm', event_type: 'note', details: { n: 1e21, text: 'ünïcödé "\\' } };
  expect(await emit([JSON.stringify(one)])).toMatchObject({ code: 0, stderr: '' });
  expect(await emit(['-'], JSON.stringify(one, null, 2))).toMatchObject({ code: 0, stderr: '' });
  const lines = Array.from({ length: 3 }, (_, n) => JSON.stringify({ ...one, details: { n } })).join('\n\n');
  const answered = await emit(['--json'], `${lines}\n`);
  expect(answered).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(answered.stdout)).toMatchObject({ accepted: 3, duplicates: 0, rejected: 0 });
  expect(await taken('crm')).toHaveLength(5);
});

test('what would be sent can be printed, and is signed as others sign', async () => {
  const { code, stdout } = await emit(['--print', '--source', 'print', '--type', 'note']);
  expect(code).toBe(0);
  const { signature, ...event } = JSON.parse(stdout) as Record<string, unknown>;
  expect(isSignedWith(Buffer.from(secret), event, signature)).toBe(true);
  expect(await taken('print')).toEqual([]);
  // Sent twice as it was printed, it is one event.
  for (const turn of [1, 2]) expect(await emit(['--unsigned', stdout]), `turn ${turn}`).toMatchObject({ code: 0 });
  expect(await taken('print')).toHaveLength(1);
});

test('the signature of the documentation is the one that is taken', async () => {
  const document = readFileSync(join(projectRoot, 'docs/signed-events.md'), 'utf8');
  const script = /```python\n(.*?)```/s.exec(document)?.[1] ?? '';
  const { stdout } = await emit(['--print', '--unsigned', '--source', 'python', '--type', 'note', '--actor', 'Jürgen']);
  const run = `${script}\nimport sys\nprint(json.dumps(signed(json.load(sys.stdin), sys.argv[1])))`;
  const signed = spawnSync('python3', ['-c', run, secret], { input: stdout, encoding: 'utf8' });
  expect(signed).toMatchObject({ status: 0, stderr: '' });
  expect(await emit(['--unsigned', '-'], signed.stdout)).toMatchObject({ code: 0, stderr: '' });
  expect(await taken('python')).toEqual([expect.objectContaining({ actor: 'Jürgen', signed_by: expect.any(String) })]);
});

test('what is wrong is said in one line', async () => {
  const flags = ['--source', 'bad', '--type', 'note'];
  const other = `ghm_${'A'.repeat(43)}`;
  for (const [args, input, more, code, said] of [
    [[...flags, '--unsigned'], '', {}, 1, 'is not signed'],
    [flags, '', { GATEHOUSE_EVENT_SECRET: other }, 1, 'does not bear the signature'],
    [flags, '', { GATEHOUSE_EVENT_SECRET: 'abc' }, 2, 'is not an event secret'],
    [['--source', 'bad'], '', {}, 1, 'not taken: event 1: event_type'],
    [[], '', {}, 2, 'standard input is empty'],
    [['{"a":1,"a":2}'], '', {}, 2, 'is not JSON'],
    [['[1]'], '', {}, 2, 'expected a JSON object'],
    [['-'], '{"source":"bad"}\nnonsense', {}, 2, 'line 2 is not JSON'],
    [['{"source":"bad","signature":{}}'], '', {}, 2, 'has a signature already'],
    [[...flags, '--detail', 'x'], '', {}, 2, 'expected name=value'],
  ] as const) {
    const result = await emit(args, input, more);
    expect(result, JSON.stringify(args)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(said) });
    expect(result.stderr).not.toContain(secret);
  }
  expect(await taken('bad')).toEqual([]);
});
