// Backups through the real command line: made from a running console, verified offline, restored on another machine with nothing but
// the recovery key, and not hurt by kills at any moment.
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { generateSync } from 'otplib';
import { expect, test } from 'vitest';
import type { Client } from '../../src-main/shells/cli/client.ts';
import {
  admin,
  clientOf,
  createProfile,
  enrolAdmin,
  type NodeProcess,
  type Profile,
  projectRoot,
  runCommand,
  startNode,
} from '../support/node.ts';
import { missingPrograms, startSecretService } from '../support/secret-service.ts';

const firstAdmin = {
  GATEHOUSE_ADMIN_USERNAME: admin.username,
  GATEHOUSE_ADMIN_PASSWORD: admin.password,
  GATEHOUSE_RATE_LIMIT_REQUESTS_PER_MINUTE: '1000000',
};
const bin = join(projectRoot, 'src-main/shells/cli/bin.mjs');

/** Another machine: nothing of the first but the CLI; its key is a new one. */
function anotherMachine(): Profile {
  return createProfile({ GATEHOUSE_ENCRYPTION_KEY: Buffer.alloc(32, 9).toString('base64') });
}

function without(profile: Profile, ...names: string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(profile.environment).filter(([name]) => !names.includes(name)));
}

async function fill(client: Client, events: number, marker: string): Promise<void> {
  for (let from = 0; from < events; from += 250) {
    const { rejected } = await client.call('events.ingest', {
      events: Array.from({ length: Math.min(250, events - from) }, () => ({
        id: randomUUID(),
        time: new Date().toISOString(),
        source: 'test',
        event_type: 'api_call' as const,
        success: true,
        actor: marker,
        details: { text: 'x'.repeat(1_000) },
      })),
    });
    expect(rejected).toBe(0);
  }
}

async function signInAgain(node: NodeProcess, secret: string): Promise<string> {
  using client = clientOf(node);
  const first = await client.call('auth.login', admin);
  if (!('mfa_required' in first)) throw new Error('expected to be asked for the second factor');
  // A code counts once: the one after it.
  const code = generateSync({ secret, epoch: Math.floor(Date.now() / 1_000) + 30 });
  const done = await client.call('auth.mfa_verify', { token: first.token, code });
  if (!('user' in done) || done.token === undefined) throw new Error('expected a session');
  return done.token;
}

