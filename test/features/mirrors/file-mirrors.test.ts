// The audit log as lines in files beside the store: all of it, each entry once, through stops, restores and foreign hands.
import {
  chmodSync,
  existsSync,
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { type Mirror, MirrorFault } from '../../../src-main/core/features/mirrors/index.ts';
import { activityTypes } from '../../../src-shared/contract/mirrors.ts';
import { appendNodes, rootAt } from '../../../src-shared/evidence/merkle.ts';
import { adminPassword, createTestConsole } from '../../support/console.ts';
import { createTestHost } from '../../support/host.ts';
import { allWell, fileMirrors, linesOf, profileFolder, until } from './mirrored-console.ts';

const start = Date.UTC(2026, 10, 21, 14);

function open(folder: string, at = 0, limits?: Parameters<typeof fileMirrors>[1]) {
  return createTestConsole({
    folder,
    mirrors: fileMirrors(folder, limits),
    host: createTestHost(start + at, `mirrors ${at}`),
  });
}

test('audit.log has every entry once, also the last of a stop; activity.log those of the day', async () => {
  const folder = profileFolder();
  const first = await open(folder);
  const { session } = await first.signIn();
  for (let n = 0; n < 3; n++) await first.createKey(['events.read'], session);
  const items = await until(first, session, allWell);
  expect(items).toMatchObject([
    { name: 'logs/audit.log', kind: 'file', state: 'well', encrypted: true, streams: [{ stream: 'audit', behind: 0 }] },
    { name: 'logs/activity.log', kind: 'file', state: 'well', streams: [{ stream: 'activity', behind: 0 }] },
  ]);
  await first[Symbol.asyncDispose]();

  await using second = await open(folder, 60_000);
  await until(second, session, allWell);
  const { items: entries } = await second.call('audit.entries', { limit: 500 }, session);
  const lines = linesOf(folder, 'audit');
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1));
  expect(lines.map(({ id, leaf_hash }) => ({ id, leaf_hash }))).toEqual(
    entries.toReversed().map(({ id, leaf_hash }) => ({ id, leaf_hash })),
  );
  expect(lines.map(({ event_type }) => event_type)).toContain('service_stop');
  const activity = linesOf(folder, 'activity');
  expect(activity.map(({ id }) => id)).toEqual(
    lines.filter(({ event_type }) => (activityTypes as readonly string[]).includes(event_type)).map(({ id }) => id),
  );
  expect(activity.length).toBeGreaterThan(0);
  for (const name of ['audit.log', 'activity.log'])
    expect(statSync(join(folder, 'logs', name)).mode & 0o777).toBe(0o600);
});

test('the tree, and so the root of the checkpoints, can be built again from the lines alone', async () => {
  const folder = profileFolder();
  await using console = await open(folder);
  const { session } = await console.signIn();
  const { size, root } = await console.call('audit.checkpoint', {}, session);
  await until(console, session, allWell);
  const nodes = new Map<string, Uint8Array>();
  const read = (level: number, index: number): Uint8Array => {
    const hash = nodes.get(`${level}/${index}`);
    if (hash === undefined) throw new Error('a node is missing');
    return hash;
  };
  for (const [index, { leaf_hash }] of linesOf(folder, 'audit').slice(0, size).entries()) {
    for (const node of appendNodes(nodePrimitives, index, Buffer.from(String(leaf_hash), 'hex'), read)) {
      nodes.set(`${node.level}/${node.index}`, node.hash);
    }
  }
  expect(Buffer.from(rootAt(nodePrimitives, size, read)).toString('base64')).toBe(root);
});

test('what is sealed for a person does not stand in the lines, before and after the erasure', async () => {
  const folder = profileFolder();
  const person = 'greta.hollmann-4711@example.test';
  const reason = 'letter of Greta Hollmann of 3 March';
  await using console = await open(folder);
  const { session } = await console.signIn();
  await console.call('subjects.access', { subject_id: person, reason }, session);
  await console.call('subjects.erase', { subject_id: person, reason: 'article 17' }, session);
  await until(console, session, allWell);
  for (const name of ['audit.log', 'activity.log']) {
    const text = readFileSync(join(folder, 'logs', name), 'utf8');
    expect(text).not.toContain('hollmann');
    expect(text).not.toContain('Hollmann');
  }
  const [line] = linesOf(folder, 'audit').filter(({ event_type }) => event_type === 'access_request');
  expect(line?.sealed).toEqual(expect.arrayContaining(['details.reason']));
});

