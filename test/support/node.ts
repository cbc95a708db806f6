// A real console process for tests: the headless server started as users start it, spoken to over HTTPS and by the command line.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { generateSync } from 'otplib';
import { type Client, createClient } from '../../src-main/shells/cli/client.ts';
import { temporaryFolder } from './stores.ts';

export const projectRoot = resolve(import.meta.dirname, '../..');
const bin = join(projectRoot, 'src-main/shells/cli/bin.mjs');

export const admin = { username: 'mira', password: 'Correct-horse9battery' };

export type NodeProcess = {
  readonly url: string;
  readonly ca: string;
  readonly process: ChildProcess;
  /** What it has printed on stderr so far. */
  stderr(): string;
  kill(signal?: NodeJS.Signals): Promise<void>;
};

export type Profile = Disposable & { readonly home: string; readonly environment: NodeJS.ProcessEnv };

/** A profile folder with a key from the environment; `extra` overrides. */
export function createProfile(extra: NodeJS.ProcessEnv = {}): Profile {
  const home = temporaryFolder();
  return {
    home,
    environment: {
      PATH: process.env.PATH,
      HOME: home,
      XDG_CONFIG_HOME: join(home, 'config'),
      GATEHOUSE_HOME: join(home, 'profile'),
      GATEHOUSE_ENCRYPTION_KEY: Buffer.alloc(32, 3).toString('base64'),
      GATEHOUSE_PORT: '0',
      ...extra,
    },
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** Starts `gatehouse serve --json` and waits for its ready line. @throws Error with what it printed when it ends before that. */
export async function startNode(profile: Profile, extra: NodeJS.ProcessEnv = {}): Promise<NodeProcess> {
  const child = spawn(process.execPath, [bin, 'serve', '--json'], {
    env: { ...profile.environment, ...extra },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const lines = createInterface({ input: child.stdout });
  const ready = await Promise.race([
    once(lines, 'line').then(([line]) => JSON.parse(line as string) as { url: string; ca: string }),
    once(child, 'exit').then(() => {
      throw new Error(`the node ended before it was ready:\n${errors}`);
    }),
  ]);
  return {
    url: ready.url,
    ca: ready.ca,
    process: child,
    stderr: () => errors,
    async kill(signal = 'SIGKILL') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
  };
}

export type CommandResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs the command line as a process of its own. */
export async function runCommand(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  input?: string,
): Promise<CommandResult> {
  const child = spawn(process.execPath, [bin, ...args], { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.end(input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? -1, stdout, stderr };
}

export function clientOf(node: NodeProcess, token?: string): Client {
  return createClient({ url: node.url, ca: existsSync(node.ca) ? readFileSync(node.ca, 'utf8') : undefined, token });
}

/** Signs the admin in over HTTPS with a first enrolment of the second factor. */
export async function enrolAdmin(node: NodeProcess): Promise<{ token: string; secret: string }> {
  using client = clientOf(node);
  const first = await client.call('auth.login', admin);
  if (!('mfa_enrollment_required' in first)) throw new Error('expected to be asked for enrolment');
  const { secret } = await client.call('auth.mfa_enable', { token: first.token });
  const done = await client.call('auth.mfa_verify', { token: first.token, code: generateSync({ secret }) });
  if (!('user' in done) || done.token === undefined) throw new Error('expected a session');
  return { token: done.token, secret };
}
