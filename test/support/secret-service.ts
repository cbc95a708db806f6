// A Secret Service of its own for a test: D-Bus and GNOME's keyring in a temporary folder, unlocked with a password of ours, and a
// keychain that uses it. The library reads the address of the bus once a process, so each call is a process of its own.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import type { Keychain } from '../../src-main/core/features/keys/master-key.ts';
import { projectRoot } from './node.ts';
import { temporaryFolder } from './stores.ts';

const programs = ['dbus-daemon', 'dbus-send', 'gnome-keyring-daemon'];

/** What is not installed here. */
export function missingPrograms(): string[] {
  return programs.filter((name) => spawnSync('which', [name]).status !== 0);
}

const script = `
  import { createOsKeychain } from './src-main/adapters/vault/os-keychain.ts';
  const [operation, account, value] = JSON.parse(process.env.TEST_CALL);
  const answer = createOsKeychain()[operation](account, value);
  process.stdout.write(JSON.stringify(answer ?? null));
`;

/** @param password what the keyring is unlocked with; undefined leaves it locked */
export async function startSecretService(
  password: string | undefined,
): Promise<AsyncDisposable & { keychain: Keychain; environment: NodeJS.ProcessEnv }> {
  const home = temporaryFolder();
  const runtime = join(home, 'runtime');
  mkdirSync(runtime, { mode: 0o700 });
  const environment: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: home,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_RUNTIME_DIR: runtime,
  };
  const bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [address] = (await once(createInterface({ input: bus.stdout }), 'line')) as [string];
  environment.DBUS_SESSION_BUS_ADDRESS = address;
  const keyring = spawn(
    'gnome-keyring-daemon',
    ['--foreground', ...(password === undefined ? [] : ['--unlock']), '--components=secrets'],
    { env: environment, stdio: ['pipe', 'ignore', 'ignore'] },
  );
  keyring.stdin.end(password ?? '');

  function call(operation: keyof Keychain, account = '', value = ''): unknown {
    const done = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
      cwd: projectRoot,
      encoding: 'utf8',
      env: { ...environment, TEST_CALL: JSON.stringify([operation, account, value]) },
    });
    if (done.status !== 0) throw new Error(done.stderr);
    return JSON.parse(done.stdout) as unknown;
  }

  const keychain: Keychain = {
    probe: () => call('probe') as { available: boolean; detail: string },
    get: (account) => (call('get', account) as string | null) ?? undefined,
    set: (account, value) => void call('set', account, value),
    delete: (account) => void call('delete', account),
  };
  // Asked of the bus, not of the service: a call to a name that nobody has yet would start a second, locked keyring.
  for (let tries = 0; !hasOwner(environment); tries++) {
    if (tries === 100) throw new Error('the Secret Service does not come up');
    await wait(50);
  }
  return {
    keychain,
    environment,
    async [Symbol.asyncDispose]() {
      await Promise.all([keyring, bus].map(end));
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function hasOwner(env: NodeJS.ProcessEnv): boolean {
  const question = [
    '--dest=org.freedesktop.DBus',
    '/',
    'org.freedesktop.DBus.NameHasOwner',
    'string:org.freedesktop.secrets',
  ];
  return spawnSync('dbus-send', ['--print-reply', ...question], { env, encoding: 'utf8' }).stdout.includes('true');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
