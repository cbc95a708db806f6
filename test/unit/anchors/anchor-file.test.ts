// The anchor file: what is appended stays, a file that shrank or was rewritten is a finding, and nothing is ever taken away.
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAnchorFile } from '../../../src-main/adapters/anchors/anchor-file.ts';
import {
  type Anchor,
  AnchorContradiction,
  type AnchoredCheckpoint,
  AnchorFault,
  type Held,
} from '../../../src-main/core/features/audit/index.ts';
import { splitNotes } from '../../../src-shared/evidence/note-file.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { SampleLog } from '../evidence/sample-log.ts';

const log = new SampleLog(30);
const { signal } = new AbortController();
let folder: string;
let path: string;
let anchor: Anchor;

beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, 'profile'));
  mkdirSync(join(folder, 'volume'));
  path = join(folder, 'volume', 'anchors.log');
  anchor = anchorAt(path);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function anchorAt(file: string): Anchor {
  return createAnchorFile({ path: file, profileFolder: () => join(folder, 'profile') });
}

function at(size: number): AnchoredCheckpoint {
  return { origin: log.signer.key.name, size, root: log.root(size), note: log.checkpoint(size), proof: () => [] };
}

async function publish(from: number, to: number, memo?: string): Promise<string> {
  let last = memo;
  for (let size = from; size <= to; size++) last = (await anchor.publish(at(size), last, signal)).memo;
  return last ?? '';
}

async function held(scope: 'newest' | 'all', memo: string | undefined): Promise<string[]> {
  const found: Held[] = [];
  for await (const one of anchor.held?.(scope, at(30), memo, signal) ?? []) found.push(one);
  return found.map((one) => ('note' in one ? one.note : ''));
}

const notes = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => log.checkpoint(from + i));

test('holds one note after another and gives them back', async () => {
  expect(await held('newest', undefined)).toEqual([]);
  const memo = await publish(1, 9);
  expect(readFileSync(path, 'utf8')).toBe(notes(1, 9).join(''));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await held('all', memo)).toEqual(notes(1, 9));
  expect(await held('newest', memo)).toEqual(notes(1, 9));
  expect(await held('newest', undefined)).toEqual(notes(1, 9));
});

test('an older memo sees what came after it: that is how an older store finds its own future', async () => {
  const yesterday = await publish(1, 4);
  await publish(5, 9, yesterday);
  expect(await held('newest', yesterday)).toEqual(notes(1, 9));
  expect(await held('all', yesterday)).toEqual(notes(1, 9));
});

test('of a long file the end is read each time, whatever place was noted', async () => {
  const note = log.checkpoint(1);
  writeFileSync(path, note.repeat(1_000));
  const memo = (await anchor.publish(at(9), undefined, signal)).memo;
  appendFileSync(path, log.checkpoint(10));
  const found = await held('newest', memo);
  expect(found.slice(-2)).toEqual(notes(9, 10));
  expect(found.length).toBeLessThan(400);
  expect(await held('all', memo)).toHaveLength(1_002);
});

test('the same checkpoint twice stands there once', async () => {
  const memo = await publish(1, 3);
  await publish(4, 4, memo);
  // The receipt was lost in a kill.
  await publish(4, 4, memo);
  expect(readFileSync(path, 'utf8')).toBe(notes(1, 4).join(''));
});

test('a note that was cut off by a kill spoils nothing: the next stands there whole', async () => {
  for (const length of [1, 10, 40, 100, log.checkpoint(3).length - 1]) {
    rmSync(path, { force: true });
    const memo = await publish(1, 2);
    appendFileSync(path, log.checkpoint(3).slice(0, length));
    const after = await publish(3, 4, memo);
    const found = splitNotes(readFileSync(path, 'utf8')).notes;
    expect([...new Set(found.filter((note) => notes(1, 4).includes(note)))]).toEqual(notes(1, 4));
    expect(await held('all', after)).toEqual(found);
  }
});

test('a file that shrank is a finding, and stays as it is', async () => {
  const memo = await publish(1, 9);
  truncateSync(path, Buffer.byteLength(notes(1, 5).join('')));
  const finding = { name: 'AnchorContradiction', message: expect.stringContaining('checkpoints were taken out of it') };
  await expect(anchor.publish(at(10), memo, signal)).rejects.toMatchObject(finding);
  await expect(held('newest', memo)).rejects.toMatchObject(finding);
  expect(readFileSync(path, 'utf8')).toBe(notes(1, 5).join(''));
});

test('a file that was rewritten is a finding: at its end at once, further up when all of it is read', async () => {
  const memo = await publish(1, 9);
  const whole = readFileSync(path, 'utf8');
  const changed = {
    name: 'AnchorContradiction',
    message: `${path} is not as it was written: checkpoints in it were changed`,
  };
  writeFileSync(path, whole.replace(/.{10}$/s, 'AAAAAAAAA\n'));
  await expect(anchor.publish(at(10), memo, signal)).rejects.toMatchObject(changed);
  writeFileSync(path, whole.replace('\n2\n', '\n3\n'));
  await expect(held('all', memo)).rejects.toMatchObject(changed);
  writeFileSync(path, whole);
  expect(await held('all', memo)).toHaveLength(9);
});

