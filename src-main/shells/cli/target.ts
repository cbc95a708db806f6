// Which console a command speaks to, and as whom: flags, then environment, then the session of `gatehouse login`, then the console running here.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeDurably } from '../../adapters/files/key-file-store.ts';
import { type Holder, homeFolder } from '../../adapters/files/profile.ts';
import { readCa, type Target } from './client.ts';
import { CommandFailure } from './failure.ts';

export type TargetFlags = { readonly url?: string; readonly ca?: string; readonly apiKey?: string };

export type SavedSession = {
  readonly url: string;
  readonly ca: string | null;
  readonly token: string;
  readonly username: string;
};

/** @throws CommandFailure for an address that is none, and for a CA file that can't be read. */
export function findTarget(flags: TargetFlags, environment: NodeJS.ProcessEnv): Target {
  const session = readSession(environment);
  const home = homeFolder(environment);
  const url = flags.url ?? environment.GATEHOUSE_URL ?? session?.url ?? runningUrl(home) ?? 'https://127.0.0.1:9443';
  requireHttps(url);
  const caPath = flags.ca ?? environment.GATEHOUSE_CA;
  const local = join(home, 'ca.pem');
  const ca = caPath !== undefined ? readCa(caPath) : (session?.ca ?? (existsSync(local) ? readCa(local) : undefined));
  // A session is for the console that gave it; its token goes nowhere else.
  const token = flags.apiKey ?? environment.GATEHOUSE_API_KEY ?? (session?.url === url ? session.token : undefined);
  return { url, ca, token };
}

function requireHttps(url: string): void {
  const protocol = URL.parse(url)?.protocol;
  if (protocol === 'https:') return;
  const why = protocol === 'http:' ? '; Gatehouse never answers over plain HTTP' : '';
  throw new CommandFailure(`${url} is not the address of a console`, {
    hint: `give one that begins with https://, such as https://127.0.0.1:9443, in GATEHOUSE_URL or with --url${why}`,
    exitCode: 2,
  });
}

export function saveSession(environment: NodeJS.ProcessEnv, session: SavedSession): string {
  const path = sessionPath(environment);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeDurably(path, `${JSON.stringify(session)}\n`);
  chmodSync(path, 0o600);
  return path;
}

export function forgetSession(environment: NodeJS.ProcessEnv): void {
  rmSync(sessionPath(environment), { force: true });
}

function readSession(environment: NodeJS.ProcessEnv): SavedSession | undefined {
  const path = sessionPath(environment);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as SavedSession;
  } catch {
    // Half-written or foreign: as good as none; the next login writes it anew.
    return undefined;
  }
}

function sessionPath(environment: NodeJS.ProcessEnv): string {
  return join(environment.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'gatehouse', 'session.json');
}

function runningUrl(home: string): string | undefined {
  const path = join(home, 'running.json');
  if (!existsSync(path)) return undefined;
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as Holder).url ?? undefined;
  } catch {
    // The console is just writing it; the default address will do.
    return undefined;
  }
}