test('from a running console to another machine, with the recovery key alone', async () => {
  using profile = createProfile(firstAdmin);
  const node = await startNode(profile);
  const { token, secret } = await enrolAdmin(node);
  using client = clientOf(node, token);
  await fill(client, 1_000, 'before');
  await client.call('secrets.create', { name: 'db/password', type: 'password', value: 'kept-secret-4711' });
  const { recovery_key: recoveryKey } = await client.call('encryption.recovery_key', {});
  const { verifier_key: verifierKey } = await client.call('audit.public_key', {});
  const { key } = await client.call('keys.create', { name: 'backups', scopes: ['backups.read', 'backups.manage'] });
  const remote = { ...profile.environment, GATEHOUSE_API_KEY: key };

  const refused = await runCommand(['backup', '--unencrypted', '--compliance', 'hipaa'], remote);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('encrypted backups only');
  const made = await runCommand(['backup', '--json'], remote);
  expect(made.code, made.stderr).toBe(0);
  const answer = JSON.parse(made.stdout) as Record<string, unknown>;
  expect(Object.keys(answer).sort()).toEqual([
    'backup_id',
    'created_at',
    'encrypted',
    'encryption_algorithm',
    'sha256',
    'size_bytes',
  ]);
  const { items } = await client.call('backups.list', {});
  const path = items[0]?.path ?? '';
  expect(readFileSync(path).byteLength).toBe(answer.size_bytes);

  // While it runs, its profile is not restored into; who has it is said.
  const held = await runCommand(['restore', path], profile.environment);
  expect(held.code).toBe(1);
  expect(held.stderr).toMatch(/another Gatehouse uses .*process \d+/);
  await node.kill('SIGTERM');

  const verified = await runCommand(['verify-backup', path, '--json'], profile.environment);
  expect(verified.code, verified.stderr).toBe(0);
  expect(JSON.parse(verified.stdout)).toMatchObject({
    verdict: 'genuine',
    sha256: answer.sha256,
    checked: expect.arrayContaining(['store', 'audit log']),
  });

  using other = anotherMachine();
  const auditor = { ...without(other, 'GATEHOUSE_ENCRYPTION_KEY') };
  const signature = await runCommand(['verify-backup', path, '--key', verifierKey], auditor);
  expect(signature.code, signature.stderr).toBe(0);
  expect(signature.stdout).toContain('not checked: content, store, audit log');
  expect((await runCommand(['verify-backup', path], auditor)).code).toBe(2);
  expect((await runCommand(['verify-backup', join(other.home, 'nothing')], auditor)).code).toBe(2);
  const damaged = join(other.home, 'damaged.ghbackup');
  const bytes = readFileSync(path);
  bytes[bytes.byteLength >> 1] = (bytes[bytes.byteLength >> 1] ?? 0) ^ 1;
  writeFileSync(damaged, bytes);
  expect((await runCommand(['verify-backup', damaged, '--key', verifierKey], auditor)).code).toBe(1);
  const opened = await runCommand(
    ['verify-backup', damaged, '--recovery-key-stdin', '--json'],
    auditor,
    `${recoveryKey}\n`,
  );
  expect(opened.code).toBe(1);
  expect(JSON.parse(opened.stdout)).toMatchObject({ verdict: 'damaged', code: 'chunk' });

  const wrong = await runCommand(
    ['restore', damaged, '--recovery-key-stdin', '--protect', 'environment'],
    other.environment,
    `${recoveryKey}\n`,
  );
  expect(wrong.code).toBe(1);
  expect(existsSync(join(other.home, 'profile/store.db'))).toBe(false);
  const noKey = await runCommand(
    ['restore', path, '--passphrase-stdin', '--protect', 'environment'],
    other.environment,
    'not the passphrase\n',
  );
  expect(noKey.code).toBe(2);
  expect(existsSync(join(other.home, 'profile/keys.json'))).toBe(false);

  const restored = await runCommand(
    ['restore', path, '--recovery-key-stdin', '--protect', 'environment', '--json'],
    other.environment,
    `${recoveryKey}\n`,
  );
  expect(restored.code, restored.stderr).toBe(0);
  expect(JSON.parse(restored.stdout)).toMatchObject({
    set_aside: null,
    protection: 'environment',
    recovery_key_works: true,
  });
  const there = await startNode(other);
  try {
    const session = await signInAgain(there, secret);
    using again = clientOf(there, session);
    const { items: secrets } = await again.call('secrets.list', {});
    expect(secrets.map(({ name }) => name)).toEqual(['db/password']);
    expect(JSON.stringify(await again.call('secrets.reveal', { name: 'db/password' }))).toContain('kept-secret-4711');
    expect(await again.call('audit.public_key', {})).toMatchObject({ verifier_key: verifierKey });
    const { items: entries } = await again.call('audit.entries', { event_type: 'backup_restore' });
    expect(entries).toMatchObject([{ success: true, details: { by_command_line: true, backup_id: answer.backup_id } }]);
    // The recovery key on paper opens the console on the new machine too, although its master key is another one.
    const next = await again.call('backups.create', {});
    const listed = (await again.call('backups.list', {})).items.find(({ backup_id: id }) => id === next.backup_id);
    const second = await runCommand(
      ['verify-backup', listed?.path ?? '', '--recovery-key-stdin'],
      auditor,
      `${recoveryKey}\n`,
    );
    expect(second.code, second.stderr).toBe(0);
  } finally {
    await there.kill('SIGTERM');
  }

  // The lines that the documentation prints for a new computer, as they are printed.
  const document = readFileSync(join(projectRoot, 'docs/keys-and-backups.md'), 'utf8');
  const printed = document.split('\n').filter((line) => /^[^`]*GATEHOUSE_HOME=\/srv\/new gatehouse restore/.test(line));
  expect(printed).toHaveLength(2);
  const desk = join(other.home, 'desk');
  mkdirSync(desk);
  writeFileSync(join(desk, 'gatehouse'), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`, { mode: 0o755 });
  writeFileSync(join(desk, 'recovery.txt'), `${recoveryKey}\n`);
  writeFileSync(join(desk, 'passphrase.txt'), 'twelve or more of them\n');
  const asPrinted = (line: string | undefined, folder: string, extra: NodeJS.ProcessEnv = {}) =>
    spawnSync('sh', ['-c', (line ?? '').replace('/srv/new', join(desk, folder)).replace('FILE', `'${path}'`)], {
      cwd: desk,
      encoding: 'utf8',
      env: { ...extra, PATH: `${desk}:${process.env.PATH}`, HOME: desk },
    });
  const [byKeychain, byPassphrase] = printed;
  // No key is given and no keychain answers, as on a server.
  const nowhere = asPrinted(byKeychain, 'none');
  expect([nowhere.status, nowhere.stderr]).toEqual([1, expect.stringContaining('say --protect passphrase')]);
  const kept = asPrinted(byPassphrase, 'passphrase');
  expect([kept.status, kept.stderr]).toEqual([0, expect.stringContaining('its master key is kept by passphrase')]);
  if (missingPrograms().length === 0) {
    await using service = await startSecretService('test-only');
    const inKeychain = asPrinted(byKeychain, 'keychain', service.environment);
    expect([inKeychain.status, inKeychain.stderr]).toEqual([
      0,
      expect.stringContaining('its master key is kept by keychain'),
    ]);
  }

  // Not into the profile of another console.
  using third = createProfile(firstAdmin);
  await (await startNode(third)).kill('SIGTERM');
  const foreign = await runCommand(['restore', path, '--recovery-key-stdin'], third.environment, `${recoveryKey}\n`);
  expect(foreign.code).toBe(1);
  expect(foreign.stderr).toContain('holds another console');
});

test('into its own profile: the store that was there is set aside whole, keys and protection stay', async () => {
  using profile = createProfile(firstAdmin);
  let node = await startNode(profile);
  const { token, secret } = await enrolAdmin(node);
  using client = clientOf(node, token);
  await client.call('backups.create', {});
  const path = (await client.call('backups.list', {})).items[0]?.path ?? '';
  await fill(client, 500, 'after');
  // A crash: its last commits stand in the write-ahead log alone.
  await node.kill('SIGKILL');
  const restored = await runCommand(['restore', path, '--json'], profile.environment);
  expect(restored.code, restored.stderr).toBe(0);
  const { set_aside: setAside } = JSON.parse(restored.stdout) as { set_aside: string };
  node = await startNode(profile);
  {
    const session = await signInAgain(node, secret);
    using again = clientOf(node, session);
    expect((await again.call('events.list', { actor: 'after' })).items).toEqual([]);
  }
  await node.kill('SIGTERM');
  const aside = await startNode({ ...profile, environment: { ...profile.environment, GATEHOUSE_HOME: setAside } });
  const session = await signInAgain(aside, secret).catch(() => wait(31_000).then(() => signInAgain(aside, secret)));
  using old = clientOf(aside, session);
  expect((await old.call('events.list', { actor: 'after', limit: 500 })).items).toHaveLength(500);
  await aside.kill('SIGTERM');
});

test('killed while a backup is made under load: none is ever listed that is not whole', async () => {
  using profile = createProfile(firstAdmin);
  const folder = join(profile.home, 'profile/backups');
  let node = await startNode(profile);
  const { token } = await enrolAdmin(node);
  {
    using client = clientOf(node, token);
    await fill(client, 20_000, 'bulk');
  }
  for (let round = 0; round < 8; round++) {
    const client = clientOf(node, token);
    const backup = client.call('backups.create', {}).catch(() => undefined);
    const load = fill(client, 2_000, `load-${round}`).catch(() => undefined);
    await wait(20 + round * 45);
    await node.kill('SIGKILL');
    await Promise.all([backup, load]);
    client[Symbol.dispose]();
    node = await startNode(profile);
    using again = clientOf(node, token);
    const names = existsSync(folder) ? readdirSync(folder) : [];
    expect(names.filter((name) => !name.endsWith('.ghbackup'))).toEqual([]);
    const { items } = await again.call('backups.list', {});
    expect(items.filter(({ state }) => state === 'running')).toEqual([]);
    for (const item of items.filter(({ state }) => state === 'complete').slice(0, 1)) {
      expect(await again.call('backups.verify', { id: item.backup_id })).toMatchObject({ passed: true });
    }
  }
  await node.kill('SIGTERM');
});

test('killed while restoring: the old console or the new one is there, whole', async () => {
  using profile = createProfile(firstAdmin);
  const node = await startNode(profile);
  const { token } = await enrolAdmin(node);
  using client = clientOf(node, token);
  await fill(client, 4_000, 'bulk');
  await client.call('backups.create', {});
  const kept = join(profile.home, 'kept');
  mkdirSync(kept);
  const path = join(kept, 'one.ghbackup');
  copyFileSync((await client.call('backups.list', {})).items[0]?.path ?? '', path);
  await fill(client, 100, 'after');
  await node.kill('SIGTERM');
  let restores = 0;
  for (let round = 0; round < 12; round++) {
    const child = spawn(process.execPath, [bin, 'restore', path], { env: profile.environment, stdio: 'ignore' });
    const gone = once(child, 'exit');
    await wait(150 + round * 60);
    child.kill('SIGKILL');
    const [code] = (await gone) as [number | null];
    if (code === 0) restores += 1;
    const next = await startNode(profile);
    using again = clientOf(next, token);
    // Sessions end with a restore; whoever is let in sees the old console, whole.
    const after = await again.call('events.list', { actor: 'after', limit: 200 }).catch(() => undefined);
    if (after !== undefined) expect(after.items).toHaveLength(100);
    await next.kill('SIGTERM');
    expect(
      readdirSync(join(profile.home, 'profile')).filter((name) => /^(incoming-|restore\.json|scratch)/.test(name)),
    ).toEqual([]);
  }
  expect(restores).toBeLessThan(12);
});