test('rotation loses nothing, and a start finds its place in the rotated file', async () => {
  const folder = profileFolder();
  const limits = { maxBytes: 2_000, count: 100 };
  const first = await open(folder, 0, limits);
  const { session } = await first.signIn();
  for (let n = 0; n < 10; n++) await first.createKey(['events.read'], session);
  await until(first, session, allWell);
  await first[Symbol.asyncDispose]();
  expect(existsSync(join(folder, 'logs/audit.log.3'))).toBe(true);
  expect(statSync(join(folder, 'logs/audit.log.1')).size).toBeLessThanOrEqual(2_000);
  // As a kill leaves it between the renaming and the first line.
  for (let n = 99; n > 0; n--) {
    if (existsSync(join(folder, `logs/audit.log.${n}`))) {
      renameSync(join(folder, `logs/audit.log.${n}`), join(folder, `logs/audit.log.${n + 1}`));
    }
  }
  renameSync(join(folder, 'logs/audit.log'), join(folder, 'logs/audit.log.1'));
  await using second = await open(folder, 60_000, limits);
  await until(second, session, allWell);
  const seqs = linesOf(folder, 'audit').map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
});

test('no more files are kept than are asked for', async () => {
  const folder = profileFolder();
  await using console = await open(folder, 0, { maxBytes: 1_500, count: 2 });
  const { session } = await console.signIn();
  for (let n = 0; n < 10; n++) await console.createKey(['events.read'], session);
  await until(console, session, allWell);
  expect(['.1', '.2', '.3'].map((end) => existsSync(join(folder, `logs/audit.log${end}`)))).toEqual([
    true,
    true,
    false,
  ]);
});

test.each([
  ['a line that a kill cut off', (path: string) => truncateSync(path, statSync(path).size - 20)],
  ['lines that somebody took away', (path: string) => truncateSync(path, 1_500)],
])('%s: a start writes what is missing', async (_what, damage) => {
  const folder = profileFolder();
  const first = await open(folder);
  const { session } = await first.signIn();
  await first[Symbol.asyncDispose]();
  damage(join(folder, 'logs/audit.log'));
  await using second = await open(folder, 60_000);
  await until(second, session, allWell);
  const seqs = linesOf(folder, 'audit').map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
});

test('another file under its name while it runs is gone on with, not the one that was moved away', async () => {
  const folder = profileFolder();
  const path = join(folder, 'logs/audit.log');
  await using console = await open(folder);
  const { session } = await console.signIn();
  await until(console, session, allWell);
  const before = linesOf(folder, 'audit').length;
  renameSync(path, join(folder, 'moved'));
  await console.createKey(['events.read'], session);
  await until(console, session, allWell);
  expect(linesOf(folder, 'audit').map(({ seq }) => seq)[0]).toBe(before + 1);
  rmSync(path);
  await console.createKey(['events.read'], session);
  await until(console, session, allWell);
  expect(linesOf(folder, 'audit')).toHaveLength(1);
});

test.each([
  [
    'a link',
    (path: string, folder: string) => symlinkSync(join(folder, 'elsewhere'), path),
    /audit\.log is a link; take it away$/,
  ],
  [
    'a folder',
    (path: string) => void renameSync(join(path, '../../other'), path),
    /audit\.log is not a file; take it away$/,
  ],
  [
    'a second name',
    (path: string, folder: string) => linkSync(join(folder, 'elsewhere'), path),
    /has another name elsewhere/,
  ],
])('%s in its place is never written to, and is said', async (_what, place, words) => {
  const folder = profileFolder();
  const path = join(folder, 'logs/audit.log');
  writeFileSync(join(folder, 'elsewhere'), 'of somebody else\n');
  (await import('node:fs')).mkdirSync(join(folder, 'other'));
  place(path, folder);
  await using console = await open(folder);
  const { session } = await console.signIn();
  const items = await until(
    console,
    session,
    ([audit, activity]) => audit?.state === 'failing' && activity?.state === 'well',
  );
  expect(items[0]?.error).toMatch(words);
  expect(items[0]?.failing_since).not.toBeNull();
  expect(readFileSync(join(folder, 'elsewhere'), 'utf8')).toBe('of somebody else\n');
  rmSync(path, { recursive: true });
  expect(await console.call('mirrors.retry', {}, session)).toEqual({ failing: 1 });
  await until(console, session, allWell);
  const seqs = linesOf(folder, 'audit').map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
});

