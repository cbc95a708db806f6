// `gatehouse watch` as users run it: a writer appends and rotates in every way there is, while watch and console are killed at random
// moments; afterwards each line is in the console exactly once. GATEHOUSE_TEST_KILLS says how often.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Client } from '../../src-main/shells/cli/client.ts';
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

const rounds = Number(process.env.GATEHOUSE_TEST_KILLS ?? 12);
const bin = resolve(import.meta.dirname, '../../src-main/shells/cli/bin.mjs');

type Watching = { readonly child: ChildProcess; said(): string; end(signal: NodeJS.Signals): Promise<number | null> };

function startWatch(args: readonly string[], environment: NodeJS.ProcessEnv): Watching {
  const child = spawn(process.execPath, [bin, 'watch', ...args], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const gone = once(child, 'exit') as Promise<[number | null]>;
  return {
    child,
    said: () => said,
    async end(signal) {
      child.kill(signal);
      return (await gone)[0];
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function createConsole(): Promise<{ profile: Profile; node: NodeProcess; key: string; token: string }> {
  const profile = createProfile({
    GATEHOUSE_ADMIN_USERNAME: admin.username,
    GATEHOUSE_ADMIN_PASSWORD: admin.password,
    GATEHOUSE_PORT: String(await freePort()),
    GATEHOUSE_RATE_LIMIT_REQUESTS_PER_MINUTE: '100000',
    // The console that imports a file and the program that follows it must take a line for the same event, also where it names no zone.
    TZ: 'Asia/Tokyo',
  });
  const node = await startNode(profile);
  const { token } = await enrolAdmin(node);
  using session = clientOf(node, token);
  const { key } = await session.call('keys.create', { name: 'watch', scopes: ['events.write', 'events.read'] });
  return { profile, node, key, token };
}

/** How often each line is in the console, by the user name that is its own. */
async function taken(client: Client): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let cursor: string | undefined;
  do {
    const page = await client.call('events.list', {
      q: 'details.message:"Failed password"',
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { actor = '' } of page.items) counts.set(actor, (counts.get(actor) ?? 0) + 1);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return counts;
}

async function until(met: () => boolean | Promise<boolean>, ms: number, said: () => string): Promise<void> {
  const end = Date.now() + ms;
  while (!(await met())) {
    if (Date.now() > end) throw new Error(`it did not happen in ${ms} ms; watch said:\n${said()}`);
    await wait(100);
  }
}

function lineOf(number: number): string {
  const time = new Date(Date.UTC(2026, 10, 20, 10) + number * 250).toISOString().replace('Z', '+00:00');
  return `${time} host sshd[99]: Failed password for u${number} from 203.0.113.${number % 250} port 22 ssh2\n`;
}

/** As most logs write them: without year or zone. */
function localLine(number: number): string {
  return `Jan  2 10:00:0${number} host sshd[99]: Failed password for u${number} from 203.0.113.${number} port 22 ssh2\n`;
}

/** Writes lines, whole and in halves, and rotates as logrotate does. */
class Writer {
  readonly path: string;
  written = 0;
  rotations = 0;

  constructor(path: string) {
    this.path = path;
  }

  lines(count: number, to = this.path): void {
    let text = '';
    for (let n = 0; n < count; n++) text += lineOf(this.written++);
    const middle = randomInt(0, text.length + 1);
    appendFileSync(to, text.slice(0, middle));
    appendFileSync(to, text.slice(middle));
  }

  half(): () => void {
    const line = lineOf(this.written++);
    const middle = randomInt(1, line.length);
    appendFileSync(this.path, line.slice(0, middle));
    return () => appendFileSync(this.path, line.slice(middle));
  }

  rotate(): void {
    this.rotations += 1;
    // Older ones move on; the oldest stay, so that nothing is removed before it can have been read.
    for (let n = this.rotations; n >= 1; n--) {
      for (const end of ['', '.gz']) {
        const from = `${this.path}.${n}${end}`;
        if (existsSync(from)) renameSync(from, `${this.path}.${n + 1}${end}`);
      }
    }
    const first = `${this.path}.1`;
    const kind = randomInt(3);
    if (kind === 0) {
      copyFileSync(this.path, first);
      truncateSync(this.path, 0);
      return;
    }
    renameSync(this.path, first);
    writeFileSync(this.path, '');
    // Whoever had it open writes there for a moment.
    if (randomInt(2) === 0) this.lines(randomInt(1, 4), first);
    if (kind === 2) {
      writeFileSync(`${first}.gz.new`, gzipSync(readFileSync(first)));
      renameSync(`${first}.gz.new`, `${first}.gz`);
      rmSync(first);
    }
  }
}

test('killed at random moments while a log is written and rotated, each line is taken in exactly once', {
  timeout: 600_000,
}, async () => {
  const made = await createConsole();
  using profile = made.profile;
  let node = made.node;
  const folder = join(profile.home, 'logs');
  mkdirSync(folder);
  const writer = new Writer(join(folder, 'auth.log'));
  writer.lines(3);
  const environment = {
    ...profile.environment,
    GATEHOUSE_URL: node.url,
    GATEHOUSE_CA: node.ca,
    GATEHOUSE_API_KEY: made.key,
  };
  const args = [writer.path, '--state', join(profile.home, 'state.json'), '--from-start'];
  const all: string[] = [];
  const said = (): string => [...all, watching.said()].join('\n---\n');
  let watching = startWatch(args, environment);
  await until(() => watching.said().includes('following from byte 0'), 20_000, said);

  for (let round = 0; round < rounds; round++) {
    for (let step = randomInt(3, 12); step > 0; step--) {
      if (randomInt(4) === 0) writer.rotate();
      else if (randomInt(3) === 0) {
        const rest = writer.half();
        await wait(randomInt(1, 700));
        rest();
      } else writer.lines(randomInt(1, 300));
      await wait(randomInt(1, 120));
    }
    if (randomInt(3) > 0) {
      await watching.end(randomInt(4) === 0 ? 'SIGTERM' : 'SIGKILL');
      all.push(watching.said());
      // What happens while nobody looks must be found later.
      for (let step = randomInt(0, 3); step > 0; step--) {
        writer.rotate();
        writer.lines(randomInt(1, 100));
      }
      watching = startWatch(args, environment);
    }
    if (randomInt(2) === 0) {
      await node.kill('SIGKILL');
      writer.lines(randomInt(1, 50));
      await wait(randomInt(1, 600));
      node = await startNode(profile);
    }
    await wait(randomInt(1, 1_500));
  }

  using client = clientOf(node, made.key);
  try {
    await until(async () => (await taken(client)).size >= writer.written, 90_000, said);
  } finally {
    expect(await watching.end('SIGTERM'), said()).toBe(0);
  }
  const counts = await taken(client);
  const missing = Array.from({ length: writer.written }, (_, n) => `u${n}`).filter((user) => counts.get(user) !== 1);
  expect(missing, said()).toEqual([]);
  expect(counts.size).toBe(writer.written);
  expect(watching.said()).not.toContain('can not be read');
  process.stdout.write(`watch: ${writer.written} lines, ${writer.rotations} rotations, ${rounds} rounds of kills\n`);
  await node.kill('SIGTERM');
});

test('begins at the end unless told, waits for files that are missing, follows patterns, and says what it can not read', {
  timeout: 120_000,
}, async () => {
  const { profile: made, node, key } = await createConsole();
  using profile = made;
  const folder = join(profile.home, 'logs');
  mkdirSync(folder);
  const old = join(folder, 'old.log');
  const later = join(folder, 'later.log');
  const strange = join(folder, 'strange.log');
  writeFileSync(old, localLine(1));
  writeFileSync(strange, 'nothing that anybody knows\nreally\n');
  // Pipes that nobody writes to, more than Node has threads to open files with.
  const pipes = Array.from({ length: 6 }, (_, number) => join(folder, `a${number}.log`));
  expect(spawnSync('mkfifo', pipes).status).toBe(0);
  const environment = {
    ...profile.environment,
    GATEHOUSE_URL: node.url,
    GATEHOUSE_CA: node.ca,
    GATEHOUSE_API_KEY: key,
  };
  const watching = startWatch([join(folder, '*.log'), later], environment);
  const said = () => watching.said();
  await until(
    () => /later\.log is not there; waiting/.test(said()) && /old\.log: following/.test(said()),
    20_000,
    said,
  );
  await until(() => /strange\.log: its format is not recognised; name it with --format/.test(said()), 20_000, said);
  expect(said()).toMatch(/a5\.log is no file/);
  appendFileSync(old, localLine(2));
  writeFileSync(later, localLine(3));
  writeFileSync(join(folder, 'new.log'), localLine(4));
  using client = clientOf(node, key);
  await until(async () => (await taken(client)).size === 3, 30_000, said);
  expect([...(await taken(client)).keys()].sort()).toEqual(['u2', 'u3', 'u4']);

  // The same file imported as a whole adds what was before, and nothing twice.
  const imported = await runCommand(['import', old, '--json'], environment);
  expect(JSON.parse(imported.stdout)).toMatchObject({ accepted: 1, duplicates: 1 });
  expect(await watching.end('SIGINT')).toBe(0);
  expect(said()).toMatch(/stopped: 3 accepted/);

  const search = await runCommand(['events', 'search', 'user:u1,u2', '--json'], environment);
  expect(
    search.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { actor: string }).actor),
  ).toEqual(['u2', 'u1']);
  const refused = await runCommand(['events', 'search', 'typ:x'], environment);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/did you mean type:/)]);
  const out = join(profile.home, 'out.cef');
  const exported = await runCommand(['events', 'export', 'user:u*', '--format', 'cef', '--out', out], environment);
  expect(exported.stderr).toMatch(/4 events written/);
  expect(readFileSync(out, 'utf8').trim().split('\n')).toHaveLength(4);
  expect((await runCommand(['events', 'export', '--out', out], environment)).stderr).toMatch(/there already/);
  await node.kill('SIGTERM');
});
