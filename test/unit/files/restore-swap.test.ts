// Exchanging a profile's store for a restored one: whatever moment it is killed at, the next start finds the old console or the new one.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { finishReplacement, replaceStore } from '../../../src-main/adapters/files/restore-swap.ts';

const old = {
  'store.db': 'old store',
  'store.db-wal': 'old log',
  'store.mark': 'old mark',
  'checkpoints.log': 'old checkpoints',
  'keys.json': 'old keys',
  'keys.json.1': 'older keys',
};
const at = Date.UTC(2026, 10, 21, 14);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-swap-'));
  for (const [name, text] of Object.entries(old)) writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, 'scratch'));
  writeFileSync(join(folder, 'scratch/restored.db'), 'new store');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function read(name: string): string | undefined {
  const path = join(folder, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function which(): 'old' | 'new' | 'broken' {
  if (Object.entries(old).every(([name, text]) => read(name) === text) && read('restore.json') === undefined)
    return 'old';
  const others = Object.keys(old).filter((name) => name !== 'store.db' && name !== 'keys.json');
  const isNew =
    read('store.db') === 'new store' &&
    read('keys.json') === 'new keys' &&
    others.every((name) => read(name) === undefined);
  return isNew && read('restore.json') === undefined ? 'new' : 'broken';
}

test('the new files are in, the old ones are all together in one folder', () => {
  const aside = replaceStore(folder, { store: join(folder, 'scratch/restored.db'), keyFile: 'new keys', at });
  expect(which()).toBe('new');
  expect(Object.fromEntries(readdirSync(aside).map((name) => [name, readFileSync(join(aside, name), 'utf8')]))).toEqual(
    old,
  );
  expect(readdirSync(folder).sort()).toEqual(['keys.json', 'replaced-20261121T140000Z', 'scratch', 'store.db']);
});

test('into an empty profile nothing is set aside', () => {
  for (const name of Object.keys(old)) rmSync(join(folder, name));
  const aside = replaceStore(folder, {
    store: join(folder, 'scratch/restored.db'),
    keyFile: 'new keys',
    at,
    note: { who: 'me' },
  });
  expect(which()).toBe('new');
  expect(existsSync(aside)).toBe(false);
  expect(read('restored.json')).toBe('{"who":"me"}\n');
});

test('twice in the same second: neither folder is written into', () => {
  const first = replaceStore(folder, { store: join(folder, 'scratch/restored.db'), keyFile: 'new keys', at });
  writeFileSync(join(folder, 'scratch/again.db'), 'newer store');
  const second = replaceStore(folder, { store: join(folder, 'scratch/again.db'), keyFile: 'newer keys', at });
  expect(second).not.toBe(first);
  expect(readFileSync(join(first, 'store.db'), 'utf8')).toBe('old store');
  expect(readFileSync(join(second, 'store.db'), 'utf8')).toBe('new store');
});

/** The steps of a replacement as single operations on the disk, in their order. */
function steps(): (() => void)[] {
  const incoming = join(folder, 'incoming-20261121T140000Z');
  const aside = join(folder, 'replaced-20261121T140000Z');
  const order = ['store.db-wal', 'store.mark', 'checkpoints.log', 'keys.json.1', 'keys.json', 'store.db'];
  return [
    () => mkdirSync(incoming),
    () => renameSync(join(folder, 'scratch/restored.db'), join(incoming, 'store.db')),
    () => writeFileSync(join(incoming, 'keys.json.new'), 'new k'),
    () => writeFileSync(join(incoming, 'keys.json.new'), 'new keys'),
    () => renameSync(join(incoming, 'keys.json.new'), join(incoming, 'keys.json')),
    () => writeFileSync(join(folder, 'restore.json.new'), '{"inc'),
    () =>
      writeFileSync(
        join(folder, 'restore.json.new'),
        '{"incoming":"incoming-20261121T140000Z","setAside":"replaced-20261121T140000Z"}\n',
      ),
    () => renameSync(join(folder, 'restore.json.new'), join(folder, 'restore.json')),
    () => mkdirSync(aside),
    ...order.map((name) => () => renameSync(join(folder, name), join(aside, name))),
    () => renameSync(join(incoming, 'keys.json'), join(folder, 'keys.json')),
    () => renameSync(join(incoming, 'store.db'), join(folder, 'store.db')),
    () => rmSync(join(folder, 'restore.json')),
    () => rmSync(incoming, { recursive: true }),
  ];
}

test('these are the steps that a replacement takes', () => {
  for (const step of steps()) step();
  const mine = readdirSync(folder, { recursive: true }).map(String).sort();
  rmSync(folder, { recursive: true });
  mkdirSync(join(folder, 'scratch'), { recursive: true });
  for (const [name, text] of Object.entries(old)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'scratch/restored.db'), 'new store');
  replaceStore(folder, { store: join(folder, 'scratch/restored.db'), keyFile: 'new keys', at });
  expect(readdirSync(folder, { recursive: true }).map(String).sort()).toEqual(mine);
});

test('killed after any step, even again while going on: the old console before it was decided, the new one after', () => {
  const count = steps().length;
  const decided = 8;
  for (let done = 0; done <= count; done++) {
    for (const step of steps().slice(0, done)) step();
    finishReplacement(folder);
    expect(which(), `killed after ${done} steps`).toBe(done < decided ? 'old' : 'new');
    if (done >= decided) {
      expect(
        Object.keys(old).every((name) => read(`replaced-20261121T140000Z/${name}`) === old[name as keyof typeof old]),
      ).toBe(true);
    }
    finishReplacement(folder);
    expect(which()).toBe(done < decided ? 'old' : 'new');
    expect(readdirSync(folder).filter((name) => /^incoming-/.test(name))).toEqual([]);
    rmSync(folder, { recursive: true });
    mkdirSync(join(folder, 'scratch'), { recursive: true });
    for (const [name, text] of Object.entries(old)) writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, 'scratch/restored.db'), 'new store');
  }
});

test('an intent that points out of the folder is not followed', () => {
  for (const text of [
    '{"incoming":"../../etc","setAside":"replaced-1"}',
    '{"incoming":"incoming-1","setAside":"/tmp"}',
    '{"incoming":1}',
    'not json',
  ]) {
    writeFileSync(join(folder, 'restore.json'), text);
    expect(() => finishReplacement(folder), text).toThrow();
    expect(read('store.db')).toBe('old store');
  }
});
