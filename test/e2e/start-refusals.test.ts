// What a start refuses: each time one clear line and what to do, exit code 1, nothing changed on the disk, and a right start afterwards works.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { alterPastTriggers, openStoreOf } from '../features/audit/open-store.ts';
import {
  admin,
  type CommandResult,
  clientOf,
  createProfile,
  enrolAdmin,
  type Profile,
  projectRoot,
  startNode,
} from '../support/node.ts';

const master = new Uint8Array(32).fill(3);
const withAdmin = { GATEHOUSE_ADMIN_USERNAME: admin.username, GATEHOUSE_ADMIN_PASSWORD: admin.password };
/** A console that was set up, used and killed: its store still has a write-ahead log. */
let killed: Profile;
/** The same after a clean stop. */
let stopped: Profile;
let key: string;

beforeAll(async () => {
  killed = createProfile(withAdmin);
  const first = await startNode(killed);
  const { token } = await enrolAdmin(first);
  using client = clientOf(first, token);
  ({ key } = await client.call('keys.create', { name: 'reader', scopes: ['*.read', 'events.write'] }));
  await first.kill('SIGKILL');
  stopped = createProfile(withAdmin);
  cpSync(folderOf(killed), folderOf(stopped), { recursive: true });
  const second = await startNode(stopped);
  await second.kill('SIGTERM');
});

afterAll(() => {
  for (const profile of [killed, stopped]) profile[Symbol.dispose]();
});

function folderOf(profile: Profile): string {
  return join(profile.home, 'profile');
}

function copyOf(original: Profile, extra: NodeJS.ProcessEnv = {}): Profile {
  const copy = createProfile(extra);
  cpSync(folderOf(original), folderOf(copy), { recursive: true });
  return copy;
}

/** What must not change: all but the program's own log, the lock and its note of the running process. */
function digestsOf(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !/\/(?:logs\/server\.log|lock|running\.json|store\.db-shm)$/.test(path))
      .map((path) => [path.slice(folder.length + 1), createHash('sha256').update(readFileSync(path)).digest('hex')])
      .sort(),
  );
}

/** Starts and waits for the end; a start that is not refused is stopped and gives code -1. */
async function serve(profile: Profile, extra: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
  const child = spawn(process.execPath, [join(projectRoot, 'src-main/shells/cli/bin.mjs'), 'serve', '--json'], {
    env: { ...profile.environment, ...extra },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  const impatient = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(impatient);
  return { code: code ?? -1, ...said };
}

/** Starts, expects the refusal, and expects that nothing on the disk is another than before. */
async function expectRefusal(profile: Profile, lines: (string | RegExp)[], extra: NodeJS.ProcessEnv = {}) {
  const before = digestsOf(folderOf(profile));
  const result = await serve(profile, extra);
  const said = result.stderr.split('\n');
  expect(said.pop()).toBe('');
  expect(said, result.stderr).toEqual(
    lines.map((line) => (typeof line === 'string' ? line : (expect.stringMatching(line) as string))),
  );
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(digestsOf(folderOf(profile))).toEqual(before);
}

async function expectStarts(profile: Profile, extra: NodeJS.ProcessEnv = {}): Promise<void> {
  const node = await startNode(profile, extra);
  await node.kill('SIGTERM');
}

test('a wrong encryption key', async () => {
  for (const original of [killed, stopped]) {
    using profile = copyOf(original);
    await expectRefusal(
      profile,
      [
        /^gatehouse: the key that GATEHOUSE_ENCRYPTION_KEY gives does not open the keys of console [0-9a-f-]{36}$/,
        'hint: give the key that it has now: rotating the master key changes it; nothing was changed',
      ],
      { GATEHOUSE_ENCRYPTION_KEY: Buffer.alloc(32, 4).toString('base64') },
    );
    await expectStarts(profile);
  }
});

test('an encryption key that is none, and none at all', async () => {
  using profile = copyOf(stopped);
  for (const bad of ['secret', Buffer.alloc(31, 3).toString('base64'), 'A'.repeat(400)]) {
    await expectRefusal(
      profile,
      ['gatehouse: GATEHOUSE_ENCRYPTION_KEY must hold 32 bytes in base64, for example from: openssl rand -base64 32'],
      { GATEHOUSE_ENCRYPTION_KEY: bad },
    );
  }
  await expectRefusal(
    profile,
    ['gatehouse: this console takes its key from GATEHOUSE_ENCRYPTION_KEY, which is not set'],
    { GATEHOUSE_ENCRYPTION_KEY: '' },
  );
});

test('the store of a newer version', async () => {
  using profile = copyOf(stopped);
  {
    using database = openStoreOf(folderOf(profile), master);
    database.run("INSERT INTO schema_migration (feature, version, applied_at) VALUES ('events', 99, 0)");
  }
  await expectRefusal(profile, [
    'gatehouse: the store was written by a newer Gatehouse (it has events/99); use that version or later',
  ]);
});

test('a port in use', async () => {
  using profile = copyOf(stopped);
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const result = await serve(profile, { GATEHOUSE_PORT: String(port) });
  other.close();
  expect(result).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(
      new RegExp(`^gatehouse: .*\\b${port}\\b.*\nhint: stop the other program, or choose another port with --port\n$`),
    ),
  });
  await expectStarts(profile);
});

