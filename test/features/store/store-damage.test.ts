// Damage of every kind to the files of a store that was really used, at many places: each is found when the store is opened, with a
// reason, and refused without changing a byte. What is not refused has lost nothing.
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../support/stores.ts';
import { digestsOf, learnFeatures, type Outcome, type Populated, populate, tryOpen } from './populated.ts';

const pageSize = 4096;
const seed = Number(process.env.GATEHOUSE_TEST_SEED ?? 20_261_121);
const times = (usual: number): number => Math.ceil(usual * Number(process.env.GATEHOUSE_TEST_DAMAGES ?? 1));

let stores: Populated;
/** What an undamaged store of each state holds. */
let stoppedContent: string;
let killedContent: string;
let scratch: string;

beforeAll(async () => {
  stores = await populate();
  learnFeatures(stores.stopped);
  scratch = temporaryFolder();
  stoppedContent = contentIfOpened(opening(stores.stopped));
  killedContent = contentIfOpened(opening(stores.killed));
  expect(killedContent).not.toBe(stoppedContent);
}, 60_000);

afterAll(() => {
  stores[Symbol.dispose]();
  rmSync(scratch, { recursive: true, force: true });
});

/** Numbers that are the same in each run (mulberry32). */
function createDice(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function opening(
  original: string,
  damage: (folder: string) => void = () => undefined,
): Outcome & { untouched: boolean } {
  const folder = join(scratch, 'case');
  rmSync(folder, { recursive: true, force: true });
  cpSync(original, folder, { recursive: true });
  damage(folder);
  const before = digestsOf(folder);
  const outcome = tryOpen(folder);
  return { ...outcome, untouched: JSON.stringify(digestsOf(folder)) === JSON.stringify(before) };
}

function contentIfOpened(outcome: Outcome): string {
  if (outcome.kind === 'refused') throw new Error(`an undamaged store was refused: ${outcome.message}`);
  return outcome.content;
}

const reasons = ['DamagedStore', 'OlderStore', 'WrongStoreKey'];

function expectRefused(original: string, damage: (folder: string) => void, about: string, message = /./): void {
  const outcome = opening(original, damage);
  expect(outcome, about).toMatchObject({ kind: 'refused', untouched: true });
  if (outcome.kind === 'refused') {
    expect(reasons, about).toContain(outcome.name);
    expect(outcome.message, about).toMatch(message);
  }
}

/** @returns whether it was refused. */
function expectRefusedOrWhole(
  original: string,
  content: string,
  damage: (folder: string) => void,
  about: string,
): boolean {
  const outcome = opening(original, damage);
  if (outcome.kind === 'opened') {
    expect(outcome.content, about).toBe(content);
    return false;
  }
  expect(outcome.untouched, about).toBe(true);
  expect(reasons, about).toContain(outcome.name);
  return true;
}

function alter(folder: string, name: string, change: (bytes: Buffer) => Buffer | undefined): void {
  const path = join(folder, name);
  const bytes = readFileSync(path);
  writeFileSync(path, change(bytes) ?? bytes);
}

function flipBit(bytes: Buffer, at: number, bit: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
}

test('undamaged stores open, stopped or killed, and nothing was noticed', () => {
  expect(opening(stores.stopped)).toMatchObject({ kind: 'opened', remarks: [] });
  expect(opening(stores.killed)).toMatchObject({ kind: 'opened', remarks: [] });
});

test('a flipped bit anywhere in a store at rest', { timeout: 120_000 }, () => {
  const dice = createDice(seed);
  const size = readFileSync(join(stores.stopped, 'store.db')).length;
  for (let n = 0; n < times(250); n++) {
    const at = dice(size);
    const bit = dice(8);
    expectRefused(
      stores.stopped,
      (folder) => alter(folder, 'store.db', (bytes) => void flipBit(bytes, at, bit)),
      `bit ${bit} of byte ${at}`,
    );
  }
});

test('a flipped bit in the file of a killed store, whose log holds newer pages, is found or harms nothing', {
  timeout: 120_000,
}, () => {
  const dice = createDice(seed + 1);
  const size = readFileSync(join(stores.killed, 'store.db')).length;
  for (let n = 0; n < times(100); n++) {
    const at = dice(size);
    expectRefusedOrWhole(
      stores.killed,
      killedContent,
      (folder) => alter(folder, 'store.db', (bytes) => void flipBit(bytes, at, dice(8))),
      `byte ${at}`,
    );
  }
});

const frameSize = pageSize + 24;

/** Where the frames of the log's present round end: they carry the salts of its header, and those of earlier rounds don't. */
function endOfRound(log: Buffer): number {
  let end = 32;
  while (log.subarray(end + 8, end + 16).equals(log.subarray(16, 24))) end += frameSize;
  return end;
}

test('a flipped bit in the write-ahead log is found or harms nothing', { timeout: 120_000 }, () => {
  const dice = createDice(seed + 2);
  // What follows the present round's frames is in the store already, and can be anything.
  const size = endOfRound(readFileSync(join(stores.killed, 'store.db-wal')));
  let refused = 0;
  for (let n = 0; n < times(150); n++) {
    const at = dice(size);
    const found = expectRefusedOrWhole(
      stores.killed,
      killedContent,
      (folder) => alter(folder, 'store.db-wal', (bytes) => void flipBit(bytes, at, dice(8))),
      `byte ${at}`,
    );
    if (found) refused += 1;
  }
  expect(refused).toBeGreaterThan(times(150) / 2);
});

test('a write-ahead log that was cut, anywhere', { timeout: 120_000 }, () => {
  const dice = createDice(seed + 3);
  const size = readFileSync(join(stores.killed, 'store.db-wal')).length;
  for (let n = 0; n < times(60); n++) {
    const at = n === 0 ? 0 : n === 1 ? 31 : dice(size);
    expectRefusedOrWhole(
      stores.killed,
      killedContent,
      (folder) => truncateSync(join(folder, 'store.db-wal'), at),
      `cut at ${at} of ${size}`,
    );
  }
});

test('a write-ahead log that was cut by its last commit, or deleted, is refused in words that say so', () => {
  const words =
    /^the store ends at commit \d+, but \d+ were acknowledged: its write-ahead log was cut, or an older store\.db was put back/;
  expectRefused(stores.killed, (folder) => rmSync(join(folder, 'store.db-wal')), 'deleted', words);
  let end = endOfRound(readFileSync(join(stores.killed, 'store.db-wal')));
  const cut = (folder: string): void => truncateSync(join(folder, 'store.db-wal'), end);
  // Behind the last commit that was acknowledged there may be some of the search index, which nobody was told of.
  do end -= frameSize;
  while (end > 32 && !expectRefusedOrWhole(stores.killed, killedContent, cut, `cut at ${end}`));
  expectRefused(stores.killed, cut, `cut at ${end}`, words);
});

test('a store that was cut, or grew', () => {
  const dice = createDice(seed + 4);
  const size = readFileSync(join(stores.stopped, 'store.db')).length;
  for (let n = 0; n < times(40); n++) {
    const at = n % 2 === 0 ? dice(size) : dice(size / pageSize) * pageSize;
    expectRefused(stores.stopped, (folder) => truncateSync(join(folder, 'store.db'), at), `cut at ${at}`);
    expectRefusedOrWhole(
      stores.killed,
      killedContent,
      (folder) => truncateSync(join(folder, 'store.db'), Math.min(at, readFileSync(join(folder, 'store.db')).length)),
      `killed, cut at ${at}`,
    );
  }
  expectRefused(
    stores.stopped,
    (folder) => appendFileSync(join(folder, 'store.db'), Buffer.alloc(pageSize, 7)),
    'a page more',
  );
});

test('two pages that were exchanged', () => {
  const dice = createDice(seed + 5);
  const pages = readFileSync(join(stores.stopped, 'store.db')).length / pageSize;
  for (let n = 0; n < times(50); n++) {
    const left = dice(pages);
    const right = (left + 1 + dice(pages - 1)) % pages;
    expectRefused(
      stores.stopped,
      (folder) =>
        alter(folder, 'store.db', (bytes) => {
          const kept = Buffer.from(bytes.subarray(left * pageSize, (left + 1) * pageSize));
          bytes.copy(bytes, left * pageSize, right * pageSize, (right + 1) * pageSize);
          kept.copy(bytes, right * pageSize);
          return bytes;
        }),
      `pages ${left + 1} and ${right + 1}`,
    );
  }
});

test('a page as it was in an older file of the same store: rightly encrypted, at its own place', () => {
  const old = readFileSync(join(stores.early, 'store.db'));
  const now = readFileSync(join(stores.stopped, 'store.db'));
  let replaced = 0;
  for (let start = 0; start + pageSize <= Math.min(old.length, now.length); start += pageSize) {
    const page = old.subarray(start, start + pageSize);
    if (page.equals(now.subarray(start, start + pageSize))) continue;
    replaced += 1;
    expectRefused(
      stores.stopped,
      (folder) => alter(folder, 'store.db', (bytes) => void page.copy(bytes, start)),
      `page ${start / pageSize + 1}`,
    );
  }
  expect(replaced).toBeGreaterThan(5);
});

test('an emptied file, and files that are none of this store', () => {
  expectRefused(
    stores.stopped,
    (folder) => truncateSync(join(folder, 'store.db'), 0),
    'emptied',
    /^store\.db is empty$/,
  );
  expectRefused(
    stores.killed,
    (folder) => truncateSync(join(folder, 'store.db'), 0),
    'emptied',
    /^store\.db is empty$/,
  );
  expectRefused(
    stores.stopped,
    (folder) => writeFileSync(join(folder, 'store.db'), 'not a store\n'.repeat(2000)),
    'text',
  );
  expectRefused(
    stores.stopped,
    (folder) => {
      rmSync(join(folder, 'store.db'));
      const plain = new Sqlite(join(folder, 'store.db'));
      plain.exec('CREATE TABLE t (a); INSERT INTO t VALUES (1)');
      plain.close();
    },
    'an SQLite file without encryption',
  );
});

test('the write-ahead log of an earlier time beside a newer file', () => {
  expectRefused(
    stores.stopped,
    (folder) => copyFileSync(join(stores.killedEarly, 'store.db-wal'), join(folder, 'store.db-wal')),
    'at rest',
  );
  expectRefused(
    stores.killed,
    (folder) => copyFileSync(join(stores.killedEarly, 'store.db-wal'), join(folder, 'store.db-wal')),
    'killed',
  );
});

function put(from: string, folder: string, names: readonly string[]): void {
  for (const name of ['store.db-wal', 'store.db-shm']) rmSync(join(folder, name), { force: true });
  for (const name of names) if (existsSync(join(from, name))) copyFileSync(join(from, name), join(folder, name));
}

test('an older store in place of the newer one: by its mark, and by the checkpoints where the mark was put back too', () => {
  for (const [older, newer] of [
    [stores.early, stores.stopped],
    [stores.early, stores.killed],
    [stores.killedEarly, stores.stopped],
  ] as const) {
    const files = ['store.db', 'store.db-wal'];
    expectRefused(
      newer,
      (folder) => put(older, folder, files),
      'by the mark',
      /^the store ends at commit \d+, but \d+ were acknowledged/,
    );
    expectRefused(
      newer,
      (folder) => put(older, folder, [...files, 'store.mark']),
      'by the checkpoints',
      /^the audit log ends at #\d+, but checkpoints\.log holds a signed checkpoint for #\d+: an older store was put back$/,
    );
    expectRefused(
      newer,
      (folder) => {
        put(older, folder, files);
        rmSync(join(folder, 'store.mark'));
      },
      'by the checkpoints, without a mark',
      /checkpoints\.log/,
    );
  }
});

test('a mark that is missing or unreadable is told, and the store opens', () => {
  expect(opening(stores.killed, (folder) => rmSync(join(folder, 'store.mark')))).toMatchObject({
    kind: 'opened',
    content: killedContent,
    remarks: [{ kind: 'mark-lost', state: 'missing' }],
  });
  expect(
    opening(stores.killed, (folder) => writeFileSync(join(folder, 'store.mark'), Buffer.alloc(1024, 0x5a))),
  ).toMatchObject({
    kind: 'opened',
    remarks: [{ kind: 'mark-lost', state: 'unreadable' }],
  });
});
