// `gatehouse watch FILE…`: follows log files and sends their lines to the console as events, until it is told to stop.
import { createHash } from 'node:crypto';
import { glob } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../adapters/system/host-parts.ts';
import { reasonOf } from '../../base/file-words.ts';
import { createFollower, type Follower } from '../watch/follower.ts';
import type { LineFormat } from '../watch/records.ts';
import { createSender, Stopped } from '../watch/sender.ts';
import { loadState } from '../watch/state.ts';
import { createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { printable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

export type WatchFlags = TargetFlags & {
  readonly format: LineFormat | 'auto';
  readonly zone?: string;
  readonly state?: string;
  readonly fromStart?: boolean;
};

// Looking costs a stat a file; notifications of the system would be quicker, and run out on machines with many watchers.
const lookEveryMs = 500;
const globEveryMs = 5_000;
const mostFiles = 1_000;

export async function watch(patterns: readonly string[], flags: WatchFlags): Promise<void> {
  checkZone(flags.zone);
  const statePath = resolve(flags.state ?? defaultState(patterns, process.env));
  const state = loadState(statePath);
  const ending = new AbortController();
  const onStop = (): void => ending.abort();
  process.on('SIGINT', onStop).on('SIGTERM', onStop);
  using client = createClient(findTarget(flags, process.env));
  const say = (line: string): void => void process.stderr.write(`${printable(line)}\n`);
  const sender = createSender({ client, stop: ending.signal, say });
  const followers = new Map<string, Follower>();
  say(`watching; positions are kept in ${statePath}`);
  try {
    let nextGlob = 0;
    // What a pattern finds later on was made while we watched: its lines are new from the first on.
    let isNew = flags.fromStart === true;
    while (!ending.signal.aborted) {
      if (Date.now() >= nextGlob) {
        nextGlob = Date.now() + globEveryMs;
        for (const path of await pathsOf(patterns)) {
          if (followers.has(path)) continue;
          if (followers.size >= mostFiles) throw new CommandFailure(`more than ${mostFiles} files; name fewer`);
          const isWatched = (other: string): boolean => followers.has(other);
          // The console's too, unless it was told another: the same line read by it must be the same event.
          const { format, zone = systemClock.zone } = flags;
          followers.set(
            path,
            createFollower({
              path,
              format,
              zone,
              fromStart: isNew,
              state,
              sender,
              isWatched,
              stop: ending.signal,
              say,
            }),
          );
        }
      }
      isNew = true;
      for (const [path, follower] of followers) await lookAt(path, follower, say);
      await wait(lookEveryMs, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  } finally {
    process.off('SIGINT', onStop).off('SIGTERM', onStop);
  }
  state.save();
  const total = { accepted: 0, duplicates: 0, rejected: 0 };
  for (const { counts } of followers.values()) {
    for (const key of ['accepted', 'duplicates', 'rejected'] as const) total[key] += counts[key];
  }
  say(`stopped: ${total.accepted} accepted, ${total.duplicates} duplicate, ${total.rejected} rejected`);
}

/** Trouble with a log, of this machine: it may be over at the next look, by itself or because somebody saw to it. */
const passing = new Set([
  'EACCES',
  'EPERM',
  'EIO',
  'ESTALE',
  'EMFILE',
  'ENFILE',
  'ENOENT',
  'ENOTDIR',
  'ELOOP',
  'EBUSY',
]);
const troubled = new Map<string, string>();

/** One file that can't be read must not keep the others from being followed. */
async function lookAt(path: string, follower: Follower, say: (line: string) => void): Promise<void> {
  try {
    await follower.look();
    troubled.delete(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!passing.has(code)) throw error;
    const words = `${path}: ${code === 'EACCES' ? 'may not be read; give this user the right to' : reasonOf(error)}; trying again`;
    if (troubled.get(path) !== words) say(words);
    troubled.set(path, words);
  }
}

async function pathsOf(patterns: readonly string[]): Promise<string[]> {
  const paths = new Set<string>();
  for (const pattern of patterns) {
    if (!/[*?[{]/.test(pattern)) paths.add(resolve(pattern));
    else for await (const found of glob(pattern)) if (!found.endsWith('.gz')) paths.add(resolve(found));
  }
  return [...paths].sort();
}

/** One for each set of files, so that several of these on a machine don't share one. */
function defaultState(patterns: readonly string[], environment: NodeJS.ProcessEnv): string {
  const folder =
    environment.STATE_DIRECTORY ?? join(environment.XDG_STATE_HOME ?? join(homedir(), '.local/state'), 'gatehouse');
  const which = createHash('sha256')
    .update(JSON.stringify([...patterns].map((pattern) => resolve(pattern)).sort()))
    .digest('hex')
    .slice(0, 12);
  return join(folder, `watch-${which}.json`);
}

function checkZone(zone: string | undefined): void {
  if (zone === undefined || /^[+-]\d\d:?\d\d$/.test(zone)) return;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch (cause) {
    throw new CommandFailure(`${zone} is not a time zone`, {
      cause,
      hint: 'expected a name such as Europe/Berlin, or an offset such as +02:00',
    });
  }
}