test('a port in use at the first start does not spoil the next', async () => {
  using profile = createProfile(withAdmin);
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  expect((await serve(profile, { GATEHOUSE_PORT: String(port) })).code).toBe(1);
  other.close();
  await expectStarts(profile);
});

test('a second instance on the same profile is told who holds it, and the first goes on', async () => {
  using profile = copyOf(stopped);
  const node = await startNode(profile);
  const result = await serve(profile);
  expect(result).toEqual({
    code: 1,
    stdout: '',
    stderr: `gatehouse: another Gatehouse uses ${folderOf(profile)} (process ${node.process.pid}, at ${node.url}); stop it first\n`,
  });
  using client = clientOf(node, key);
  expect(await client.call('console.health', {})).toEqual({ status: 'ok' });
  await node.kill('SIGKILL');
  await expectStarts(profile);
});

test('a key file that others can read, that is missing, that is no file', async () => {
  using profile = createProfile({ ...withAdmin, GATEHOUSE_ENCRYPTION_KEY: '' });
  const path = join(profile.home, 'master.key');
  const folder = join(profile.home, 'folder');
  mkdirSync(folder, { mode: 0o700 });
  const extra = { GATEHOUSE_KEY_FILE: path };
  await expectRefusal(profile, [`gatehouse: cannot read the key file ${path}: it does not exist`], extra);
  await expectRefusal(profile, [`gatehouse: cannot read the key file ${folder}: it is not a file`], {
    GATEHOUSE_KEY_FILE: folder,
  });
  writeFileSync(path, `${Buffer.alloc(32, 3).toString('base64')}\n`);
  for (const mode of [0o644, 0o640, 0o604]) {
    chmodSync(path, mode);
    await expectRefusal(
      profile,
      [`gatehouse: the key file ${path} can be read by others; run: chmod 600 ${path}`],
      extra,
    );
  }
  chmodSync(path, 0o600);
  await expectStarts(profile, extra);
});

test('a first password that is too weak, or a name that can be none, leaves nothing behind', async () => {
  using profile = createProfile({ GATEHOUSE_ADMIN_USERNAME: 'mira' });
  const weak = await serve(profile, { GATEHOUSE_ADMIN_PASSWORD: 'password' });
  expect(weak).toMatchObject({ code: 1, stdout: '' });
  expect(weak.stderr).toMatch(/^gatehouse: a password needs [^\n]+\n(?:hint: [^\n]+\n)?$/);
  expect(Object.keys(digestsOf(folderOf(profile)))).not.toContain('keys.json');
  expect(Object.keys(digestsOf(folderOf(profile)))).not.toContain('store.db');
  const name = await serve(profile, {
    GATEHOUSE_ADMIN_USERNAME: 'mira of the desk',
    GATEHOUSE_ADMIN_PASSWORD: admin.password,
  });
  expect(name).toMatchObject({ code: 1, stdout: '' });
  expect(name.stderr).toMatch(/^gatehouse: username: expected 1 to 64 letters[^\n]+\n$/);
  expect(Object.keys(digestsOf(folderOf(profile)))).not.toContain('keys.json');
  expect(Object.keys(digestsOf(folderOf(profile)))).not.toContain('store.db');
  const node = await startNode(profile, { GATEHOUSE_ADMIN_PASSWORD: admin.password });
  await enrolAdmin(node);
  await node.kill('SIGTERM');
});

