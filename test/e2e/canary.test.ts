// Canaries: distinctive secrets, personal data and event texts go in through the API; none of them is found in any file of the profile,
// in what the process prints, or in backups; secret values not in its heap after the window's lock, and no key after the vault's.
import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { generateSync } from 'otplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseKeyFile } from '../../src-main/core/features/keys/key-file.ts';
import { openKeyRing } from '../../src-main/core/features/keys/key-ring.ts';
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

const mark = (): string => randomBytes(9).toString('hex');
const masterKey = randomBytes(32);

/** What must stay out of everything: by name, its text. */
const secretValues = new Map<string, string>([
  ['password of a secret', `Pw-${mark()}`],
  ['its second version', `Pw2-${mark()}`],
  ['field of a secret', `Field-${mark()}`],
  ['note', `Note-${mark()} with spaces and ünïcödé`],
  ['imported secret', `Env-${mark()}`],
  ['secret set by the command line', `Cli-${mark()}`],
  ['passphrase of a backup', `Passphrase-${mark()}`],
]);
const personal = new Map<string, string>([
  ['name of a person', `Person-${mark()}`],
  ['text of an event', `Event text ${mark()}`],
  ['note on an alert or key', `KeyName-${mark()}`],
  ['description of a secret', `Described-${mark()}`],
]);
const value = (name: string): string => secretValues.get(name) ?? personal.get(name) ?? '';

const diagnostics = mkdtempSync(join(tmpdir(), 'gatehouse-diagnostics-'));
const keyFile = join(diagnostics, 'master.key');
let profile: Profile;
let node: NodeProcess;
let token: string;
let seed: string;
let apiKey: string;