test('a file that others may read becomes its owner’s alone', async () => {
  const folder = profileFolder();
  const path = join(folder, 'logs/audit.log');
  writeFileSync(path, '');
  chmodSync(path, 0o644);
  await using console = await open(folder);
  const { session } = await console.signIn();
  await until(console, session, allWell);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a file with something else in it is written on, from the position in the store', async () => {
  const folder = profileFolder();
  const first = await open(folder);
  const { session } = await first.signIn();
  await first[Symbol.asyncDispose]();
  const path = join(folder, 'logs/audit.log');
  const held = linesOf(folder, 'audit').length;
  writeFileSync(path, `${'x'.repeat(70_000)}\n{"seq": 1e999, "id": 7}\nnot json`);
  await using second = await open(folder, 60_000);
  await until(second, session, allWell);
  const added = readFileSync(path, 'utf8')
    .split('\n')
    .slice(2, -1)
    .map((line) => JSON.parse(line).seq);
  expect(added[0]).toBe(held + 1);
});

test('of a batch that was written in part, the part does not come twice', async () => {
  const folder = profileFolder();
  let failures = 0;
  const mirrors = fileMirrors(folder).map(
    (mirror): Mirror => ({
      ...mirror,
      async send(records, signal) {
        if (failures++ >= 4) return mirror.send(records, signal);
        await mirror.send(records.slice(0, Math.ceil(records.length / 2)), signal);
        throw new MirrorFault('there is no space left');
      },
    }),
  );
  await using console = await createTestConsole({ folder, mirrors });
  const { session } = await console.signIn();
  await until(console, session, (items) => {
    console.host.advance(2_000);
    return failures > 4 && allWell(items);
  });
  const seqs = linesOf(folder, 'audit').map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  const activity = linesOf(folder, 'activity').map(({ seq }) => seq);
  expect(new Set(activity).size).toBe(activity.length);
});

test('after a restore the file goes on with the restored log, under numbers that were there before', async () => {
  const folder = profileFolder();
  await using console = await open(folder);
  const { session, secret } = await console.signIn();
  const { backup_id: id } = await console.call('backups.create', {}, session);
  for (let n = 0; n < 5; n++) await console.createKey(['events.read'], session);
  await until(console, session, allWell);
  const before = linesOf(folder, 'audit');
  console.host.advance(60_000);
  await console.call('backups.restore', { id }, session);
  const first = await console.call('auth.login', { username: 'mira', password: adminPassword });
  if (!('mfa_required' in first)) throw new Error('expected to be asked for the second factor');
  console.host.advance(30_000);
  const code = console.code(secret);
  const done = await console.call('auth.mfa_verify', { token: first.token, code });
  if (!('user' in done) || done.token === undefined) throw new Error('expected a session');
  const again = { kind: 'token', token: done.token, from: 'bearer' } as const;
  await until(console, again, allWell);
  const { items } = await console.call('audit.entries', { limit: 500 }, again);
  const held = new Set(linesOf(folder, 'audit').map((line) => line.id));
  expect(items.filter((entry) => !held.has(entry.id))).toEqual([]);
  expect(before.filter((line) => !held.has(line.id))).toEqual([]);
  expect(items.map(({ event_type }) => event_type)).toContain('backup_restore');
});

test('where all of a batch was written before it failed, the next look says that all is well', async () => {
  const folder = profileFolder();
  let failures = 0;
  const mirrors = fileMirrors(folder).map(
    (mirror): Mirror => ({
      ...mirror,
      async send(records, signal) {
        await mirror.send(records, signal);
        failures += 1;
        throw new MirrorFault('the disk answers with an error');
      },
    }),
  );
  await using console = await createTestConsole({ folder, mirrors });
  const { session } = await console.signIn();
  await until(console, session, (items) => failures > 1 && allWell(items));
  const seqs = linesOf(folder, 'audit').map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
});