test('a file that is gone is said; an empty one in its place is a finding', async () => {
  const memo = await publish(1, 2);
  renameSync(path, `${path}.away`);
  await expect(anchor.publish(at(3), memo, signal)).rejects.toThrow('is not there any more; put it back');
  writeFileSync(path, '');
  await expect(anchor.publish(at(3), memo, signal)).rejects.toBeInstanceOf(AnchorContradiction);
});

test('a file in the profile is refused, whichever way it is written', async () => {
  symlinkSync(join(folder, 'profile'), join(folder, 'volume', 'link'));
  writeFileSync(join(folder, 'profile', 'own.log'), '');
  symlinkSync(join(folder, 'profile', 'own.log'), join(folder, 'volume', 'own.log'));
  for (const file of ['profile/a.log', 'volume/../profile/a.log', 'volume/link/a.log', 'volume/own.log']) {
    await expect(anchorAt(`${folder}/${file}`).publish(at(1), undefined, signal)).rejects.toThrow(
      "lies in the console's own folder",
    );
  }
  await expect(anchorAt('anchors.log').publish(at(1), undefined, signal)).rejects.toThrow('give the whole path');
  await expect(anchorAt(join(folder, 'nowhere/a.log')).publish(at(1), undefined, signal)).rejects.toThrow('mounted?');
  await expect(anchorAt(join(folder, 'volume')).publish(at(1), undefined, signal)).rejects.toBeInstanceOf(AnchorFault);
});

test('two consoles may share a file', async () => {
  const memo = await publish(1, 2);
  const other = new SampleLog(2, { signer: { ...log.signer, key: { ...log.signer.key, name: 'gatehouse/other' } } });
  appendFileSync(path, other.checkpoint());
  const after = await publish(3, 4, memo);
  expect(await held('all', after)).toEqual([...notes(1, 2), other.checkpoint(), ...notes(3, 4)]);
});

test('whatever stands in the file, it is a list of notes, a failure or a finding; and nothing of it goes away', async () => {
  const piece = fc.oneof(
    fc.constantFrom(...notes(1, 6), '\n', '\n\n— ', '— a b\n', '\r\n'),
    fc.string({ unit: 'binary' }),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      const before = Buffer.from(pieces.join(''), 'utf8');
      writeFileSync(path, before);
      const { memo } = await anchor.publish(at(20), undefined, signal);
      expect(readFileSync(path).subarray(0, before.length).equals(before)).toBe(true);
      expect(await held('all', memo)).toContain(log.checkpoint(20));
      expect((await anchor.publish(at(20), memo, signal)).memo).toBeDefined();
    }),
    { numRuns: 200 },
  );
});

test('a volume that is full or read-only is said, spoils nothing, and is written to when it is well again', async (context) => {
  const volume = join(folder, 'volume');
  // A small file system of its own needs an administrator, who also may write to read-only files elsewhere.
  if (mount('-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', volume) !== 0)
    return context.skip('no file system can be mounted here');
  try {
    let memo = await publish(1, 3);
    writeFileSync(join(volume, 'filler'), Buffer.alloc(12_000));
    let size = 4;
    const filling = async (): Promise<void> => {
      for (; size < 30; size++) memo = await publish(size, size, memo);
    };
    await expect(filling()).rejects.toThrow(`${path} can not be read or written: ENOSPC`);
    expect(size).toBeLessThan(30);
    rmSync(join(volume, 'filler'));
    memo = await publish(size, size, memo);
    expect(await held('all', memo)).toEqual(expect.arrayContaining(notes(1, size)));
    expect(mount('-o', 'remount,ro', volume)).toBe(0);
    await expect(publish(size + 1, size + 1, memo)).rejects.toThrow(/can not be (opened|written)/);
    expect(mount('-o', 'remount,rw', volume)).toBe(0);
    await publish(size + 1, size + 1, memo);
  } finally {
    spawnSync('umount', [volume]);
  }
});

function mount(...parts: string[]): number | null {
  return spawnSync('mount', parts, { stdio: 'ignore' }).status;
}

test('a file that may only be appended to is good enough', async (context) => {
  const memo = await publish(1, 2);
  if (spawnSync('chattr', ['+a', path], { stdio: 'ignore' }).status !== 0)
    return context.skip('chattr +a does not work here');
  try {
    const after = await publish(3, 4, memo);
    expect(await held('all', after)).toEqual(notes(1, 4));
    expect(() => truncateSync(path, 0)).toThrow();
  } finally {
    spawnSync('chattr', ['-a', path]);
  }
});

test('what is no file is refused and not waited for', async () => {
  const pipe = join(folder, 'volume', 'pipe');
  spawnSync('mkfifo', [pipe]);
  await expect(anchorAt(pipe).publish(at(1), undefined, signal)).rejects.toThrow(`${pipe} is not a file`);
  await expect(anchorAt('/dev/null').publish(at(1), undefined, signal)).rejects.toThrow('/dev/null is not a file');
});
