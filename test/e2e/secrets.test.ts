// The vault through a real server: names in addresses, the command line, and programs that are run with secrets. No value is found on
// any command line, in what commands print beside standard output, or in what the server prints.
import { type ChildProcess, spawn } from 'node:child_process';
import { createCipheriv, createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

const bin = join(projectRoot, 'src-main/shells/cli/bin.mjs');
const canary = `Canary-${randomBytes(9).toString('hex')}`;
let profile: Profile;
let node: NodeProcess;
let token: string;
let environment: NodeJS.ProcessEnv = {};
const said: string[] = [];

beforeAll(async () => {
  profile = createProfile({ GATEHOUSE_ADMIN_USERNAME: admin.username, GATEHOUSE_ADMIN_PASSWORD: admin.password });
  node = await startNode(profile);
  ({ token } = await enrolAdmin(node));
  using client = clientOf(node, token);
  const { key } = await client.call('keys.create', {
    name: 'tools',
    scopes: ['secrets.read', 'secrets.reveal', 'secrets.manage'],
  });
  const { ADMIN_USERNAME: _, ...rest } = profile.environment;
  environment = { ...rest, GATEHOUSE_URL: node.url, GATEHOUSE_CA: node.ca, GATEHOUSE_API_KEY: key };
});

afterAll(async () => {
  await node?.kill('SIGTERM');
  // Whatever the tests did: no value in what commands and server said beside their results.
  expect(said.join('\n')).not.toContain(canary);
  expect(node.stderr()).not.toContain(canary);
  profile?.[Symbol.dispose]();
});

async function gatehouse(args: readonly string[], input?: string): Promise<CommandResult> {
  const result = await runCommand(args, environment, input);
  said.push(result.stderr);
  return result;
}

function file(name: string, text: string | Uint8Array): string {
  const path = join(profile.home, name);
  writeFileSync(path, text);
  return path;
}

/** A request whose target is sent as it is written here: no client tidies it. */
async function raw(target: string): Promise<{ status: number; body: { value?: string; code?: string } }> {
  const { hostname, port } = new URL(node.url);
  const sent = request({
    host: hostname,
    port,
    path: target,
    ca: readFileSync(node.ca),
    headers: { authorization: `Bearer ${environment.GATEHOUSE_API_KEY}` },
  });
  sent.end();
  const [response] = (await once(sent, 'response')) as [AsyncIterable<Buffer> & { statusCode: number }];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  const text = Buffer.concat(parts).toString('utf8');
  return { status: response.statusCode, body: text.startsWith('{') ? JSON.parse(text) : {} };
}

test('names stand in addresses with their slashes, plain or encoded once', async () => {
  using client = clientOf(node, token);
  const names = [
    'db/password',
    'a',
    'deep/er/and/deeper',
    'import',
    'openapi.json',
    'admin/secrets/import',
    '.env',
    'x/..y',
    'list',
    'n'.repeat(200),
  ];
  for (const name of names) await client.call('secrets.create', { name, value: `of ${name}` });
  for (const name of names) {
    expect(await raw(`/api/v1/secrets/${name}`), name).toMatchObject({ status: 200, body: { value: `of ${name}` } });
    expect(await raw(`/api/v1/secrets/${encodeURIComponent(name)}`), name).toMatchObject({
      status: 200,
      body: { value: `of ${name}` },
    });
  }
  expect(await raw('/api/v1/secrets/db%2fpassword?version=1')).toMatchObject({ status: 200 });
  expect(await raw('/api/v1/secrets/%64b/password')).toMatchObject({ status: 200, body: { value: 'of db/password' } });
});

test.each([
  ['encoded twice', 'db%252Fpassword', 422],
  ['a dot segment', 'db/./password', 422],
  ['a dot segment encoded', 'db/%2e/password', 422],
  ['the parent', 'db/../password', 422],
  ['the parent encoded', 'db/%2e%2e/password', 422],
  ['the parent, slashes encoded', '..%2F..%2Fadmin%2Fsecrets', 422],
  ['the parent first', '../admin/secrets', 422],
  ['an empty segment', 'db//password', 422],
  ['an empty segment encoded', 'db%2F%2Fpassword', 422],
  ['a slash at the end', 'db/password/', 422],
  ['a slash at the end encoded', 'db/password%2F', 422],
  ['a slash first', '/db/password', 422],
  ['a backslash', 'db%5Cpassword', 422],
  ['a NUL', 'db%00', 422],
  ['a line end', 'db/password%0A', 422],
  ['201 characters', 'n'.repeat(201), 422],
  ['9 000 characters', 'n'.repeat(9_000), 422],
  ['half an escape', 'db%2', 400],
  ['bytes that are no UTF-8', 'db%ff', 400],
  ['a semicolon', 'db;password', 422],
  ['the name in the query too', 'db/password?name=a', 422],
  ['a field given twice', 'db/password?field=a&field=b', 422],
  ['a version that is no number', 'db/password?version=1e3', 422],
  ['nothing', '', 404],
  ['another name', 'db/passwords', 404],
  ['a part of a name', 'db', 404],
])('an address that is no name is refused and reads nothing: %s', async (_, name, status) => {
  using client = clientOf(node, token);
  const reads = async (): Promise<number> =>
    (await client.call('secrets.list', { limit: 500 })).items.reduce((sum, secret) => sum + secret.reads, 0);
  const before = await reads();
  const answer = await raw(`/api/v1/secrets/${name}`);
  expect({ status: answer.status, value: answer.body.value }).toEqual({ status, value: undefined });
  expect(await reads()).toBe(before);
});

test('a value is set from standard input or a file and read back byte for byte', async () => {
  expect(await gatehouse(['secrets', 'set', 'cli/a', '--from-stdin'], `${canary}\n`)).toMatchObject({
    code: 0,
    stdout: '',
  });
  expect(await gatehouse(['secrets', 'get', 'cli/a'])).toMatchObject({ code: 0, stdout: canary, stderr: '' });
  const pem = readFileSync(join(resolve(import.meta.dirname, '../fixtures/keys'), 'ssh-ed25519'), 'utf8');
  const path = file('key', pem);
  expect(await gatehouse(['secrets', 'set', 'cli/ssh', '--type', 'ssh_key', '--from-file', path])).toMatchObject({
    code: 0,
  });
  // An SSH key without its last line end is none to ssh.
  expect((await gatehouse(['secrets', 'get', 'cli/ssh'])).stdout).toBe(pem);
  // Again makes a new version.
  expect(await gatehouse(['secrets', 'set', 'cli/a', '--from-stdin', '--owner', 'ann'], `${canary} 2`)).toMatchObject({
    code: 0,
    stderr: 'cli/a has version 2\n',
  });
  expect((await gatehouse(['secrets', 'get', 'cli/a'])).stdout).toBe(`${canary} 2`);
  expect(await gatehouse(['secrets', 'get', 'cli/a', '--version', '1'])).toMatchObject({ code: 0, stdout: canary });
});

test('fields are asked for one by one', async () => {
  const made = await gatehouse(
    ['secrets', 'set', 'cli/kv', '--type', 'key_value', '--field', 'user', '--field', 'password'],
    `shop\n${canary}\n`,
  );
  expect(made.code).toBe(0);
  expect((await gatehouse(['secrets', 'get', 'cli/kv', '--field', 'password'])).stdout).toBe(canary);
  expect(JSON.parse((await gatehouse(['secrets', 'get', 'cli/kv'])).stdout)).toEqual({
    user: 'shop',
    password: canary,
  });
});

test.each([
  ['a value after the name', ['secrets', 'set', 'cli/x', canary]],
  ['a value after --', ['secrets', 'set', 'cli/x', '--', canary]],
  ['--value', ['secrets', 'set', 'cli/x', '--value', canary]],
  ['--value=', ['secrets', 'rotate', 'cli/a', `--value=${canary}`]],
  ['name=value', ['secrets', 'set', `cli/x=${canary}`]],
  ['a Fernet key', ['secrets', 'import', 'x', '--format', 'fernet-json', '--fernet-key', canary]],
  ['a value for run', ['run', '--env', `A=${canary}`, '--', 'true']],
  ['a value for run that looks like a reference', ['run', '--env', `A=secret:${canary} x`, '--', 'true']],
  ['no terminal to ask at', ['secrets', 'set', 'cli/x']],
])('the command line takes no value and repeats none: %s', async (_, args) => {
  const refused = await gatehouse(args);
  expect(refused.code).toBe(2);
  expect(refused.stdout + refused.stderr).not.toContain(canary);
  expect(refused.stderr).toMatch(/^gatehouse: /);
  expect((await gatehouse(['secrets', 'list', '--path', 'cli/x', '--json'])).stdout).toBe('');
});

/** Types each line when it is asked for, at a terminal of its own. */
async function atTerminal(command: string, lines: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn('/usr/bin/script', ['-qec', `${process.execPath} ${bin} ${command}`, '/dev/null'], {
    env: environment,
  });
  let output = '';
  let asked = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const questions = output.split(/(?:Value of [^:]+|again): /).length - 1;
    for (; asked < questions; asked += 1) child.stdin.write(lines[asked] ?? '');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

test('at a terminal the value is asked for twice, without showing it', async () => {
  const different = await atTerminal('secrets set cli/typed', [`${canary}\n`, 'another\n']);
  expect(different).toMatchObject({ code: 1, output: expect.stringContaining('the two are not the same') });
  const stopped = await atTerminal('secrets set cli/typed', [`${canary}\n`, '\u0003']);
  expect(stopped.code).toBe(130);
  const done = await atTerminal('secrets set cli/typed', [`${canary}\n`, `${canary}\n`]);
  expect(done).toMatchObject({ code: 0, output: expect.stringContaining('cli/typed is kept') });
  expect(different.output + stopped.output + done.output).not.toContain(canary);
  expect((await gatehouse(['secrets', 'get', 'cli/typed'])).stdout).toBe(canary);
  // Shown at a terminal, the value gets its line and a warning.
  const shown = await atTerminal('secrets get cli/typed', []);
  expect(shown.output).toBe(`${canary}\r\nthis terminal shows the value until it is cleared, scroll-back too\r\n`);
});

test('list, rotate, delete, restore, purge and grants', async () => {
  expect(
    (await gatehouse(['secrets', 'set', 'life/x', '--generate', '--length', '20', '--alphabet', 'hex'])).code,
  ).toBe(0);
  const first = (await gatehouse(['secrets', 'get', 'life/x'])).stdout;
  expect(first).toMatch(/^[0-9a-f]{20}$/);
  const rotated = await gatehouse(['secrets', 'rotate', 'life/x', '--generate', '--overlap', '24h']);
  expect(rotated.stderr).toMatch(/^life\/x has version 2; version 1 can be read until 20/);
  expect((await gatehouse(['secrets', 'get', 'life/x', '--version', '1'])).stdout).toBe(first);
  const listed = await gatehouse(['secrets', 'list', '--path', 'life']);
  expect(listed.stdout).toMatch(/^NAME +TYPE +VERSION +STATE .*\nlife\/x +password +2 +current .*tools\n$/);

  expect((await gatehouse(['secrets', 'grants', 'life/x'])).stderr).toContain('not limited');
  const granted = await gatehouse([
    'secrets',
    'grants',
    'life/x',
    '--set',
    'user:mira=reveal,manage',
    'role:auditor=read',
    '--json',
  ]);
  expect(JSON.parse(granted.stdout)).toHaveLength(2);
  // The key is not among those named, so it has locked itself out; an admin has not.
  const refused = await gatehouse(['secrets', 'get', 'life/x']);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('limited to others');
  using client = clientOf(node, token);
  const [found] = (await client.call('secrets.list', { name: 'life/x' })).items;
  await client.call('secrets.set_grants', { id: found?.id ?? '', grants: [] });

  expect((await gatehouse(['secrets', 'delete', 'life/x'])).code).toBe(0);
  expect(await gatehouse(['secrets', 'get', 'life/x'])).toMatchObject({ code: 1, stdout: '' });
  expect((await gatehouse(['secrets', 'restore', 'life/x'])).code).toBe(0);
  expect((await gatehouse(['secrets', 'purge', 'life/x'])).code).toBe(2);
  expect((await gatehouse(['secrets', 'purge', 'life/x', '--confirm', 'life/y'])).code).toBe(1);
  expect((await gatehouse(['secrets', 'purge', 'life/x', '--confirm', 'life/x'])).code).toBe(0);
  expect((await gatehouse(['secrets', 'get', 'life/x'])).code).toBe(1);
});

test('files are imported, with their Fernet key from a file', async () => {
  const env = file('.env', `# shop\nexport DB="${canary}"\nPORT=5432\n`);
  const dry = await gatehouse(['secrets', 'import', env, '--format', 'env', '--path', 'imp', '--dry-run']);
  expect(dry).toMatchObject({ code: 0, stderr: 'nothing was changed; it would be: 2 created, 0 rotated, 0 skipped\n' });
  expect(await gatehouse(['secrets', 'import', env, '--format', 'env', '--path', 'imp'])).toMatchObject({ code: 0 });
  expect((await gatehouse(['secrets', 'get', 'imp/DB'])).stdout).toBe(canary);
  const again = await gatehouse(['secrets', 'import', env, '--format', 'env', '--path', 'imp']);
  expect(again).toMatchObject({ code: 1, stdout: '' });
  expect(again.stderr).toContain('line 2: there is a secret of this name already');

  const key = randomBytes(32);
  const cipher = createCipheriv('aes-128-cbc', key.subarray(16), Buffer.alloc(16));
  const sealed = Buffer.concat([
    Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.alloc(16),
    cipher.update(JSON.stringify({ f: canary })),
    cipher.final(),
  ]);
  const whole = Buffer.concat([sealed, createHmac('sha256', key.subarray(0, 16)).update(sealed).digest()]);
  const text = whole.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  const keyFile = file('fernet.key', `${key.toString('base64url')}=\n`);
  const done = await gatehouse([
    'secrets',
    'import',
    file('dump', text),
    '--format',
    'fernet-json',
    '--fernet-key-file',
    keyFile,
    '--path',
    'imp',
    '--json',
  ]);
  expect(JSON.parse(done.stdout)).toMatchObject({
    created: 1,
    items: [{ line: null, name: 'imp/f', outcome: 'created' }],
  });
  expect((await gatehouse(['secrets', 'get', 'imp/f'])).stdout).toBe(canary);
});

const printEnvironment = 'process.stdout.write(JSON.stringify(process.env))';

test('a program runs with its secrets in its environment and without our own', async () => {
  await gatehouse(['secrets', 'set', 'run/a', '--from-stdin'], canary);
  const done = await runCommand(
    ['run', '--env', 'A=secret:run/a', '--env', 'B=secret:cli/kv#user', '--', process.execPath, '-e', printEnvironment],
    { ...environment, KEPT: 'yes', GATEHOUSE_ENCRYPTION_KEY: 'secret', A: 'before' },
  );
  expect(done).toMatchObject({ code: 0, stderr: '' });
  const seen = JSON.parse(done.stdout) as NodeJS.ProcessEnv;
  expect(seen).toMatchObject({ A: canary, B: 'shop', KEPT: 'yes', GATEHOUSE_URL: node.url });
  expect(
    Object.keys(seen)
      .filter((name) => name.startsWith('GATEHOUSE_'))
      .sort(),
  ).toEqual(['GATEHOUSE_CA', 'GATEHOUSE_URL']);
});

test('what the program says and how it ends is passed on', async () => {
  const run = (script: string, input?: string) =>
    gatehouse(['run', '--env', 'A=secret:run/a', '--', 'sh', '-c', script], input);
  expect(await run('cat; echo out; echo err >&2; exit 7', 'in\n')).toEqual({
    code: 7,
    stdout: 'in\nout\n',
    stderr: 'err\n',
  });
  expect((await run('kill -TERM $$')).code).toBe(143);
  expect((await run('kill -KILL $$')).code).toBe(137);
  const missing = await gatehouse(['run', '--env', 'A=secret:run/a', '--', 'no-such-program-here']);
  expect(missing).toMatchObject({ code: 127, stderr: 'gatehouse: there is no program no-such-program-here\n' });
  expect((await gatehouse(['run', '--env', 'A=secret:run/a', '--', profile.home])).code).toBe(126);
  // Flags of the program are the program's, with or without the dashes before it.
  expect(await gatehouse(['run', '--env', 'A=secret:run/a', 'echo', '--json', '-n'])).toMatchObject({
    code: 0,
    stdout: '--json -n\n',
  });
});

test.each([
  ['a secret that is not there', ['--env', 'A=secret:run/a', '--env', 'B=secret:run/none']],
  ['a field that is not there', ['--env', 'A=secret:cli/kv#none']],
  ['several fields in one variable', ['--env', 'A=secret:cli/kv']],
  ['a variable twice', ['--env', 'A=secret:run/a', '--env', 'A=secret:cli/a']],
  ['no variable', ['--env', '=secret:run/a']],
  ['no command', ['--env', 'A=secret:run/a']],
  ['no secret', []],
])('nothing runs without every secret: %s', async (_, flags) => {
  const mark = join(profile.home, 'ran');
  const command = flags.length > 1 && !flags.includes('--env') ? [] : ['--', 'touch', mark];
  const done = await gatehouse(['run', ...flags, ...(_ === 'no command' ? [] : command)]);
  expect(done.code).not.toBe(0);
  expect(existsSync(mark)).toBe(false);
});

test('signals reach the program, and no command line ever held the value', async () => {
  const script = 'trap "echo got-term; exit 9" TERM; echo ready; while :; do sleep 0.05; done';
  const child: ChildProcess = spawn(
    process.execPath,
    [bin, 'run', '--env', 'A=secret:run/a', '--', 'sh', '-c', script],
    {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  let commandLines = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const gone = once(child, 'exit');
  while (!output.includes('ready')) {
    commandLines += allCommandLines();
    await wait(20);
  }
  commandLines += allCommandLines();
  expect(commandLines).toContain('secret:run/a');
  expect(commandLines).not.toContain(canary);
  child.kill('SIGTERM');
  expect(await gone).toEqual([9, null]);
  expect(output).toContain('got-term');
});

function allCommandLines(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((id) => {
      try {
        return readFileSync(`/proc/${id}/cmdline`, 'latin1');
      } catch {
        // It ended meanwhile.
        return '';
      }
    })
    .join('\n');
}

test('the store, the audit log and the events never hold a value', async () => {
  using client = clientOf(node, token);
  const entries = await client.call('audit.entries', { limit: 500 });
  const events = await client.call('events.list', { limit: 500 });
  expect(entries.items.some(({ event_type }) => event_type === 'secret_reveal')).toBe(true);
  expect(events.items.some(({ event_type }) => event_type === 'credential_access')).toBe(true);
  expect(JSON.stringify([entries, events])).not.toContain(canary);
  for (const name of readdirSync(join(profile.home, 'profile'), { recursive: true, encoding: 'utf8' })) {
    const path = join(profile.home, 'profile', name);
    if (!/\.(db|db-wal|json|log|1)$/.test(name)) continue;
    expect(readFileSync(path).includes(canary), name).toBe(false);
  }
});