test('only one of the two variables of the first admin', async () => {
  for (const extra of [{ GATEHOUSE_ADMIN_USERNAME: admin.username }, { GATEHOUSE_ADMIN_PASSWORD: admin.password }]) {
    using profile = createProfile(extra);
    const result = await serve(profile);
    expect(result).toEqual({
      code: 1,
      stdout: '',
      stderr: 'gatehouse: set both GATEHOUSE_ADMIN_USERNAME and GATEHOUSE_ADMIN_PASSWORD, or neither\n',
    });
    expect(Object.keys(digestsOf(folderOf(profile)))).not.toContain('keys.json');
  }
});

const settings: [string, string, RegExp][] = [
  [
    'a misspelt setting',
    '[rate_limit]\nrequest_per_minute = 10\n',
    /^gatehouse: settings: rate_limit\.request_per_minute is not a setting; did you mean rate_limit\.requests_per_minute$/,
  ],
  [
    'a misspelt section',
    '[rate_limits]\nrequests_per_minute = 10\n',
    /^gatehouse: settings: rate_limits\.requests_per_minute is not a setting; did you mean rate_limit\.requests_per_minute$/,
  ],
  ['a value out of bounds', '[api]\nport = 70000\n', /^gatehouse: settings: api\.port: .*65535/],
  ['a value of another kind', '[api]\nport = "9443"\n', /^gatehouse: settings: api\.port: .*number/],
  [
    'two faults at once',
    '[api]\nport = 70000\n[auth]\nmfa = true\n',
    /^gatehouse: settings: auth\.mfa is not a setting.*; api\.port: /,
  ],
  ['broken TOML', '[api]\nport = 9443\nhost_names = [\n', /^gatehouse: .*gatehouse\.toml, line \d: /],
  [
    'a wildcard for other origins',
    '[api]\ncors_origins = ["*"]\n',
    /^gatehouse: settings: api\.cors_origins\.0: .*exact origin/,
  ],
  [
    'a proxy that is no address',
    '[api]\ntrusted_proxies = ["proxy.example"]\n',
    /^gatehouse: settings: api\.trusted_proxies\.0: .*address/,
  ],
  [
    'an address that is none',
    '[api]\naddresses = ["desk.example"]\n',
    /^gatehouse: settings: api\.addresses\.0: .*address/,
  ],
];
test.each(settings)('settings: %s', async (_what, text, line) => {
  using profile = copyOf(stopped, { GATEHOUSE_PORT: '' });
  writeFileSync(join(folderOf(profile), 'gatehouse.toml'), text);
  await expectRefusal(profile, [line]);
});

test('a list with one entry can be set in the environment', async () => {
  using profile = copyOf(stopped);
  await expectStarts(profile, {
    GATEHOUSE_API_HOST_NAMES: 'desk.example',
    GATEHOUSE_API_CORS_ORIGINS: 'https://tools.example.org',
    GATEHOUSE_API_TRUSTED_PROXIES: '10.0.0.0/8,192.0.2.1',
  });
});

test('an address that this computer does not have', async () => {
  using profile = copyOf(stopped);
  const result = await serve(profile, { GATEHOUSE_API_ADDRESSES: '192.0.2.1' });
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toMatch(/(?:^|\n)gatehouse: cannot listen on 192\.0\.2\.1[^\n]*\n(?:hint: [^\n]+\n)?$/);
  expect(result.stderr).not.toMatch(/\n {4}at /);
});

test('a certificate that is not there', async () => {
  using profile = copyOf(stopped);
  const path = join(profile.home, 'missing.pem');
  const result = await serve(profile, { GATEHOUSE_TLS_CERT: path, GATEHOUSE_TLS_KEY: path });
  expect(result).toEqual({
    code: 1,
    stdout: '',
    stderr: `gatehouse: cannot read the certificate ${path}: it does not exist; check the path\n`,
  });
});

