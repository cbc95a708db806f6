// The command line as its users type it: signing in, keys, settings, recovery; and what it says when it can't.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateSync } from 'otplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  admin,
  clientOf,
  createProfile,
  type NodeProcess,
  type Profile,
  runCommand,
  startNode,
} from '../support/node.ts';

let profile: Profile;
let node: NodeProcess;
let recoveryCodes: string[] = [];
let environment: NodeJS.ProcessEnv = {};

beforeAll(async () => {
  profile = createProfile({ GATEHOUSE_ADMIN_USERNAME: admin.username, GATEHOUSE_ADMIN_PASSWORD: admin.password });
  node = await startNode(profile);
  environment = { ...profile.environment, GATEHOUSE_URL: node.url, GATEHOUSE_CA: node.ca };
  using client = clientOf(node);
  const first = await client.call('auth.login', admin);
  if (!('mfa_enrollment_required' in first)) throw new Error('expected to be asked for enrolment');
  const { secret } = await client.call('auth.mfa_enable', { token: first.token });
  const done = await client.call('auth.mfa_verify', { token: first.token, code: generateSync({ secret }) });
  if (!('user' in done)) throw new Error('expected a session');
  recoveryCodes = done.recovery_codes ?? [];
});

afterAll(async () => {
  await node?.kill('SIGTERM');
  profile?.[Symbol.dispose]();
});

const gatehouse = (args: readonly string[], input?: string) => runCommand(args, environment, input);

test('without a session or key a command says how to get one', async () => {
  const refused = await gatehouse(['keys', 'list']);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toBe('');
  expect(refused.stderr).toContain('hint: set GATEHOUSE_API_KEY, or sign in with: gatehouse login');
});

test('login keeps a session that only its owner can read, and logout ends it', async () => {
  const signedIn = await gatehouse(['login'], `${admin.username}\n${admin.password}\n${recoveryCodes[0]}\n`);
  expect(signedIn).toMatchObject({ code: 0, stdout: '' });
  const file = join(profile.home, 'config/gatehouse/session.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).not.toContain(admin.password);

  const made = await gatehouse([
    'keys',
    'create',
    '--name',
    'nightly',
    '--scope',
    'events.write',
    'alerts.*',
    '--expires',
    '30d',
  ]);
  expect(made.stdout).toMatch(/^gh_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\n$/);
  expect(made.stderr).toContain('it is shown this once');
  const listed = await gatehouse(['keys', 'list', '--json']);
  const [key] = listed.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; name: string; state: string; scopes: string[] });
  expect(key).toMatchObject({ name: 'nightly', state: 'active', scopes: ['events.write', 'alerts.*'] });
  expect(await gatehouse(['keys', 'revoke', key?.id ?? ''])).toMatchObject({ code: 0 });
  const withRevoked = await runCommand(['keys', 'list'], { ...environment, GATEHOUSE_API_KEY: made.stdout.trim() });
  expect(withRevoked.code).toBe(1);
  expect(withRevoked.stderr).toMatch(/revoked/);

  expect(await gatehouse(['logout'])).toMatchObject({ code: 0 });
  expect((await gatehouse(['keys', 'list'])).code).toBe(1);
});

test('a wrong password is refused in one line, and nothing is kept', async () => {
  const refused = await gatehouse(['login'], `${admin.username}\nwrong-password-1A!\n`);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/^gatehouse: .*(user name|password)/im);
  expect(refused.stderr).not.toContain('wrong-password-1A!');
});

test('config show names each setting and its origin; config check finds a misspelt one', async () => {
  const shown = await gatehouse(['config', 'show']);
  expect(shown.stdout).toMatch(/api\.port\s+0\s+environment/);
  expect(shown.stdout).toMatch(/breach_detection\.failed_login_threshold\s+10\s+default/);
  const file = join(profile.home, 'wrong.toml');
  writeFileSync(file, '[breach_detection]\nfailed_login_treshold = 5\n');
  const checked = await gatehouse(['config', 'check', file]);
  expect(checked.code).toBe(1);
  expect(checked.stderr).toContain('did you mean breach_detection.failed_login_threshold');
});

test('cert trust prints commands and changes nothing', async () => {
  const shown = await gatehouse(['cert', 'trust']);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain(node.ca);
});

test('a console that is not there, and one with another CA, are told apart', async () => {
  const nobody = await runCommand(['keys', 'list'], { ...environment, GATEHOUSE_URL: 'https://127.0.0.1:9' });
  expect(nobody.stderr).toContain('nothing answers at https://127.0.0.1:9');
  const { GATEHOUSE_CA: _, GATEHOUSE_HOME: __, ...withoutCa } = environment;
  const stranger = await runCommand(['keys', 'list'], {
    ...withoutCa,
    GATEHOUSE_HOME: join(profile.home, 'elsewhere'),
  });
  expect(stranger.stderr).toContain('is not from the CA given');
});

test('unknown commands and flags are usage errors', async () => {
  expect((await gatehouse(['frobnicate'])).code).toBe(2);
  expect((await gatehouse(['import'])).code).toBe(2);
  expect((await gatehouse(['audit', 'verify'])).code).toBe(2);
  expect((await gatehouse(['serve', '--port', '70000'])).code).toBe(2);
  expect((await gatehouse(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('a reader that closes the pipe ends the command without a stack, and not as a success', async () => {
  const piped = `"${process.execPath}" src-main/shells/cli/bin.mjs --help | true; echo "exit \${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', piped], { encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: 'exit 141\n', stderr: '' });
});

test('recover refuses while the console runs, and a mistyped key without touching anything', async () => {
  const before = readFileSync(join(profile.environment.GATEHOUSE_HOME ?? '', 'keys.json'), 'utf8');
  const held = await gatehouse(['recover', '--passphrase'], 'GH-0000\n');
  expect(held.code).toBe(1);
  expect(held.stderr).toContain('another Gatehouse uses');
  await node.kill('SIGTERM');
  const mistyped = await gatehouse(['recover', '--passphrase'], 'GH-0000\n');
  expect(mistyped.code).toBe(1);
  expect(mistyped.stderr).toContain('recovery key');
  expect(readFileSync(join(profile.environment.GATEHOUSE_HOME ?? '', 'keys.json'), 'utf8')).toBe(before);
});
