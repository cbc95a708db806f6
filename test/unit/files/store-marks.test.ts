// The mark and the checkpoints beside the store: what was written is read again, and no bytes that somebody left there do harm.
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createStoreMarks } from '../../../src-main/adapters/files/store-marks.ts';
import { splitNotes } from '../../../src-shared/evidence/note-file.ts';
import { temporaryFolder } from '../../support/stores.ts';

function folderOfTest(): string {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const note = (size: number): string => `gatehouse/x\n${size}\nAAAA\n\n— gatehouse/x c2ln\n`;

test('the last commit is read again, also where the newest slot is damaged; then it is the one before', () => {
  const folder = folderOfTest();
  const marks = createStoreMarks(folder);
  expect(marks.read()).toBe('missing');
  marks.opened(7);
  marks.committed(8);
  marks.committed(9);
  expect(createStoreMarks(folder).read()).toEqual({ commit: 9, seal: undefined });
  const seal = new Uint8Array(32).fill(4);
  marks.closed(9, seal);
  expect(createStoreMarks(folder).read()).toEqual({ commit: 9, seal });
  const path = join(folder, 'store.mark');
  const bytes = readFileSync(path);
  for (const at of [0, 512]) {
    const damaged = Buffer.from(bytes);
    damaged[at + 15] = (damaged[at + 15] ?? 0) ^ 1;
    writeFileSync(path, damaged);
    expect(createStoreMarks(folder).read()).toMatchObject({ commit: 9 });
  }
  writeFileSync(path, '');
  expect(createStoreMarks(folder).read()).toBe('unreadable');
});

test('a seal does not outlive the next opening, in neither slot', () => {
  const folder = folderOfTest();
  createStoreMarks(folder).opened(3);
  const marks = createStoreMarks(folder);
  marks.opened(3);
  marks.closed(3, new Uint8Array(32).fill(4));
  createStoreMarks(folder).opened(3);
  const path = join(folder, 'store.mark');
  const bytes = readFileSync(path);
  for (const at of [0, 512]) {
    const damaged = Buffer.from(bytes);
    damaged[at] = 0;
    writeFileSync(path, damaged);
    expect(createStoreMarks(folder).read()).toEqual({ commit: 3, seal: undefined });
  }
});

test('whatever stands in the mark file, it is a mark or unreadable', () => {
  const folder = folderOfTest();
  const path = join(folder, 'store.mark');
  createStoreMarks(folder).opened(5);
  const good = readFileSync(path);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_100 }), fc.nat(1_100), (bytes, at) => {
      const mixed = Buffer.concat([good, Buffer.alloc(1_100)]);
      mixed.set(bytes, Math.min(at, mixed.length - bytes.length));
      for (const content of [bytes, mixed]) {
        writeFileSync(path, content);
        const found = createStoreMarks(folder).read();
        if (typeof found === 'string') expect(found).toBe('unreadable');
        else expect(found).toEqual({ commit: 5, seal: undefined });
      }
    }),
    { numRuns: 300 },
  );
});

test('notes are appended whole; one that was cut off goes before the next', () => {
  const folder = folderOfTest();
  const marks = createStoreMarks(folder);
  expect(marks.lastCheckpoints()).toBeUndefined();
  marks.appendCheckpoint(note(1));
  for (const cut of [1, 10, 20, note(2).length - 1]) {
    appendFileSync(join(folder, 'checkpoints.log'), note(2).slice(0, cut));
    marks.appendCheckpoint(note(3));
  }
  expect(marks.lastCheckpoints()).toBe(note(1) + note(3).repeat(4));
});

test('a long file is read by its end, and what was there is never cut', () => {
  const folder = folderOfTest();
  const marks = createStoreMarks(folder);
  for (let size = 1; size <= 1_000; size++) marks.appendCheckpoint(note(size));
  const all = Array.from({ length: 1_000 }, (_, index) => note(index + 1)).join('');
  expect(readFileSync(join(folder, 'checkpoints.log'), 'utf8')).toBe(all);
  const { notes } = splitNotes(marks.lastCheckpoints() ?? '');
  expect(notes.at(-1)).toBe(note(1_000));
  expect(notes.length).toBeLessThan(600);
});

test('whatever stands in checkpoints.log, a note appended after it is the last that is read', () => {
  const folder = folderOfTest();
  const path = join(folder, 'checkpoints.log');
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom('\n\n', '— x y\n', note(4), '—').map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      writeFileSync(path, Buffer.concat([Buffer.from(note(1)), ...pieces]));
      createStoreMarks(folder).appendCheckpoint(note(9));
      const text = createStoreMarks(folder).lastCheckpoints() ?? '';
      expect(text.startsWith(note(1))).toBe(true);
      expect(splitNotes(text).notes.at(-1)?.endsWith(note(9))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('notes are split where they end, and what is none is left', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const { notes, end } = splitNotes(text);
      expect(notes.join('')).toBe(text.slice(0, end));
    }),
  );
  expect(splitNotes(note(1) + note(2) + note(3).slice(0, -1))).toEqual({
    notes: [note(1), note(2)],
    end: note(1).length * 2,
  });
});

test('set aside, nothing is lost: a second time in the same second makes other names', () => {
  const folder = folderOfTest();
  for (let n = 0; n < 2; n++) {
    const marks = createStoreMarks(folder);
    marks.opened(n);
    marks.appendCheckpoint(note(n + 1));
    expect(marks.setAside(0)).toHaveLength(2);
    expect(marks.read()).toBe('missing');
  }
  expect(readdirSync(folder).sort()).toEqual([
    'checkpoints.log.aside-19700101T000000Z',
    'checkpoints.log.aside-19700101T000000Z-2',
    'store.mark.aside-19700101T000000Z',
    'store.mark.aside-19700101T000000Z-2',
  ]);
});
