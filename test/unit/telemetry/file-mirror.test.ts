// A mirror in a file: whatever lies there before, what is written after it is whole, and its last line says how far it is.
import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createFileMirror } from '../../../src-main/adapters/telemetry/file-mirror.ts';
import { MirrorFault } from '../../../src-main/core/features/mirrors/index.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { never, record, records } from './records.ts';

function made(maxBytes = 1 << 24, count = 3) {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'audit.log');
  const mirror = createFileMirror({ name: 'a', path: () => path, stream: 'audit', limits: { maxBytes, count } });
  onTestFinished(() => mirror.close());
  return { folder, path, mirror };
}

function line(seq: number) {
  return record(seq, { line: JSON.stringify({ seq, id: record(seq).id, pad: 'é'.repeat(200) }) });
}

test('whatever lies there before: lines after it are whole, and the last of ours is known', async () => {
  const { path, mirror } = made();
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.string().map((text) => Buffer.from(text)),
      ),
      async (before) => {
        writeFileSync(path, before);
        const found = await mirror.last?.();
        if (found !== undefined) expect(found).toEqual({ seq: expect.any(Number), id: expect.any(String) });
        await mirror.send([line(1), line(2)], never);
        expect(await mirror.last?.()).toEqual({ seq: 2, id: line(2).id });
        const text = readFileSync(path);
        const kept = before.subarray(0, before.lastIndexOf(0x0a) + 1);
        expect(text.subarray(0, kept.length).equals(kept)).toBe(true);
        expect(text.subarray(kept.length).toString('utf8')).toBe(`${line(1).line}\n${line(2).line}\n`);
      },
    ),
    { numRuns: 200 },
  );
});

test('cut at any place, the last whole line is the one that counts', async () => {
  const { path, mirror } = made();
  await mirror.send([line(1), line(2), line(3)], never);
  const whole = readFileSync(path);
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: whole.length }), async (length) => {
      writeFileSync(path, whole.subarray(0, length));
      const lines = whole.subarray(0, length).toString('utf8').split('\n').length - 1;
      expect((await mirror.last?.())?.seq).toBe(lines === 0 ? undefined : lines);
    }),
    { numRuns: 200 },
  );
});

test('a record that is larger than a file may be gets one of its own', async () => {
  const { path, mirror } = made(1_000, 5);
  const big = record(2, { line: JSON.stringify({ seq: 2, id: 'two', pad: 'x'.repeat(5_000) }) });
  await mirror.send([line(1), big, line(3)], never);
  expect([`${path}.2`, `${path}.1`, path].map((name) => JSON.parse(readFileSync(name, 'utf8')).seq)).toEqual([1, 2, 3]);
});

test('calls at the same time do not get between one another', async () => {
  const { path, mirror } = made();
  await Promise.all(Array.from({ length: 20 }, (_, n) => mirror.send(records(n * 10 + 1, n * 10 + 10), never)));
  const seqs = readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((text) => JSON.parse(text).seq);
  expect(seqs).toEqual(records(1, 200).map(({ seq }) => seq));
});

test('the file of another user is not written to', async (context) => {
  const { path, mirror } = made();
  if (process.getuid?.() !== 0) return context.skip('only an administrator can give a file to somebody else');
  writeFileSync(path, 'of somebody else\n');
  chownSync(path, 65_534, 65_534);
  await expect(mirror.send([line(1)], never)).rejects.toThrow(`${path} belongs to another user; take it away`);
  expect(readFileSync(path, 'utf8')).toBe('of somebody else\n');
});

test('a full disk, or one that is read-only, is said and loses nothing', async (context) => {
  const { folder } = made();
  const volume = join(folder, 'volume');
  mkdirSync(volume);
  const mount = (...words: string[]): number | null => spawnSync('mount', words).status;
  // A small file system of its own needs an administrator.
  if (mount('-t', 'tmpfs', '-o', 'size=32k', 'tmpfs', volume) !== 0)
    return context.skip('no file system can be mounted here');
  const path = join(volume, 'audit.log');
  const mirror = createFileMirror({
    name: 'a',
    path: () => path,
    stream: 'audit',
    limits: { maxBytes: 1 << 24, count: 3 },
  });
  try {
    await mirror.send([line(1)], never);
    const many = Array.from({ length: 200 }, (_, n) => line(n + 2));
    const error = await mirror.send(many, never).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(MirrorFault);
    expect(String(error)).toContain(`there is no space left for ${path}`);
    mirror.close();
    const seq = (await mirror.last?.())?.seq ?? 0;
    expect(seq).toBeGreaterThan(0);
    expect(mount('-o', 'remount,size=1m', volume)).toBe(0);
    await mirror.send(many.slice(seq - 1), never);
    const seqs = readFileSync(path, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((text) => JSON.parse(text).seq);
    expect(seqs).toEqual([1, ...many.map((one) => one.seq)]);
    mirror.close();
    await mirror.last?.();
    mirror.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(mount('-o', 'remount,ro', volume)).toBe(0);
    await expect(mirror.send([line(300)], never)).rejects.toThrow(`${path} can not be written by this user`);
    expect(statSync(path).size).toBeGreaterThan(0);
  } finally {
    mirror.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    spawnSync('umount', [volume]);
  }
});