test('keys without their store, a store without its keys, and the keys of another console', async () => {
  using profile = copyOf(stopped);
  const folder = folderOf(profile);
  for (const name of readdirSync(folder)) if (name.startsWith('store.db')) rmSync(join(folder, name));
  await expectRefusal(profile, [
    'gatehouse: the store is damaged: the keys are here but the store is missing; put store.db back from a backup, or move keys.json away to begin anew',
    'hint: nothing was repaired or changed; put back your last good backup',
  ]);
  expect(existsSync(join(folder, 'store.db'))).toBe(false);

  using other = createProfile(withAdmin);
  await expectStarts(other);
  copyFileSync(join(folderOf(other), 'store.db'), join(folder, 'store.db'));
  await expectRefusal(profile, [
    'gatehouse: the page key does not open this store',
    'hint: keys.json and store.db must come from the same console; nothing was changed',
  ]);

  rmSync(join(folderOf(other), 'keys.json'));
  const before = digestsOf(folderOf(other));
  const keyless = await serve(other);
  expect(keyless).toMatchObject({ code: 1, stdout: '' });
  expect(keyless.stderr).toMatch(
    /^gatehouse: the store is damaged: the store is here but its keys are missing; put keys\.json back[^\n]*\nhint: [^\n]+\n$/,
  );
  expect(digestsOf(folderOf(other))).toEqual(before);
});

test('a key file that is damaged', async () => {
  using profile = copyOf(stopped);
  const path = join(folderOf(profile), 'keys.json');
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.slice(0, -40));
  await expectRefusal(profile, ['gatehouse: the key file is not JSON; put back its previous generation (keys.json.1)']);
  writeFileSync(path, text.replace('"version": 1', '"version": 7'));
  await expectRefusal(profile, [/^gatehouse: the key file does not fit its format at version: /]);
});

const damages: [string, (path: string) => void][] = [
  ['cut to half', (path) => truncateSync(path, Math.floor(readFileSync(path).length / 8192) * 4096)],
  ['cut in the middle of a page', (path) => truncateSync(path, readFileSync(path).length - 1000)],
  ['emptied', (path) => truncateSync(path, 0)],
  ['a bit flipped in the first page', (path) => flip(path, 2000)],
  ['a bit flipped in the middle', (path) => flip(path, Math.floor(readFileSync(path).length / 2))],
  ['a bit flipped near the end', (path) => flip(path, readFileSync(path).length - 2500)],
  ['overwritten by text', (path) => writeFileSync(path, 'this is not a store\n'.repeat(1000))],
];

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

test.each(damages)('a damaged store: %s', async (_what, damage) => {
  using profile = copyOf(stopped);
  damage(join(folderOf(profile), 'store.db'));
  await expectRefusal(profile, [
    /^gatehouse: (?:the store is damaged: |the page key does not open this store$)/,
    /^hint: .*nothing was/,
  ]);
});

test('an emptied store whose write-ahead log still holds everything is refused, and the log is kept', async () => {
  using profile = copyOf(killed);
  const folder = folderOf(profile);
  const original = readFileSync(join(folder, 'store.db'));
  expect(readFileSync(join(folder, 'store.db-wal')).length).toBeGreaterThan(0);
  truncateSync(join(folder, 'store.db'), 0);
  await expectRefusal(profile, [
    'gatehouse: the store is damaged: store.db is empty',
    'hint: nothing was repaired or changed; put back your last good backup',
  ]);
  writeFileSync(join(folder, 'store.db'), original);
  await expectStarts(profile);
});

test('what somebody with the key alters in the log is said to be broken, by the first bad entry', async () => {
  const alterations: [string, object][] = [
    [
      `UPDATE audit_body SET body = replace(body, '"success":true', '"success":false') WHERE seq = 2`,
      { first_bad_seq: 2 },
    ],
    [
      'DELETE FROM audit_body WHERE seq > 3; DELETE FROM audit_node WHERE (position + 1) << level > 3',
      { first_bad_seq: 4, detail: expect.stringContaining('entries were cut off') as string },
    ],
  ];
  for (const [sql, expected] of alterations) {
    using profile = copyOf(stopped);
    {
      using database = openStoreOf(folderOf(profile), master);
      alterPastTriggers(database, sql);
    }
    const node = await startNode(profile);
    using client = clientOf(node, key);
    let { check } = await client.call('audit.status', {});
    for (let n = 0; n < 40 && check.state !== 'broken'; n++) {
      await wait(100);
      ({ check } = await client.call('audit.status', {}));
    }
    expect(check).toMatchObject({ state: 'broken', ...expected });
    expect(node.stderr()).toMatch(/error: audit log damaged \(detail: /);
    await node.kill('SIGTERM');
  }
});