beforeAll(async () => {
  profile = createProfile({
    GATEHOUSE_ADMIN_USERNAME: admin.username,
    GATEHOUSE_ADMIN_PASSWORD: admin.password,
    // In a file, since the environment of a process stays in its memory.
    GATEHOUSE_ENCRYPTION_KEY: '',
    GATEHOUSE_KEY_FILE: keyFile,
    NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${diagnostics}`,
  });
  writeFileSync(keyFile, masterKey.toString('base64'), { mode: 0o600 });
  node = await startNode(profile);
  ({ token, secret: seed } = await enrolAdmin(node));
  using client = clientOf(node, token);
  const created = await client.call('keys.create', {
    name: value('note on an alert or key'),
    scopes: [
      'events.*',
      'secrets.*',
      'secrets.reveal',
      'audit.*',
      'audit.export',
      'backups.*',
      'backups.manage',
      '*.read',
    ],
  });
  apiKey = created.key;
});

afterAll(async () => {
  await node?.kill();
  profile?.[Symbol.dispose]();
  rmSync(diagnostics, { recursive: true, force: true });
});

function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...plain } = profile.environment;
  return { ...plain, GATEHOUSE_URL: node.url, GATEHOUSE_CA: node.ca, GATEHOUSE_API_KEY: apiKey };
}

/** The ways in which a value could stand somewhere. */
function spellings(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  // Base64 of a longer text holds the value at one of three alignments; its inner characters are the same then.
  const aligned = [0, 1, 2].map((before) =>
    Buffer.from(
      Buffer.concat([Buffer.alloc(before), bytes])
        .toString('base64')
        .slice(before === 0 ? 0 : 4, -4),
    ),
  );
  return [bytes, Buffer.from(text, 'utf16le'), Buffer.from(bytes.toString('hex')), ...aligned];
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** What the log itself names stands in its mirrors, which are there to be read; everything else stands in no file. */
const readable = ['audit', 'activity'].map((log) => `note on an alert or key in profile/logs/${log}.log`);

/** `value in file` for each canary that stands anywhere under the folder. */
function leaksUnder(folder: string): string[] {
  const canaries = new Map([
    ...secretValues,
    ...personal,
    ['password', admin.password],
    ['API key', apiKey],
    ['session token', token],
    ['TOTP seed', seed],
    ['master key', masterKey.toString('base64')],
  ]);
  return filesUnder(folder).flatMap((file) => {
    const content = readFileSync(file);
    const found = [...canaries].filter(([, text]) => spellings(text).some((bytes) => content.includes(bytes)));
    const keyItself = content.includes(masterKey) ? [['master key, raw', '']] : [];
    return [...found, ...keyItself]
      .map(([name]) => `${name} in ${relative(folder, file)}`)
      .filter((leak) => !readable.includes(leak));
  });
}

test('secrets, people and events go in and are used', async () => {
  using client = clientOf(node, token);
  const event = (details: Record<string, unknown>) => ({
    id: randomUUID(),
    time: new Date().toISOString(),
    source: 'canary',
    event_type: 'api_call',
    actor: value('name of a person'),
    success: true,
    details,
  });
  await client.call('events.ingest', { events: [event({ text: value('text of an event') })] });
  const password = await client.call('secrets.create', {
    name: 'canary/password',
    type: 'password',
    value: value('password of a secret'),
    description: value('description of a secret'),
  });
  await client.call('secrets.rotate', { id: password.id, value: value('its second version') });
  await client.call('secrets.create', {
    name: 'canary/fields',
    type: 'key_value',
    fields: { user: 'app', password: value('field of a secret') },
  });
  const note = await client.call('secrets.create', { name: 'canary/note', type: 'note', value: value('note') });
  await client.call('secrets.import', {
    format: 'env',
    content: `IMPORTED=${value('imported secret')}\n`,
    path: 'canary/',
  });
  const set = await runCommand(
    ['secrets', 'set', 'canary/cli', '--from-stdin'],
    environment(),
    value('secret set by the command line'),
  );
  expect(set).toMatchObject({ code: 0 });
  for (const name of ['canary/password', 'canary/fields', 'canary/note', 'canary/IMPORTED', 'canary/cli']) {
    await client.call('secrets.reveal', { name });
  }
  await client.call('secrets.purge', { id: note.id, name: 'canary/note' }).catch(async () => {
    // A secret is deleted before it can be shredded.
    await client.call('secrets.delete', { id: note.id });
    await client.call('secrets.purge', { id: note.id, name: 'canary/note' });
  });
  // Refusals and failures must not carry them either.
  await expect(client.call('secrets.reveal', { name: 'canary/none' })).rejects.toThrow();
  await expect(
    client.call('secrets.create', { name: 'canary/bad', type: 'certificate', value: value('password of a secret') }),
  ).rejects.toThrow();
});

test('backups, encrypted and not, hold none of it, nor do the files of a running console', async () => {
  using client = clientOf(node, token);
  await client.call('backups.create', {});
  await client.call('backups.create', { encrypted: false });
  await client.call('backups.create', { passphrase: value('passphrase of a backup') });
  const { items } = await client.call('backups.list', {});
  expect(items.map(({ state }) => state)).toEqual(['complete', 'complete', 'complete']);
  for (const { backup_id, opens_with } of items) {
    const outcome = await client.call('backups.verify', {
      id: backup_id,
      ...(opens_with.includes('passphrase') && { passphrase: value('passphrase of a backup') }),
    });
    expect(outcome).toMatchObject({ passed: true });
  }
  const files = filesUnder(profile.home).map((file) => relative(profile.home, file));
  expect(files.filter((file) => file.endsWith('.ghbackup')).length).toBe(3);
  expect(files).toEqual(expect.arrayContaining(['profile/store.db', 'profile/store.db-wal', 'profile/keys.json']));
  expect(leaksUnder(profile.home)).toEqual([]);
});

test('the search finds a canary that was put there', () => {
  const path = join(profile.home, 'planted.txt');
  for (const text of spellings(`before ${value('note')} after`)) {
    writeFileSync(path, text);
    expect(leaksUnder(profile.home)).toContain('note in planted.txt');
  }
  writeFileSync(path, '');
});

/** V8's own picture of everything that is reachable, strings among it, after a full collection. */
async function heapSnapshot(): Promise<Buffer> {
  const before = new Set(readdirSync(diagnostics));
  node.process.kill('SIGUSR2');
  for (;;) {
    await wait(300);
    const [name] = readdirSync(diagnostics).filter((each) => !before.has(each));
    if (name === undefined) continue;
    const content = readFileSync(join(diagnostics, name));
    // Complete when it ends as JSON.
    if (content.subarray(-4).toString().trimEnd().endsWith('}')) return content;
  }
}

/** Which of the byte strings stand anywhere in the writable memory of the process. */
function inMemory(pid: number, wanted: ReadonlyMap<string, Buffer>): string[] {
  const found = new Set<string>();
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from = '0', to = '0', rights = ''] = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line) ?? [];
      if (!rights.startsWith('rw')) continue;
      const start = BigInt(`0x${from}`);
      const length = Number(BigInt(`0x${to}`) - start);
      const part = Buffer.alloc(Math.min(length, 64 * 1024 * 1024));
      for (let at = 0; at < length; at += part.length - 64) {
        let read = 0;
        try {
          read = readSync(memory, part, 0, part.length, start + BigInt(at));
        } catch {
          // Reserved and never used, or gone meanwhile: there is nothing to read.
          continue;
        }
        for (const [name, bytes] of wanted) if (part.subarray(0, read).includes(bytes)) found.add(name);
      }
    }
  } finally {
    closeSync(memory);
  }
  return [...found].sort();
}

function keysOf(home: string): Map<string, Buffer> {
  const file = parseKeyFile(readFileSync(join(home, 'profile/keys.json'), 'utf8'));
  const ring = openKeyRing(file, Uint8Array.from(masterKey), {
    bytes: (length) => Uint8Array.from(randomBytes(length)),
  });
  const keys = new Map([
    ['master key', Buffer.from(masterKey)],
    ['page key', Buffer.from(ring.pageKey())],
  ]);
  ring.destroy();
  return keys;
}

test('after the lock of the window no secret value is left in the heap', async () => {
  using client = clientOf(node, token);
  await client.call('secrets.reveal', { name: 'canary/password' });
  await client.call('auth.lock', {});
  await expect(client.call('secrets.list', {})).rejects.toThrow(/locked/);
  const heap = await heapSnapshot();
  const left = [...secretValues].filter(([, text]) => heap.includes(Buffer.from(text)));
  expect(left.map(([name]) => name)).toEqual([]);
  // The picture shows strings at all: what is no secret of the vault is there.
  expect(heap.includes(Buffer.from('secrets.reveal'))).toBe(true);
});

test('after the lock of the vault no key is left in memory, and an unlocked vault has all that went in', async () => {
  const keys = keysOf(profile.home);
  const pid = node.process.pid ?? 0;
  // The search sees keys where they are.
  expect(inMemory(pid, keys)).toEqual(['master key', 'page key']);
  using client = clientOf(node, token);
  await client.call('auth.unlock', {
    password: admin.password,
    code: generateSync({ secret: seed, epoch: Date.now() / 1000 + 30 }),
  });
  await client.call('vault.lock', {});
  await expect(client.call('console.status', {})).rejects.toThrow(/locked/);
  expect(inMemory(pid, keys)).toEqual([]);
  const heap = await heapSnapshot();
  const texts = [...secretValues.values(), masterKey.toString('base64'), seed];
  expect(texts.filter((text) => heap.includes(Buffer.from(text)))).toEqual([]);
  expect(await runCommand(['unlock'], environment())).toMatchObject({ code: 0 });
  using tool = clientOf(node, apiKey);
  expect(await tool.call('secrets.reveal', { name: 'canary/cli' })).toMatchObject({
    value: value('secret set by the command line'),
  });
});

test('a crash leaves nothing of it behind either', async () => {
  await node.kill('SIGABRT');
  expect(leaksUnder(profile.home)).toEqual([]);
  for (const text of [...secretValues.values(), apiKey, token]) expect(node.stderr()).not.toContain(text);
});
